//! How an attempt ends, and what its push is about then.

use super::*;

const SAID: Said<'_> = Said { detail: "said", errmsg: "rid: 1" };

/// The attempt `a` ends two seconds after noon.
fn settled(mut reminder: Reminder, ending: &Ending) -> Reminder {
    assert!(reminder.settle(1, 1, "a", ending, SAID, at(2)), "{ending:?}");
    reminder
}

fn fallback(keep_channel: bool) -> Ending {
    Ending::Fallback { attempt: cases::attempt("b", ServiceTemplate, at(2)), keep_channel }
}

fn retry(seconds: i64, keep_channel: bool) -> Ending {
    Ending::Retry { at: at(seconds), keep_channel }
}

#[test]
fn attempt_ends_in_what_was_learnt_of_it() {
    let taken = |msgid: Option<&str>| Ending::Sent { msgid: msgid.map(Into::into), receipt: None };
    let answer = |answered| Ending::Unresolved { look_at: at(300), answered };
    let rows: &[(Ending, &str, &[&str])] = &[
        (
            taken(Some("7")),
            "sent on mini_subscription at 2 as 7 by a",
            &["sent: mini_subscription: WeChat took it as 7 (said)"],
        ),
        (taken(None), "sent on mini_subscription at 2 as unnamed by a", &["sent: said"]),
        (
            fallback(false),
            "sending b on service_template; mini_subscription refused; (said)",
            &["refused: said", "claimed: service_template: next channel"],
        ),
        (
            fallback(true),
            "sending b on service_template",
            &["refused: said", "claimed: service_template: next channel"],
        ),
        (
            retry(60, false),
            "again at 60; mini_subscription refused; (said)",
            &["retrying: said; again at 2027-02-01T12:01:00+08:00"],
        ),
        (retry(60, true), "again at 60; (said)", &["retrying: said; again at 2027-02-01T12:01:00+08:00"]),
        (
            Ending::NotTaken { at: at(60) },
            "again at 60; message 1; (said)",
            &["retrying: said; again at 2027-02-01T12:01:00+08:00"],
        ),
        (
            Ending::Undeliverable { refused: true, rest: Rest::Unfit },
            "at rest from 2: unfit; mini_subscription refused; (said)",
            &["undeliverable: said"],
        ),
        (
            Ending::Undeliverable { refused: false, rest: Rest::Unreachable },
            "at rest from 2: unreachable; (said)",
            &["undeliverable: said"],
        ),
        (answer(true), "looked for at 300: a, answered; (said)", &["unresolved: said"]),
        (answer(false), "looked for at 300: a; (said)", &["unresolved: said"]),
        (Ending::NotRepeated { look_at: at(300) }, "looked for at 300: a; (said)", &["unresolved: said"]),
        (Ending::Denied { look_at: at(300) }, "looked for at 300: a, denied; (said)", &["unresolved: said"]),
        (Ending::Wait { look_at: at(300) }, "looked for at 300: a; (said)", &["unresolved: said"]),
        (Ending::Unknown, "unknown on mini_subscription at 2 by a; (said)", &["unknown: said"]),
    ];
    for (ending, expected, entries) in rows {
        for before in [sending("a"), unresolved("a")] {
            let reminder = settled(with(before), ending);
            assert_eq!(words(&reminder.pushes[0]), *expected, "{ending:?}");
            assert_eq!(told(&reminder), *entries, "{ending:?}");
            let errmsg = if ending.lacks_its_receipt() { "" } else { "rid: 1" };
            assert_eq!(reminder.timeline.entries()[0].errmsg(), errmsg, "{ending:?}");
        }
    }
}

/// No further attempt is made, whatever was to follow.
#[test]
fn nothing_follows_on_an_attempt_of_what_is_over() {
    let over = |status| Reminder { status, ..with(sending("a")) };
    let done = over(Status::Done { at: at(1) });
    let deleted = over(Status::Deleted { at: at(1) });
    let expired = "at rest from 2: expired; (it expired before it could be sent)";
    for (case, reminder, expected) in [
        ("done", done, "cancelled at 2; (done)"),
        ("deleted", deleted, "cancelled at 2; (deleted)"),
        ("expired", expiring(2, sending("a")), expired),
    ] {
        for (ending, entry) in [
            (fallback(false), "refused: said"),
            (retry(60, false), "retrying: said"),
            (Ending::NotTaken { at: at(60) }, "retrying: said"),
        ] {
            let reminder = settled(reminder.clone(), &ending);
            assert_eq!(words(&reminder.pushes[0]), expected, "{case}: {ending:?}");
            assert_eq!(told(&reminder), [entry], "{case}: {ending:?}");
        }
        let sent = settled(reminder, &Ending::Sent { msgid: None, receipt: None });
        assert_eq!(told(&sent), ["sent: said"], "{case}: what was sent was sent");
    }
    for (ending, entry) in
        [(retry(60, true), "retrying: said"), (Ending::NotTaken { at: at(60) }, "retrying: said")]
    {
        let late = settled(expiring(60, sending("a")), &ending);
        assert_eq!((words(&late.pushes[0]), told(&late)), (expired.to_owned(), vec![entry.to_owned()]));
        let in_time = settled(expiring(61, sending("a")), &ending);
        assert!(words(&in_time.pushes[0]).starts_with("again at 60"), "{ending:?}");
        assert!(told(&in_time)[0].contains("; again at "), "{ending:?}");
    }
}

#[test]
fn attempt_that_is_not_held_is_nobodys_to_settle() {
    for before in every_state() {
        let holds_it = [sending("a"), unresolved("a")].contains(&before);
        for id in ["a", "b"] {
            let mut reminder = with(before.clone());
            let settled = reminder.settle(1, 1, id, &Ending::Unknown, SAID, at(2));
            assert_eq!(settled, holds_it && id == "a", "{before:?} {id}");
            assert!(settled || reminder == with(before.clone()), "{before:?} {id}: it changes nothing");
        }
    }
    let mut renewed = with(sending("a"));
    assert!(!renewed.settle(7, 1, "a", &Ending::Unknown, SAID, at(2)));
    assert_eq!(renewed.pushes, with(sending("a")).pushes);
    assert_eq!(told(&renewed), ["unknown: of revision 7: said"], "a run that was overtaken leaves a line");
    assert_eq!(renewed.timeline.entries()[0].errmsg(), "rid: 1");
}

#[test]
fn attempts_stay_counted_unless_a_repeat_was_definitely_not_sent() {
    let not_repeated = Ending::NotRepeated { look_at: at(300) };
    let wait = Ending::Wait { look_at: at(300) };
    let not_taken = Ending::NotTaken { at: at(60) };
    let row = |case, ending: &Ending, asked, answered, expected| {
        let attempt = Attempt { as_settings_ask: asked, answered, ..attempt("a") };
        let mut reminder = with(State::Sending { due: attempt.started_at, attempt });
        let push = &mut reminder.pushes[0];
        (push.attempts, push.asked_repeats, push.lost_repeats) = (4, 2, 1);
        push.first_template_attempt = Some(at(0));
        let push = settled(reminder, ending).pushes.remove(0);
        assert_eq!([push.attempts, push.asked_repeats, push.lost_repeats], expected, "{case}");
        push.first_template_attempt
    };
    row("asked for by the settings, after no answer", &not_repeated, true, false, [4, 1, 0]);
    row("asked for by the settings, after an answer", &not_repeated, true, true, [4, 1, 1]);
    row("harmless", &not_repeated, false, false, [4, 2, 1]);
    row("perhaps sent", &wait, true, false, [4, 2, 1]);
    row("on the next channel", &fallback(false), false, false, [5, 2, 1]);
    assert_eq!(row("another message", &not_taken, true, false, [4, 0, 0]), None, "WeChat knows no id of it");
}

#[test]
fn next_channel_that_is_idempotent_is_remembered_from_then() {
    let reminder = settled(with(sending("a")), &fallback(true));
    assert_eq!(reminder.pushes[0].first_template_attempt, Some(at(2)));
}

#[test]
fn channel_is_refused_once() {
    let mut reminder = with(sending("a"));
    reminder.pushes[0].refused = vec![MiniSubscription];
    let reminder = settled(reminder, &retry(60, false));
    assert_eq!(words(&reminder.pushes[0]), "again at 60; mini_subscription refused; (said)");
}

#[test]
fn receipt_that_came_first_is_received_with_the_message() {
    for (receipt, expected) in [
        (Outcome::Delivered, "delivered on mini_subscription at 2"),
        (
            Outcome::Blocked,
            "again at 92; mini_subscription refused; message 1; \
             (mini_subscription: the user refuses this account's messages)",
        ),
    ] {
        let mut reminder = with(sending("a"));
        reminder.pushes.push(planned(2, -60, waits(2)));
        let ending = Ending::Sent { msgid: Some("7".into()), receipt: Some(receipt.clone()) };
        let reminder = settled(reminder, &ending);
        assert_eq!(words(&reminder.pushes[0]), expected);
        let is_told = receipt == Outcome::Delivered;
        assert_eq!(reminder.pushes[1].state == State::Skipped, is_told, "{receipt:?}");
    }
}

/// What one push told need not be told again by those whose moment has passed and that certainly were not sent.
#[test]
fn what_was_told_is_not_told_again() {
    let settle: fn(&mut Reminder) = |reminder| {
        let ending = Ending::Sent { msgid: None, receipt: None };
        assert!(reminder.settle(1, 1, "a", &ending, SAID, at(2)));
    };
    let receive: fn(&mut Reminder) =
        |reminder| assert!(reminder.receive(1, 1, "a", &Outcome::Delivered, at(2)));
    let wait: fn(&mut Reminder) = |reminder| {
        assert!(reminder.settle(1, 1, "a", &Ending::Wait { look_at: at(300) }, SAID, at(2)));
    };
    let failed: fn(&mut Reminder) = |reminder| {
        assert!(reminder.receive(1, 1, "a", &Outcome::Failed { status: "failed".to_owned() }, at(2)));
    };
    for (how, tells, step) in [
        ("sent", true, settle),
        ("delivered", true, receive),
        ("perhaps", false, wait),
        ("failed", false, failed),
    ] {
        for before in every_state() {
            for planned_for in [2, 3] {
                let mut reminder = with(sending("a"));
                reminder.pushes.push(planned(2, planned_for, before.clone()));
                step(&mut reminder);
                let may_wait = is_pending_or_rests(&before);
                let expected = match tells && may_wait && planned_for == 2 {
                    true => "skipped; (told_already)".to_owned(),
                    false => state(&before),
                };
                assert_eq!(words(&reminder.pushes[1]), expected, "{how}, planned for {planned_for}");
                let last = told(&reminder).pop().expect("an entry");
                let is_noted = last == "skipped: another push told it already";
                assert_eq!(is_noted, expected.starts_with("skipped; "), "{how} {before:?} {last}");
            }
        }
    }
}

fn is_pending_or_rests(state: &State) -> bool {
    matches!(state, State::Scheduled { .. } | State::Retrying { .. } | State::Undeliverable { .. })
}
