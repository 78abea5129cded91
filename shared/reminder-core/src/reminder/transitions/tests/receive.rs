//! What a receipt says of a push, now or long after.

use super::*;

fn failed() -> Outcome {
    Outcome::Failed { status: "system failed".to_owned() }
}

#[test]
fn receipt_is_news_of_the_attempt_that_it_may_be_about() {
    let repeats = |state: fn(Attempt) -> State| state(repeat("b", "a"));
    let rows = [
        ("it is being sent", sending("a"), true),
        ("it is looked for", unresolved("a"), true),
        ("it was sent", sent("a"), true),
        ("it was given up", unknown("a"), true),
        ("told before", delivered(), false),
        ("another one is being sent", sending("b"), false),
        ("another one is looked for", unresolved("b"), false),
        ("another one was sent", sent("b"), false),
        ("another one was given up", unknown("b"), false),
        (
            "looked for with one that repeats it",
            repeats(|attempt| State::Unresolved { attempt, look_at: at(300) }),
            true,
        ),
        (
            "one that repeats it is being sent",
            repeats(|attempt| State::Sending { due: attempt.started_at, attempt }),
            false,
        ),
        ("nobody has begun", waits(0), false),
        ("at rest", rests(Rest::Unreachable), false),
        ("cancelled", cancelled(), false),
    ];
    for (case, before, is_news) in rows {
        let mut reminder = with(before.clone());
        reminder.pushes[0].reason = Some("as before".to_owned());
        let untouched = reminder.clone();
        assert_eq!(reminder.receive(1, 1, "a", &Outcome::Delivered, at(9)), is_news, "{case}");
        if is_news {
            assert_eq!(words(&reminder.pushes[0]), "delivered on mini_subscription at 9", "{case}");
            assert_eq!(told(&reminder), ["delivered: mini_subscription"], "{case}");
        } else {
            assert_eq!(reminder, untouched, "{case}");
        }
    }
}

#[test]
fn receipt_of_a_push_that_was_renewed_leaves_a_line() {
    for (outcome, expected) in [
        (Outcome::Delivered, "delivered: of revision 7"),
        (Outcome::Blocked, "blocked: of revision 7"),
        (failed(), "failed: of revision 7"),
    ] {
        let mut reminder = with(sent("a"));
        assert!(reminder.receive(7, 1, "a", &outcome, at(9)));
        assert_eq!(reminder.pushes, with(sent("a")).pushes);
        assert_eq!(told(&reminder), [expected]);
    }
}

#[test]
fn what_wechat_took_and_did_not_deliver_is_tried_again_as_another_message() {
    const BLOCKED: &str = "mini_subscription: the user refuses this account's messages";
    const FAILED: &str = "mini_subscription: WeChat could not deliver it (system failed)";
    let rows = [
        (
            "the user refuses",
            Outcome::Blocked,
            0,
            "again at 99; mini_subscription refused; message 1",
            BLOCKED,
        ),
        ("failed once", failed(), 0, "again at 99; message 1", FAILED),
        ("failed twice", failed(), 1, "again at 99; message 1", FAILED),
        ("failed three times", failed(), 2, "again at 99; mini_subscription refused; message 1", FAILED),
    ];
    for (case, outcome, failures, expected, detail) in rows {
        let mut reminder = with(sent("a"));
        let push = &mut reminder.pushes[0];
        push.system_failures = failures;
        push.first_template_attempt = Some(at(0));
        (push.asked_repeats, push.lost_repeats) = (2, 1);
        assert!(reminder.receive(1, 1, "a", &outcome, at(9)), "{case}");
        let push = &reminder.pushes[0];
        assert_eq!(words(push), format!("{expected}; ({detail})"), "{case}");
        assert_eq!(push.system_failures, failures + 1, "{case}");
        assert_eq!(
            (push.first_template_attempt, push.asked_repeats, push.lost_repeats),
            (None, 0, 0),
            "{case}"
        );
        let event = if outcome == Outcome::Blocked { "blocked" } else { "failed" };
        assert_eq!(told(&reminder), [format!("{event}: {detail}")], "{case}");
        assert!(!reminder.receive(1, 1, "a", &outcome, at(9)), "{case}: told twice");
    }
}

#[test]
fn nothing_is_tried_again_of_what_is_over() {
    let over = |status| Reminder { status, ..with(sent("a")) };
    let expired = "at rest from 9: expired";
    for (case, mut reminder, expected) in [
        ("it expires by then", expiring(99, sent("a")), expired),
        ("a second later", expiring(100, sent("a")), "again at 99"),
        ("done", over(Status::Done { at: at(2) }), expired),
        ("deleted", over(Status::Deleted { at: at(2) }), expired),
    ] {
        assert!(reminder.receive(1, 1, "a", &failed(), at(9)), "{case}");
        assert_eq!(state(&reminder.pushes[0].state), expected, "{case}");
    }
}
