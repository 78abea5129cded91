//! What is read out of a situation, row by row: the user, the channel, what the settings say of it.

use super::super::situation::Situation;
use super::*;
use crate::channel::Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};
use crate::person::ledger::{Ledger, Source};

const NOON: &str = "2027-02-01T12:00:00+08:00";

#[test]
fn grant_is_to_be_confirmed_where_only_wechat_can_tell_that_there_is_one() {
    type Learnt = fn(&mut Ledger, Timestamp);
    let event: Learnt = |ledger, at| assert!(ledger.accept("event", at, true, at));
    let report: Learnt = |ledger, at| assert!(ledger.report("report", Source::Events, true, at));
    let denied: Learnt = |ledger, at| {
        assert!(ledger.accept("event", at, true, at));
        ledger.exhausted("a", at);
    };
    let nothing: Learnt = |_, _| {};
    for (case, learnt, channel, long_term, expected) in [
        ("its event came", event, MiniSubscription, true, false),
        ("only the page told of it", report, MiniSubscription, true, true),
        ("WeChat denied it", denied, MiniSubscription, true, true),
        ("none was granted", nothing, MiniSubscription, true, false),
        ("prompts are good for one message each", report, MiniSubscription, false, false),
        ("of the other account", report, ServiceNotification, true, false),
        ("no prompt is needed", report, ServiceTemplate, true, false),
    ] {
        let mut situation = Situation::at(NOON);
        if long_term {
            situation = situation.long_term(MiniSubscription);
        }
        let now = situation.now;
        let template_id = situation.facts().subscription(MiniSubscription).expect("set").template_id.clone();
        learnt(situation.user.as_mut().expect("a user").ledger(&template_id), now);
        let found = situation.facts().grant_to_confirm(channel).map(str::to_owned);
        assert_eq!(found, expected.then_some(template_id), "{case}");
    }
}

#[test]
fn service_account_sends_to_the_follower_whom_the_user_is_linked_with() {
    for channel in Channel::ALL {
        let linked = Situation::at(NOON).user(&["linked"]);
        let of_service_account = channel != MiniSubscription;
        let expected = of_service_account.then(|| OpenId::from("s-alice"));
        assert_eq!(linked.facts().follower(channel).cloned(), expected, "{channel}");
        assert_eq!(linked.attempt(channel).follower, expected, "{channel}");
        assert_eq!(Situation::at(NOON).facts().follower(channel), None, "{channel}: nobody knows whom");
        let forgotten = Situation { user: None, ..linked };
        assert_eq!(forgotten.facts().follower(channel), None, "{channel}: they were forgotten");
    }
}

#[test]
fn attempt_takes_over_what_is_known_of_the_one_it_repeats() {
    let mut situation = Situation::at(NOON).user(&["accepts 2"]);
    let first = Attempt { answered: true, denials: 1, ..situation.attempt(MiniSubscription) };
    situation.now += SignedDuration::from_mins(1);
    let facts = situation.facts();
    let template_id = facts.subscription(MiniSubscription).map(|own| own.template_id.clone());
    let [anew, harmless, asked] = [Repeat::No, Repeat::Harmless(&first), Repeat::AsSettingsAsk(&first)]
        .map(|repeat| facts.attempt(MiniSubscription, repeat));
    for (attempt, repeats, credit, as_settings_ask) in [
        (&anew, vec![], None, false),
        (&harmless, vec!["a"], Some("a"), false),
        (&asked, vec!["a"], None, true),
    ] {
        assert_eq!((attempt.id.as_str(), attempt.started_at), ("next", situation.now));
        assert_eq!(attempt.one_time_template, template_id);
        let ids: Vec<&str> = attempt.repeats.iter().map(|repeated| repeated.id.as_str()).collect();
        assert_eq!(ids, repeats);
        assert_eq!((attempt.credit.as_deref(), attempt.as_settings_ask), (credit, as_settings_ask));
        assert_eq!(
            (attempt.answered, attempt.denials),
            (!repeats.is_empty(), u32::from(!repeats.is_empty()))
        );
    }
    let long_term = Situation::at(NOON).long_term(MiniSubscription);
    assert_eq!(long_term.attempt(MiniSubscription).one_time_template, None);
}

#[test]
fn run_may_send_for_fifteen_seconds() {
    for (seconds, expected) in [(0, true), (15, true), (16, false)] {
        let mut situation = Situation::at(NOON);
        situation.now += SignedDuration::from_secs(seconds);
        assert_eq!(situation.facts().may_send(), expected, "{seconds}");
    }
}
