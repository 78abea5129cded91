//! When the item expires: at a moment, or with the end of a day of its user's calendar.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::instant;
use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::{Field, Fields};

/// An item needs room for a push before it expires, and that push for being scheduled.
const MINUTES_AHEAD_MIN: i64 = 15;
/// An identity card is valid for twenty.
const YEARS_AHEAD_MAX: i64 = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry {
    pub(super) at: Timestamp,
    /// It is the end of the day on which it expires.
    pub(super) whole_day: bool,
}

impl Expiry {
    pub(super) fn with(day: Date, timezone: &TimeZone) -> Option<Self> {
        let after = day.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight());
        Some(Self { at: timezone.to_timestamp(after).ok()?, whole_day: true })
    }

    /// The day on which it expires, from which leads are counted.
    pub(super) fn day(self, timezone: &TimeZone) -> Date {
        let last = if self.whole_day { self.at - SignedDuration::from_secs(1) } else { self.at };
        timezone.to_datetime(last).date()
    }

    /// The same day in another zone, or the same moment.
    pub(super) fn in_zone(self, from: &TimeZone, to: &TimeZone) -> Option<Self> {
        match self.whole_day {
            true => Self::with(self.day(from), to),
            false => Some(self),
        }
    }

    /// The request's field that says it.
    pub(super) fn field(self) -> &'static str {
        if self.whole_day { "expires_on" } else { "expires_at" }
    }
}

/// One of `expires_at` and `expires_on`, or both where they say the same, as an answer of ours does. What is not changed is
/// accepted, however near it is by now: `before` is what it was.
pub(super) fn read(
    fields: &mut Fields<'_>,
    timezone: Option<&TimeZone>,
    before: Option<Expiry>,
    now: Timestamp,
    errors: &mut FieldErrors,
) -> Option<Expiry> {
    let (at, on) = (fields.optional("expires_at"), fields.optional("expires_on"));
    let (field, expiry) = match (at, on) {
        (None, None) => {
            errors.at(
                "expires_at",
                RuleCode::Required.says("is required, or expires_on").with("instead", "expires_on"),
            );
            return None;
        }
        (Some(at), None) => (at.path.clone(), Expiry { at: instant::read(&at, errors)?, whole_day: false }),
        (None, Some(on)) => (on.path.clone(), Expiry::with(read_day(&on, errors)?, timezone?)?),
        (Some(at), Some(on)) => {
            let (at, day) = (instant::read(&at, errors), read_day(&on, errors));
            let expiry = Expiry::with(day?, timezone?)?;
            if at? != expiry.at {
                errors.at(
                    &on.path,
                    RuleCode::Conflict
                        .says("must end at expires_at where both are given; one of them is enough")
                        .with("with", "expires_at"),
                );
                return None;
            }
            (on.path, expiry)
        }
    };
    if before != Some(expiry) {
        check_range(&field, expiry.at, now, errors)?;
    }
    Some(expiry)
}

fn check_range(field: &str, at: Timestamp, now: Timestamp, errors: &mut FieldErrors) -> Option<()> {
    let first = now.checked_add(MINUTES_AHEAD_MIN.minutes()).ok()? - instant::CLOCKS_DIFFER_BY;
    if at < first {
        errors.at(
            field,
            RuleCode::TooSoon
                .says(format!("must be at least {MINUTES_AHEAD_MIN} minutes ahead"))
                .with("minutes", MINUTES_AHEAD_MIN),
        );
        return None;
    }
    let last = now.to_zoned(TimeZone::UTC).checked_add(YEARS_AHEAD_MAX.years()).ok()?.timestamp();
    if at > last {
        errors.at(
            field,
            RuleCode::TooFar
                .says(format!("must be at most {YEARS_AHEAD_MAX} years ahead"))
                .with("years", YEARS_AHEAD_MAX),
        );
        return None;
    }
    Some(())
}

/// `YYYY-MM-DD`, and nothing of what else the parser knows.
fn read_day(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Date> {
    let text = field.text(errors)?;
    let has_shape = text.len() == 10
        && text.bytes().zip("0000-00-00".bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            _ => byte == wanted,
        });
    let day = if has_shape { text.parse().ok() } else { None };
    if day.is_none() {
        errors.at(&field.path, Rule::format("day", "must be a day of the calendar such as 2027-03-01"));
    }
    day
}
