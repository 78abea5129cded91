//! When something is tried again: moments that we choose, never in the quiet hours and never past the last call.

use jiff::{SignedDuration, Timestamp};

use super::facts::{Facts, quiet_hours};
use crate::jitter;
use crate::person::allowance::until_midnight;
use crate::reminder::{Attempt, EARLY_BY_AT_MOST, ahead};

/// Reminders due in the same minute do not come back in the same second.
const JITTER: SignedDuration = SignedDuration::from_secs(60);
/// Nobody knows to the minute when WeChat's day begins (docs/wechat.md §16).
const QUOTA_MARGIN: SignedDuration = SignedDuration::from_mins(10);
const QUOTA_JITTER: SignedDuration = SignedDuration::from_mins(30);

const REPEAT_LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// A message that WeChat did not take is sent again at once while it is not later than this.
const SOON_LATE: SignedDuration = SignedDuration::from_hours(1);
const SILENCE_LONGEST: SignedDuration = SignedDuration::from_hours(24);
const LONG_LATE: SignedDuration = SignedDuration::from_hours(30 * 24);
const SILENCE_LONGEST_LATER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The user chose this moment: so long after it, what is tried for it may disturb the quiet hours.
pub(super) const CHOSEN_FOR: SignedDuration = SignedDuration::from_mins(10);

/// A first pause, doubled with every attempt up to a longest one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pauses {
    first: SignedDuration,
    longest: SignedDuration,
    /// How far reminders of one moment are spread.
    spread: SignedDuration,
}

/// Passing trouble.
pub(super) const USUAL: Pauses =
    Pauses { first: SignedDuration::from_secs(60), longest: SignedDuration::from_hours(1), spread: JITTER };
/// WeChat asks us to be slower, until the next minute.
pub(super) const RATE: Pauses = Pauses { first: SignedDuration::from_secs(120), ..USUAL };
/// WeChat takes no equal message within sixty seconds.
pub(super) const DUPLICATE: Pauses = Pauses { first: SignedDuration::from_secs(70), ..USUAL };
/// WeChat wants less to be sent to this user: not all of it together again.
pub(super) const USER: Pauses = Pauses { spread: SignedDuration::from_mins(10), ..CONFIGURATION };
/// WeChat gives us no access_token until somebody mends it: the first time it may be a passing one.
pub(super) const NO_TOKEN: Pauses = Pauses { longest: SignedDuration::from_hours(6), ..USUAL };
/// What only the owner can mend is not mended in a minute.
pub(super) const CONFIGURATION: Pauses =
    Pauses { first: SignedDuration::from_mins(10), longest: SignedDuration::from_hours(6), spread: JITTER };
/// WeChat denies a credit that its own events told of.
pub(super) const DENIED: Pauses =
    Pauses { first: SignedDuration::from_hours(3), longest: SignedDuration::from_hours(3), spread: JITTER };
/// A quota that comes back too late, unless somebody clears it.
pub(super) const CLEARED: Pauses = Pauses { first: SignedDuration::from_hours(1), ..USUAL };

impl Facts<'_> {
    /// The next moment to try, or none before the item expires.
    pub(super) fn after(&self, pauses: Pauses) -> Option<Timestamp> {
        let doublings = self.push.attempts.saturating_sub(1).min(10);
        let pause = SignedDuration::from_secs(pauses.first.as_secs() << doublings).min(pauses.longest);
        self.chosen(self.now + pause + self.jitter(pauses.spread))
    }

    /// The next moment at which a schedule can fire.
    pub(super) fn soon(&self) -> Option<Timestamp> {
        self.chosen(ahead(self.now, self.now) + self.jitter(JITTER))
    }

    /// After WeChat's day is over, each reminder by itself; none if that is too late.
    pub(super) fn after_quota_reset(&self) -> Option<Timestamp> {
        let reset = self.now + until_midnight(self.now) + QUOTA_MARGIN;
        let at = self.quiet_end(reset).unwrap_or(reset) + self.spread(QUOTA_JITTER);
        if at < self.last_call() { self.chosen(at) } else { None }
    }

    /// When an attempt that nobody knows the outcome of is repeated after others: an hour after it, then two, then four, up
    /// to a day; none before the item expires.
    pub(super) fn repeat_at(&self, attempt: &Attempt, others: u32) -> Option<Timestamp> {
        let pause = SignedDuration::from_hours(1 << others.min(10)).min(REPEAT_LONGEST);
        let at = (attempt.started_at + pause + self.jitter(JITTER)).min(self.last_call());
        (at > attempt.started_at).then_some(at)
    }

    /// When a message that WeChat did not take is sent again: at once, then after a third of the time by which it is late,
    /// up to a day, and after a month up to a week.
    pub(super) fn after_silence(&self) -> Timestamp {
        let late = self.now.duration_since(self.push.fires_at);
        let longest = if late < LONG_LATE { SILENCE_LONGEST } else { SILENCE_LONGEST_LATER };
        let pause = SignedDuration::from_secs(late.as_secs() / 3).min(longest);
        let soon = if late < SOON_LATE { self.now } else { self.now + pause };
        let at = self.quiet_end(soon).unwrap_or(soon);
        at.min(self.last_call()).max(self.now)
    }

    /// Whether this moment has come, as exactly as clocks agree.
    pub(super) fn is_time(&self, at: Timestamp) -> bool {
        at <= self.now + EARLY_BY_AT_MOST
    }

    /// Whether the next channel may be tried at once: that is no moment the user chose, unless they chose about this one.
    pub(super) fn may_go_on(&self) -> bool {
        let since = self.now.duration_since(self.push.fires_at);
        self.quiet_end(self.now).is_none() || (!self.push.at_once && since <= CHOSEN_FOR)
    }

    /// When the quiet hours around `moment` are over, each reminder by itself, if that is in time before the item expires:
    /// no moment that we choose lies in them.
    pub(super) fn quiet_end(&self, moment: Timestamp) -> Option<Timestamp> {
        let quiet = quiet_hours(self.user, self.settings)?;
        let end = quiet.end_of_quiet(moment, &self.zone()).filter(|end| *end < self.last_call())?;
        Some((end + self.spread(JITTER)).min(self.last_call()))
    }

    /// `at`, out of the quiet hours and not past the last call, as long as a schedule can still be made for it.
    fn chosen(&self, at: Timestamp) -> Option<Timestamp> {
        let at = self.quiet_end(at).unwrap_or(at).min(self.last_call());
        (at >= ahead(self.now, self.now)).then_some(at)
    }

    /// After a pause of the push's own: pushes of a reminder that failed together come back together, and one run is about
    /// them.
    fn jitter(&self, width: SignedDuration) -> SignedDuration {
        jitter::within(width, &[&self.reminder.id, &self.push.attempts.to_string()])
    }

    /// After a moment that all wait for: whatever became of them before, one run is about all pushes of a reminder.
    fn spread(&self, width: SignedDuration) -> SignedDuration {
        jitter::within(width, &[&self.reminder.id])
    }
}

#[cfg(test)]
mod tests;
