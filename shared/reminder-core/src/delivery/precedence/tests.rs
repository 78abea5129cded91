//! Who waits for whom, row by row: the user, the other reminders, ours.

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel;
use crate::delivery::facts::Repeat;
use crate::reminder::{Rest, Status};

const NINE: &str = "2027-02-01T09:00:00+08:00";

/// Another reminder of the user's, whose push is due `seconds` after ours and which is `elder` seconds older.
fn other(situation: &Situation, seconds: i64, elder: i64) -> Reminder {
    let mut other = situation.reminder.clone();
    other.id = "other".to_owned();
    other.created_at = situation.reminder.created_at - SignedDuration::from_secs(elder);
    let fires_at = instant(NINE) + SignedDuration::from_secs(seconds);
    other.pushes = vec![Push::planned(1, 1, fires_at, fires_at)];
    other
}

fn elder(situation: &Situation) -> Reminder {
    other(situation, 0, 1)
}

#[test]
fn the_elder_push_goes_first_where_there_is_not_enough_for_both() {
    type Others = fn(&Situation) -> Vec<Reminder>;
    let sending = |situation: &Situation, begun: i64, template: Option<&str>| {
        let mut other = elder(situation);
        let started_at = situation.now - SignedDuration::from_secs(begun);
        let mut attempt = Attempt { started_at, ..situation.attempt(Channel::MiniSubscription) };
        attempt.id = "theirs".to_owned();
        if let Some(template) = template {
            attempt.one_time_template = Some(template.to_owned());
        }
        other.pushes[0].state = State::Sending { due: attempt.started_at, attempt };
        other
    };
    let rows: &[(&str, &[&str], Others, bool)] = &[
        ("nobody else", &["accepts 1"], |_| vec![], false),
        ("itself", &["accepts 1"], |s| vec![s.reminder.clone()], false),
        ("an elder", &["accepts 1"], |s| vec![elder(s)], true),
        ("a younger", &["accepts 1"], |s| vec![other(s, 0, -1)], false),
        ("of the same age, by its id", &["accepts 1"], |s| vec![other(s, 0, 0)], false),
        ("due a second earlier", &["accepts 1"], |s| vec![other(s, -1, -1)], true),
        ("due a second later", &["accepts 1"], |s| vec![other(s, 1, 1)], false),
        ("enough for both", &["accepts 2"], |s| vec![elder(s)], false),
        (
            "not for three",
            &["accepts 2"],
            |s| vec![elder(s), Reminder { id: "b".to_owned(), ..elder(s) }],
            true,
        ),
        // The surest is the elder's.
        ("a worse one is left", &["accepts 1", "reports 1"], |s| vec![elder(s)], true),
        ("reports only, and nobody else", &["reports 1"], |_| vec![], false),
        ("reports enough for both", &["reports 2"], |s| vec![elder(s)], false),
        ("reports only", &["reports 1"], |s| vec![elder(s)], true),
        ("uncertain only", &["doubts 1"], |s| vec![elder(s)], true),
        // Who does not take one is not waited for.
        ("it is told by template message", &["accepts 1", "linked", "follows"], |s| vec![elder(s)], false),
        (
            "the credit of this template is refused to it",
            &["accepts 1"],
            |s| {
                let mut other = elder(s);
                other.pushes[0].refused.push(Channel::MiniSubscription);
                vec![other]
            },
            false,
        ),
        (
            "it is done",
            &["accepts 1"],
            |s| vec![Reminder { status: Status::Done { at: s.now }, ..elder(s) }],
            false,
        ),
        (
            "it was sent",
            &["accepts 1"],
            |s| {
                let mut other = elder(s);
                other.pushes[0].state = State::Undeliverable { at: s.now, rest: Rest::Unreachable };
                vec![other]
            },
            false,
        ),
        (
            "it is tried again within the minute",
            &["accepts 1"],
            |s| {
                let mut other = elder(s);
                other.pushes[0].state = State::Retrying { at: s.now + SignedDuration::from_secs(60) };
                vec![other]
            },
            true,
        ),
        (
            "it is tried again later",
            &["accepts 1"],
            |s| {
                let mut other = elder(s);
                other.pushes[0].state = State::Retrying { at: s.now + SignedDuration::from_secs(61) };
                vec![other]
            },
            false,
        ),
        ("it is late", &["accepts 1"], |s| vec![other(s, -180, 1)], true),
        ("it was forgotten", &["accepts 1"], |s| vec![other(s, -181, 1)], false),
    ];
    for (case, user, others, expected) in rows {
        let situation = Situation::at(NINE).user(user);
        let attempt = situation.attempt(Channel::MiniSubscription);
        let found = gives_precedence(&attempt, &situation.facts(), &others(&situation));
        assert_eq!(found, *expected, "{case}");
    }
    for (case, begun, template, reserved, expected) in [
        ("it has begun", 10, None, false, true),
        ("it has taken its credit", 10, None, true, false),
        ("its run did not come back", 45, None, false, false),
        ("on another template", 10, Some("another"), false, false),
    ] {
        let mut situation = Situation::at(NINE).user(&["accepts 2"]);
        let attempt = situation.attempt(Channel::MiniSubscription);
        let (now, user) = (situation.now, situation.user.as_mut().expect("a user"));
        let ledger = user.ledger(attempt.one_time_template.as_deref().expect("a template"));
        let first = if reserved { "theirs" } else { "somebody else's" };
        assert!(ledger.reserve(first, false, now), "{case}");
        let others = [sending(&situation, begun, template)];
        assert_eq!(gives_precedence(&attempt, &situation.facts(), &others), expected, "{case}");
    }
}

#[test]
fn others_are_asked_about_only_where_credits_are_few_and_there_is_time() {
    let rows: &[(&str, &[&str], Channel, &str, bool)] = &[
        ("three", &["accepts 3"], Channel::MiniSubscription, "2027-03-01T00:00:00+08:00", true),
        ("four", &["accepts 4"], Channel::MiniSubscription, "2027-03-01T00:00:00+08:00", false),
        ("reports", &["reports 1"], Channel::MiniSubscription, "2027-03-01T00:00:00+08:00", true),
        ("four reports", &["reports 4"], Channel::MiniSubscription, "2027-03-01T00:00:00+08:00", false),
        ("none", &[], Channel::MiniSubscription, "2027-03-01T00:00:00+08:00", false),
        ("it needs none", &["accepts 1"], Channel::ServiceTemplate, "2027-03-01T00:00:00+08:00", false),
        (
            "it is the last call",
            &["accepts 1"],
            Channel::MiniSubscription,
            "2027-02-01T09:02:30+08:00",
            false,
        ),
    ];
    for (case, user, channel, expires_at, expected) in rows {
        let mut situation = Situation::at(NINE).user(user);
        situation.reminder.content.expires_at = instant(expires_at);
        let attempt = situation.attempt(*channel);
        assert_eq!(takes_one_of_few(&attempt, &situation.facts()), *expected, "{case}");
    }
    let situation = Situation::at(NINE).user(&["accepts 1"]);
    let facts = situation.facts();
    let lost = situation.attempt(Channel::MiniSubscription);
    let repeat = facts.attempt(Channel::MiniSubscription, Repeat::Harmless(&lost));
    assert!(!takes_one_of_few(&repeat, &facts), "it rests on the credit of the first");
}
