//! A content whose user lives by another zone now: the same days and times of day, there.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Content;
use super::expiry::Expiry;
use super::pushes::{MINUTES_BEFORE_EXPIRY_MIN, Plan, PlannedPush, whole_second};
use super::repeat::Repeat;

impl Content {
    /// Whether it goes by a zone that its user, or the settings, had when it was saved, and that is another one by now.
    pub fn is_to_move(&self, timezone: &TimeZone) -> bool {
        !self.own_zone && timezone.iana_name().is_some_and(|name| name != self.timezone)
    }

    /// The same, with the rounds after this one by the clock of this zone, where its user lives: they may have moved when this
    /// round could not.
    pub fn with_rounds_in(&self, timezone: &TimeZone) -> Option<Self> {
        let mut there = self.clone();
        if self.is_to_move(timezone) {
            timezone.iana_name()?.clone_into(&mut there.timezone);
            there.repeat = self.repeat_in_zone(timezone)?;
        }
        Some(there)
    }

    /// Counted from the first round there.
    fn repeat_in_zone(&self, timezone: &TimeZone) -> Option<Option<Repeat>> {
        let mut repeat = self.repeat.clone();
        if let Some(repeat) = &mut repeat {
            let first = Expiry { at: repeat.first, whole_day: self.whole_day };
            repeat.first = first.in_zone(&self.zone(), timezone)?.at;
        }
        Some(repeat)
    }

    /// The same in this zone; `has_begun`: a push that was told, or is being told, keeps its moment. What was to come and
    /// would have gone by there comes at once. None if it would have expired.
    pub fn in_zone(
        &self,
        timezone: &TimeZone,
        has_begun: impl Fn(&PlannedPush) -> bool,
        now: Timestamp,
    ) -> Option<Self> {
        let expiry = self.expiry().in_zone(&self.zone(), timezone).filter(|expiry| now < expiry.at)?;
        let repeat = self.repeat_in_zone(timezone)?;
        let plan = Plan { expiry, timezone, now, known: &self.pushes };
        let latest = expiry.at.checked_sub(MINUTES_BEFORE_EXPIRY_MIN.minutes()).ok()?;
        let moved = |push: &PlannedPush| {
            if has_begun(push) {
                return Some(push.clone());
            }
            let mut moved = plan.again(std::slice::from_ref(push))?.pop()?;
            // By the clock there it would come too late.
            if moved.fires_at > latest {
                return Some(push.clone());
            }
            if moved.past && !push.past {
                moved.fires_at = whole_second(now)?;
                moved.past = false;
            }
            Some(moved)
        };
        let pushes = self.pushes.iter().map(moved).collect::<Option<_>>()?;
        let timezone = timezone.iana_name()?.to_owned();
        Some(Self { expires_at: expiry.at, repeat, timezone, pushes, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Asked;
    use super::*;
    use crate::cases::{NO_PREFERENCES, instant};
    use crate::settings::tests::sample;

    const SAVED: &str = "2027-02-01T12:00:00+08:00";

    fn content(body: &Value) -> Content {
        let settings = sample();
        let asked =
            Asked { settings: &settings, preferences: &NO_PREFERENCES, before: None, now: instant(SAVED) };
        Content::parse(body, &asked).expect("a good body")
    }

    /// When it expires and its pushes come, by the clock there.
    fn moved(body: &Value, to: &str, now: &str, begun: &[u8]) -> String {
        let zone = TimeZone::get(to).expect("a known zone");
        let moved = content(body).in_zone(&zone, |push| begun.contains(&push.n), instant(now));
        let Some(moved) = moved else { return "expired".to_owned() };
        assert!(!moved.is_to_move(&zone));
        let pushes = moved.pushes.iter().map(|push| {
            format!("{} {}{}", push.n, moved.local(push.fires_at), if push.past { " past" } else { "" })
        });
        let first = moved.repeat.as_ref().map(|repeat| format!("first {}", moved.local(repeat.first)));
        let all = std::iter::once(moved.local(moved.expires_at)).chain(pushes).chain(first);
        all.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn days_and_times_of_day_are_those_of_the_zone() {
        let passport = json!({
            "template": "expiry", "title": "护照", "expires_on": "2027-03-01", "repeat": {"every": "P1Y"},
            "pushes": [{"days_before": 7, "time": "09:00"}, {"days_before": 0, "time": "10:00"}],
        });
        let visa = json!({
            "template": "expiry", "title": "签证", "expires_at": "2027-03-01T23:00:00+08:00",
            "pushes": [{"at": "2027-02-20T09:00:00+08:00"}, {"days_before": 0, "time": "21:00"}],
        });
        let late = json!({
            "template": "expiry", "title": "护照", "expires_on": "2027-03-01",
            "pushes": [{"days_before": 60, "time": "09:00"}, {"days_before": 28, "time": "06:00"}],
        });
        for (body, to, now, begun, wanted) in [
            // What had gone by when it was saved has gone by there, too, or comes after all.
            (
                &late,
                "America/Los_Angeles",
                "2027-02-01T12:00:00+08:00",
                &[][..],
                "2027-03-02T00:00:00-08:00, 1 2026-12-31T09:00:00-08:00 past, 2 2027-02-01T06:00:00-08:00",
            ),
            // A whole day is another one there, and so is the first round's.
            (
                &passport,
                "America/Los_Angeles",
                SAVED,
                &[][..],
                "2027-03-02T00:00:00-08:00, 1 2027-02-22T09:00:00-08:00, 2 2027-03-01T10:00:00-08:00, first 2027-03-02T00:00:00-08:00",
            ),
            // What was told stays, whatever the clock says there.
            (
                &passport,
                "America/Los_Angeles",
                "2027-02-22T09:01:00+08:00",
                &[1],
                "2027-03-02T00:00:00-08:00, 1 2027-02-21T17:00:00-08:00, 2 2027-03-01T10:00:00-08:00, first 2027-03-02T00:00:00-08:00",
            ),
            // By the clock there it would have come an hour ago: it comes now.
            (
                &passport,
                "Pacific/Auckland",
                "2027-02-22T05:00:00+08:00",
                &[],
                "2027-03-02T00:00:00+13:00, 1 2027-02-22T10:00:00+13:00, 2 2027-03-01T10:00:00+13:00, first 2027-03-02T00:00:00+13:00",
            ),
            (&passport, "Pacific/Auckland", "2027-03-01T20:00:00+08:00", &[1, 2], "expired"),
            // A moment stays; nine in the evening of that day would be too late there: it comes as before.
            (
                &visa,
                "America/Los_Angeles",
                SAVED,
                &[],
                "2027-03-01T07:00:00-08:00, 1 2027-02-19T17:00:00-08:00, 2 2027-03-01T05:00:00-08:00",
            ),
            (
                &visa,
                "Asia/Tokyo",
                SAVED,
                &[],
                "2027-03-02T00:00:00+09:00, 1 2027-02-20T10:00:00+09:00, 2 2027-03-01T22:00:00+09:00",
            ),
        ] {
            assert_eq!(moved(body, to, now, begun), wanted, "{to} {now}");
        }
    }

    #[test]
    fn next_round_is_where_the_user_lives_though_this_one_has_stayed() {
        let flowers = |timezone: Option<&str>| {
            let mut body = json!({"template": "expiry", "title": "浇花", "expires_on": "2027-03-01",
                "repeat": {"every": "P1W"}, "pushes": [{"days_before": 0, "time": "09:00"}]});
            if let Some(timezone) = timezone {
                body["timezone"] = json!(timezone);
            }
            content(&body)
        };
        for (own, to, wanted) in [
            (None, "Asia/Shanghai", "2027-03-08T09:00:00+08:00"),
            (None, "Pacific/Auckland", "2027-03-08T09:00:00+13:00"),
            (None, "America/Los_Angeles", "2027-03-08T09:00:00-08:00"),
            (Some("Asia/Tokyo"), "Pacific/Auckland", "2027-03-08T09:00:00+09:00"),
        ] {
            let zone = TimeZone::get(to).expect("a known zone");
            let known = flowers(own);
            let next = known.with_rounds_in(&zone).and_then(|there| there.next_round(known.expires_at));
            let next = next.expect("a next round");
            assert_eq!(next.local(next.pushes[0].fires_at), wanted, "{to}");
            assert!(!next.is_to_move(&zone));
        }
    }

    #[test]
    fn item_with_a_zone_of_its_own_stays_there() {
        let body = |timezone: Option<&str>| {
            let mut body = json!({"template": "expiry", "title": "护照", "expires_on": "2027-03-01",
                "pushes": [{"days_before": 7, "time": "09:00"}]});
            if let Some(timezone) = timezone {
                body["timezone"] = json!(timezone);
            }
            body
        };
        let [shanghai, tokyo] = ["Asia/Shanghai", "Asia/Tokyo"].map(|name| TimeZone::get(name).expect("one"));
        let follows = content(&body(None));
        assert!(follows.is_to_move(&tokyo) && !follows.is_to_move(&shanghai));
        let own = content(&body(Some("Asia/Shanghai")));
        assert!(!own.is_to_move(&tokyo));
        // An answer of ours names the zone, and changes nothing when it is sent back.
        let settings = sample();
        for (before, named, is_own) in [
            (&follows, "Asia/Shanghai", false),
            (&follows, "Asia/Tokyo", true),
            (&own, "Asia/Shanghai", true),
        ] {
            let before = Some(before);
            let asked =
                Asked { settings: &settings, preferences: &NO_PREFERENCES, before, now: instant(SAVED) };
            let renewed = Content::parse(&body(Some(named)), &asked).expect("a good body");
            assert_eq!(renewed.own_zone, is_own, "{named}");
        }
    }
}
