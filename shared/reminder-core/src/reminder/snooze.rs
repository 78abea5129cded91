//! "Tell me again tomorrow": one push more of the same reminder.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::timeline::EventName;
use super::{Push, Reminder, Status, ahead};

/// More would be a way to send messages without end.
const SNOOZES_MAX: usize = 3;
/// The number of the last push of a content.
const PLANNED_MAX: u8 = 3;
/// A push in the last minutes could not be tried again.
const BEFORE_EXPIRY: SignedDuration = SignedDuration::from_mins(10);
/// How long a push that comes after the expiry may be tried.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Another one for so near a moment is the same, whose answer was lost, or a second tap.
const SAME_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// Why it is not snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SnoozeError {
    #[error("the reminder is done")]
    Done,
    #[error("it was snoozed {SNOOZES_MAX} times already")]
    TooMany,
    #[error("must be at least 10 minutes before the reminder expires, unless after_expiry is true")]
    AfterExpiry,
    #[error("must be before the reminder expires: a repeated one begins anew then")]
    AfterRound,
}

impl Reminder {
    /// Plans one push more. Says whether it is news.
    ///
    /// # Errors
    /// Nothing is changed.
    pub fn snooze(&mut self, at: Timestamp, after_expiry: bool, now: Timestamp) -> Result<bool, SnoozeError> {
        if self.status != Status::Active {
            return Err(SnoozeError::Done);
        }
        let snoozed = || self.pushes.iter().filter(|push| push.snoozed);
        let is_same =
            |push: &Push| push.is_pending() && push.fires_at.duration_since(at).abs() <= SAME_WITHIN;
        if snoozed().any(is_same) {
            return Ok(false);
        }
        let is_late = at > self.content.expires_at - BEFORE_EXPIRY;
        if is_late && self.content.repeat.is_some() {
            return Err(SnoozeError::AfterRound);
        }
        if is_late && !after_expiry {
            return Err(SnoozeError::AfterExpiry);
        }
        if snoozed().count() >= SNOOZES_MAX {
            return Err(SnoozeError::TooMany);
        }
        let n = self.pushes.iter().map(|push| push.n).max().unwrap_or_default().max(PLANNED_MAX) + 1;
        let push = Push { snoozed: true, ..Push::planned(n, self.revision, at, ahead(at, now)) };
        self.pushes.push(push);
        if is_late {
            self.told_until = Some(self.ends_at().max(at + TRIED_FOR));
        }
        let until = self.content.local(at);
        self.timeline.add(now, Some(n), EventName::Snoozed, format!("until {until}"));
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
