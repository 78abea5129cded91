//! What every step has at hand: the owner's account, the answers, and the person, if one is there.

use super::answers::Answers;
use super::owner::{Owner, StackNow};
use super::words::Say;
use crate::arguments::Setup;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::Terminal;
use crate::words::Words;

pub(super) const SECRETS: &str = "SecretsParameter";

#[derive(Debug)]
pub(super) struct Work<'a, 'b> {
    pub(super) session: Session<'a, 'b>,
    pub(super) how: &'a Setup,
    pub(super) answers: Answers,
    /// Somebody is there, and no file speaks for them.
    pub(super) asks: bool,
    pub(super) owner: Owner,
}

impl Work<'_, '_> {
    pub(super) fn note(&mut self, word: Say, values: &[&dyn std::fmt::Display]) {
        self.session.note(word, values);
    }

    /// Of what AWS, WeChat or a person did not do.
    pub(super) fn failure(&self, word: Say, values: &[&dyn std::fmt::Display]) -> Failure {
        Failure::Broke(self.session.language.say(word, values))
    }

    /// Of the command line, the answers, or a file.
    pub(super) fn wrong(&self, word: Say, values: &[&dyn std::fmt::Display]) -> Failure {
        Failure::Usage(self.session.language.say(word, values))
    }

    /// What they type, or `usual` where they type nothing; asked again until it is something.
    pub(super) fn ask(
        &mut self,
        question: impl Words,
        values: &[&dyn std::fmt::Display],
        usual: &str,
    ) -> Result<String, Failure> {
        let question = self.session.language.say(question, values);
        asked(self.session.terminal, &question, usual)
    }

    /// A parameter of the template: as the owner gives it, or as the stack has it.
    pub(super) fn parameter(&self, name: &str, stack: Option<&StackNow>) -> Option<String> {
        let given = self.answers.parameters.get(name);
        given.or_else(|| stack.and_then(|stack| stack.parameters.get(name))).cloned()
    }

    /// The name of the SecureString: as the stack has it, or as it will.
    pub(super) fn secrets_parameter(&self, stack: Option<&StackNow>) -> String {
        self.parameter(SECRETS, stack).unwrap_or_else(|| format!("/{}/secrets", self.owner.stack))
    }

    pub(super) async fn outputs(&self) -> Result<std::collections::BTreeMap<String, String>, Failure> {
        Ok(self.owner.stack_now().await?.unwrap_or_default().outputs)
    }
}

/// See [`Work::ask`].
pub(super) fn asked(terminal: &mut Terminal<'_>, question: &str, usual: &str) -> Result<String, Failure> {
    let question = if usual.is_empty() { format!("{question}: ") } else { format!("{question} [{usual}]: ") };
    loop {
        match terminal.ask(&question) {
            None => return Err(Failure::NotConfirmed),
            Some(answer) if answer.is_empty() && usual.is_empty() => {}
            Some(answer) if answer.is_empty() => return Ok(usual.to_owned()),
            Some(answer) => return Ok(answer),
        }
    }
}
