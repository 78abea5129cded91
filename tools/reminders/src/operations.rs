//! The way to the function `operations`, wherever it is.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::language::Language;
use crate::local::Local;
use crate::stack::Stack;

#[derive(Debug)]
pub(crate) enum Operations {
    Local(Local),
    Stack(Stack),
}

impl Operations {
    /// What the operation answers, if it is no refusal.
    pub(crate) async fn ask(&self, event: &Value, language: Language) -> Result<Value, Failure> {
        let answer = self.invoke(event, language).await?;
        if answer.get("error").is_some() { Err(Failure::Answer(answer)) } else { Ok(answer) }
    }

    /// Whose a reminder is.
    pub(crate) async fn owner(&self, reminder: &str, language: Language) -> Result<String, Failure> {
        let found = self.ask(&json!({ "operation": "user.find", "reminder": reminder }), language).await?;
        Ok(found["openid"].as_str().unwrap_or_default().to_owned())
    }

    /// A reminder with everything that happened to it, and its owner's openid.
    pub(crate) async fn story(&self, reminder: &str, language: Language) -> Result<Value, Failure> {
        let openid = self.owner(reminder, language).await?;
        let event = json!({ "operation": "reminder.show", "openid": openid, "id": reminder });
        let mut story = self.ask(&event, language).await?;
        story["openid"] = openid.into();
        Ok(story)
    }

    /// Whatever it answers; an `error` in there is still an answer.
    async fn invoke(&self, event: &Value, language: Language) -> Result<Value, Failure> {
        match self {
            Self::Local(local) => local.invoke(event, language).await,
            Self::Stack(stack) => stack.invoke(event, language).await,
        }
    }

    /// For questions: where something is about to be changed.
    pub(crate) fn place(&self) -> &str {
        match self {
            Self::Local(local) => local.url(),
            Self::Stack(stack) => stack.function(),
        }
    }
}
