//! What of a user's pushes at rest is armed, row by row: what the user did, what else is scheduled.

use jiff::SignedDuration;

use super::*;
use crate::cases::{self, instant, settings, user};
use crate::table::Record;

const NOON: &str = "2027-02-01T12:00:00+08:00";

/// A reminder that expires so many days from now, with a push in each of these states.
fn reminder(days: i64, states: &[State]) -> Record<Reminder> {
    let now = instant(NOON);
    let mut reminder = cases::reminder(now);
    reminder.id = format!("days {days}");
    reminder.content.expires_at = now + SignedDuration::from_hours(24 * days);
    reminder.pushes = (1_u8..)
        .zip(states)
        .map(|(n, state)| {
            let at = now - SignedDuration::from_hours(i64::from(10 - n));
            Push { state: state.clone(), ..Push::planned(n, 1, at, at) }
        })
        .collect();
    Record::first(reminder, "w")
}

#[test]
#[expect(clippy::type_complexity, reason = "the rows of a table")]
fn what_rests_is_armed_as_far_as_there_are_means_for_it() {
    let now = instant(NOON);
    let rests = || State::Undeliverable { at: now, rest: Rest::Unreachable };
    let unfit = || State::Undeliverable { at: now, rest: Rest::Unfit };
    let waits = || State::Scheduled { wakes_at: now + SignedDuration::from_hours(1) };
    let rows: Vec<(&str, &[&str], Vec<Record<Reminder>>, &[(usize, u8)])> = vec![
        ("nothing has changed", &[], vec![reminder(9, &[rests()])], &[]),
        ("what may be gone is no cause", &["doubts 1"], vec![reminder(9, &[rests()])], &[]),
        ("what only the page told of is one", &["reports 1"], vec![reminder(9, &[rests()])], &[(0, 1)]),
        ("they accepted", &["accepts 1"], vec![reminder(9, &[rests()])], &[(0, 1)]),
        (
            "they follow",
            &["linked", "follows"],
            vec![reminder(9, &[rests()]), reminder(8, &[rests()])],
            &[(1, 1), (0, 1)],
        ),
        ("the last of a reminder", &["accepts 9"], vec![reminder(9, &[rests(), rests()])], &[(0, 2)]),
        (
            "one accept, soonest expiry first",
            &["accepts 1"],
            vec![reminder(9, &[rests()]), reminder(2, &[rests()])],
            &[(1, 1)],
        ),
        (
            "the accept is promised",
            &["accepts 1"],
            vec![reminder(9, &[waits()]), reminder(2, &[rests()])],
            &[],
        ),
        (
            "one of two is promised",
            &["accepts 2"],
            vec![reminder(9, &[waits()]), reminder(2, &[rests()])],
            &[(1, 1)],
        ),
        (
            "another of the reminder is told late already",
            &["accepts 2"],
            vec![reminder(9, &[rests(), waits()]), reminder(2, &[rests()])],
            &[(1, 1)],
        ),
        ("its words are at fault", &["accepts 1"], vec![reminder(9, &[unfit()])], &[]),
        ("it was sent", &["accepts 1"], vec![reminder(9, &[State::Skipped])], &[]),
        ("it has expired", &["accepts 1"], vec![reminder(0, &[rests()])], &[]),
    ];
    for (case, words, reminders, expected) in rows {
        let settings = settings();
        let user = user(words, &settings.templates["expiry"], now);
        let chosen = choose(&user, &reminders, &settings, true, now);
        let chosen: Vec<(usize, u8)> = chosen.into_iter().map(|(index, _, n)| (index, n)).collect();
        assert_eq!(chosen, expected, "{case}");
    }
}

#[test]
fn push_that_comes_to_rest_for_want_of_a_channel_is_looked_behind_once() {
    let now = instant(NOON);
    let rests = |rest| State::Undeliverable { at: now, rest };
    let waits = || State::Retrying { at: now };
    for (case, days, before, after, expected) in [
        ("it came to rest", 9, waits(), rests(Rest::Unreachable), true),
        ("it rested before", 9, rests(Rest::Unreachable), rests(Rest::Unreachable), false),
        ("it rests for another reason now", 9, rests(Rest::Unfit), rests(Rest::Unreachable), true),
        ("its words are at fault", 9, waits(), rests(Rest::Unfit), false),
        ("it waits", 9, waits(), waits(), false),
        ("it has expired", 0, waits(), rests(Rest::Unreachable), false),
    ] {
        let (before, after) = (reminder(days, &[before]).item, reminder(days, &[after]).item);
        assert_eq!(came_to_rest(&before, &after, now).is_some(), expected, "{case}");
    }
}

#[test]
fn what_is_armed_now_is_tried_in_a_minute_or_after_the_quiet_hours() {
    for (case, now, expires_at, expected) in [
        ("by day", "2027-02-01T12:00:00+08:00", "2027-03-01T00:00:00+08:00", "2027-02-01T12:01:00+08:00"),
        ("by night", "2027-02-01T23:00:00+08:00", "2027-03-01T00:00:00+08:00", "2027-02-02T08:00:00+08:00"),
        (
            "it expires then",
            "2027-02-01T23:00:00+08:00",
            "2027-02-02T08:00:00+08:00",
            "2027-02-01T23:01:00+08:00",
        ),
        (
            "or after it",
            "2027-02-01T23:00:00+08:00",
            "2027-02-02T08:00:01+08:00",
            "2027-02-02T08:00:00+08:00",
        ),
    ] {
        let now = instant(now);
        let mut reminder = cases::reminder(now);
        reminder.content.expires_at = instant(expires_at);
        assert_eq!(soon(&reminder, settings().quiet_hours, now), instant(expected), "{case}");
    }
}
