//! How a firing can go wrong.

use jiff::SignedDuration;

/// What AWS does not promise: exactly once, on time, at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfire {
    /// Two deliveries at once.
    Twice,
    /// The delivery is this late.
    Late(SignedDuration),
    /// No delivery; the schedule is gone as if there had been one.
    Lost,
}
