//! Bugs planted on purpose: a world that breaks one promise, so that whoever watches over promises can be seen to notice.
//!
//! Not a fault: a fault is what the product must live with, this is what no product could. Only tests of
//! checkers ask for it.

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
    /// Access tokens are logged.
    LogsTokens,
    /// What is not found is answered with 200 and this world's word for it.
    OpensDoors,
}

/// How much too early [`Sabotage::TellsEarly`] is.
pub(crate) const EARLY_BY: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);
