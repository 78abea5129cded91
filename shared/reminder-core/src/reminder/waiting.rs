//! The schedules a reminder asks for: which there must be for its state, and which were made.
//!
//! On the happy path there is one, at the reminder's next moment. What follows within minutes gets its own at the same
//! time, since a run that is late or crashes could not make it in time. An attempt under way gets none: Lambda's repeats
//! and the sweep watch its lease.

use jiff::{SignedDuration, Timestamp};

use super::schedule::{Schedule, ahead};
use super::{Push, Reminder};

/// Moments so soon after the next one get their schedules together with it.
const TOGETHER_WITHIN: SignedDuration = SignedDuration::from_mins(3);
/// A schedule fires within the minute, and its run may be repeated after one and two more; until then it counts as made.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(3);
/// Three pushes and three that were snoozed wait for one moment each; one more may be left of a state that has changed.
const REMEMBERED_MAX: usize = 7;

impl Reminder {
    /// The moments for which there must be schedules: the next one, and those shortly after it. What is due by now needs
    /// none: a run is about it.
    pub fn scheduled_moments(&self, now: Timestamp) -> Vec<Timestamp> {
        let waiting = self.pushes.iter().filter_map(Push::waits_until);
        let waiting = waiting.chain(self.round_ends_at()).chain(self.watched_until());
        let mut moments: Vec<Timestamp> = waiting.filter(|moment| *moment > now).collect();
        moments.sort_unstable();
        moments.dedup();
        let last = moments.first().map(|next| *next + TOGETHER_WITHIN);
        moments.retain(|moment| last.is_some_and(|last| *moment <= last));
        moments
    }

    /// The schedules that its state asks for and that were not made yet.
    pub fn missing_schedules(&self, now: Timestamp) -> Vec<Schedule> {
        let moments = self.scheduled_moments(now).into_iter();
        let missing = moments.filter(|moment| self.schedule_for(*moment, now).is_none());
        let mut missing: Vec<Schedule> =
            missing.map(|moment| Schedule { revision: self.revision, at: ahead(moment, now) }).collect();
        missing.dedup();
        missing
    }

    /// The schedule that was made for this moment.
    pub fn schedule_for(&self, moment: Timestamp, now: Timestamp) -> Option<Schedule> {
        self.schedules.iter().copied().find(|made| made.serves(moment, now))
    }

    /// Remembers schedules that were made; what has fired by now is forgotten.
    pub fn remember_schedules(&mut self, made: &[Schedule], now: Timestamp) {
        self.schedules.retain(|known| now <= known.at + PENDING_FOR);
        for schedule in made {
            if !self.schedules.contains(schedule) {
                self.schedules.push(*schedule);
            }
        }
        self.schedules.sort_unstable_by_key(|schedule| schedule.at);
        let surplus = self.schedules.len().saturating_sub(REMEMBERED_MAX);
        self.schedules.drain(..surplus);
    }

    /// Keeps what the state still asks for: an attempt whose outcome is looked for is looked for after all.
    pub fn forget_needless_schedules(&mut self, now: Timestamp) {
        let moments = self.scheduled_moments(now);
        self.schedules.retain(|made| moments.iter().any(|moment| made.serves(*moment, now)));
    }

    /// One that fired before its time is gone, and another is needed in its place. It still exists while it is being
    /// delivered, so the new one needs another name, so another second.
    pub fn schedule_again(&mut self, fired_at: Timestamp, now: Timestamp) -> Option<Schedule> {
        let made = self.schedules.iter_mut().find(|made| made.at == fired_at)?;
        made.revision = self.revision;
        made.at = ahead(fired_at, now) + SignedDuration::from_secs(1);
        Some(*made)
    }
}

#[cfg(test)]
mod tests;
