//! A one-time schedule of a reminder.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::stored::{milliseconds, seconds};

/// Scheduler works by the minute; what happens to an `at` just past is not documented (docs/aws.md §4).
const AHEAD_AT_LEAST: SignedDuration = SignedDuration::from_secs(60);

/// A one-time schedule that wakes dispatch for a reminder. Its name says all of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule {
    /// That of the reminder when it was made.
    pub revision: u64,
    pub at: Timestamp,
}

/// As it is stored: `2@1799715600`.
impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        format!("{}@{}", schedule.revision, seconds(schedule.at.as_millisecond()))
    }
}

impl TryFrom<String> for Schedule {
    type Error = &'static str;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        let read = || {
            let (revision, at) = stored.split_once('@')?;
            let at = Timestamp::from_millisecond(milliseconds(at)?).ok()?;
            Some(Self { revision: revision.parse().ok()?, at })
        };
        read().ok_or("a schedule")
    }
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
