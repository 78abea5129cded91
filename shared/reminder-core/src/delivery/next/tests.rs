//! What is done with a push, row by row: its state, the user, the moment.

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel;
use crate::reminder::Status;

const NOON: &str = "2027-02-01T12:00:00+08:00";
const NIGHT: &str = "2027-02-01T23:00:00+08:00";

/// A step in words; moments as the clock shows them in Shanghai.
fn words(step: &Step) -> String {
    let clock = |at: &Timestamp| at.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone"));
    match step {
        Step::Rest => "rest".to_owned(),
        Step::Begin { attempt, why } => format!("begin {}: {why}", attempt.channel),
        Step::Postpone { at, reason } => format!("postpone to {}: {reason}", clock(at).strftime("%d %H:%M")),
        Step::GiveUp { reason, .. } => format!("give up: {reason}"),
        Step::Abandon { look_at } => format!("abandon, look at {}", clock(look_at).strftime("%H:%M:%S")),
        Step::Resolve(attempt) => format!("resolve {}", attempt.channel),
    }
}

fn check(situation: &Situation, expected: &str, case: &str) {
    assert_eq!(words(&next(&situation.facts())), expected, "{case}");
}

type Alter = fn(&mut Situation);

#[test]
fn a_push_that_waits_begins_where_a_route_exists() {
    let rows: &[(&str, &str, &[&str], Alter, &str)] = &[
        (
            "due",
            NOON,
            &["linked", "follows"],
            |_| {},
            "begin service_template: the user follows the service account",
        ),
        ("due", NOON, &["accepts 2"], |_| {}, "begin mini_subscription: 2 of the accepted prompts left"),
        (
            "due",
            NOON,
            &["granted"],
            |s| *s = Situation::at(NOON).long_term(Channel::MiniSubscription).user(&["granted"]),
            "begin mini_subscription: a long-term subscription",
        ),
        (
            "due",
            NOON,
            &["reports 1"],
            |_| {},
            "begin mini_subscription: an accepted prompt was reported, but never confirmed by WeChat",
        ),
        ("nobody can be reached", NOON, &[], |_| {}, "give up: not_following, no_credit, not_linked"),
        ("its user is gone", NOON, &[], |s| s.user = None, "give up: user_unknown"),
        (
            "five seconds early",
            NOON,
            &["accepts 1"],
            |s| s.now -= SignedDuration::from_secs(5),
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        ("six seconds early", NOON, &["accepts 1"], |s| s.now -= SignedDuration::from_secs(6), "rest"),
        (
            "retried in time",
            NOON,
            &["accepts 1"],
            |s| s.push().state = State::Retrying { at: instant(NOON) },
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        (
            "retried too early",
            NOON,
            &["accepts 1"],
            |s| s.push().state = State::Retrying { at: instant(NIGHT) },
            "rest",
        ),
        // Its schedule was made late; the moment is the user's all the same.
        (
            "moment passed, schedule not",
            NOON,
            &["accepts 1"],
            |s| s.push().state = State::Scheduled { wakes_at: instant(NIGHT) },
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        (
            "at once, schedule not yet",
            NOON,
            &["accepts 1"],
            |s| {
                s.push().at_once = true;
                s.push().state = State::Scheduled { wakes_at: instant(NIGHT) }
            },
            "rest",
        ),
        // The end of the item.
        ("expired", "2027-03-01T00:00:00+08:00", &["accepts 1"], |_| {}, "give up: expired"),
        (
            "done",
            NOON,
            &["accepts 1"],
            |s| s.reminder.status = Status::Done { at: s.now },
            "give up: expired",
        ),
        (
            "deleted",
            NOON,
            &["accepts 1"],
            |s| s.reminder.status = Status::Deleted { at: s.now },
            "give up: expired",
        ),
    ];
    for (case, now, user, alter, expected) in rows {
        let mut situation = Situation::at(now).user(user);
        alter(&mut situation);
        check(&situation, expected, case);
    }
}

#[test]
fn quiet_hours_bind_the_moments_that_we_choose() {
    let retried: Alter = |s| s.push().state = State::Retrying { at: s.now };
    let rows: &[(&str, &str, Alter, &str)] = &[
        (
            "the user chose the night",
            NIGHT,
            |_| {},
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        ("a retry", NIGHT, retried, "postpone to 02 08:00: quiet_hours"),
        ("at once", NIGHT, |s| s.push().at_once = true, "postpone to 02 08:00: quiet_hours"),
        (
            "a retry at their end",
            "2027-02-02T08:00:00+08:00",
            retried,
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        ("a retry by day", NOON, retried, "begin mini_subscription: 1 of the accepted prompts left"),
        // Rather at night than never.
        (
            "a retry, and it expires before they end",
            NIGHT,
            |s| {
                s.push().state = State::Retrying { at: s.now };
                s.reminder.content.expires_at = instant("2027-02-02T08:01:00+08:00")
            },
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        (
            "a retry, and it expires after they end",
            NIGHT,
            |s| {
                s.push().state = State::Retrying { at: s.now };
                s.reminder.content.expires_at = instant("2027-02-02T08:02:00+08:00")
            },
            "postpone to 02 08:00: quiet_hours",
        ),
        // The hours are those of the reminder's zone, not the settings'.
        (
            "missed by ten minutes",
            NIGHT,
            |s| s.push().fires_at -= SignedDuration::from_mins(10),
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        (
            "missed by more",
            NIGHT,
            |s| s.push().fires_at -= SignedDuration::from_secs(601),
            "postpone to 02 08:00: quiet_hours",
        ),
        (
            "the user lives in New York",
            NIGHT,
            |s| {
                s.push().state = State::Retrying { at: s.now };
                s.reminder.content.timezone = "America/New_York".to_owned()
            },
            "begin mini_subscription: 1 of the accepted prompts left",
        ),
        (
            "it is night in New York",
            NOON,
            |s| {
                s.push().state = State::Retrying { at: s.now };
                s.reminder.content.timezone = "America/New_York".to_owned()
            },
            "postpone to 01 21:00: quiet_hours",
        ),
    ];
    for (case, now, alter, expected) in rows {
        let mut situation = Situation::at(now).user(&["accepts 1"]);
        alter(&mut situation);
        check(&situation, expected, case);
    }
}

#[test]
fn a_template_that_is_missing_from_the_settings_may_come_back() {
    let rows = [
        ("2027-03-01T00:00:00+08:00", "postpone to 01 13:00: template_not_in_settings"),
        ("2027-02-01T13:00:00+08:00", "give up: template_not_in_settings"),
    ];
    for (expires_at, expected) in rows {
        let mut situation = Situation::at(NOON).user(&["accepts 1"]);
        situation.reminder.content.template = "warranty".to_owned();
        situation.reminder.content.expires_at = instant(expires_at);
        check(&situation, expected, expires_at);
    }
}

#[test]
fn an_attempt_is_alone_with_its_push_until_its_lease_ends() {
    use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};
    let rows = [
        // So many seconds after it began.
        (ServiceTemplate, 44, "rest"),
        (ServiceTemplate, 45, "abandon, look at 12:00:45"),
        (ServiceTemplate, 539, "abandon, look at 12:08:59"),
        // WeChat has forgotten its id by the time it could be repeated.
        (ServiceTemplate, 540, "abandon, look at 12:09:00"),
        (MiniSubscription, 44, "rest"),
        (MiniSubscription, 45, "abandon, look at 12:05:00"),
        (MiniSubscription, 301, "abandon, look at 12:05:01"),
        (ServiceNotification, 60, "abandon, look at 12:05:00"),
    ];
    for (channel, seconds, expected) in rows {
        let mut situation = Situation::at(NOON).user(&["linked", "follows", "accepts 1"]);
        let attempt = situation.attempt(channel);
        situation.push().state = State::Sending { due: attempt.started_at, attempt };
        situation.now += SignedDuration::from_secs(seconds);
        check(&situation, expected, &format!("{channel} {seconds}"));
    }
}

/// WeChat remembers the id since the first of them.
#[test]
fn repeat_that_is_abandoned_is_repeated_by_when_the_first_attempt_began() {
    for (first_s_ago, expected) in [(539, "abandon, look at 12:01:00"), (540, "abandon, look at 12:05:00")] {
        let mut situation = Situation::at(NOON).user(&["linked", "follows"]);
        let attempt = situation.attempt(Channel::ServiceTemplate);
        situation.now += SignedDuration::from_secs(60);
        let first = situation.now - SignedDuration::from_secs(first_s_ago);
        situation.push().first_template_attempt = Some(first);
        situation.push().state = State::Sending { due: attempt.started_at, attempt };
        check(&situation, expected, &format!("{first_s_ago} s ago"));
    }
}

#[test]
fn an_outcome_is_looked_for_when_it_is_time_and_what_has_ended_rests() {
    let mut situation = Situation::at(NOON);
    let attempt = situation.attempt(Channel::MiniSubscription);
    let at = situation.now;
    let unresolved = |look_at| State::Unresolved { attempt: attempt.clone(), look_at };
    let (channel, id) = (attempt.channel, attempt.id.clone());
    let rows = [
        (unresolved(at), "resolve mini_subscription"),
        (unresolved(at + SignedDuration::from_secs(5)), "resolve mini_subscription"),
        (unresolved(at + SignedDuration::from_secs(6)), "rest"),
        (State::Sent { channel, at, msgid: None, attempt: id.clone() }, "rest"),
        (State::Delivered { channel, at }, "rest"),
        (State::Unknown { channel, at, attempt: id }, "rest"),
        (State::Undeliverable { at, rest: Rest::Unreachable }, "rest"),
        (State::Skipped, "rest"),
        (State::Cancelled { at }, "rest"),
    ];
    for (state, expected) in rows {
        situation.push().state = state.clone();
        check(&situation, expected, &format!("{state:?}"));
    }
}

#[test]
fn pushes_of_one_night_do_not_begin_in_one_second() {
    let at = |id: &str| {
        let mut situation = Situation::at(NIGHT).user(&["accepts 1"]);
        situation.reminder.id = id.to_owned();
        situation.push().at_once = true;
        match next(&situation.facts()) {
            Step::Postpone { at, .. } => at,
            step => panic!("{step:?}"),
        }
    };
    let moments: std::collections::BTreeSet<_> = (0..60).map(|n| at(&format!("reminder{n:012}"))).collect();
    assert!(moments.len() > 30, "{} of 60 moments differ", moments.len());
}
