//! The way to the function `operations`, wherever it is.

use serde_json::Value;

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
    /// Whatever it answers; an `error` in there is still an answer.
    pub(crate) async fn invoke(&self, event: &Value, language: Language) -> Result<Value, Failure> {
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
