//! Whose a receipt may be that belongs to no message we know of, row by row; and whom an attempt's receipts come with.

use jiff::Timestamp;

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel::{self, MiniSubscription, ServiceNotification, ServiceTemplate};
use crate::reminder::Repeated;

const NOON: &str = "2027-02-01T12:00:00+08:00";

fn at(seconds: i64) -> Timestamp {
    instant(NOON) + SignedDuration::from_secs(seconds)
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
        let receipt = Receipt {
            msgid: "7".into(),
            template_id,
            create_time: at(seconds),
            received_at: at(seconds),
            outcome: Outcome::Delivered,
            push: None,
        };
        assert_eq!(may_be_of(&attempt, &receipt, &situation.facts()), expected, "{case}");
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
        assert_eq!(recipient(&attempt, &situation.facts()), Some(OpenId::from(expected)), "{channel}");
    }
    let to_nobody = Attempt { follower: None, ..situation.attempt(ServiceTemplate) };
    assert_eq!(recipient(&to_nobody, &situation.facts()), None);
}
