//! What tables of cases are made of: the sample settings, and a user made of words.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::channel::Channel;
use crate::json::error::FieldError;
use crate::person::ledger::Source;
use crate::person::link::{Ground, Link};
use crate::person::user::{Block, Follow, User};
use crate::reminder::content::Content;
use crate::reminder::{Attempt, Preferences, Push, Reminder};
use crate::settings::{Settings, SubscriptionKind, Template};

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) fn settings() -> Settings {
    let document: Value = serde_json::from_str(include_str!("../../../events/settings.json")).expect("JSON");
    Settings::parse(&document).expect("the sample settings are valid")
}

pub(crate) fn long_term(template: &mut Template, channel: Channel) {
    template.of_mut(channel).expect("it is configured").kind = Some(SubscriptionKind::LongTerm);
}

/// What the user did, long before `now`, in words: `linked`, `follows`, `granted`, `accepts N`, `notices N`,
/// `reports N`, `doubts N`, `blocks`, `follows anew`.
pub(crate) fn user(words: &[&str], template: &Template, now: Timestamp) -> User {
    let id = |channel| template.of(channel).expect("it is configured").template_id.clone();
    let (mini, notification) = (id(Channel::MiniSubscription), id(Channel::ServiceNotification));
    let long_ago = now - SignedDuration::from_hours(24 * 5);
    let mut user = User::new("o-alice".into(), long_ago);
    for word in words {
        let (verb, number) = match *word {
            "follows anew" => (*word, "1"),
            _ => word.split_once(' ').unwrap_or((word, "1")),
        };
        for n in 0..number.parse::<i64>().expect("a number") {
            let at = long_ago + SignedDuration::from_hours(n);
            let cause = format!("{verb} {n}");
            match verb {
                "linked" => user.link = Some(Link { openid: "s-alice".into(), ground: Ground::Unionid }),
                "follows" => user.follow = Follow { followed: true, at: Some(long_ago.as_second()) },
                "blocks" => user.block = Block { blocked: true, at: Some(long_ago.as_second() + 60) },
                "follows anew" => user.follow.at = Some(long_ago.as_second() + 120),
                "accepts" => assert!(user.ledger(&mini).accept(&cause, at, false, at)),
                "notices" => assert!(user.ledger(&notification).accept(&cause, at, false, at)),
                // Of prompts of their own, apart from those that WeChat confirmed.
                "reports" => {
                    let at = at + SignedDuration::from_mins(30);
                    assert!(user.ledger(&mini).report(&cause, Source::Events, false, at));
                }
                // Accepts whose attempts nobody knows the outcome of.
                "doubts" => {
                    let at = at + SignedDuration::from_mins(20);
                    let ledger = user.ledger(&mini);
                    assert!(ledger.accept(&cause, at, false, at) && ledger.reserve(&cause, false, at));
                    assert!(ledger.set_uncertain(&cause));
                }
                "granted" => assert!(user.ledger(&mini).accept(&cause, at, true, at)),
                _ => panic!("{word}"),
            }
        }
    }
    user
}

/// What is wrong, as the rows of tables say it.
pub(crate) fn joined(errors: &[FieldError]) -> String {
    let said = |error: &FieldError| format!("{}: {}", error.field, error.rule.message);
    errors.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// Of a user who has none.
pub(crate) static NO_PREFERENCES: Preferences =
    Preferences { timezone: None, quiet_hours: None, default_pushes: Vec::new(), prefer: Vec::new() };

/// A passport with one push that is due at `now`.
pub(crate) fn reminder(now: Timestamp) -> Reminder {
    let content = Content {
        template: "expiry".to_owned(),
        title: "护照".to_owned(),
        note: String::new(),
        expires_at: instant("2027-03-01T00:00:00+08:00"),
        whole_day: false,
        repeat: None,
        timezone: "Asia/Shanghai".to_owned(),
        own_zone: false,
        pushes: Vec::new(),
        page: None,
    };
    let pushes = vec![Push::planned(1, 1, now, now)];
    Reminder::new("o-alice".into(), "aaaaabbbbbcccccddddd".to_owned(), content, pushes, now)
}

/// A first attempt, whose credit is nobody else's.
pub(crate) fn attempt(id: &str, channel: Channel, started_at: Timestamp) -> Attempt {
    Attempt {
        id: id.to_owned(),
        channel,
        started_at,
        follower: None,
        one_time_template: None,
        repeats: Vec::new(),
        credit: None,
        as_settings_ask: false,
        answered: false,
        denials: 0,
    }
}
