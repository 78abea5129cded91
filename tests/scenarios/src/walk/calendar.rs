//! When a content is to come, by the clocks on the wall: what the walk expects of it where its user lives, and where they
//! move to. Arithmetic of its own, from what the user wrote.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use super::book::{Promise, instant};

/// What lies nearer to its expiry is not moved there.
const BEFORE_EXPIRY_MIN: SignedDuration = SignedDuration::from_mins(10);
/// Moments that the product makes itself are whole seconds, and its timeline says them cut.
const ROUNDED_BY: SignedDuration = SignedDuration::from_secs(2);

/// Whose clock a content goes by, and what it says by that.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// IANA name.
    pub(crate) zone: String,
    /// It was named for this item, which stays there.
    pub(crate) own_zone: bool,
    /// The day with whose end it expires, unless that is a moment.
    pub(crate) expires_on: Option<Date>,
    /// Of the first push, the second and the third.
    pub(crate) wanted: Vec<Wanted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    At(Timestamp),
    Before { days: i64, time: Time },
}

/// What had become of a push when its user moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was told, or another one after it: it stays what it is.
    Told,
    /// Nobody had begun to send it.
    Untouched,
    /// It was tried: whether that counts, its attempts decide.
    Tried,
}

/// When a push may come after a move.
pub(crate) type Moments = Vec<RangeInclusive<Timestamp>>;

impl Calendar {
    /// From an answer; whether the item named its zone, only whoever asked knows.
    pub(crate) fn answered(body: &Value) -> Option<Self> {
        let pushes = body["pushes"].as_array()?.iter().filter(|push| push["snoozed"] != true);
        let wanted = |push: &Value| match push["days_before"].as_i64() {
            Some(days) => Some(Wanted::Before { days, time: push["time"].as_str()?.parse().ok()? }),
            None => instant(&push["at"]).map(Wanted::At),
        };
        Some(Self {
            zone: body["timezone"].as_str()?.to_owned(),
            own_zone: false,
            expires_on: body["expires_on"].as_str().and_then(|day| day.parse().ok()),
            wanted: pushes.map(wanted).collect::<Option<_>>()?,
        })
    }

    pub(crate) fn in_zone(&self, zone: &str) -> Self {
        Self { zone: zone.to_owned(), ..self.clone() }
    }

    /// When it expires: with the end of its day here, or at its moment.
    pub(crate) fn expires_at(&self, moment: Timestamp) -> Timestamp {
        match self.expires_on {
            Some(day) => wall(&self.zone, day.tomorrow().expect("in range"), Time::midnight()),
            None => moment,
        }
    }

    /// When a push is meant for here, if its item expires then.
    pub(crate) fn moment(&self, wanted: Wanted, expires_at: Timestamp) -> Timestamp {
        match wanted {
            Wanted::At(at) => at,
            Wanted::Before { days, time } => {
                let zone = TimeZone::get(&self.zone).expect("a known zone");
                let day = self.expires_on.unwrap_or_else(|| zone.to_datetime(expires_at).date());
                wall(&self.zone, day.checked_sub(days.days()).expect("in range"), time)
            }
        }
    }

    /// When a push comes in this zone, to which its item has moved then. What was told stays, what would be too late stays,
    /// and what would have gone by comes at once.
    pub(crate) fn after_move(
        &self,
        promise: &Promise,
        fate: Fate,
        expires_at: Timestamp,
        moved_at: Timestamp,
    ) -> Moments {
        let exactly = |at: Timestamp| at..=at;
        let place = usize::try_from(promise.n).ok().and_then(|n| n.checked_sub(1));
        // What was snoozed is of no clock.
        let Some(wanted) = place.and_then(|place| self.wanted.get(place)) else {
            return vec![exactly(promise.fires_at)];
        };
        let there = self.moment(*wanted, expires_at);
        let at_once = moved_at..=moved_at + ROUNDED_BY;
        let mut untouched = Vec::new();
        if there > expires_at - BEFORE_EXPIRY_MIN {
            untouched.push(exactly(promise.fires_at));
        } else if promise.past || there > moved_at + ROUNDED_BY {
            untouched.push(exactly(there));
        } else {
            untouched.push(at_once);
            if there >= moved_at {
                untouched.push(exactly(there));
            }
        }
        match fate {
            Fate::Told => vec![exactly(promise.fires_at)],
            Fate::Untouched => untouched,
            Fate::Tried => [untouched, vec![exactly(promise.fires_at)]].concat(),
        }
    }
}

fn wall(zone: &str, day: Date, time: Time) -> Timestamp {
    let zone = TimeZone::get(zone).expect("a known zone");
    zone.to_timestamp(day.to_datetime(time)).expect("a moment")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHANGHAI: &str = "Asia/Shanghai";
    const LOS_ANGELES: &str = "America/Los_Angeles";
    const AUCKLAND: &str = "Pacific/Auckland";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn calendar(body: &Value) -> Calendar {
        Calendar::answered(body).expect("an answer")
    }

    #[test]
    fn push_comes_at_its_time_of_day_there_unless_it_was_told_or_would_be_too_late() {
        let day = calendar(&json!({
            "timezone": SHANGHAI, "expires_on": "2027-03-16", "pushes": [{"days_before": 2, "time": "09:00"}],
        }));
        let moment = calendar(&json!({
            "timezone": SHANGHAI, "pushes": [{"days_before": 0, "time": "21:00"}],
        }));
        let (before, after) = ("2027-03-14T08:00:00+08:00", "2027-03-14T12:00:00+08:00");
        let nine = "2027-03-14T09:00:00+08:00";
        for (calendar, to, expires_at, promised, moved_at, fate, wanted) in [
            // The clocks there went forward that night.
            (&day, LOS_ANGELES, "", nine, before, Fate::Untouched, vec!["2027-03-14T09:00:00-07:00"]),
            (&day, LOS_ANGELES, "", nine, after, Fate::Told, vec![nine]),
            (&day, LOS_ANGELES, "", nine, after, Fate::Tried, vec!["2027-03-14T09:00:00-07:00", nine]),
            // It would have come four hours ago.
            (&day, AUCKLAND, "", nine, before, Fate::Untouched, vec![before]),
            // Nine in the evening of that day is after the expiry there.
            (
                &moment,
                LOS_ANGELES,
                "2027-03-16T23:00:00+08:00",
                "2027-03-16T21:00:00+08:00",
                before,
                Fate::Untouched,
                vec!["2027-03-16T21:00:00+08:00"],
            ),
        ] {
            let there = calendar.in_zone(to);
            let expires_at = there.expires_at(expires_at.parse().unwrap_or(Timestamp::UNIX_EPOCH));
            let promise = Promise { n: 1, fires_at: at(promised), past: false };
            let moments = there.after_move(&promise, fate, expires_at, at(moved_at));
            let begins: Vec<Timestamp> = moments.iter().map(|moment| *moment.start()).collect();
            assert_eq!(begins, wanted.into_iter().map(at).collect::<Vec<_>>(), "{to} {fate:?}");
        }
    }

    #[test]
    fn what_had_gone_by_when_it_was_saved_stays_gone_by_or_comes_after_all() {
        let calendar = calendar(&json!({
            "timezone": SHANGHAI, "expires_on": "2027-03-16", "pushes": [{"days_before": 2, "time": "09:00"}],
        }));
        let promise = Promise { n: 1, fires_at: at("2027-03-14T09:00:00+08:00"), past: true };
        for (to, there) in
            [(AUCKLAND, "2027-03-14T09:00:00+13:00"), (LOS_ANGELES, "2027-03-14T09:00:00-07:00")]
        {
            let calendar = calendar.in_zone(to);
            let expires_at = calendar.expires_at(Timestamp::UNIX_EPOCH);
            let moved_at = at("2027-03-14T12:00:00+08:00");
            let moments = calendar.after_move(&promise, Fate::Untouched, expires_at, moved_at);
            assert_eq!(moments, [at(there)..=at(there)]);
        }
    }

    #[test]
    fn snoozed_push_is_of_no_clock() {
        let calendar = calendar(&json!({
            "timezone": SHANGHAI, "expires_on": "2027-03-16",
            "pushes": [{"days_before": 2, "time": "09:00"}, {"snoozed": true}],
        }));
        let promise = Promise { n: 4, fires_at: at("2027-03-15T10:00:00+08:00"), past: false };
        let there = calendar.in_zone(AUCKLAND);
        let expires_at = there.expires_at(Timestamp::UNIX_EPOCH);
        let moved_at = at("2027-03-14T12:00:00+08:00");
        let moments = there.after_move(&promise, Fate::Untouched, expires_at, moved_at);
        assert_eq!(moments, [promise.fires_at..=promise.fires_at]);
    }
}
