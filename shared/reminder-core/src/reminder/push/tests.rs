//! What is asked of a push and of an attempt, row by row: the state, the moment.

use super::*;
use crate::reminder::LEASE;
use crate::reminder::states::*;

#[test]
fn an_undeliverable_push_is_counted_by_a_word() {
    let rows = [
        ("not_following, no_credit", "unreachable"),
        ("user_unknown", "unreachable"),
        ("mini_subscription: no accepted prompt is left", "unreachable"),
        ("mini_subscription: 43101 the user has not subscribed, or has no message left", "unreachable"),
        ("service_template: the user refuses this account's messages", "unreachable"),
        ("service_template_refused, no_credit", "refused"),
        ("mini_subscription: 47003 a value breaks the type of its keyword (thing1)", "refused"),
        ("template_not_in_settings", "settings"),
        ("mini_subscription: cannot be made: thing1: too long", "settings"),
        ("service_template: 40037 the template id is not valid at this account", "settings"),
        ("service_template: 99999 a code that is not in the table", "settings"),
        ("expired", "expired"),
        ("it expired before it could be sent", "expired"),
        ("service_template: 45009 the day's quota of this call is used up", "expired"),
        ("service_template: not sent (no connection)", "expired"),
    ];
    for (reason, expected) in rows {
        let push = Push {
            reason: Some(reason.to_owned()),
            ..Push::planned(1, 1, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(push.undeliverable_for(), expected, "{reason}");
    }
}

/// What each state is, in words: `final`, `pending`, `rests` and why.
#[test]
fn push_is_final_pending_or_at_rest_by_its_state() {
    let rows = [
        (waits(7), "scheduled, pending"),
        (retrying(7), "retrying, pending"),
        (sending("a"), "sending"),
        (unresolved("a"), "sending"),
        (sent("a"), "sent, final"),
        (delivered(), "delivered, final"),
        (unknown("a"), "unknown, final, rests from 1: unknown"),
        (rests(Rest::Unreachable), "undeliverable, final, rests from 1: unreachable"),
        (rests(Rest::Unfit), "undeliverable, final, rests from 1: unfit"),
        (rests(Rest::Expired), "undeliverable, final, from 1 for good"),
        (State::Skipped, "skipped, final"),
        (cancelled(), "cancelled, final"),
    ];
    assert_eq!(rows.len(), every_state().len());
    for (state, expected) in rows {
        let push = planned(1, 0, state);
        let mut words = vec![push.state_name().to_owned()];
        words.extend(push.is_pending().then(|| "pending".to_owned()));
        words.extend(push.is_final().then(|| "final".to_owned()));
        words.extend(match (push.rested_at().map(seconds), push.rests()) {
            (Some(at), Some(rest)) => Some(format!("rests from {at}: {}", rest.name())),
            (Some(at), None) => Some(format!("from {at} for good")),
            (None, Some(rest)) => panic!("{rest:?} from no moment"),
            (None, None) => None,
        });
        assert_eq!(words.join(", "), expected);
    }
}

#[test]
fn attempt_and_channel_of_a_push_are_those_of_its_state() {
    for state in every_state() {
        let push = planned(1, 0, state);
        let holds = matches!(push.state, State::Sending { .. } | State::Unresolved { .. });
        assert_eq!(push.attempt().is_some_and(|attempt| attempt.id == "a"), holds, "{:?}", push.state);
        let was_tried = holds
            || matches!(push.state, State::Sent { .. } | State::Delivered { .. } | State::Unknown { .. });
        let expected = was_tried.then_some(Channel::MiniSubscription);
        assert_eq!(push.channel(), expected, "{:?}", push.state);
    }
}

/// For a push planned for 0: from when a firing acts on it, when it is looked at, what it needs a schedule for.
#[test]
fn push_has_its_moments_by_its_state() {
    let rows = [
        (waits(60), false, [Some(0), Some(60), Some(60)]),
        (waits(60), true, [Some(60), Some(60), Some(60)]),
        (retrying(60), false, [Some(60), Some(60), Some(60)]),
        (sending("a"), false, [Some(0), Some(0), None]),
        (unresolved("a"), false, [Some(300), Some(300), Some(300)]),
        (sent("a"), false, [None; 3]),
        (rests(Rest::Unreachable), false, [None; 3]),
        (State::Skipped, false, [None; 3]),
    ];
    for (state, at_once, expected) in rows {
        let push = Push { at_once, ..planned(1, 0, state) };
        let moments = [push.due_at(), push.next_look_at(), push.waits_until()];
        assert_eq!(moments.map(|at| at.map(seconds)), expected, "{:?}, at once: {at_once}", push.state);
    }
}

#[test]
fn push_is_due_five_seconds_early_and_an_attempt_is_over_with_its_lease() {
    let lease = LEASE.as_secs();
    let rows = [
        (waits(60), -6, false),
        (waits(60), -5, true),
        (retrying(60), 54, false),
        (retrying(60), 55, true),
        (unresolved("a"), 294, false),
        (unresolved("a"), 295, true),
        (sending("a"), lease - 1, false),
        (sending("a"), lease, true),
        (sent("a"), 9_999, false),
    ];
    for (state, now, expected) in rows {
        let push = planned(1, 0, state);
        assert_eq!(push.is_due(at(now)), expected, "{:?} at {now}", push.state);
    }
}

#[test]
fn push_waits_no_shorter_than_it_is_told_to() {
    for (before, earliest, expected) in [
        (waits(60), 61, waits(61)),
        (waits(60), 59, waits(60)),
        (retrying(60), 61, retrying(61)),
        (unresolved("a"), 301, State::Unresolved { attempt: attempt("a"), look_at: at(301) }),
        (sending("a"), 301, sending("a")),
        (sent("a"), 301, sent("a")),
    ] {
        let mut push = planned(1, 0, before);
        push.wait_until(at(earliest));
        assert_eq!(push.state, expected);
    }
}

#[test]
fn wechat_is_told_another_id_for_another_message_only() {
    let mut push = Push { revision: 3, ..planned(2, 0, waits(0)) };
    assert_eq!(push.client_msg_id("aaaaabbbbbcccccddddd"), "aaaaabbbbbcccccddddd-3-2");
    push.message = 1;
    assert_eq!(push.client_msg_id("aaaaabbbbbcccccddddd"), "aaaaabbbbbcccccddddd-3-2-1");
}

#[test]
fn push_that_comes_at_once_is_known_by_what_was_asked_for() {
    let mut push = planned(1, 60, waits(60));
    assert_eq!(push.meant_for(), at(60));
    push.meant_for = Some(at(0));
    assert_eq!(push.meant_for(), at(0));
}

#[test]
fn push_and_attempt_are_read_as_they_were_written_and_what_never_happened_takes_no_room() {
    let usual = attempt("a");
    let repeat = Attempt {
        follower: Some("s-alice".into()),
        one_time_template: Some("t".to_owned()),
        repeats: usual.as_repeated(),
        credit: Some("a".to_owned()),
        as_settings_ask: true,
        answered: true,
        denials: 1,
        ..attempt("b")
    };
    let tried = Push {
        meant_for: Some(at(-60)),
        at_once: true,
        refused: vec![Channel::ServiceTemplate],
        wordless: vec![Channel::MiniSubscription],
        attempts: 2,
        first_template_attempt: Some(at(0)),
        message: 1,
        system_failures: 1,
        asked_repeats: 2,
        lost_repeats: 1,
        reason: Some("said".to_owned()),
        ..planned(1, 0, State::Unresolved { attempt: repeat, look_at: at(300) })
    };
    let never = planned(1, 0, State::Sending { due: usual.started_at, attempt: usual });
    for push in [&tried, &never] {
        let written = serde_json::to_string(push).expect("JSON");
        assert_eq!(serde_json::from_str::<Push>(&written).expect("the same"), *push);
    }
    let written = serde_json::to_string(&never).expect("JSON");
    for happened in ["message", "system_failures", "asked_repeats", "lost_repeats", "denials", "repeats"] {
        assert!(!written.contains(happened), "{happened}: {written}");
    }
}
