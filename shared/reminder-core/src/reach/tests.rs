//! Who can be reached how, row by row: the user, what refused this push already, the routes in order or why there is none.

use super::*;
use crate::cases::{instant, long_term, settings, user};

const NOON: &str = "2027-02-01T12:00:00+08:00";

struct Row {
    user: &'static [&'static str],
    refused: &'static [Channel],
    wordless: &'static [Channel],
    service_account: bool,
    long_term: bool,
    expected: &'static str,
}

const ROW: Row =
    Row { user: &[], refused: &[], wordless: &[], service_account: true, long_term: false, expected: "" };

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
        Row { user: &["reports 1"], expected: "mini_subscription", ..ROW },
        Row { user: &["reports 3"], expected: "mini_subscription", ..ROW },
        Row {
            user: &["reports 1", "linked", "notices 1"],
            expected: "service_notification > mini_subscription",
            ..ROW
        },
        Row {
            user: &["reports 3", "linked", "follows"],
            expected: "service_template > mini_subscription",
            ..ROW
        },
        Row {
            user: &["reports 1"],
            refused: &[MiniSubscription],
            expected: "none: not_following, mini_subscription_refused, not_linked",
            ..ROW
        },
        // Last of all what WeChat may not have any more.
        Row { user: &["doubts 1"], expected: "mini_subscription", ..ROW },
        Row {
            user: &["doubts 1", "linked", "notices 1"],
            expected: "service_notification > mini_subscription",
            ..ROW
        },
        Row {
            user: &["doubts 1", "linked", "follows"],
            expected: "service_template > mini_subscription",
            ..ROW
        },
        Row {
            user: &["accepts 1", "doubts 1", "linked", "notices 1"],
            expected: "mini_subscription > service_notification",
            ..ROW
        },
        // Rather in their own words than first of all.
        Row {
            user: &["linked", "follows", "accepts 1", "reports 1"],
            wordless: &[ServiceTemplate],
            expected: "mini_subscription > service_template",
            ..ROW
        },
        Row {
            user: &["linked", "follows", "reports 1"],
            wordless: &[ServiceTemplate],
            expected: "mini_subscription > service_template",
            ..ROW
        },
        Row {
            user: &["linked", "follows"],
            wordless: &[ServiceTemplate, MiniSubscription],
            expected: "service_template",
            ..ROW
        },
        // Who refused the account's messages is asked again when nothing else is left.
        Row { user: &["linked", "follows", "blocks"], expected: "service_template", ..ROW },
        Row {
            user: &["linked", "follows", "blocks", "doubts 1", "notices 1"],
            expected: "service_notification > mini_subscription > service_template",
            ..ROW
        },
        Row {
            user: &["linked", "follows", "blocks", "follows anew", "accepts 1"],
            expected: "service_template > mini_subscription",
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
        let mut template = settings().templates["expiry"].clone();
        if row.long_term {
            long_term(&mut template, MiniSubscription);
        }
        let now = instant(NOON);
        let user = user(row.user, &template, now);
        let (refused, wordless) = (row.refused.to_vec(), row.wordless.to_vec());
        let push = Push { refused, wordless, ..Push::planned(1, 1, now, now) };
        let plan = plan(&user, &push, &template, row.service_account);
        let routes: Vec<&str> = plan.routes.iter().map(|route| route.channel.as_str()).collect();
        let obstacles: Vec<String> = plan.obstacles.iter().map(ToString::to_string).collect();
        let found = match routes.is_empty() {
            true => format!("none: {}", obstacles.join(", ")),
            false => routes.join(" > "),
        };
        assert_eq!(found, row.expected, "{:?}, refused by {:?}", row.user, row.refused);
    }
}

#[test]
fn means_are_sure_unless_the_credit_may_be_gone_or_they_refuse() {
    let accepts = |left| Means::Accepts { template_id: "t".to_owned(), left };
    for (means, expected) in [
        (Means::Follows, true),
        (Means::Blocked, false),
        (Means::LongTerm(Standing::Confirmed), true),
        (Means::LongTerm(Standing::Reported), true),
        (Means::LongTerm(Standing::Uncertain), false),
        (accepts([1, 0, 0]), true),
        (accepts([0, 1, 1]), true),
        (accepts([0, 0, 1]), false),
        (accepts([0, 0, 0]), false),
    ] {
        assert_eq!(means.is_sure(), expected, "{means:?}");
    }
}

#[test]
fn what_the_user_or_the_push_prefers_comes_first() {
    use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};
    let settings = settings();
    let rows: &[(&[Channel], &[Channel], &str, &str)] = &[
        (&[], &[], "accepts 1", "service_template > mini_subscription > service_notification"),
        (
            &[MiniSubscription],
            &[],
            "accepts 1",
            "mini_subscription > service_template > service_notification",
        ),
        (
            &[ServiceNotification, MiniSubscription],
            &[],
            "accepts 1",
            "service_notification > mini_subscription > service_template",
        ),
        (&[], &[MiniSubscription], "accepts 1", "mini_subscription"),
        // What the push names counts, and what is sure before what is not.
        (
            &[ServiceTemplate],
            &[ServiceNotification, MiniSubscription],
            "accepts 1",
            "service_notification > mini_subscription",
        ),
        (&[MiniSubscription], &[], "doubts 1", "service_template > service_notification > mini_subscription"),
    ];
    for (prefer, channels, accepts, expected) in rows {
        let words = ["linked", "follows", "notices 1", accepts];
        let mut user = user(&words, &settings.templates["expiry"], instant(NOON));
        user.preferences.prefer = prefer.to_vec();
        let push = Push { channels: channels.to_vec(), ..Push::planned(1, 1, instant(NOON), instant(NOON)) };
        let found = plan(&user, &push, &settings.templates["expiry"], true);
        let routes: Vec<&str> = found.routes.iter().map(|route| route.channel.as_str()).collect();
        assert_eq!(routes.join(" > "), *expected, "{prefer:?} {channels:?} {accepts}");
    }
    // A channel that the settings have lost is a reason of its own.
    let mut fewer = settings.templates["expiry"].clone();
    fewer.channels.retain(|channel| *channel != MiniSubscription);
    let user = user(&["linked", "follows"], &settings.templates["expiry"], instant(NOON));
    let push = Push { channels: vec![MiniSubscription], ..Push::planned(1, 1, instant(NOON), instant(NOON)) };
    let found = plan(&user, &push, &fewer, true);
    assert_eq!((found.routes.len(), found.obstacles), (0, vec![Obstacle::NotConfigured(MiniSubscription)]));
}
