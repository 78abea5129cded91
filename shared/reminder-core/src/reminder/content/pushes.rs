//! The pushes of a content: what the user wrote, and the instant each one means.
//!
//! `days_before`, and weeks and months likewise, counts calendar days back from the day on which the item expires in the
//! user's zone; `time` is that day's clock there. A time that the clock jumps over is as much later; of one that it shows
//! twice, the first counts.

use jiff::{Span, Timestamp, TimestampRound, ToSpan, Unit, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::expiry::Expiry;
use crate::channel::Channel;

/// A push in the last minutes could not be tried again.
pub const MINUTES_BEFORE_EXPIRY_MIN: i64 = 10;

/// One push, planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlannedPush {
    /// From 1, in the order of the request.
    pub n: u8,
    pub wanted: PushTime,
    /// The only channels it may go by, best first; empty: those of the settings.
    pub channels: Vec<Channel>,
    /// The instant that was asked for, as a whole second, never before it.
    pub meant_for: Timestamp,
    /// The same, but for a push that comes at once because all have gone by.
    pub fires_at: Timestamp,
    /// Its moment had already gone by when it was asked for: it is not sent.
    pub past: bool,
}

/// When a push was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushTime {
    At(Timestamp),
    Relative { before: Before, time: Time },
}

/// A push that is wanted, of no item yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wish {
    pub wanted: PushTime,
    pub channels: Vec<Channel>,
}

/// How long before the day of expiry, by the calendar: a month before 31 March is the last of February.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    Days(u16),
    Weeks(u16),
    Months(u16),
}

impl Before {
    /// The request's field that says it.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Days(_) => "days_before",
            Self::Weeks(_) => "weeks_before",
            Self::Months(_) => "months_before",
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Days(days) => i64::from(days).days(),
            Self::Weeks(weeks) => i64::from(weeks).weeks(),
            Self::Months(months) => i64::from(months).months(),
        }
    }
}

/// What the moments of pushes are made of.
pub(super) struct Plan<'a> {
    pub(super) expiry: Expiry,
    pub(super) timezone: &'a TimeZone,
    pub(super) now: Timestamp,
    /// Those of the content before.
    pub(super) known: &'a [PlannedPush],
}

impl PlannedPush {
    fn wish(&self) -> Wish {
        Wish { wanted: self.wanted, channels: self.channels.clone() }
    }
}

impl Plan<'_> {
    pub(super) fn push(&self, n: u8, wish: &Wish) -> Option<PlannedPush> {
        let Wish { wanted, channels } = wish.clone();
        let meant_for = self.resolve(wanted)?;
        // One that the content had before is past, or was told. Else a phone's clock is behind ours: it comes at once.
        let is_known = self.known.iter().any(|known| known.wanted == wanted);
        let is_late = matches!(wanted, PushTime::At(_)) && meant_for < self.now && !is_known;
        let fires_at = if is_late { whole_second(self.now)? } else { meant_for };
        Some(PlannedPush { n, wanted, channels, meant_for, fires_at, past: fires_at < self.now })
    }

    /// The same pushes, as they come by this plan.
    pub(super) fn again(&self, pushes: &[PlannedPush]) -> Option<Vec<PlannedPush>> {
        pushes.iter().map(|push| self.push(push.n, &push.wish())).collect()
    }

    /// If none is to come and the item has not expired, the last of those whose moment has gone by since then comes at once.
    pub(super) fn tell_missed(&self, pushes: &mut [PlannedPush], since: Timestamp) {
        let is_missed = |push: &&mut PlannedPush| push.past && push.fires_at > since;
        let none_to_come = pushes.iter().all(|push| push.past);
        if none_to_come
            && self.now < self.expiry.at
            && let Some(at) = whole_second(self.now)
            && let Some(last) = pushes.iter_mut().filter(is_missed).max_by_key(|push| push.fires_at)
        {
            last.fires_at = at;
            last.past = false;
        }
    }

    fn resolve(&self, wanted: PushTime) -> Option<Timestamp> {
        match wanted {
            PushTime::At(instant) => whole_second(instant),
            PushTime::Relative { before, time } => {
                let day = self.expiry.day(self.timezone).checked_sub(before.span()).ok()?;
                self.timezone.to_timestamp(day.to_datetime(time)).ok()
            }
        }
    }
}

/// Up, because a push is never early.
pub(super) fn whole_second(instant: Timestamp) -> Option<Timestamp> {
    instant.round(TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Ceil)).ok()
}
