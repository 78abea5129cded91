//! Whose a receipt may be that belongs to no message we know of, row by row; and whom an attempt's receipts come with.

use jiff::Timestamp;

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel::{self, MiniSubscription, ServiceNotification, ServiceTemplate};
use crate::reminder::{Repeated, What};

const NOON: &str = "2027-02-01T12:00:00+08:00";

fn at(seconds: i64) -> Timestamp {
    instant(NOON) + SignedDuration::from_secs(seconds)
}

fn receipt(msgid: &str, template_id: Option<TemplateId>, seconds: i64) -> Receipt {
    Receipt {
        msgid: msgid.into(),
        template_id,
        create_time: at(seconds),
        received_at: at(seconds),
        outcome: Outcome::Delivered,
        push: None,
    }
}

/// A message of the push under this attempt, or of nobody knows whom; and its receipt.
fn message(msgid: &str, attempt: Option<&str>, receipt: Option<Receipt>) -> MessageRecord {
    let situation = Situation::at(NOON);
    let push = attempt.map(|attempt| situation.reminder.push_ref(&situation.reminder.pushes[0], attempt));
    MessageRecord { msgid: msgid.into(), push, receipt }
}

#[test]
fn evidence_is_what_was_noted_of_the_attempt_and_what_may_be_its_own() {
    let situation = Situation::at(NOON).user(&["linked", "follows"]);
    let repeats = vec![Repeated { id: "before".to_owned(), started_at: at(-60) }];
    let attempt = Attempt { repeats, ..situation.attempt(ServiceTemplate) };
    let of_another_reminder = || {
        let mut message = message("7", Some("a"), None);
        message.push.as_mut().expect("it has one").id = "another".to_owned();
        message
    };
    let unmatched = |msgid: &str, seconds| message(msgid, None, Some(receipt(msgid, None, seconds)));
    let of_a_template = |seconds| message("7", None, Some(receipt("7", Some("t".into()), seconds)));
    let rows: Vec<(&str, Vec<MessageRecord>, &str)> = vec![
        ("nothing", vec![], ""),
        ("its own answer", vec![message("7", Some("a"), None)], "noted as 7"),
        (
            "with its receipt",
            vec![message("7", Some("a"), Some(receipt("7", None, 3)))],
            "noted as 7, Delivered",
        ),
        ("that of the one before", vec![message("7", Some("before"), None)], "noted as 7"),
        ("that of another attempt", vec![message("7", Some("b"), None)], ""),
        ("that of another reminder", vec![of_another_reminder()], ""),
        ("another's receipt", vec![message("7", Some("b"), Some(receipt("7", None, 3)))], ""),
        ("one of nobody knows whom", vec![unmatched("7", 3)], "something came; perhaps 7"),
        (
            "two, oldest first",
            vec![unmatched("7", 5), unmatched("8", 3)],
            "something came; perhaps 8; perhaps 7",
        ),
        ("WeChat's clock is behind", vec![unmatched("7", -120)], "something came; perhaps 7"),
        ("long before", vec![unmatched("7", -121)], ""),
        ("of something else", vec![of_a_template(3)], "something came"),
        ("of that before as well", vec![of_a_template(3), unmatched("8", -121)], "something came"),
        ("of something else, long before", vec![of_a_template(-121)], ""),
        ("nobody's message without receipt", vec![message("7", None, None)], ""),
    ];
    for (case, messages, expected) in rows {
        let evidence = Evidence::of(messages, &attempt, &situation.facts());
        let mut words = Vec::new();
        words.extend(evidence.noted.map(|noted| {
            let receipt = noted.receipt.map_or(String::new(), |receipt| format!(", {receipt:?}"));
            format!("noted as {}{receipt}", noted.msgid.as_str())
        }));
        words.extend(evidence.has_unmatched.then(|| "something came".to_owned()));
        words.extend(evidence.unmatched.iter().map(|one| format!("perhaps {}", one.msgid.as_str())));
        assert_eq!(words.join("; "), expected, "{case}");
    }
}

#[test]
fn receipt_may_be_of_any_attempt_on_the_same_channel_and_template() {
    let situation = Situation::at(NOON).user(&["linked", "follows", "accepts 1"]);
    let attempt = situation.attempt(MiniSubscription);
    let another = || Attempt { id: "b".to_owned(), ..attempt.clone() };
    for (case, other, expected) in [
        ("itself", attempt.clone(), false),
        ("another", another(), true),
        ("on another channel", Attempt { channel: ServiceNotification, ..another() }, false),
        ("of another template", Attempt { one_time_template: Some("old".to_owned()), ..another() }, false),
    ] {
        assert_eq!(is_like(&attempt, &other), expected, "{case}");
    }
}

#[test]
fn receipt_may_be_of_an_attempt_by_its_moment_and_its_template() {
    let situation = Situation::at(NOON).user(&["linked", "follows", "accepts 1", "notices 1"]);
    let template = |channel: Channel| {
        situation.facts().subscription(channel).map(|own| TemplateId::from(own.template_id.as_str()))
    };
    let repeat = Attempt {
        repeats: vec![Repeated { id: "before".to_owned(), started_at: at(-600) }],
        ..situation.attempt(ServiceTemplate)
    };
    let of_old = Attempt { one_time_template: Some("old".to_owned()), ..situation.attempt(MiniSubscription) };
    let (mini, notice) = (template(MiniSubscription), template(ServiceNotification));
    for (case, attempt, template_id, seconds, expected) in [
        ("seconds after it", situation.attempt(ServiceTemplate), None, 3, true),
        ("WeChat's clock is behind", situation.attempt(ServiceTemplate), None, -60, true),
        ("by more", situation.attempt(ServiceTemplate), None, -61, false),
        ("after the first that it repeats", repeat.clone(), None, -660, true),
        ("before that", repeat, None, -661, false),
        ("of a subscription", situation.attempt(ServiceTemplate), mini.clone(), 3, false),
        ("of its template", situation.attempt(MiniSubscription), mini.clone(), 3, true),
        ("of another", situation.attempt(MiniSubscription), notice.clone(), 3, false),
        ("of none", situation.attempt(MiniSubscription), None, 3, false),
        ("of the notification's", situation.attempt(ServiceNotification), notice, 3, true),
        ("of the settings' by now", of_old.clone(), mini, 3, false),
        ("of the settings' then", of_old, Some("old".into()), 3, true),
    ] {
        assert_eq!(
            may_be_of(&attempt, &receipt("7", template_id, seconds), &situation.facts()),
            expected,
            "{case}"
        );
    }
}

#[test]
fn receipts_of_a_long_term_subscription_name_its_template() {
    let situation = Situation::at(NOON).long_term(MiniSubscription).user(&["granted"]);
    let attempt = situation.attempt(MiniSubscription);
    assert_eq!(attempt.one_time_template, None);
    let template_id = situation.facts().subscription(MiniSubscription).map(|own| own.template_id.clone());
    let named = receipt_template(&attempt, &situation.facts());
    assert_eq!(named.map(|named| named.as_str().to_owned()), template_id);
}

/// Whoever is the user's follower by now.
#[test]
fn receipts_come_with_the_openid_that_it_was_sent_to() {
    let situation = Situation::at(NOON).user(&["linked", "follows"]);
    for (channel, expected) in
        [(MiniSubscription, "o-alice"), (ServiceTemplate, "s-then"), (ServiceNotification, "s-then")]
    {
        let attempt = Attempt { follower: Some("s-then".into()), ..situation.attempt(channel) };
        assert_eq!(
            recipient(&attempt, &situation.reminder.openid),
            Some(OpenId::from(expected)),
            "{channel}"
        );
    }
    let to_nobody = Attempt { follower: None, ..situation.attempt(ServiceTemplate) };
    assert_eq!(recipient(&to_nobody, &situation.reminder.openid), None);
}

#[test]
fn receipt_finds_an_attempt_that_was_given_up_by_its_span_and_its_template() {
    let situation = Situation::at(NOON).user(&["linked", "follows", "accepts 1"]);
    let attempt = situation.attempt(MiniSubscription);
    let repeats = vec![Repeated { id: "before".to_owned(), started_at: at(-600) }];
    let repeat = Attempt { repeats, ..attempt.clone() };
    let template_id = attempt.one_time_template.as_deref().map(TemplateId::from);
    for (case, attempt, template_id, seconds, expected) in [
        ("seconds after it", &attempt, template_id.clone(), 3, true),
        ("WeChat's clock is behind", &attempt, template_id.clone(), -60, true),
        ("by more", &attempt, template_id.clone(), -61, false),
        ("two minutes after it", &attempt, template_id.clone(), 120, true),
        ("later", &attempt, template_id.clone(), 121, false),
        ("after the first that it repeats", &repeat, template_id.clone(), -660, true),
        ("before that", &repeat, template_id, -661, false),
        ("of a template message", &attempt, None, 3, false),
    ] {
        let unknown = unknown_send(attempt, &situation.facts()).expect("somebody gets its receipts");
        assert_eq!(unknown.may_be(&receipt("7", template_id, seconds)), expected, "{case}");
        assert_eq!((unknown.push.attempt.as_str(), unknown.recipient.as_str()), ("a", "o-alice"), "{case}");
    }
    let to_nobody = Attempt { follower: None, ..situation.attempt(ServiceTemplate) };
    assert_eq!(unknown_send(&to_nobody, &situation.facts()), None);
}

#[test]
fn receipt_of_a_message_that_a_reminder_tells_of_is_nobody_elses() {
    let mut reminder = Situation::at(NOON).reminder;
    reminder.timeline.note(at(0), Some(1), What::sent(ServiceTemplate, &"7".into(), ""));
    let receipt = |msgid: &str| Some(receipt(msgid, None, 3));
    let rows = [
        ("told of", message("7", None, receipt("7")), false),
        ("of another message", message("8", None, receipt("8")), true),
        ("taken by a push", message("7", Some("a"), receipt("7")), true),
        ("sent, and nothing came", message("7", Some("a"), None), true),
    ];
    for (case, message, stays) in rows {
        let mut messages = vec![message];
        drop_what_is_known(&mut messages, [&Situation::at(NOON).reminder, &reminder].into_iter());
        assert_eq!(messages.len(), usize::from(stays), "{case}");
    }
}
