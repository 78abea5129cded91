//! What may become of a push that nobody has begun to send, and of one that rests.

use super::*;

/// What changes a push from noon to a second after, and whether it says so.
type Step = fn(&mut Reminder) -> bool;

/// Whatever happens to be under way is not touched; what cannot be there changes nothing.
fn changes_only(step: Step, which: fn(&State) -> bool) {
    for before in every_state() {
        let mut reminder = with(before.clone());
        assert_eq!(step(&mut reminder), which(&before), "{before:?}");
        assert_eq!(reminder != with(before.clone()), which(&before), "{before:?}");
    }
    let mut other = with(waits(0));
    other.pushes[0].revision = 2;
    assert!(!step(&mut other), "a push of another revision");
}

fn is_pending(state: &State) -> bool {
    matches!(state, State::Scheduled { .. } | State::Retrying { .. })
}

#[test]
fn what_nobody_has_begun_to_send_can_be_put_off_or_given_up() {
    let give_up: Step = |reminder| reminder.give_up(1, 1, "no_credit", Rest::Unreachable, at(1));
    let postpone: Step = |reminder| reminder.postpone(1, 1, at(600), "quiet_hours", at(1));
    let precedence: Step = |reminder| reminder.give_precedence(1, 1, at(60), at(1));
    let again = "again at 2027-02-01T12";
    let rows = [
        (
            "given up",
            give_up,
            "at rest from 1: unreachable; (no_credit)",
            "undeliverable: no_credit".to_owned(),
        ),
        (
            "put off",
            postpone,
            "again at 600; (quiet_hours)",
            format!("postponed: quiet_hours; {again}:10:00+08:00"),
        ),
        (
            "an earlier one goes first",
            precedence,
            "waits until 60",
            format!("postponed: an earlier push goes first; {again}:01:00+08:00"),
        ),
    ];
    for (case, step, expected, entry) in rows {
        changes_only(step, is_pending);
        let mut reminder = with(waits(0));
        assert!(step(&mut reminder), "{case}");
        assert_eq!(words(&reminder.pushes[0]), expected, "{case}");
        assert_eq!(told(&reminder), [entry], "{case}");
    }
}

#[test]
fn whoever_gives_precedence_does_not_come_earlier_for_it() {
    for (before, expected) in [
        (waits(0), "waits until 60"),
        (waits(61), "waits until 61"),
        (retrying(0), "again at 60"),
        (retrying(61), "again at 61"),
    ] {
        let mut reminder = with(before);
        assert!(reminder.give_precedence(1, 1, at(60), at(0)));
        assert_eq!(words(&reminder.pushes[0]), expected);
    }
}

#[test]
fn what_rests_is_armed_unless_it_is_over_or_may_have_been_sent() {
    let arm: Step = |reminder| reminder.arm(1, 1, at(60), "they accepted", false, at(2));
    let arm_all: Step = |reminder| reminder.arm(1, 1, at(60), "they accepted", true, at(2));
    changes_only(arm, |state| {
        matches!(state, State::Undeliverable { rest: Rest::Unreachable | Rest::Unfit, .. })
    });
    changes_only(arm_all, |state| {
        matches!(
            state,
            State::Undeliverable { rest: Rest::Unreachable | Rest::Unfit, .. } | State::Unknown { .. }
        )
    });
    for (case, mut reminder) in [
        ("expired", expiring(2, rests(Rest::Unfit))),
        ("done", Reminder { status: Status::Done { at: at(1) }, ..with(rests(Rest::Unfit)) }),
    ] {
        assert!(!arm(&mut reminder), "{case}");
    }
    assert!(arm(&mut expiring(3, rests(Rest::Unfit))), "a second before its expiry");
}

#[test]
fn what_is_armed_is_another_message_and_asks_every_channel_anew() {
    let mut reminder = with(unknown("a"));
    let push = &mut reminder.pushes[0];
    push.refused = vec![MiniSubscription, ServiceTemplate];
    push.first_template_attempt = Some(at(0));
    (push.asked_repeats, push.lost_repeats) = (2, 1);
    assert!(reminder.arm(1, 1, at(60), "they accepted", true, at(2)));
    let push = &reminder.pushes[0];
    assert_eq!(words(push), "again at 60; message 1; (they accepted)");
    assert_eq!((push.first_template_attempt, push.asked_repeats, push.lost_repeats), (None, 0, 0));
    assert_eq!(told(&reminder), ["armed: they accepted; again at 2027-02-01T12:01:00+08:00"]);
}

/// What is under way stays to be settled.
#[test]
fn what_is_still_to_be_sent_goes_with_a_reminder_that_is_done_or_deleted() {
    let done: Step = |reminder| reminder.done(at(2));
    let delete: Step = |reminder| reminder.delete(at(2));
    for (word, step) in [("done", done), ("deleted", delete)] {
        for before in every_state() {
            let mut reminder = with(before.clone());
            assert!(step(&mut reminder), "{word}");
            let expected = match is_pending(&before) {
                true => format!("cancelled at 2; ({word})"),
                false => state(&before),
            };
            assert_eq!(words(&reminder.pushes[0]), expected, "{word}: {before:?}");
            assert_eq!(told(&reminder), [format!("{word}: ")]);
        }
        let mut reminder = with(waits(600));
        reminder.schedules = reminder.missing_schedules(at(0));
        assert_eq!(reminder.schedules.len(), 1, "{word}");
        assert!(step(&mut reminder) && reminder.schedules.is_empty(), "{word}: it needs none any more");
        let once = reminder.clone();
        assert!(!step(&mut reminder), "{word} twice");
        assert_eq!(reminder, once, "{word} twice");
    }
}

#[test]
fn only_what_is_deleted_loses_its_words() {
    let mut reminder = with(waits(600));
    assert!(reminder.done(at(1)));
    assert_eq!((reminder.status, &*reminder.content.title), (Status::Done { at: at(1) }, "护照"));
    assert!(reminder.delete(at(2)), "what is done can be deleted");
    assert_eq!((reminder.status, &*reminder.content.title), (Status::Deleted { at: at(2) }, ""));
    assert!(!reminder.done(at(3)), "what is deleted cannot be done");
}
