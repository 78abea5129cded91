//! What is asked of a reminder as a whole, row by row: its status, the states of its pushes, the moment.

use super::states::*;
use super::*;
use crate::channel::Channel::{MiniSubscription, ServiceTemplate};

fn done() -> Status {
    Status::Done { at: at(1) }
}

fn deleted() -> Status {
    Status::Deleted { at: at(1) }
}

/// A reminder that expires 600 seconds after noon.
fn of(status: Status) -> Reminder {
    Reminder { status, ..expiring(600, waits(0)) }
}

#[test]
fn reminder_is_open_until_it_is_done_deleted_or_expired() {
    let rows = [
        ("active", Status::Active, 599, "active", true, false, 600),
        ("expired", Status::Active, 600, "expired", false, false, 600),
        ("done", done(), 2, "done", false, false, 1),
        ("done, and expired since", done(), 600, "done", false, false, 1),
        ("deleted", deleted(), 2, "done", false, true, 1),
    ];
    for (case, status, now, name, is_open, is_deleted, finished) in rows {
        let reminder = of(status);
        assert_eq!(reminder.lifecycle(at(now)).name(), name, "{case}");
        assert_eq!(reminder.is_open(at(now)), is_open, "{case}");
        assert_eq!(reminder.is_deleted(), is_deleted, "{case}");
        assert_eq!(reminder.finished_at(), at(finished), "{case}");
    }
}

/// Pushes of one reminder, planned a minute after each other.
fn pushes(states: &[State]) -> Reminder {
    let mut reminder = expiring(600, waits(0));
    let numbered = (1_u8..).zip(states);
    reminder.pushes = numbered.map(|(n, state)| planned(n, i64::from(n) * 60, state.clone())).collect();
    reminder
}

#[test]
#[expect(clippy::type_complexity, reason = "the rows of a table")]
fn of_the_pushes_that_rest_the_last_is_told_unless_a_later_one_was() {
    let unreachable = || rests(Rest::Unreachable);
    let rows: &[(&str, &[State], Option<u8>, Option<u8>)] = &[
        // Certainly not sent; or also what may have been.
        ("nothing rests", &[waits(60), sent("a"), State::Skipped], None, None),
        ("one does", &[unreachable(), waits(120)], Some(1), Some(1)),
        ("for its words", &[rests(Rest::Unfit)], Some(1), Some(1)),
        ("over for good", &[rests(Rest::Expired)], None, None),
        ("the last of two", &[unreachable(), unreachable()], Some(2), Some(2)),
        ("it may have been sent", &[unknown("a")], None, Some(1)),
        ("the later may have been", &[unreachable(), unknown("a")], Some(1), Some(2)),
        ("a later one was sent", &[unreachable(), sent("a")], None, None),
        ("a later one was delivered", &[unreachable(), delivered()], None, None),
        ("an earlier one was delivered", &[delivered(), unreachable()], Some(2), Some(2)),
        ("a later one is being sent", &[unreachable(), sending("a")], Some(1), Some(1)),
    ];
    for (case, states, expected, even_unknown) in rows {
        let mut reminder = pushes(states);
        let n = |push: Option<&Push>| push.map(|push| push.n);
        assert_eq!(n(reminder.at_rest(false)), *expected, "{case}");
        assert_eq!(n(reminder.at_rest(true)), *even_unknown, "{case}");
        let comes = reminder.pushes.iter().any(|push| !push.is_final());
        assert_eq!(
            n(reminder.resting(at(599))),
            expected.filter(|_| !comes),
            "{case}: another is on its way"
        );
        reminder.pushes.iter_mut().for_each(|push| push.fires_at += SignedDuration::from_secs(590));
        let (passed, comes) =
            (at(590), reminder.pushes.iter().any(|push| !push.is_final() && push.fires_at <= at(590)));
        assert_eq!(n(reminder.resting(passed)), expected.filter(|_| !comes), "{case}: its moment is to come");
        assert_eq!(n(reminder.resting(at(600))), None, "{case}: it has expired");
        reminder.status = done();
        assert_eq!(n(reminder.resting(at(2))), None, "{case}: it is done");
    }
    let mut together = pushes(&[unreachable(), sent("a")]);
    together.pushes[1].fires_at = together.pushes[0].fires_at;
    assert!(together.at_rest(false).is_some(), "of one moment, neither is the later");
}

#[test]
fn push_is_known_by_its_revision_and_its_number() {
    let mut reminder = pushes(&[waits(60), waits(120)]);
    reminder.pushes[1].revision = 3;
    for (revision, n, expected) in [(1, 1, Some(60)), (3, 2, Some(120)), (1, 2, None), (3, 1, None)] {
        let push = reminder.push(revision, n);
        assert_eq!(push.map(|push| seconds(push.fires_at)), expected, "{revision} {n}");
        reminder.refuse_words(revision, n, MiniSubscription);
    }
    for channel in [MiniSubscription, ServiceTemplate] {
        reminder.refuse_words(3, 2, channel);
    }
    assert_eq!(reminder.pushes[0].wordless, [MiniSubscription]);
    assert_eq!(reminder.pushes[1].wordless, [MiniSubscription, ServiceTemplate], "each once");
    let reference = reminder.push_ref(&reminder.pushes[1], "a");
    let PushRef { openid, id, revision, n, attempt } = reference;
    assert_eq!((openid, id), (reminder.openid.clone(), reminder.id.clone()));
    assert_eq!((revision, n, attempt.as_str()), (3, 2, "a"));
}

#[test]
fn reminder_is_looked_at_with_the_first_of_its_pushes() {
    for (states, expected) in [
        (vec![waits(60), waits(120)], Some(60)),
        (vec![waits(600), unresolved("a")], Some(300)),
        (vec![sent("a"), retrying(120)], Some(120)),
        (vec![sent("a"), rests(Rest::Unreachable)], None),
    ] {
        let reminder = pushes(&states);
        assert_eq!(reminder.next_look_at().map(seconds), expected, "{states:?}");
        assert_eq!(reminder.indexed().next_look_at.map(seconds), expected, "{states:?}");
    }
}

#[test]
fn what_rests_is_found_by_its_kind_while_the_reminder_is_active() {
    let unreachable = || rests(Rest::Unreachable);
    for (states, status, expected) in [
        (vec![waits(60)], Status::Active, None),
        (vec![unreachable()], Status::Active, Some("unreachable")),
        (vec![rests(Rest::Unfit)], Status::Active, Some("unfit")),
        (vec![unknown("a")], Status::Active, Some("unknown")),
        (vec![unreachable(), unknown("a")], Status::Active, Some("unreachable")),
        (vec![unreachable()], done(), None),
        (vec![unreachable()], deleted(), None),
    ] {
        let reminder = Reminder { status, ..pushes(&states) };
        let expected = expected.map(|kind| (kind, at(600)));
        assert_eq!(reminder.indexed().rests, expected, "{states:?} {status:?}");
    }
}

#[test]
fn reminder_is_listed_by_its_expiry_and_a_deleted_one_is_not() {
    for (status, expected) in [(Status::Active, Some("active")), (done(), Some("done")), (deleted(), None)] {
        let reminder = of(status);
        let expires_at = reminder.content.expires_at.as_second();
        let expected = expected.map(|state| state_expiry(state, expires_at, &reminder.id));
        assert_eq!(reminder.indexed().state_expiry, expected);
    }
    assert!(state_expiry("done", 999_999_999, "x") < state_expiry("done", 1_000_000_000, "x"));
}

/// What is still to be looked at must not be cleaned up under us.
#[test]
fn reminder_is_kept_for_half_a_year_and_a_tombstone_for_a_week() {
    const DAY: i64 = 24 * 60 * 60;
    let rows = [
        ("from its expiry", Status::Active, waits(0), Some(600 + 180 * DAY)),
        ("from when it was done", done(), cancelled(), Some(1 + 180 * DAY)),
        ("from when it was deleted", deleted(), cancelled(), Some(1 + 7 * DAY)),
        ("looked at before that", deleted(), waits(7 * DAY), Some(1 + 7 * DAY)),
        ("looked at then", deleted(), waits(7 * DAY + 1), None),
    ];
    for (case, status, state, expected) in rows {
        let reminder = Reminder { status, ..expiring(600, state) };
        assert_eq!(reminder.indexed().ttl.map(seconds), expected, "{case}");
    }
}
