//! The calendar of repeated items, row by row.

use serde_json::{Value, json};

use super::*;
use crate::cases::{NO_PREFERENCES, instant, joined};
use crate::reminder::content::{Asked, Content};
use crate::settings::tests::sample;

const NOW: &str = "2027-01-01T12:00:00+08:00";

fn rent(changes: &Value) -> Result<Content, String> {
    let mut body = json!({
        "template": "expiry", "title": "房租", "expires_at": "2027-01-31T18:00:00+08:00",
        "pushes": [{"days_before": 3, "time": "09:00"}], "repeat": {"every": "P1M"},
    });
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => drop(body.as_object_mut().expect("an object").remove(name)),
            value => body[name] = value.clone(),
        }
    }
    let (settings, now) = (sample(), instant(NOW));
    let asked = Asked { settings: &settings, preferences: &NO_PREFERENCES, before: None, now };
    let said = |errors: Vec<crate::json::error::FieldError>| joined(&errors);
    Content::parse(&body, &asked).map_err(said)
}

/// The expiries of the next rounds, each begun when the one before had expired, and its first push.
fn rounds(mut content: Content, count: usize) -> String {
    let mut lines = String::new();
    for _ in 0..count {
        content = content.next_round(content.expires_at).expect("a next round");
        let (until, push) = (content.local(content.expires_at), content.local(content.pushes[0].fires_at));
        lines += &format!("{}: {until}, told {push}\n", content.repeat.as_ref().expect("repeated").round());
    }
    lines
}

#[test]
fn month_ends_come_right() {
    insta::assert_snapshot!(rounds(rent(&json!({})).expect("good"), 4), @"
    2: 2027-02-28T18:00:00+08:00, told 2027-02-25T09:00:00+08:00
    3: 2027-03-31T18:00:00+08:00, told 2027-03-28T09:00:00+08:00
    4: 2027-04-30T18:00:00+08:00, told 2027-04-27T09:00:00+08:00
    5: 2027-05-31T18:00:00+08:00, told 2027-05-28T09:00:00+08:00
    ");
    let leap_day = json!({
        "expires_at": null, "expires_on": "2028-02-29", "repeat": {"every": "P1Y"},
        "pushes": [{"days_before": 0, "time": "09:00"}],
    });
    insta::assert_snapshot!(rounds(rent(&leap_day).expect("good"), 4), @"
    2: 2029-03-01T00:00:00+08:00, told 2029-02-28T09:00:00+08:00
    3: 2030-03-01T00:00:00+08:00, told 2030-02-28T09:00:00+08:00
    4: 2031-03-01T00:00:00+08:00, told 2031-02-28T09:00:00+08:00
    5: 2032-03-01T00:00:00+08:00, told 2032-02-29T09:00:00+08:00
    ");
    let fortnight = json!({"repeat": {"every": "P2W"}, "timezone": "America/New_York"});
    // The hour stays that of the user's clock.
    insta::assert_snapshot!(rounds(rent(&fortnight).expect("good"), 5), @"
    2: 2027-02-14T05:00:00-05:00, told 2027-02-11T09:00:00-05:00
    3: 2027-02-28T05:00:00-05:00, told 2027-02-25T09:00:00-05:00
    4: 2027-03-14T05:00:00-04:00, told 2027-03-11T09:00:00-05:00
    5: 2027-03-28T05:00:00-04:00, told 2027-03-25T09:00:00-04:00
    6: 2027-04-11T05:00:00-04:00, told 2027-04-08T09:00:00-04:00
    ");
}

#[test]
fn after_a_long_outage_only_the_coming_round_begins() {
    let rent = rent(&json!({})).expect("good");
    let rows = [
        ("2027-01-31T18:00:00+08:00", 2, "2027-02-28T18:00:00+08:00", "to come"),
        ("2027-02-28T17:59:59+08:00", 2, "2027-02-28T18:00:00+08:00", "at once"),
        ("2027-02-28T18:00:00+08:00", 3, "2027-03-31T18:00:00+08:00", "to come"),
        ("2029-06-29T12:00:00+08:00", 30, "2029-06-30T18:00:00+08:00", "at once"),
    ];
    for (now, round, until, push) in rows {
        let now = instant(now);
        let next = rent.next_round(now).expect("a next round");
        let found = if next.pushes[0].fires_at > now { "to come" } else { "at once" };
        let repeat = next.repeat.as_ref().expect("repeated");
        assert_eq!(
            (repeat.round(), next.local(next.expires_at).as_str(), found),
            (round, until, push),
            "{now}"
        );
        assert!(!next.pushes[0].past);
    }
    assert_eq!(Content { repeat: None, ..rent }.next_round(instant(NOW)), None);
}

#[test]
fn what_its_user_ended_can_be_taken_back_while_it_is_to_come() {
    let rent = rent(&json!({})).expect("good");
    let done_at = instant("2027-01-20T12:00:00+08:00");
    let next = rent.round_after_done(done_at).expect("a next round");
    assert_eq!(
        next.repeat.as_ref().map(|repeat| (repeat.round(), repeat.done())),
        Some((2, Some((0, done_at))))
    );
    let back = |now: &str| {
        let content = next.round_before_done(instant(now))?;
        let push = &content.pushes[0];
        Some((content.expires_at == rent.expires_at, push.past, content.local(push.fires_at)))
    };
    let of = |past, at: &str| Some((true, past, at.to_owned()));
    assert_eq!(back("2027-01-21T12:00:00+08:00"), of(false, "2027-01-28T09:00:00+08:00"));
    // Its moment came while it was done: it is told now.
    assert_eq!(back("2027-01-29T12:00:00+08:00"), of(false, "2027-01-29T12:00:00+08:00"));
    assert_eq!(back("2027-01-31T18:00:00+08:00"), None, "that has expired");
    // It had been told, or given up, before it was done: it is not told again.
    let late = rent.round_after_done(instant("2027-01-28T09:00:00+08:00")).expect("a next round");
    let again = late.round_before_done(instant("2027-01-29T12:00:00+08:00")).expect("still to come");
    assert!(again.pushes[0].past);
    assert_eq!(again.repeat.as_ref().and_then(Repeat::done), None);
    assert_eq!(rent.round_before_done(done_at), None, "nobody ended any");
}

#[test]
fn lead_is_shorter_than_the_period() {
    let check = |every: &str, push: Value| {
        let changes =
            json!({"repeat": {"every": every}, "pushes": [push], "expires_at": "2037-01-31T18:00:00+08:00"});
        rent(&changes).map(|_| ()).err().unwrap_or_default()
    };
    let days = |days: u32| json!({"days_before": days, "time": "09:00"});
    let weeks = |weeks: u32| json!({"weeks_before": weeks, "time": "09:00"});
    let months = |months: u32| json!({"months_before": months, "time": "09:00"});
    let rows = [
        ("P1W", days(6), days(7)),
        ("P2W", weeks(1), weeks(2)),
        ("P5W", months(1), months(2)),
        ("P1M", days(27), days(28)),
        ("P1M", weeks(3), weeks(4)),
        ("P2M", months(1), months(2)),
        ("P3M", days(88), days(89)),
        ("P1Y", months(11), months(12)),
        ("P1Y", days(364), days(365)),
        ("P10Y", months(119), months(120)),
        ("P1W", months(0), months(1)),
    ];
    for (every, good, bad) in rows {
        assert_eq!(check(every, good.clone()), "", "{every} {good}");
        assert!(
            check(every, bad.clone()).contains("must be shorter than repeat.every, which is P"),
            "{every} {bad}"
        );
    }
    let absolute = check("P1Y", json!({"at": "2037-01-30T18:00:00+08:00"}));
    assert_eq!(
        absolute,
        "pushes[0]: must be before the day of expiry, by days_before or the like, with repeat"
    );
}

#[test]
fn period_is_one_of_weeks_months_or_years() {
    for every in ["P1W", "P52W", "P1M", "P120M", "P1Y", "P10Y"] {
        assert_eq!(every.parse::<Every>().map(|every| every.to_string()).as_deref(), Ok(every));
    }
    for every in
        ["", "P", "P0W", "P53W", "P121M", "P11Y", "P1D", "1Y", "P1y", "P01Y", "P+1Y", "P1Y6M", "P1.5Y"]
    {
        assert_eq!(
            every.parse::<Every>(),
            Err("must be P1W to P52W, P1M to P120M or P1Y to P10Y"),
            "{every}"
        );
    }
    let every = |repeat: Value| rent(&json!({"repeat": repeat})).map(|_| ()).err().unwrap_or_default();
    assert_eq!(
        every(json!({"every": "P1D"})),
        "repeat.every: must be P1W to P52W, P1M to P120M or P1Y to P10Y"
    );
    assert_eq!(every(json!({})), "repeat.every: is required");
    assert_eq!(every(json!("P1Y")), "repeat: must be an object, not a string");
    assert_eq!(
        every(json!({"every": "P1Y", "round": 2})),
        "repeat.round: is not a known field; known here: every"
    );
}

#[test]
fn who_changes_neither_expiry_nor_period_keeps_counting() {
    let first = rent(&json!({})).expect("good");
    let second = first.next_round(first.expires_at).expect("a next round");
    let settings = sample();
    let renewed = |changes: Value| {
        let mut body = json!({
            "template": "expiry", "title": "房租", "expires_at": "2027-02-28T18:00:00+08:00",
            "pushes": [{"days_before": 2, "time": "09:00"}], "repeat": {"every": "P1M", "round": 2},
        });
        for (name, value) in changes.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let now = instant("2027-02-01T12:00:00+08:00");
        let content = Content::parse(
            &body,
            &Asked { settings: &settings, preferences: &NO_PREFERENCES, before: Some(&second), now },
        )
        .expect("good");
        let next = content.next_round(content.expires_at).expect("a next round");
        next.local(next.expires_at)
    };
    assert_eq!(renewed(json!({})), "2027-03-31T18:00:00+08:00");
    assert_eq!(renewed(json!({"repeat": {"every": "P2M"}})), "2027-04-28T18:00:00+08:00");
    assert_eq!(renewed(json!({"expires_at": "2027-02-27T18:00:00+08:00"})), "2027-03-27T18:00:00+08:00");
    assert_eq!(renewed(json!({"timezone": "Asia/Tokyo"})), "2027-03-28T19:00:00+09:00");
}

#[test]
fn how_an_item_is_repeated_survives_being_stored() {
    let first = instant("2027-01-31T18:00:00+08:00");
    let rows = [
        ("1M@1801389600#0", Repeat { every: Every::Months(1), first, round: 0, done: None }),
        (
            "10Y@1801389600#3~2@1801389600",
            Repeat { every: Every::Years(10), first, round: 3, done: Some((2, first)) },
        ),
    ];
    for (stored, repeat) in rows {
        assert_eq!(String::from(repeat.clone()), stored);
        assert_eq!(Repeat::try_from(stored.to_owned()), Ok(repeat));
    }
    for stored in ["", "1M@1801389600", "1D@1801389600#0", "1M@x#0", "1M@1#0~1"] {
        assert!(Repeat::try_from(stored.to_owned()).is_err(), "{stored}");
    }
}
