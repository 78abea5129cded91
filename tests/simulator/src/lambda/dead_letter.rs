//! What is left of an event that nobody took.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::instant::seconds;

/// An event that was given up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadLetter {
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
    /// The queue it lies in.
    pub queue: String,
    /// The ARN of who gave it up: the function, or the schedule that could not be delivered.
    pub source: String,
    pub error: String,
    pub attempts: usize,
    pub event: Value,
}
