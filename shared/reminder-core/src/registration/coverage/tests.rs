//! Promises and routes are held to each other.

use jiff::SignedDuration;

use super::*;
use crate::cases::{instant, reminder, settings, user};
use crate::channel::Channel;
use crate::reminder::{Rest, State};
use crate::settings::Settings;

const NOON: &str = "2027-02-01T12:00:00+08:00";

const USERS: &[&[&str]] = &[
    &[],
    &["linked"],
    &["follows"],
    &["linked", "follows"],
    &["accepts 1"],
    &["reports 1"],
    &["accepts 1", "reports 1"],
    &["doubts 1"],
    &["linked", "notices 1", "doubts 1"],
    &["notices 1"],
    &["linked", "notices 1"],
    &["linked", "follows", "accepts 1", "notices 1"],
    &["granted"],
    &["linked", "follows", "blocks"],
    &["linked", "follows", "blocks", "accepts 1"],
];

/// Every set of channels that refused a push.
fn refusals() -> impl Iterator<Item = Vec<Channel>> {
    (0..1 << Channel::ALL.len()).map(|set| {
        let channels = Channel::ALL.into_iter().enumerate();
        channels.filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, channel)| channel).collect()
    })
}

#[test]
fn a_push_is_covered_exactly_when_a_route_exists() {
    let (now, settings) = (instant(NOON), settings());
    let template = &settings.templates["expiry"];
    let mut covered = 0;
    for words in USERS {
        for refused in refusals() {
            for service_account in [true, false] {
                let user = user(words, template, now);
                let mut reminder = reminder(now);
                reminder.pushes[0].refused.clone_from(&refused);
                let routes = plan(&user, &reminder.pushes[0], template, service_account).routes;
                let coverage = coverage(&reminder, &[], &user, &settings, service_account, now);
                let case = format!("{words:?}, refused by {refused:?}, service account: {service_account}");
                let exists = routes.iter().any(|route| route.means != Means::Blocked);
                assert_eq!(coverage.covered() == 1, exists, "{case}");
                let is_sure = coverage.confirmed + coverage.reported == 1;
                assert_eq!(coverage.ask.is_empty(), is_sure, "{case}");
                assert!(!user.is_blocked() || !coverage.ask.contains(&Ask::Follow), "{case}: they follow");
                covered += coverage.covered();
            }
        }
    }
    assert!(covered > 40, "{covered} were covered");
}

/// Pushes of a reminder that expires in a month: days before noon of its last day.
fn with_pushes(count: i64) -> Reminder {
    let now = instant(NOON);
    let mut reminder = reminder(now);
    reminder.pushes = (1..=count)
        .map(|n| {
            let at = now + SignedDuration::from_hours(24 * n);
            Push::planned(u8::try_from(n).expect("few"), 1, at, at)
        })
        .collect();
    reminder
}

/// How many pushes are still to come; of them how many are confirmed, reported, uncertain; and what to ask.
type Found = (usize, [usize; 3], Vec<Ask>);

fn of(reminder: &Reminder, others: &[Reminder], words: &[&str], settings: &Settings) -> Found {
    let now = instant(NOON);
    let user = user(words, &settings.templates["expiry"], now);
    let Coverage { pushes, confirmed, reported, uncertain, ask, resting: _ } =
        coverage(reminder, others, &user, settings, true, now);
    (pushes, [confirmed, reported, uncertain], ask)
}

#[test]
fn a_credit_is_promised_once() {
    use Ask::{Follow, Subscribe};
    let settings = settings();
    let rows: &[(i64, &[&str], Found)] = &[
        (3, &["linked", "follows"], (3, [3, 0, 0], vec![])),
        (3, &["accepts 2"], (3, [2, 0, 0], vec![Subscribe, Follow])),
        (3, &["accepts 1"], (3, [1, 0, 0], vec![Follow, Subscribe])),
        (3, &["accepts 1", "reports 1"], (3, [1, 1, 0], vec![Subscribe, Follow])),
        (3, &["accepts 2", "linked", "notices 1"], (3, [3, 0, 0], vec![])),
        (1, &[], (1, [0, 0, 0], vec![Subscribe, Follow])),
        // However many were reported.
        (3, &["reports 7"], (3, [0, 3, 0], vec![])),
        // The surest first, on whichever channel.
        (3, &["accepts 1", "reports 1", "linked", "notices 1"], (3, [2, 1, 0], vec![])),
        // What may be gone is a promise of one last attempt, and nothing to rely on.
        (1, &["doubts 1"], (1, [0, 0, 1], vec![Subscribe, Follow])),
        (3, &["accepts 1", "reports 1", "doubts 2"], (3, [1, 1, 1], vec![Subscribe, Follow])),
        (3, &["linked", "follows", "doubts 1"], (3, [3, 0, 0], vec![])),
        // A follower who refuses the account's messages is reached by accepted prompts only.
        (3, &["linked", "follows", "blocks"], (3, [0, 0, 0], vec![Subscribe])),
        (3, &["linked", "follows", "blocks", "accepts 1"], (3, [1, 0, 0], vec![Subscribe])),
        (3, &["linked", "follows", "blocks", "follows anew"], (3, [3, 0, 0], vec![])),
    ];
    for (pushes, words, expected) in rows {
        assert_eq!(of(&with_pushes(*pushes), &[], words, &settings), *expected, "{pushes} {words:?}");
    }
}

#[test]
fn a_credit_goes_to_the_elder_reminder_whichever_is_asked_about() {
    let settings = settings();
    let elder = with_pushes(1);
    let mut younger = with_pushes(1);
    younger.id = "younger".to_owned();
    younger.created_at += SignedDuration::from_secs(1);
    let both = [elder.clone(), younger.clone()];
    assert_eq!(of(&elder, &both, &["accepts 1"], &settings).1, [1, 0, 0]);
    assert_eq!(of(&younger, &both, &["accepts 1"], &settings).1, [0, 0, 0]);
    let mut expired = elder.clone();
    expired.content.expires_at = instant(NOON);
    let asks_for_none = [expired, younger.clone()];
    assert_eq!(of(&younger, &asks_for_none, &["accepts 1"], &settings).1, [1, 0, 0]);
}

#[test]
fn what_was_never_told_and_is_not_to_come_is_counted() {
    let (now, settings) = (instant(NOON), settings());
    let user = user(&["accepts 3"], &settings.templates["expiry"], now);
    let rests = |rest| State::Undeliverable { at: now, rest };
    let unknown = State::Unknown { channel: Channel::MiniSubscription, at: now, attempt: "a".to_owned() };
    let told = State::Delivered { channel: Channel::MiniSubscription, at: now };
    let rows = [
        (vec![], 0),
        (vec![rests(Rest::Unreachable), rests(Rest::Unfit), unknown.clone()], 3),
        (vec![unknown, told.clone()], 0),
        (vec![told, rests(Rest::Unreachable)], 1),
        (vec![rests(Rest::Expired)], 0),
        (vec![State::Skipped], 0),
    ];
    for (states, expected) in rows {
        let mut reminder = with_pushes(3);
        for (push, state) in reminder.pushes.iter_mut().zip(&states) {
            push.state = state.clone();
        }
        let found = coverage(&reminder, &[], &user, &settings, true, now);
        assert_eq!((found.resting, found.pushes), (expected, 3 - states.len()), "{states:?}");
        reminder.content.expires_at = now;
        assert_eq!(coverage(&reminder, &[], &user, &settings, true, now).resting, 0, "expired {states:?}");
    }
}
