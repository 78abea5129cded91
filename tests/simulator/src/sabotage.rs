//! Bugs planted on purpose: a world that breaks one promise, so that whoever watches over promises can be seen to notice.
//!
//! Not a fault: a fault is what the product must live with, this is what no product could. Only tests of
//! checkers ask for it.

use bytes::Bytes;
use serde_json::Value;

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// Every message taken reaches the phone twice.
    TellsTwice,
    /// Messages reach the phone ten minutes before they are sent.
    TellsEarly,
    /// Accepted prompts are told to the callback and forgotten by the platform.
    ForgetsCredits,
    /// Prompts are accepted; the callback is never told, and the page hears of a refusal.
    HidesAccepts,
    /// Every reminder is refused as if a value of it broke its keyword's type.
    RefusesMessages,
    /// Writes to the table that contain this text are answered and not done.
    SwallowsWrites(&'static str),
    /// Events for the owner's webhook are not written with what happened.
    LosesEvents,
    /// Events that were told stay in the table.
    KeepsEvents,
    /// Events say of what reached nobody that it was delivered.
    TwistsEvents,
    /// Access tokens are logged.
    LogsTokens,
    /// What is not found is answered with 200 and this world's word for it.
    OpensDoors,
}

/// How much too early [`Sabotage::TellsEarly`] is.
pub(crate) const EARLY_BY: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// What becomes of a request to the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Twisted {
    No,
    /// It is answered and not done.
    Swallowed,
    Instead(Bytes),
}

impl Sabotage {
    /// `operation`: what is asked of the table, and how.
    pub(crate) fn twists(self, operation: &str, body: &Bytes) -> Twisted {
        let is_event = |key: &Value| key["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("EVENT#"));
        let document = || serde_json::from_slice::<Value>(body).unwrap_or_default();
        match (self, operation) {
            (Self::SwallowsWrites(text), "PutItem" | "TransactWriteItems")
                if String::from_utf8_lossy(body).contains(text) =>
            {
                Twisted::Swallowed
            }
            (Self::KeepsEvents, "DeleteItem") if is_event(&document()["Key"]) => Twisted::Swallowed,
            (Self::LosesEvents | Self::TwistsEvents, "TransactWriteItems") => {
                let mut document = document();
                let Some(parts) = document["TransactItems"].as_array_mut() else { return Twisted::No };
                if self == Self::LosesEvents {
                    parts.retain(|part| !is_event(&part["Put"]["Item"]));
                }
                for part in parts.iter_mut().filter(|part| is_event(&part["Put"]["Item"])) {
                    let lie = part.to_string().replace("push.undeliverable", "push.delivered");
                    *part = serde_json::from_str(&lie).unwrap_or_default();
                }
                Twisted::Instead(document.to_string().into())
            }
            _ => Twisted::No,
        }
    }
}
