//! The hours in which we start nothing by ourselves.
//!
//! They bind the moments that we choose (a retry, a fallback, "at once"), never a time the user chose.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::Field;

/// From one time of day to another by the user's clock, over midnight if `from` is the later one. The end
/// itself is not quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    pub from: Time,
    pub to: Time,
}

/// As it is stored: `22:30-08:00`.
impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        format!("{}-{}", hours.from.strftime("%H:%M"), hours.to.strftime("%H:%M"))
    }
}

impl TryFrom<String> for QuietHours {
    type Error = &'static str;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        let time = |text: &str| Time::strptime("%H:%M", text).ok();
        let hours =
            stored.split_once('-').and_then(|(from, to)| Some(Self { from: time(from)?, to: time(to)? }));
        hours.ok_or("quiet hours")
    }
}

impl QuietHours {
    /// When the quiet hours around this instant end, in the zone whose clock counts; `None` outside them.
    pub fn end_of_quiet(&self, instant: Timestamp, timezone: &TimeZone) -> Option<Timestamp> {
        let local = timezone.to_datetime(instant);
        // They end with a jump over their end, also where that leads to when they begin again.
        if !self.contains(local.time()) || self.jump_over_end(local.date(), timezone) == Some(instant) {
            return None;
        }
        let is_evening = self.from > self.to && local.time() >= self.from;
        let day = if is_evening { local.date().tomorrow().ok()? } else { local.date() };
        if let Some(jump) = self.jump_over_end(day, timezone) {
            return Some(jump);
        }
        // The clock may show the end twice, and the first may be behind us.
        let end = timezone.to_ambiguous_timestamp(day.to_datetime(self.to));
        let first = end.earlier().ok()?;
        if first > instant { Some(first) } else { end.later().ok() }
    }

    /// When the clock jumps over the end on that day, if it does: quiet until it jumps.
    fn jump_over_end(&self, day: Date, timezone: &TimeZone) -> Option<Timestamp> {
        let end = timezone.to_ambiguous_timestamp(day.to_datetime(self.to));
        let AmbiguousOffset::Gap { .. } = end.offset() else { return None };
        // An end at the very moment of the jump comes out as that moment, and `preceding` means before.
        let after = end.later().ok()? + SignedDuration::from_secs(1);
        timezone.preceding(after).next().map(|jump| jump.timestamp())
    }

    fn contains(&self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

pub(crate) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<QuietHours> {
    let mut fields = field.object(errors)?;
    let from = fields.required("from", errors).and_then(|field| time_of_day(&field, errors));
    let to = fields.required("to", errors).and_then(|field| time_of_day(&field, errors));
    fields.close(errors);
    let (from, to) = (from?, to?);
    if from == to {
        errors.at(
            &field.path,
            RuleCode::Conflict
                .says("must not begin and end at the same time; leave it out for no quiet hours")
                .with("among", ["from", "to"].as_slice()),
        );
        return None;
    }
    Some(QuietHours { from, to })
}

/// `09:00`: two digits each.
pub(crate) fn time_of_day(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Time> {
    let text = field.text(errors)?;
    let is_shaped = text.len() == 5
        && text.bytes().enumerate().all(|(n, b)| if n == 2 { b == b':' } else { b.is_ascii_digit() });
    let time = if is_shaped { Time::strptime("%H:%M", text).ok() } else { None };
    if time.is_none() {
        errors.at(
            &field.path,
            Rule::format("time_of_day", "must be a time of day from 00:00 to 23:59, written HH:MM"),
        );
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(from: &str, to: &str, zone: &str, instant: &str, end: Option<&str>) {
        let time = |text: &str| Time::strptime("%H:%M", text).expect("a time");
        let hours = QuietHours { from: time(from), to: time(to) };
        let zone = TimeZone::get(zone).expect("a zone");
        let instant = instant.parse::<Timestamp>().expect("an instant");
        let found = hours.end_of_quiet(instant, &zone);
        let end = end.map(|end| end.parse::<Timestamp>().expect("an instant"));
        assert_eq!(found, end, "{from}-{to} at {instant}");
    }

    #[test]
    fn quiet_hours_end_on_the_users_clock() {
        let shanghai = "Asia/Shanghai";
        check("22:30", "08:00", shanghai, "2027-03-01T22:29:59+08:00", None);
        check("22:30", "08:00", shanghai, "2027-03-01T22:30:00+08:00", Some("2027-03-02T08:00:00+08:00"));
        check("22:30", "08:00", shanghai, "2027-03-02T00:00:00+08:00", Some("2027-03-02T08:00:00+08:00"));
        check("22:30", "08:00", shanghai, "2027-03-02T07:59:59+08:00", Some("2027-03-02T08:00:00+08:00"));
        check("22:30", "08:00", shanghai, "2027-03-02T08:00:00+08:00", None);
        check("12:00", "14:00", shanghai, "2027-03-01T13:00:00+08:00", Some("2027-03-01T14:00:00+08:00"));
        check("12:00", "14:00", shanghai, "2027-03-01T14:00:00+08:00", None);
        check("22:00", "00:00", shanghai, "2027-12-31T23:00:00+08:00", Some("2028-01-01T00:00:00+08:00"));
    }

    #[test]
    fn quiet_hours_keep_to_the_clock_when_it_is_changed() {
        let new_york = "America/New_York";
        // The night of spring, an hour shorter: 02:00 becomes 03:00.
        check("22:30", "08:00", new_york, "2027-03-13T23:00:00-05:00", Some("2027-03-14T08:00:00-04:00"));
        check("22:30", "02:30", new_york, "2027-03-14T01:00:00-05:00", Some("2027-03-14T03:00:00-04:00"));
        check("22:30", "02:00", new_york, "2027-03-14T01:00:00-05:00", Some("2027-03-14T03:00:00-04:00"));
        // It leads straight to where they begin again.
        check("03:00", "02:00", new_york, "2027-03-14T01:00:00-05:00", Some("2027-03-14T03:00:00-04:00"));
        check("03:00", "02:00", new_york, "2027-03-14T03:00:00-04:00", None);
        check("03:00", "02:00", new_york, "2027-03-14T03:00:01-04:00", Some("2027-03-15T02:00:00-04:00"));
        // The night of autumn: 02:00 becomes 01:00, and 01:30 is twice.
        check("22:30", "08:00", new_york, "2027-11-06T23:00:00-04:00", Some("2027-11-07T08:00:00-05:00"));
        check("22:30", "01:30", new_york, "2027-11-07T01:15:00-04:00", Some("2027-11-07T01:30:00-04:00"));
        check("22:30", "01:30", new_york, "2027-11-07T01:15:00-05:00", Some("2027-11-07T01:30:00-05:00"));
        check("22:30", "01:30", new_york, "2027-11-07T01:45:00-04:00", None);
    }

    proptest! {
        #[test]
        fn the_end_is_ahead_within_a_day_and_not_quiet(
            from in 0_i8..24, to in 0_i8..24, minute in 0_i8..60, second in 1_700_000_000_i64..2_100_000_000,
            zone in prop::sample::select(vec!["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]),
        ) {
            prop_assume!(from != to);
            let hours = QuietHours { from: Time::constant(from, minute, 0, 0), to: Time::constant(to, minute, 0, 0) };
            let zone = TimeZone::get(zone).expect("a zone");
            let instant = Timestamp::from_second(second).expect("in range");
            if let Some(end) = hours.end_of_quiet(instant, &zone) {
                prop_assert!(end > instant);
                prop_assert!(end.duration_since(instant).as_hours() <= 25);
                prop_assert_eq!(hours.end_of_quiet(end, &zone), None);
            }
        }
    }
}
