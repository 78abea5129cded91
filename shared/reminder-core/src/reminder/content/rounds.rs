//! The rounds of a content that is repeated: the coming one, and the one that its user ended.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::Content;
use super::expiry::Expiry;
use super::pushes::Plan;
use super::repeat::Repeat;

/// More rounds than a weekly item has in a century: the search for the coming one ends.
const ROUNDS_MAX: u32 = 5_300;

impl Content {
    /// The coming round: the first after this one that has not expired by now. None if it is not repeated.
    pub fn next_round(&self, now: Timestamp) -> Option<Self> {
        let repeat = self.repeat.as_ref()?;
        let later = repeat.round + 1..repeat.round + ROUNDS_MAX;
        later
            .filter_map(|round| self.in_round(round, Timestamp::MIN, now))
            .find(|content| content.expires_at > now)
    }

    /// The coming round, because its user has ended this one.
    pub fn round_after_done(&self, now: Timestamp) -> Option<Self> {
        let ended = self.repeat.as_ref()?.round;
        let mut next = self.next_round(now)?;
        next.repeat.as_mut()?.done = Some((ended, now));
        Some(next)
    }

    /// The round that its user ended, if there was one and it would still be to come.
    pub fn round_before_done(&self, now: Timestamp) -> Option<Self> {
        let (ended, since) = self.repeat.as_ref()?.done?;
        self.in_round(ended, since, now).filter(|content| content.expires_at > now)
    }

    /// The same plan for what its user ended then and takes back now.
    pub fn reopened(&self, since: Timestamp, now: Timestamp) -> Option<Self> {
        let timezone = self.zone();
        let plan = Plan { expiry: self.expiry(), timezone: &timezone, now, known: &self.pushes };
        let mut pushes = plan.again(&self.pushes)?;
        plan.tell_missed(&mut pushes, since);
        (self.expires_at > now).then(|| Self { pushes, ..self.clone() })
    }

    /// What was missed since then is told at once, if there is nothing else to tell.
    fn in_round(&self, round: u32, since: Timestamp, now: Timestamp) -> Option<Self> {
        let (repeat, timezone) = (self.repeat.as_ref()?, self.zone());
        let first = Expiry { at: repeat.first, whole_day: self.whole_day };
        let lead = repeat.every.times(round)?;
        let expiry = match self.whole_day {
            true => Expiry::with(first.day(&timezone).checked_add(lead).ok()?, &timezone)?,
            false => Expiry { at: later(timezone.to_datetime(first.at), lead, &timezone)?, whole_day: false },
        };
        let plan = Plan { expiry, timezone: &timezone, now, known: &[] };
        let mut pushes = plan.again(&self.pushes)?;
        plan.tell_missed(&mut pushes, since);
        let repeat = Repeat { round, done: None, ..repeat.clone() };
        Some(Self { expires_at: expiry.at, pushes, repeat: Some(repeat), ..self.clone() })
    }
}

fn later(from: DateTime, by: Span, timezone: &TimeZone) -> Option<Timestamp> {
    timezone.to_timestamp(from.checked_add(by).ok()?).ok()
}
