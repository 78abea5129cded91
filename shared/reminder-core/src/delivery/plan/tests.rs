//! Who can be reached how, row by row: the user, what refused this push already, the routes in order or why there is none.

use serde_json::Value;

use super::*;
use crate::person::ledger::Source;
use crate::person::user::Follow;
use crate::settings::Settings;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("in range")
}

fn template() -> Template {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../events/settings.json")).expect("JSON");
    let settings = Settings::parse(&document).expect("the sample settings are valid");
    settings.templates["expiry"].clone()
}

/// A user made of words: `linked`, `follows`, `accepts N`, `reported S` seconds ago, `notices N`, `granted`.
fn user(words: &[&str], template: &Template, now: Timestamp) -> User {
    let id = |subscription: &Option<Subscription>| {
        subscription.as_ref().map(|subscription| subscription.template_id.clone()).unwrap_or_default()
    };
    let (mini, notification) = (id(&template.mini_subscription), id(&template.service_notification));
    let mut user = User::new("o-alice".into(), at(0));
    for word in words {
        let (verb, number) = word.split_once(' ').unwrap_or((word, "1"));
        let number: i64 = number.parse().expect("a number");
        match verb {
            "linked" => user.service_openid = Some("s-alice".into()),
            "follows" => user.follow = Follow { followed: true, at: Some(0) },
            "accepts" => (0..number).for_each(|n| {
                user.ledger(&mini).accept(&format!("e{n}"), at(n), false, at(n));
            }),
            "notices" => (0..number).for_each(|n| {
                user.ledger(&notification).accept(&format!("e{n}"), at(n), false, at(n));
            }),
            "granted" => {
                user.ledger(&mini).accept("e", at(0), true, at(0));
            }
            "reported" => {
                let reported_at = now - jiff::SignedDuration::from_secs(number);
                user.ledger(&mini).report("r", Source::Events, false, reported_at);
            }
            _ => panic!("{word}"),
        }
    }
    user
}

struct Row {
    user: &'static [&'static str],
    refused: &'static [Channel],
    service_account: bool,
    long_term: bool,
    expected: &'static str,
}

const ROW: Row = Row { user: &[], refused: &[], service_account: true, long_term: false, expected: "" };

#[test]
fn a_plan_names_the_routes_best_first_or_why_there_is_none() {
    use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};
    let rows = [
        Row { expected: "none: not_following, no_credit, not_linked", ..ROW },
        Row {
            service_account: false,
            expected: "none: no_service_account, no_credit, no_service_account",
            ..ROW
        },
        Row { user: &["linked"], expected: "none: not_following, no_credit", ..ROW },
        // Who follows but is not known by that openid cannot be written to.
        Row { user: &["follows"], expected: "none: not_following, no_credit, not_linked", ..ROW },
        Row { user: &["linked", "follows"], expected: "service_template", ..ROW },
        Row {
            user: &["linked", "follows"],
            service_account: false,
            expected: "none: no_service_account, no_credit, no_service_account",
            ..ROW
        },
        Row { user: &["accepts 1"], expected: "mini_subscription", ..ROW },
        Row { user: &["accepts 1"], service_account: false, expected: "mini_subscription", ..ROW },
        Row { user: &["linked", "notices 1"], expected: "service_notification", ..ROW },
        // After an unfollow, too.
        Row {
            user: &["linked", "notices 2", "accepts 1"],
            expected: "mini_subscription > service_notification",
            ..ROW
        },
        Row { user: &["notices 1"], expected: "none: not_following, no_credit, not_linked", ..ROW },
        Row {
            user: &["linked", "follows", "accepts 3", "notices 1"],
            expected: "service_template > mini_subscription > service_notification",
            ..ROW
        },
        // What refused this push is not asked again.
        Row {
            user: &["linked", "follows", "accepts 1"],
            refused: &[ServiceTemplate],
            expected: "mini_subscription",
            ..ROW
        },
        Row {
            user: &["accepts 1"],
            refused: &[MiniSubscription],
            expected: "none: not_following, mini_subscription_refused, not_linked",
            ..ROW
        },
        Row {
            user: &["linked", "follows", "accepts 1", "notices 1"],
            refused: &[ServiceTemplate, MiniSubscription, ServiceNotification],
            expected: "none: service_template_refused, mini_subscription_refused, service_notification_refused",
            ..ROW
        },
        // An accept that only the mini program reported is worth one attempt, when nothing better is left.
        Row { user: &["reported 30"], expected: "mini_subscription", ..ROW },
        Row { user: &["reported 3600"], expected: "mini_subscription", ..ROW },
        Row {
            user: &["reported 30", "linked", "notices 1"],
            expected: "service_notification > mini_subscription",
            ..ROW
        },
        Row {
            user: &["reported 3600", "linked", "follows"],
            expected: "service_template > mini_subscription",
            ..ROW
        },
        Row {
            user: &["reported 30"],
            refused: &[MiniSubscription],
            expected: "none: not_following, mini_subscription_refused, not_linked",
            ..ROW
        },
        // Long-term templates.
        Row { user: &["granted"], long_term: true, expected: "mini_subscription", ..ROW },
        Row {
            user: &[],
            long_term: true,
            expected: "none: not_following, no_subscription, not_linked",
            ..ROW
        },
        // A grant is no credit where the settings say that each message needs an accept.
        Row { user: &["granted"], expected: "none: not_following, no_credit, not_linked", ..ROW },
    ];
    for row in rows {
        let mut template = template();
        if row.long_term
            && let Some(subscription) = &mut template.mini_subscription
        {
            subscription.kind = SubscriptionKind::LongTerm;
        }
        let now = at(100_000);
        let user = user(row.user, &template, now);
        let mut push = Push::planned(1, 1, now, now);
        push.refused = row.refused.to_vec();
        let plan = plan(&user, &push, &template, row.service_account, now);
        let routes: Vec<&str> = plan.routes.iter().map(|route| route.channel.as_str()).collect();
        let found = match routes.is_empty() {
            true => format!("none: {}", plan.missing.join(", ")),
            false => routes.join(" > "),
        };
        assert_eq!(found, row.expected, "{:?}, refused by {:?}", row.user, row.refused);
    }
}
