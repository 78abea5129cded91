//! What may be snoozed, and until when.

use super::*;
use crate::reminder::State;
use crate::reminder::states::{at, expiring, planned, state, waits};

const DAY: i64 = 24 * 3600;

/// It expires a week after noon; its push was planned for noon, and told.
fn passport() -> Reminder {
    expiring(7 * DAY, crate::reminder::states::delivered())
}

#[test]
fn snoozed_push_comes_besides_the_planned_ones() {
    let mut reminder = passport();
    assert_eq!(reminder.snooze(at(DAY), false, at(60)), Ok(true));
    let push = reminder.pushes.last().expect("a push");
    assert_eq!(
        (push.n, push.revision, push.snoozed, state(&push.state)),
        (4, 1, true, format!("waits until {DAY}"))
    );
    let entry = reminder.timeline.entries().last().expect("an entry");
    assert_eq!((entry.push, entry.event()), (Some(4), "snoozed"));
    assert_eq!(reminder.told_until, None);
    // A second tap, or a request whose answer was lost.
    for again in [DAY - 300, DAY, DAY + 300] {
        assert_eq!(reminder.snooze(at(again), false, at(61)), Ok(false));
    }
    assert_eq!(reminder.pushes.len(), 2);
    assert_eq!(reminder.snooze(at(DAY + 301), false, at(62)), Ok(true));
    assert_eq!(reminder.snooze(at(2 * DAY), false, at(62)), Ok(true));
    assert_eq!(reminder.snooze(at(3 * DAY), false, at(62)), Err(SnoozeError::TooMany));
    assert_eq!(reminder.pushes.iter().map(|push| push.n).collect::<Vec<_>>(), [1, 4, 5, 6]);
    // One that was told is no twin of a new one.
    let mut told = passport();
    told.pushes.push(Push { snoozed: true, ..planned(4, DAY, crate::reminder::states::delivered()) });
    assert_eq!(told.snooze(at(DAY), false, at(60)), Ok(true));
}

#[test]
fn nothing_is_told_after_the_expiry_unless_that_is_asked_for() {
    let week = 7 * DAY;
    let rows = [
        (week - 600, false, Ok(true), None),
        (week - 599, false, Err(SnoozeError::AfterExpiry), None),
        (week - 599, true, Ok(true), Some(week - 599 + DAY)),
        (week + DAY, false, Err(SnoozeError::AfterExpiry), None),
        (week + DAY, true, Ok(true), Some(week + 2 * DAY)),
        (DAY, true, Ok(true), None),
    ];
    for (until, after_expiry, expected, told_until) in rows {
        let mut reminder = passport();
        assert_eq!(reminder.snooze(at(until), after_expiry, at(60)), expected, "{until} {after_expiry}");
        assert_eq!(reminder.told_until, told_until.map(at), "{until} {after_expiry}");
        assert_eq!(reminder.is_open(at(week)), told_until.is_some(), "{until} {after_expiry}");
    }
    // Two of them: the later counts, whichever was asked for first.
    let mut reminder = passport();
    assert_eq!(reminder.snooze(at(week + 2 * DAY), true, at(60)), Ok(true));
    assert_eq!(reminder.snooze(at(week + DAY), true, at(60)), Ok(true));
    assert_eq!((reminder.told_until, reminder.ends_at()), (Some(at(week + 3 * DAY)), at(week + 3 * DAY)));
}

#[test]
fn what_is_over_is_not_snoozed() {
    let mut done = passport();
    done.done(at(1));
    assert_eq!(done.snooze(at(DAY), true, at(60)), Err(SnoozeError::Done));
    let mut deleted = passport();
    deleted.delete(at(1));
    assert_eq!(deleted.snooze(at(DAY), true, at(60)), Err(SnoozeError::Done));
}

#[test]
fn snoozed_push_outlives_a_renewal() {
    let mut reminder = passport();
    assert_eq!(reminder.snooze(at(DAY), false, at(60)), Ok(true));
    let content = reminder.content.clone();
    let anew = Push { revision: 2, ..planned(1, 2 * DAY, waits(2 * DAY)) };
    reminder.renew(content, vec![anew], at(100));
    let names: Vec<_> = reminder.pushes.iter().map(|push| (push.revision, push.n)).collect();
    assert_eq!(names, [(2, 1), (1, 4)]);
    assert!(matches!(reminder.pushes[1].state, State::Scheduled { .. }));
    assert_eq!(reminder.snooze(at(3 * DAY), false, at(101)), Ok(true));
    assert_eq!(reminder.pushes.last().map(|push| (push.revision, push.n)), Some((2, 5)));
}
