//! A one-time schedule of a reminder.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::stored;

/// Scheduler works by the minute; what happens to an `at` just past is not documented (docs/aws.md §4).
const AHEAD_AT_LEAST: SignedDuration = SignedDuration::from_secs(60);

/// A one-time schedule that wakes dispatch for a reminder. Its name says all of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Schedule {
    /// That of the reminder when it was made.
    #[serde(rename = "r")]
    pub revision: u64,
    #[serde(rename = "a", with = "stored::instant")]
    pub at: Timestamp,
}

impl Schedule {
    /// At most 64 of the characters Scheduler allows.
    pub fn name(&self, reminder_id: &str) -> String {
        format!("{reminder_id}-{}-{}", self.revision, self.at.as_second())
    }

    /// It fires in time for this moment: not before it, and not later than a new one would.
    pub(super) fn serves(&self, moment: Timestamp, now: Timestamp) -> bool {
        (moment..=ahead(moment, now) + AHEAD_AT_LEAST).contains(&self.at)
    }
}

/// `at`, but never less than a minute ahead.
pub fn ahead(at: Timestamp, now: Timestamp) -> Timestamp {
    at.max(now + AHEAD_AT_LEAST)
}
