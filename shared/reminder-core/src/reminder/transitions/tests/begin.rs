//! Whether an attempt may begin, what is counted of it, and what becomes of one whose run does not come back.

use super::*;
use crate::reminder::LEASE;

#[test]
fn attempt_begins_unless_something_stands_against_it() {
    let begun = Ok(());
    let rows = [
        ("due", waits(0), attempt("a"), begun.clone()),
        ("five seconds early", waits(5), attempt("a"), begun.clone()),
        ("again", retrying(5), attempt("a"), begun.clone()),
        ("again, six seconds early", retrying(6), attempt("a"), Err(BeginError::NotDue(at(6)))),
        ("the same once more", sending("a"), attempt("a"), begun.clone()),
        ("another one's", sending("b"), attempt("a"), Err(BeginError::Leased)),
        ("looked for", unresolved("b"), attempt("a"), Err(BeginError::Unresolved)),
        ("a repeat of what is looked for", unresolved("b"), repeat("a", "b"), begun),
        ("a repeat of something else", unresolved("b"), repeat("a", "c"), Err(BeginError::Unresolved)),
        ("sent", sent("b"), attempt("a"), Err(BeginError::Final)),
        ("delivered", delivered(), attempt("a"), Err(BeginError::Final)),
        ("nobody will know", unknown("b"), attempt("a"), Err(BeginError::Final)),
        ("at rest", rests(Rest::Unreachable), attempt("a"), Err(BeginError::Final)),
        ("skipped", State::Skipped, attempt("a"), Err(BeginError::Final)),
        ("cancelled", cancelled(), attempt("a"), Err(BeginError::Final)),
    ];
    for (case, state, attempt, expected) in rows {
        let mut reminder = with(state);
        reminder.pushes[0].fires_at = reminder.pushes[0].next_look_at().unwrap_or(at(0));
        let due = reminder.pushes[0].next_look_at().unwrap_or(at(0));
        let before = reminder.clone();
        let began = reminder.begin(1, 1, &attempt, &"one is left".into(), at(0));
        assert_eq!(began, expected, "{case}");
        let is_news = expected.is_ok() && case != "the same once more";
        assert_eq!(reminder != before, is_news, "{case}: what is refused or repeated changes nothing");
        if is_news {
            assert_eq!(
                reminder.pushes[0].state,
                State::Sending { attempt, due },
                "{case}: the index of what is due is left alone"
            );
            assert_eq!(told(&reminder), ["claimed: mini_subscription: one is left"], "{case}");
        }
    }
}

#[test]
fn moment_that_the_user_chose_counts_however_late_its_schedule_was_made() {
    let begin = |at_once| {
        let mut reminder = with(waits(300));
        reminder.pushes[0].at_once = at_once;
        reminder.begin(1, 1, &attempt("a"), &"".into(), at(0))
    };
    assert_eq!(begin(false), Ok(()));
    assert_eq!(begin(true), Err(BeginError::NotDue(at(300))), "nobody chose this one");
}

#[test]
fn nothing_begins_of_a_reminder_that_is_over_or_of_a_push_that_is_not_there() {
    let mut done = with(retrying(0));
    done.status = Status::Done { at: at(-9) };
    let mut deleted = with(retrying(0));
    deleted.status = Status::Deleted { at: at(-9) };
    let rows = [
        ("done", done, (1, 1), Err(BeginError::Over)),
        ("deleted", deleted, (1, 1), Err(BeginError::Over)),
        ("expired", expiring(0, retrying(0)), (1, 1), Err(BeginError::Over)),
        ("a second before it", expiring(1, retrying(0)), (1, 1), Ok(())),
        ("of another revision", with(waits(0)), (2, 1), Err(BeginError::Stale)),
        ("of another number", with(waits(0)), (1, 2), Err(BeginError::Stale)),
    ];
    for (case, mut reminder, (revision, n), expected) in rows {
        assert_eq!(reminder.begin(revision, n, &attempt("a"), &"".into(), at(0)), expected, "{case}");
    }
}

/// Attempts in all, asked for by the settings, of these after no answer.
#[test]
fn attempts_are_counted_by_what_they_are() {
    let asked = Attempt { as_settings_ask: true, ..repeat("b", "a") };
    let lost = |answered| State::Unresolved { attempt: Attempt { answered, ..attempt("a") }, look_at: at(0) };
    let rows = [
        ("the first", retrying(0), attempt("a"), [5, 1, 1]),
        ("a harmless repeat", lost(false), repeat("b", "a"), [5, 1, 1]),
        ("as the settings ask, after no answer", lost(false), asked.clone(), [5, 2, 2]),
        ("as the settings ask, after one that says nothing", lost(true), asked.clone(), [5, 2, 1]),
        ("as the settings ask, after nothing", retrying(0), asked, [5, 2, 1]),
    ];
    for (case, state, attempt, expected) in rows {
        let mut reminder = with(state);
        let push = &mut reminder.pushes[0];
        (push.attempts, push.asked_repeats, push.lost_repeats) = (4, 1, 1);
        reminder.begin(1, 1, &attempt, &"".into(), at(0)).expect(case);
        let push = &reminder.pushes[0];
        assert_eq!([push.attempts, push.asked_repeats, push.lost_repeats], expected, "{case}");
    }
}

#[test]
fn wechat_remembers_the_id_of_a_template_message_from_its_first_attempt() {
    for (channel, known, expected) in [
        (MiniSubscription, None, None),
        (ServiceTemplate, None, Some(at(2))),
        (ServiceTemplate, Some(at(-60)), Some(at(-60))),
    ] {
        let mut reminder = with(retrying(0));
        reminder.pushes[0].first_template_attempt = known;
        reminder.begin(1, 1, &cases::attempt("a", channel, at(2)), &"".into(), at(2)).expect("it is due");
        assert_eq!(reminder.pushes[0].first_template_attempt, expected, "{channel} {known:?}");
    }
}

#[test]
fn attempt_is_abandoned_when_its_lease_is_over_and_its_outcome_looked_for() {
    let lease = LEASE.as_secs();
    let answered = State::Sending { attempt: Attempt { answered: true, ..attempt("a") }, due: at(0) };
    for (case, now, abandoned) in [("still its own", lease - 1, false), ("over", lease, true)] {
        let mut reminder = with(answered.clone());
        assert_eq!(reminder.abandon(1, 1, at(100), at(now)), abandoned, "{case}");
        if abandoned {
            let expected = "looked for at 100: a";
            assert_eq!(words(&reminder.pushes[0]), expected, "its last answer was of an attempt before");
            assert_eq!(told(&reminder), ["abandoned: the run that was sending it did not come back"]);
        } else {
            assert_eq!(reminder, with(answered.clone()), "{case}");
        }
    }
    for before in every_state().into_iter().filter(|state| *state != sending("a")) {
        let mut reminder = with(before);
        let untouched = reminder.clone();
        assert!(!reminder.abandon(1, 1, at(100), at(999)), "{:?}", untouched.pushes[0].state);
        assert_eq!(reminder, untouched);
    }
    assert!(!with(sending("a")).abandon(2, 1, at(100), at(999)), "it is of another revision");
}
