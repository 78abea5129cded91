//! One run of the program: whom it asks, how it tells, and who may be asked back.

use std::sync::Arc;

use serde_json::Value;

use crate::arguments::{Arguments, Where};
use crate::failure::Failure;
use crate::language::Language;
use crate::local::Local;
use crate::operations::Operations;
use crate::sheet::sheet;
use crate::stack::Stack;
use crate::terminal::Terminal;
use crate::words::{Word, Words};

#[derive(Debug)]
pub(crate) struct Session<'a, 'b> {
    pub(crate) language: Language,
    pub(crate) json: bool,
    pub(crate) terminal: &'a mut Terminal<'b>,
    yes: bool,
    operations: Arc<Operations>,
}

impl<'a, 'b> Session<'a, 'b> {
    pub(crate) async fn begin(
        arguments: &Arguments,
        language: Language,
        terminal: &'a mut Terminal<'b>,
    ) -> Result<Self, Failure> {
        Self::at(&arguments.at, arguments, language, terminal).await
    }

    /// With a stack that the command line need not name.
    pub(crate) async fn at(
        at: &Where,
        arguments: &Arguments,
        language: Language,
        terminal: &'a mut Terminal<'b>,
    ) -> Result<Self, Failure> {
        let operations = match &at.local {
            Some(url) => Operations::Local(Local::at(url, language)?),
            None => Operations::Stack(Stack::named(at, language).await?),
        };
        Ok(Self {
            language,
            json: arguments.json,
            yes: arguments.yes,
            terminal,
            operations: Arc::new(operations),
        })
    }

    /// What the operation answers, if it is no refusal.
    pub(crate) async fn ask(&self, event: Value) -> Result<Value, Failure> {
        self.operations.ask(&event, self.language).await
    }

    /// An operation that is shown as it answers.
    pub(crate) async fn show(&mut self, event: Value) -> Result<(), Failure> {
        let answer = self.ask(event).await?;
        self.tell(&answer, sheet);
        Ok(())
    }

    /// For programs the answer, for people what `shown` makes of it.
    pub(crate) fn tell(&mut self, answer: &Value, shown: impl FnOnce(&Value) -> String) {
        if self.json {
            self.terminal.print_json(answer);
        } else {
            self.terminal.print(&shown(answer));
        }
    }

    /// On the side: never part of what a program reads.
    pub(crate) fn note(&mut self, word: impl Words, values: &[&dyn std::fmt::Display]) {
        let text = self.language.say(word, values);
        self.terminal.complain(&text);
    }

    /// Somebody is there, and says yes.
    pub(crate) fn agrees(&mut self, question: impl Words) -> bool {
        self.terminal.interactive && self.confirmed(question, &[])
    }

    fn confirmed(&mut self, question: impl Words, values: &[&dyn std::fmt::Display]) -> bool {
        let question =
            format!("{} {} ", self.language.say(question, values), self.language.say(Word::YesOrNo, &[]));
        matches!(self.terminal.ask(&question).as_deref(), Some("yes" | "y" | "是"))
    }

    /// What cannot be taken back wants a yes: from the person, or by `--yes`.
    pub(crate) fn confirm(
        &mut self,
        question: impl Words,
        values: &[&dyn std::fmt::Display],
    ) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !self.terminal.interactive {
            return Err(Failure::Usage(self.language.say(Word::NeedsYes, &[])));
        }
        if self.confirmed(question, values) { Ok(()) } else { Err(Failure::NotConfirmed) }
    }

    /// For what outlives a command's own answer.
    pub(crate) fn operations(&self) -> Arc<Operations> {
        self.operations.clone()
    }

    pub(crate) fn place(&self) -> String {
        self.operations.place().to_owned()
    }

    /// Whose a reminder is.
    pub(crate) async fn owner(&self, reminder: &str) -> Result<String, Failure> {
        self.operations.owner(reminder, self.language).await
    }
}
