//! Which schedules a reminder asks for, row by row: its pushes, what was made, the moment.

use jiff::SignedDuration;

use super::*;
use crate::cases::{attempt, instant, reminder};
use crate::channel::Channel;
use crate::reminder::{Rest, State};

const NOON: &str = "2027-02-01T12:00:00+08:00";

/// So many seconds after noon.
fn at(seconds: i64) -> Timestamp {
    instant(NOON) + SignedDuration::from_secs(seconds)
}

fn waiting(moments: &[i64]) -> Reminder {
    let mut reminder = reminder(at(0));
    let pushes = (1..).zip(moments).map(|(n, seconds)| Push::planned(n, 1, at(*seconds), at(*seconds)));
    reminder.pushes = pushes.collect();
    reminder
}

fn made(moments: &[i64]) -> Vec<Schedule> {
    moments.iter().map(|seconds| Schedule { revision: 1, at: at(*seconds) }).collect()
}

fn seconds(schedules: &[Schedule]) -> Vec<i64> {
    schedules.iter().map(|schedule| schedule.at.duration_since(at(0)).as_secs()).collect()
}

#[test]
#[expect(clippy::type_complexity, reason = "the rows of a table")]
fn a_reminder_asks_for_one_schedule_and_for_those_shortly_after_it() {
    const DAY: i64 = 86_400;
    let rows: &[(&[i64], &[i64], i64, &[i64])] = &[
        // Its pushes wait for; were made; now; missing.
        (&[DAY, 8 * DAY, 30 * DAY], &[], 0, &[DAY]),
        (&[DAY, 8 * DAY, 30 * DAY], &[DAY], 0, &[]),
        (&[8 * DAY, 30 * DAY], &[DAY], DAY, &[8 * DAY]),
        (&[], &[], 0, &[]),
        // Three minutes are the limit.
        (&[DAY, DAY + 180], &[], 0, &[DAY, DAY + 180]),
        (&[DAY, DAY + 181], &[], 0, &[DAY]),
        (&[DAY, DAY + 120, DAY + 240], &[], 0, &[DAY, DAY + 120]),
        (&[DAY, DAY + 120, DAY + 180], &[DAY, DAY + 120], 0, &[DAY + 180]),
        // Scheduler takes no moment less than a minute ahead.
        (&[30], &[], 0, &[60]),
        (&[30, 40], &[], 0, &[60]),
        (&[30, 90], &[], 0, &[60, 90]),
        // Made late, it serves the moment all the same; one before the moment does not, nor one long after it.
        (&[DAY], &[DAY + 1], 0, &[]),
        (&[DAY], &[DAY + 60], 0, &[]),
        (&[DAY], &[DAY + 61], 0, &[DAY]),
        (&[DAY], &[DAY - 1], 0, &[DAY]),
        // What is due by now is for the run that is about it.
        (&[-10], &[], 0, &[]),
        (&[0], &[], 0, &[]),
        (&[0, 100], &[], 0, &[100]),
        (&[-500, DAY, 2 * DAY], &[], 0, &[DAY]),
    ];
    for (moments, known, now, expected) in rows {
        let mut reminder = waiting(moments);
        reminder.schedules = made(known);
        assert_eq!(seconds(&reminder.missing_schedules(at(*now))), *expected, "{moments:?} {known:?} {now}");
    }
}

#[test]
fn an_attempt_under_way_asks_for_none_and_one_whose_outcome_is_looked_for_does() {
    let mut reminder = waiting(&[0, 900]);
    let attempt = attempt("a", Channel::MiniSubscription, at(0));
    reminder.pushes[0].state = State::Sending { due: attempt.started_at, attempt: attempt.clone() };
    assert_eq!(
        seconds(&reminder.missing_schedules(at(0))),
        [900],
        "what comes next, before this is attempted"
    );
    reminder.pushes[0].state = State::Unresolved { attempt, look_at: at(300) };
    assert_eq!(seconds(&reminder.missing_schedules(at(1))), [300]);
    reminder.pushes[0].state = State::Undeliverable { at: at(1), rest: Rest::Unreachable };
    reminder.schedules = made(&[900]);
    assert_eq!(seconds(&reminder.missing_schedules(at(1))), [0_i64; 0]);
}

#[test]
fn what_was_made_is_remembered_until_its_run_is_over_and_seven_at_most() {
    let mut reminder = waiting(&[600]);
    reminder.remember_schedules(&made(&[600, 600]), at(0));
    reminder.remember_schedules(&made(&[500, 600]), at(0));
    assert_eq!(seconds(&reminder.schedules), [500, 600]);
    reminder.remember_schedules(&[], at(680));
    assert_eq!(seconds(&reminder.schedules), [500, 600], "its run may still be on the way");
    reminder.remember_schedules(&[], at(681));
    assert_eq!(seconds(&reminder.schedules), [600]);
    let seven = [700, 800, 900, 1000, 1100, 1200, 1300];
    reminder.remember_schedules(&made(&seven), at(681));
    assert_eq!(seconds(&reminder.schedules), seven, "the latest");
}

#[test]
fn a_schedule_that_fired_early_is_made_again_under_another_name() {
    let mut reminder = waiting(&[600]);
    reminder.schedules = made(&[600]);
    let again = reminder.schedule_again(at(600), at(500)).expect("it was made");
    assert_eq!(seconds(&[again]), [601]);
    assert_ne!(again.name("x"), made(&[600])[0].name("x"));
    assert!(reminder.missing_schedules(at(500)).is_empty(), "it serves the moment");
    assert_eq!(reminder.schedule_again(at(600), at(500)), None, "once");
    let again = reminder.schedule_again(at(601), at(590)).expect("it was made");
    assert_eq!(seconds(&[again]), [651], "a minute ahead at least");
}

#[test]
fn schedules_go_with_their_moments() {
    let mut reminder = waiting(&[600, 700]);
    reminder.schedules = made(&[600, 700]);
    reminder.pushes[0].state = State::Cancelled { at: at(0) };
    reminder.forget_needless_schedules(at(0));
    assert_eq!(seconds(&reminder.schedules), [700]);
    reminder.revision = 2;
    let name = Schedule { revision: 2, at: at(0) }.name("aaaaabbbbbcccccddddd");
    assert_eq!(name, format!("aaaaabbbbbcccccddddd-2-{}", at(0).as_second()));
}
