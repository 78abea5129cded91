use serde_json::json;

use super::*;
use crate::cases::{NO_PREFERENCES, joined};
use crate::channel::Channel;
use crate::settings::tests::sample;

const NOW: &str = "2026-11-22T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("an instant")
}

fn asked(settings: &Settings) -> Asked<'_> {
    Asked { settings, preferences: &NO_PREFERENCES, before: None, now: now() }
}

fn passport() -> Value {
    json!({
        "template": "expiry", "title": "护照", "note": "到出入境大厅换发",
        "expires_at": "2027-03-01T00:00:00+08:00", "timezone": "Asia/Shanghai",
        "pushes": [
            {"days_before": 30, "time": "09:00"}, {"days_before": 7, "time": "09:00"},
            {"at": "2027-02-28T20:00:00+08:00"},
        ],
        "page": "pages/item/item?id=42",
    })
}

/// The passport with some fields changed; null takes a field away.
fn passport_with(changes: Value) -> Value {
    let mut body = passport();
    for (name, value) in changes.as_object().expect("an object") {
        let members = body.as_object_mut().expect("an object");
        match value {
            Value::Null => drop(members.shift_remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    body
}

fn faults(body: &Value) -> String {
    match Content::parse(body, &asked(&sample())) {
        Ok(content) => format!("no fault: {content:?}"),
        Err(errors) => {
            errors.iter().map(|error| format!("{}: {}\n", error.field, error.rule.message)).collect()
        }
    }
}

fn plan(pushes: Value, changes: Value) -> String {
    let mut body = passport_with(changes);
    body["pushes"] = pushes;
    let content = Content::parse(&body, &asked(&sample())).expect("a good body");
    let line = |push: &PlannedPush| {
        format!("{} {}{}\n", push.n, push.fires_at, if push.past { " past" } else { "" })
    };
    content.pushes.iter().map(line).collect()
}

#[test]
fn the_passport_of_the_contract_is_planned() {
    let content = Content::parse(&passport(), &asked(&sample())).expect("a good body");
    insta::assert_json_snapshot!(content, @r#"
    {
      "t": "expiry",
      "i": "护照",
      "n": "到出入境大厅换发",
      "e": 1803830400,
      "z": "Asia/Shanghai",
      "o": true,
      "p": [
        "1:30d@09:00=1801270800",
        "2:7d@09:00=1803258000",
        "3:1803816000"
      ],
      "g": "pages/item/item?id=42"
    }
    "#);
}

#[test]
fn leads_in_weeks_and_months_go_by_the_calendar() {
    let plan = |pushes| plan(pushes, json!({"expires_at": "2028-03-31T18:00:00+08:00"}));
    insta::assert_snapshot!(plan(json!([
        {"weeks_before": 2, "time": "09:00"}, {"months_before": 1, "time": "09:00"}, {"months_before": 12, "time": "09:00"}
    ])), @r"
    1 2028-03-17T01:00:00Z
    2 2028-02-29T01:00:00Z
    3 2027-03-31T01:00:00Z
    ");
    let faults = faults(&passport_with(json!({"pushes": [
        {"weeks_before": 521, "time": "09:00"}, {"months_before": 361, "time": "09:00"},
        {"days_before": 1, "months_before": 1, "time": "09:00"}
    ]})));
    insta::assert_snapshot!(faults, @r"
    pushes[0].weeks_before: must be 0 to 520; this one is 521
    pushes[1].months_before: must be 0 to 360; this one is 361
    pushes[2]: must have only one of days_before, weeks_before and months_before
    ");
}

#[test]
fn moment_that_another_clock_thinks_is_to_come_comes_at_once() {
    let plan = |at: &str| plan(json!([{"at": at}, {"days_before": 1, "time": "09:00"}]), json!({}));
    insta::assert_snapshot!(plan("2026-11-22T11:58:00Z"), @r"
    1 2026-11-22T12:00:00Z
    2 2027-02-28T01:00:00Z
    ");
    let late = passport_with(json!({"pushes": [{"at": "2026-11-22T11:57:59Z"}]}));
    assert_eq!(faults(&late), "pushes[0].at: must not be in the past\n");
    let soon = |expires_at: &str| {
        let body =
            passport_with(json!({"expires_at": expires_at, "pushes": [{"at": "2026-11-22T12:01:00Z"}]}));
        Content::parse(&body, &asked(&sample())).is_ok()
    };
    assert!(soon("2026-11-22T12:13:00Z") && !soon("2026-11-22T12:12:59Z"));
}

#[test]
fn content_survives_being_stored() {
    let content = Content::parse(&passport(), &asked(&sample())).expect("a good body");
    let stored = serde_json::to_string(&content).expect("serializable");
    assert_eq!(serde_json::from_str::<Content>(&stored).expect("as stored"), content);
}

#[test]
fn note_timezone_and_page_may_be_left_out() {
    let body = passport_with(json!({"note": null, "timezone": null, "page": null}));
    let content = Content::parse(&body, &asked(&sample())).expect("a good body");
    assert_eq!((content.note.as_str(), content.timezone.as_str(), content.page), ("", "Asia/Shanghai", None));
}

#[test]
fn relative_pushes_follow_the_clock_of_the_users_zone() {
    let new_york = json!({"timezone": "America/New_York", "expires_at": "2027-03-21T12:00:00-04:00"});
    // 02:30 does not exist on March 14th; winter time before, summer time after.
    let pushes = json!([
        {"days_before": 7, "time": "02:30"}, {"days_before": 8, "time": "09:00"}, {"days_before": 6, "time": "09:00"}
    ]);
    insta::assert_snapshot!(plan(pushes, new_york), @"
    1 2027-03-14T07:30:00Z
    2 2027-03-13T14:00:00Z
    3 2027-03-15T13:00:00Z
    ");
    // 01:30 is twice on November 7th.
    let autumn = json!({"timezone": "America/New_York", "expires_at": "2027-11-08T00:00:00-05:00"});
    insta::assert_snapshot!(plan(json!([{"days_before": 1, "time": "01:30"}]), autumn), @"1 2027-11-07T05:30:00Z");
    // Still February in New York.
    let elsewhere = json!({"timezone": "America/New_York"});
    insta::assert_snapshot!(plan(json!([{"days_before": 0, "time": "09:00"}]), elsewhere), @"1 2027-02-28T14:00:00Z");
}

#[test]
fn a_relative_push_that_has_gone_by_is_past() {
    let pushes = json!([{"days_before": 180, "time": "09:00"}, {"days_before": 7, "time": "09:00"}]);
    insta::assert_snapshot!(plan(pushes, json!({})), @"
    1 2026-09-02T01:00:00Z past
    2 2027-02-22T01:00:00Z
    ");
}

#[test]
fn when_all_pushes_have_gone_by_the_last_of_them_fires_at_once() {
    let pushes = json!([
        {"days_before": 10, "time": "09:00"}, {"days_before": 3, "time": "09:00"}, {"days_before": 30, "time": "09:00"}
    ]);
    insta::assert_snapshot!(plan(pushes, json!({"expires_at": "2026-11-22T12:15:00Z"})), @"
    1 2026-11-12T01:00:00Z past
    2 2026-11-22T12:00:00Z
    3 2026-10-23T01:00:00Z past
    ");
}

#[test]
fn an_instant_with_a_fraction_fires_at_the_next_second() {
    let body = plan(json!([{"at": "2027-02-28T20:00:00.001+08:00"}]), json!({}));
    insta::assert_snapshot!(body, @"1 2027-02-28T12:00:01Z");
}

#[test]
fn the_edges_of_the_rules_are_inside() {
    let title = "长".repeat(TITLE_CHARS_MAX);
    let note = "长".repeat(NOTE_CHARS_MAX);
    let expires_at = "2036-11-22T12:00:00Z";
    let pushes = json!([{"at": "2036-11-22T11:50:00Z"}, {"days_before": 3650, "time": "00:00"}, {"at": NOW}]);
    let body =
        passport_with(json!({"title": title, "note": note, "expires_at": expires_at, "pushes": pushes}));
    assert!(Content::parse(&body, &asked(&sample())).is_ok(), "{}", faults(&body));
    let soon = json!({"expires_at": "2026-11-22T12:15:00Z", "pushes": [{"at": "2026-11-22T12:05:00Z"}]});
    assert!(Content::parse(&passport_with(soon), &asked(&sample())).is_ok());
}

#[test]
fn every_fault_of_a_body_is_named_at_once() {
    let body = json!({
        "template": "birthday", "title": "长".repeat(240), "note": 7, "expires_at": "2027-03-01",
        "timezone": "China", "pushes": [{"days_before": -1, "time": "9:00"}, {"at": "yesterday", "days_before": 1},
        {"days_before": 1.5, "tiem": "09:00"}],
        "page": "https://evil.example/", "colour": "red",
    });
    insta::assert_snapshot!(faults(&body), @"
    template: must be the name of a template in the settings
    title: must be 1 to 200 characters; this one has 240
    note: must be a string, not a number
    timezone: must be the IANA name of a time zone, such as Asia/Shanghai
    expires_at: must be an instant of RFC 3339 with its offset, such as 2027-03-01T00:00:00+08:00
    pushes[0].days_before: must be 0 to 3650; this one is -1
    pushes[0].time: must be a time of day from 00:00 to 23:59, written HH:MM
    pushes[1]: must have either at, or time with one of days_before, weeks_before and months_before, not both
    pushes[2].tiem: is not a known field; known here: channels, at, days_before, weeks_before, months_before, time
    pushes[2].days_before: must be a whole number, not a number with decimals
    pushes[2].time: is required with days_before
    page: must not have a scheme or host, only a path such as pages/item/item?id=42
    colour: is not a known field; known here: template, title, note, timezone, expires_at, expires_on, pushes, repeat, page, again
    ");
    insta::assert_snapshot!(faults(&json!({})), @"
    template: is required
    title: is required
    expires_at: is required, or expires_on
    pushes: is required, unless the user has default_pushes
    ");
    let nulls = json!({"template": null, "title": null, "note": null, "expires_at": null, "timezone": null,
        "pushes": null, "page": null});
    insta::assert_snapshot!(faults(&nulls), @"
    template: must be a string, not null
    title: must be a string, not null
    note: must be a string, not null
    timezone: must be a string, not null
    expires_at: must be a string, not null
    pushes: must be a list, not null
    page: must be a string, not null
    ");
    insta::assert_snapshot!(faults(&json!([])), @": must be an object, not a list");
}

#[test]
fn push_of_this_very_moment_is_not_past() {
    let pushes = json!([{"at": NOW}, {"days_before": 30, "time": "09:00"}]);
    assert_eq!(plan(pushes, json!({})), "1 2026-11-22T12:00:00Z\n2 2027-01-30T01:00:00Z\n");
}

#[test]
fn pushes_break_rules_among_themselves_and_with_the_expiry() {
    let table = [
        json!({"pushes": []}),
        json!({"pushes": [{}, {}, {}, {}]}),
        json!({"pushes": [{}]}),
        json!({"pushes": [7, {"at": 7}, {"time": "09:00"}]}),
        json!({"pushes": [{"days_before": 1, "time": "20:00"}, {"at": "2027-02-28T12:00:00Z"}]}),
        json!({"pushes": [{"days_before": 0, "time": "09:00"}, {"days_before": 1, "time": "23:51"}]}),
        json!({"pushes": [{"at": "2027-02-28T23:50:01+08:00"}, {"at": "2026-11-22T11:57:59Z"}]}),
        json!({"pushes": [{"days_before": 3651, "time": "24:00"}]}),
        json!({"expires_at": "2026-11-22T12:12:59Z", "pushes": [{"days_before": 3, "time": "09:00"}]}),
        json!({"expires_at": "2056-11-22T12:00:01Z", "pushes": [{"days_before": 3, "time": "09:00"}]}),
    ];
    let lines =
        table.map(|changes| format!("{changes}\n{}", faults(&passport_with(changes.clone())))).join("\n");
    insta::assert_snapshot!(lines, @r#"
    {"pushes":[]}
    pushes: must be 1 to 3 pushes; these are 0

    {"pushes":[{},{},{},{}]}
    pushes: must be 1 to 3 pushes; these are 4

    {"pushes":[{}]}
    pushes[0]: must have either at, or time with one of days_before, weeks_before and months_before

    {"pushes":[7,{"at":7},{"time":"09:00"}]}
    pushes[0]: must be an object, not a number
    pushes[1].at: must be a string, not a number
    pushes[2].days_before: is required with time, or weeks_before, or months_before

    {"pushes":[{"days_before":1,"time":"20:00"},{"at":"2027-02-28T12:00:00Z"}]}
    pushes[1]: must be another moment than pushes[0]

    {"pushes":[{"days_before":0,"time":"09:00"},{"days_before":1,"time":"23:51"}]}
    pushes[0].time: must be at least 10 minutes before expires_at
    pushes[1].time: must be at least 10 minutes before expires_at

    {"pushes":[{"at":"2027-02-28T23:50:01+08:00"},{"at":"2026-11-22T11:57:59Z"}]}
    pushes[1].at: must not be in the past
    pushes[0].at: must be at least 10 minutes before expires_at

    {"pushes":[{"days_before":3651,"time":"24:00"}]}
    pushes[0].days_before: must be 0 to 3650; this one is 3651
    pushes[0].time: must be a time of day from 00:00 to 23:59, written HH:MM

    {"expires_at":"2026-11-22T12:12:59Z","pushes":[{"days_before":3,"time":"09:00"}]}
    expires_at: must be at least 15 minutes ahead

    {"expires_at":"2056-11-22T12:00:01Z","pushes":[{"days_before":3,"time":"09:00"}]}
    expires_at: must be at most 30 years ahead
    "#);
}

#[test]
fn what_no_message_can_show_is_refused_with_the_field_that_caused_it() {
    let settings = Settings::parse(&json!({"timezone": "Asia/Shanghai", "templates": {"expiry": {
        "service_template": {"template_id": "s", "data": {"phrase1": "{title}", "thing2": "{title}"}},
        "mini_subscription": {"template_id": "m", "data": {"character_string1": "{note}", "date2": "{expires_at}"}},
    }}}))
    .expect("good settings");
    let faults = |body: &Value| match Content::parse(body, &asked(&settings)) {
        Ok(_) => "no fault".to_owned(),
        Err(errors) => {
            errors.iter().map(|error| format!("{}: {}\n", error.field, error.rule.message)).collect()
        }
    };
    insta::assert_snapshot!(faults(&passport()), @"note: must be letters, digits and symbols of ASCII only, no Chinese, to be shown as character_string1 of the message");
    insta::assert_snapshot!(faults(&passport_with(json!({"title": "🎂", "note": "A-1", "pushes": []}))), @"
    pushes: must be 1 to 3 pushes; these are 0
    title: must not be empty (WeChat shows no emoji and no control characters, so they do not count), to be shown as phrase1 of the message
    title: must not be empty (WeChat shows no emoji and no control characters, so they do not count), to be shown as thing2 of the message
    ");
    // A field that is wrong by itself is told that and no more.
    insta::assert_snapshot!(faults(&passport_with(json!({"title": "", "note": null}))), @"title: must be 1 to 200 characters; this one has 0");
}

#[test]
fn a_fault_does_not_repeat_what_the_user_wrote() {
    let secret = "secret".repeat(100);
    let body =
        passport_with(json!({"title": secret, "note": secret, "page": secret.repeat(3), "template": secret}));
    assert!(!faults(&body).contains("secret"));
}

#[test]
fn planned_push_is_stored_as_a_short_text() {
    let moment = |text: &str| text.parse().expect("an instant");
    let nine = moment("2027-01-12T01:00:00Z");
    let relative = PushTime::Relative { before: Before::Days(30), time: "09:00".parse().expect("a time") };
    let push = PlannedPush {
        n: 1,
        wanted: relative,
        channels: Vec::new(),
        meant_for: nine,
        fires_at: nine,
        past: false,
    };
    let at = PushTime::At(moment("2027-01-12T00:59:59.5Z"));
    let fortnight = PushTime::Relative { before: Before::Weeks(2), time: "09:00".parse().expect("a time") };
    let rows = [
        ("1:30d@09:00=1799715600", push.clone()),
        ("2:1799715599.5=1799715600!", PlannedPush { n: 2, wanted: at, past: true, ..push.clone() }),
        (
            "2mt:1799715600",
            PlannedPush {
                n: 2,
                wanted: PushTime::At(nine),
                channels: vec![Channel::MiniSubscription, Channel::ServiceTemplate],
                ..push.clone()
            },
        ),
        ("2:1799715600", PlannedPush { n: 2, wanted: PushTime::At(nine), ..push.clone() }),
        (
            "3:2w@09:00=1799715600>1799715601",
            PlannedPush { wanted: fortnight, n: 3, fires_at: moment("2027-01-12T01:00:01Z"), ..push },
        ),
    ];
    for (text, push) in rows {
        assert_eq!(String::from(push.clone()), text);
        assert_eq!(PlannedPush::try_from(text.to_owned()), Ok(push), "{text}");
    }
    for text in
        ["", "1", "1:30d@09:00", "1:@09:00=1", "1:30@09:00=1", "1:3y@09:00=1", "x:1=1", "1:1=1>", "1:=1"]
    {
        assert!(PlannedPush::try_from(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn what_expires_with_a_day_is_active_to_its_end() {
    let with_day = |day: &str, timezone: &str| {
        let body = passport_with(json!({
            "expires_at": null, "expires_on": day, "timezone": timezone,
            "pushes": [{"days_before": 0, "time": "09:00"}, {"months_before": 1, "time": "09:00"}],
        }));
        let content = Content::parse(&body, &asked(&sample())).expect("a good body");
        let pushes = content.pushes.iter().map(|push| content.local(push.fires_at)).collect::<Vec<_>>();
        let day = content.expires_on().map(|day| day.to_string());
        (content.local(content.expires_at), pushes.join(" "), day.unwrap_or_default())
    };
    let rows = [
        (
            "2027-03-01",
            "Asia/Shanghai",
            "2027-03-02T00:00:00+08:00",
            "2027-03-01T09:00:00+08:00 2027-02-01T09:00:00+08:00",
        ),
        // A day of 23 hours, and one that ends at an hour that is twice.
        (
            "2027-03-14",
            "America/New_York",
            "2027-03-15T00:00:00-04:00",
            "2027-03-14T09:00:00-04:00 2027-02-14T09:00:00-05:00",
        ),
        (
            "2027-11-06",
            "America/Havana",
            "2027-11-07T00:00:00-04:00",
            "2027-11-06T09:00:00-04:00 2027-10-06T09:00:00-04:00",
        ),
        // Midnight does not exist on the day after: the clock jumps from 24:00 to 01:00.
        (
            "2027-04-29",
            "Africa/Cairo",
            "2027-04-30T01:00:00+03:00",
            "2027-04-29T09:00:00+02:00 2027-03-29T09:00:00+02:00",
        ),
    ];
    for (day, timezone, end, pushes) in rows {
        assert_eq!(
            with_day(day, timezone),
            (end.to_owned(), pushes.to_owned(), day.to_owned()),
            "{day} {timezone}"
        );
    }
}

#[test]
fn when_it_expires_is_said_once() {
    let with = |changes: Value| faults(&passport_with(changes));
    let day = |day: &str| with(json!({"expires_at": null, "expires_on": day}));
    let rule = "expires_on: must be a day of the calendar such as 2027-03-01\n";
    for text in
        ["", "2027-2-1", "2027-02-29", "20270301", "2027-03-01T00:00:00+08:00", "2027-W09-1", "+02027-03-01"]
    {
        assert_eq!(day(text), rule, "{text}");
    }
    let both = |at: &str| with(json!({"expires_at": at, "expires_on": "2027-03-01"}));
    assert!(both("2027-03-01T16:00:00Z").starts_with("no fault"), "the day's end in Shanghai");
    let differ = "expires_on: must end at expires_at where both are given; one of them is enough\n";
    assert_eq!(both("2027-03-01T00:00:00+08:00"), differ);
    assert_eq!(with(json!({"expires_at": null})), "expires_at: is required, or expires_on\n");
    assert_eq!(day("2026-11-21"), "expires_on: must be at least 15 minutes ahead\n");
    assert_eq!(day("2056-11-22"), "expires_on: must be at most 30 years ahead\n");
    assert!(
        with(json!({"expires_at": "2056-11-22T12:00:00Z"})).starts_with("no fault"),
        "thirty years, to the second"
    );
    let beyond = with(json!({"expires_at": "2056-11-22T12:00:01Z"}));
    assert_eq!(beyond, "expires_at: must be at most 30 years ahead\n");
    let late = json!({"expires_at": null, "expires_on": "2027-03-01", "pushes": [{"days_before": 0, "time": "23:51"}]});
    assert_eq!(with(late), "pushes[0].time: must be at least 10 minutes before the end of expires_on\n");
    let null = with(json!({"expires_at": null, "expires_on": 1}));
    assert_eq!(null, "expires_on: must be a string, not a number\n");
}

#[test]
fn what_a_renewal_leaves_as_it_was_is_accepted_however_late_it_is() {
    let settings = sample();
    let before = Content::parse(&passport(), &asked(&settings)).expect("a good body");
    let parse = |changes: Value, now: &str| {
        let now = now.parse().expect("an instant");
        let asked = Asked { settings: &settings, preferences: &NO_PREFERENCES, before: Some(&before), now };
        match Content::parse(&passport_with(changes), &asked) {
            Ok(content) => {
                content.pushes.iter().map(|push| if push.past { "past " } else { "to come " }).collect()
            }
            Err(errors) => errors
                .iter()
                .map(|error| format!("{}: {}\n", error.field, error.rule.message))
                .collect::<String>(),
        }
    };
    let (day_before, minutes_before, after) =
        ("2027-02-28T21:00:00+08:00", "2027-02-28T23:55:00+08:00", "2027-03-02T00:00:00+08:00");
    assert_eq!(parse(json!({}), NOW), "to come to come to come ");
    // All have gone by: the last comes at once, unless its item has expired.
    assert_eq!(parse(json!({}), day_before), "past past to come ");
    assert_eq!(parse(json!({}), minutes_before), "past past to come ");
    assert_eq!(parse(json!({}), after), "past past past ");
    assert_eq!(parse(json!({"title": "签证"}), after), "past past past ");
    // What is new is judged as ever.
    let other = json!({"expires_at": "2027-03-01T00:00:01+08:00"});
    assert_eq!(parse(other, minutes_before), "expires_at: must be at least 15 minutes ahead\n");
    let moved = json!({"pushes": [{"at": "2027-02-28T20:00:01+08:00"}]});
    assert_eq!(parse(moved, day_before), "pushes[0].at: must not be in the past\n");
    // What only our answers say changes nothing; of a new one nobody can have read it.
    let shown = json!({
        "id": "x", "revision": 3, "state": "active", "created_at": "", "coverage": {}, "timeline": [], "again": false,
        "pushes": [
            {"n": 1, "days_before": 30, "time": "09:00", "fires_at": "", "state": "sent", "channel": "", "reason": ""},
            {"n": 4, "fires_at": "", "state": "scheduled", "snoozed": true},
        ],
    });
    assert_eq!(parse(shown.clone(), NOW), "to come ");
    assert!(faults(&passport_with(shown)).contains("revision: is not a known field"));
    assert_eq!(parse(json!({"again": 1}), NOW), "again: must be true or false, not a number\n");
}

#[test]
fn page_may_name_its_own_reminder() {
    let page = |page: String| {
        let body = passport_with(json!({"page": page}));
        Content::parse(&body, &asked(&sample()))
            .ok()
            .and_then(|content| content.page_of("aaaaabbbbbcccccddddd"))
    };
    let named = "pages/item/item?id={reminder_id}&act=done";
    let filled = "pages/item/item?id=aaaaabbbbbcccccddddd&act=done";
    assert_eq!(page(named.to_owned()).as_deref(), Some(filled));
    let room = 1024 - "p?".len() - crate::random::ID_CHARS;
    assert!(page(format!("p?{{reminder_id}}{}", "x".repeat(room))).is_some());
    assert!(page(format!("p?{{reminder_id}}{}", "x".repeat(room + 1))).is_none());
    // Braces are no fault: they may be the page's own.
    assert_eq!(page("p?q={\"a\":1}".to_owned()).as_deref(), Some("p?q={\"a\":1}"));
}

#[test]
fn who_says_nothing_of_pushes_or_zone_gets_their_own() {
    let settings = sample();
    let body = json!({
        "timezone": "America/New_York",
        "default_pushes": [{"days_before": 7, "time": "09:00"}, {"days_before": 1, "time": "20:00", "channels": ["mini_subscription"]}],
    });
    let own = Preferences::default().changed(&body).expect("good");
    let parse = |changes: Value, preferences: &Preferences| {
        let asked = Asked { settings: &settings, preferences, before: None, now: now() };
        let content = Content::parse(&passport_with(changes), &asked).map_err(|errors| joined(&errors))?;
        let pushes = content.pushes.iter().map(|push| format!("{}{}", push.fires_at, push.channels.len()));
        Ok::<_, String>(format!("{} {}", content.timezone, pushes.collect::<Vec<_>>().join(" ")))
    };
    let silent = json!({"timezone": null, "pushes": null});
    let expected = "America/New_York 2027-02-21T14:00:00Z0 2027-02-28T01:00:00Z1";
    assert_eq!(parse(silent.clone(), &own).as_deref(), Ok(expected));
    let missing = "pushes: is required, unless the user has default_pushes";
    assert_eq!(parse(silent, &NO_PREFERENCES), Err(missing.to_owned()));
    // They are judged as if they had been asked for.
    let soon = json!({"pushes": null, "timezone": null, "expires_at": "2026-11-22T12:20:00Z"});
    assert!(parse(soon, &own).expect("the last comes at once").ends_with("2026-11-22T12:00:00Z1"));
    let early = json!({"pushes": null, "timezone": null, "expires_at": "2027-03-02T04:05:00Z"});
    assert_eq!(
        parse(early, &own).as_deref(),
        Ok("America/New_York 2027-02-22T14:00:00Z0 2027-03-01T01:00:00Z1")
    );
    // What is said counts.
    let said = json!({"pushes": [{"days_before": 2, "time": "09:00"}]});
    assert_eq!(parse(said, &own).as_deref(), Ok("Asia/Shanghai 2027-02-27T01:00:00Z0"));
}

#[test]
fn push_may_name_channels_of_its_template() {
    let with = |channels: Value| {
        faults(&passport_with(json!({"pushes": [{"days_before": 2, "time": "09:00", "channels": channels}]})))
    };
    assert!(with(json!(["mini_subscription", "service_template"])).starts_with("no fault"));
    assert!(with(json!([])).starts_with("no fault"));
    let rows = [
        (json!(["mini_subscription", "mini_subscription"]), "pushes[0].channels[1]: is there already\n"),
        (
            json!(["sms"]),
            "pushes[0].channels[0]: must be one of service_template, mini_subscription, service_notification\n",
        ),
        (json!("mini_subscription"), "pushes[0].channels: must be a list, not a string\n"),
    ];
    for (channels, expected) in rows {
        assert_eq!(with(channels.clone()), expected, "{channels}");
    }
    let mut settings = sample();
    let template = settings.templates.get_mut("expiry").expect("it is there");
    template.channels.retain(|channel| *channel != Channel::MiniSubscription);
    let body = passport_with(
        json!({"pushes": [{"days_before": 2, "time": "09:00", "channels": ["mini_subscription"]}]}),
    );
    let errors = Content::parse(&body, &asked(&settings)).expect_err("not configured");
    assert_eq!(errors[0].field, "pushes[0].channels[0]");
}
