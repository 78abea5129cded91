//! What a job arms, row by row: what rests and since when, of whom, and what the job is about; and how what is armed
//! together is spread.

use super::*;
use crate::cases::{self, instant, settings, user};
use crate::channel::Channel;
use crate::reminder::{Rest, State};

const NOON: &str = "2027-02-01T12:00:00+08:00";
const SERVICE: bool = true;

fn at(text: &str) -> Timestamp {
    instant(&format!("2027-{text}:00+08:00"))
}

fn unfit(rested: &str) -> State {
    State::Undeliverable { at: at(rested), rest: Rest::Unfit }
}

fn unreachable(rested: &str) -> State {
    State::Undeliverable { at: at(rested), rest: Rest::Unreachable }
}

fn unknown(rested: &str) -> State {
    State::Unknown { channel: Channel::MiniSubscription, at: at(rested), attempt: "a".to_owned() }
}

fn delivered() -> State {
    State::Delivered { channel: Channel::MiniSubscription, at: at("01-31T09:00") }
}

/// A passport whose pushes of the last days are in these states, refused where they were asked.
fn reminder(states: &[State]) -> Reminder {
    let mut reminder = cases::reminder(instant(NOON));
    let first = at("01-20T09:00");
    reminder.pushes = (1_u8..)
        .zip(states)
        .map(|(n, state)| {
            let fires_at = first + SignedDuration::from_hours(24 * i64::from(n));
            let refused = vec![Channel::ServiceTemplate];
            Push { state: state.clone(), refused, ..Push::planned(n, 1, fires_at, fires_at) }
        })
        .collect();
    reminder
}

fn since(text: &str) -> Cause {
    Cause::Since { since: at(text) }
}

fn template(name: &str) -> Cause {
    Cause::Template { template: name.to_owned() }
}

#[test]
#[expect(clippy::type_complexity, reason = "the rows of a table")]
fn job_arms_of_each_reminder_the_last_push_that_rests_for_its_cause() {
    let old = "01-25T09:00";
    let rows: Vec<(&str, &[&str], Vec<State>, Cause, bool, Option<u8>)> = vec![
        ("its words, new settings", &[], vec![unfit(old)], Cause::Settings, false, Some(1)),
        ("under the new settings already", &[], vec![unfit("02-01T11:00")], Cause::Settings, false, None),
        ("as the job begins", &[], vec![unfit("02-01T10:00")], Cause::Settings, false, None),
        ("the last of two", &[], vec![unfit(old), unfit(old)], Cause::Settings, false, Some(2)),
        ("a later one was told", &[], vec![unknown(old), delivered()], template("expiry"), true, None),
        ("an earlier one was told", &[], vec![delivered(), unfit(old)], Cause::Settings, false, Some(2)),
        ("it waits", &[], vec![State::Retrying { at: at("02-02T09:00") }], template("expiry"), true, None),
        (
            "another that is late is on its way",
            &["accepts 1"],
            vec![unfit(old), State::Retrying { at: at("02-02T09:00") }],
            Cause::Settings,
            false,
            None,
        ),
        ("over for good", &[], vec![State::Skipped], template("expiry"), true, None),
        ("since then", &[], vec![unfit(old)], since(old), false, Some(1)),
        ("before that", &[], vec![unfit(old)], since("01-26T00:00"), false, None),
        ("of the template", &[], vec![unfit(old)], template("expiry"), false, Some(1)),
        ("of another", &[], vec![unfit(old)], template("visa"), false, None),
        ("nothing reaches them", &[], vec![unreachable(old)], since(old), false, None),
        ("something does", &["accepts 1"], vec![unreachable(old)], since(old), false, Some(1)),
        ("what refused it", &["linked", "follows"], vec![unreachable(old)], since(old), false, Some(1)),
        (
            "a channel is new in the settings",
            &["accepts 1"],
            vec![unreachable(old)],
            Cause::Settings,
            false,
            Some(1),
        ),
        ("none is", &[], vec![unreachable(old)], Cause::Settings, false, None),
        ("none but a try", &["doubts 1"], vec![unreachable(old)], Cause::Settings, false, None),
        ("an operator wants the try", &["doubts 1"], vec![unreachable(old)], since(old), false, Some(1)),
        ("it may have been sent", &["accepts 1"], vec![unknown(old)], since(old), false, None),
        ("even that", &["accepts 1"], vec![unknown(old)], since(old), true, Some(1)),
    ];
    for (case, words, states, cause, even_unknown, expected) in rows {
        let (now, settings) = (instant(NOON), settings());
        let user = user(words, &settings.templates["expiry"], now);
        let selection = Selection { cause, even_unknown, begins_at: at("02-01T10:00") };
        let reminder = reminder(&states);
        let wanted = selection.wants(&reminder, Some(&user), &settings, SERVICE, now);
        assert_eq!(wanted.map(|push| push.n), expected, "{case}");
    }
}

#[test]
fn nothing_is_armed_of_an_item_that_has_expired_or_is_done() {
    let (now, settings) = (instant(NOON), settings());
    let selection = Selection { cause: Cause::Settings, even_unknown: false, begins_at: at("02-01T10:00") };
    let mut over = reminder(&[unfit("01-25T09:00")]);
    let late = over.content.expires_at;
    assert_eq!(selection.wants(&over, None, &settings, SERVICE, late), None);
    over.done(now);
    assert_eq!(selection.wants(&over, None, &settings, SERVICE, now), None);
}

#[test]
fn what_is_armed_together_is_not_sent_together() {
    let settings = settings();
    let rows = [
        ("the first", NOON, Place { in_page: 0, in_job: 0 }, "2027-02-01T12:01:00+08:00"),
        ("the last of a page", NOON, Place { in_page: 499, in_job: 1499 }, "2027-02-01T12:01:59.88+08:00"),
        (
            "in the quiet hours, page after page",
            "2027-02-01T23:00:00+08:00",
            Place { in_page: 0, in_job: 1500 },
            "2027-02-02T08:03:00+08:00",
        ),
        (
            "they end too late",
            "2027-02-28T23:00:00+08:00",
            Place { in_page: 0, in_job: 0 },
            "2027-02-28T23:01:00+08:00",
        ),
        (
            "the last call",
            "2027-02-28T23:57:00+08:00",
            Place { in_page: 499, in_job: 499 },
            "2027-02-28T23:58:30+08:00",
        ),
    ];
    for (case, now, place, expected) in rows {
        let reminder = reminder(&[unfit("01-25T09:00")]);
        assert_eq!(moment(&reminder, &settings, place, instant(now)), instant(expected), "{case}");
    }
}

#[test]
fn quiet_hours_that_end_with_the_last_call_are_not_waited_for() {
    let place = Place { in_page: 0, in_job: 0 };
    let end = instant("2027-02-02T08:00:00+08:00");
    for (seconds, expected) in [(0, "2027-02-01T23:01:00+08:00"), (1, "2027-02-02T08:00:00+08:00")] {
        let mut reminder = reminder(&[unfit("01-25T09:00")]);
        reminder.content.expires_at = end + LAST_CALL + SignedDuration::from_secs(seconds);
        let at = moment(&reminder, &settings(), place, instant("2027-02-01T23:00:00+08:00"));
        assert_eq!(at, instant(expected), "a last call {seconds} s after their end");
    }
}
