//! What every step has at hand: the owner's account, the answers, and the person, if one is there.

use reminder_core::account::Account;
use reminder_core::channel::Channel;

use super::answers::Answers;
use super::asking::{Doubt, Enter, asked};
use super::owner::{Owner, StackNow};
use super::words::Say;
use crate::arguments::Setup;
use crate::failure::Failure;
use crate::session::Session;

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

    /// See [`asked`].
    pub(super) fn ask(
        &mut self,
        question: Say,
        values: &[&dyn std::fmt::Display],
        enter: Enter<'_>,
        doubt: impl Fn(&str) -> Option<Doubt>,
    ) -> Result<String, Failure> {
        let language = self.session.language;
        asked(self.session.terminal, language, &language.say(question, values), enter, doubt)
    }

    /// As people call it.
    pub(super) fn called(&self, account: Account) -> String {
        let name = match account {
            Account::MiniProgram => Say::MiniProgram,
            Account::ServiceAccount => Say::ServiceAccount,
        };
        self.session.language.say(name, &[])
    }

    /// What people know a channel by.
    pub(super) fn messages_of(&self, channel: Channel) -> String {
        let name = match channel {
            Channel::ServiceTemplate => Say::ServiceTemplate,
            Channel::MiniSubscription => Say::MiniSubscription,
            Channel::ServiceNotification => Say::ServiceNotification,
        };
        self.session.language.say(name, &[])
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
