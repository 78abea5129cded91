//! When a round is over, and what of it stays.

use serde_json::json;

use super::*;
use crate::cases::{NO_PREFERENCES, instant};
use crate::reminder::content::Asked;
use crate::reminder::states::{
    at, cancelled, delivered, every_state, expiring, planned, retrying, sending, state, unresolved, waits,
};
use crate::reminder::{Rest, State};
use crate::settings::tests::sample;
use crate::table::Item as _;

const DAY: i64 = 24 * 3600;

/// It is repeated every year and expires a day after noon.
fn insurance(state: State) -> Reminder {
    let mut reminder = expiring(DAY, state);
    let body = json!({
        "template": "expiry", "title": "车险", "expires_at": "2027-02-02T12:00:00+08:00",
        "pushes": [{"days_before": 0, "time": "09:00"}], "repeat": {"every": "P1Y"},
    });
    let settings = sample();
    let asked = Asked {
        settings: &settings,
        preferences: &NO_PREFERENCES,
        before: None,
        now: instant("2027-02-01T00:00:00+08:00"),
    };
    reminder.content = crate::reminder::content::Content::parse(&body, &asked).expect("good");
    reminder
}

#[test]
fn round_is_over_when_it_has_expired_and_all_of_it_is_final() {
    for push in every_state() {
        let reminder = insurance(push.clone());
        let is_final = reminder.pushes[0].is_final();
        assert!(!reminder.round_is_over(at(DAY - 1)), "{push:?}");
        assert_eq!(reminder.round_is_over(at(DAY)), is_final, "{push:?}");
        assert_eq!(reminder.round_ends_at(), Some(at(DAY)), "{push:?}");
        let once = Reminder { content: Content { repeat: None, ..reminder.content.clone() }, ..reminder };
        assert_eq!((once.round_ends_at(), once.round_is_over(at(2 * DAY))), (None, false), "{push:?}");
    }
    // What is still looked for is waited for.
    for push in [unresolved("a"), retrying(DAY + 60)] {
        let mut reminder = insurance(push);
        if let State::Unresolved { look_at, .. } = &mut reminder.pushes[0].state {
            *look_at = at(DAY + 60);
        }
        assert_eq!(reminder.round_ends_at(), Some(at(DAY + 60)));
        assert_eq!(reminder.next_look_at(), Some(at(DAY + 60)));
    }
    let mut done = insurance(delivered());
    done.status = Status::Done { at: at(1) };
    assert_eq!(done.round_ends_at(), None);
}

#[test]
fn end_of_a_round_is_one_of_the_moments_it_waits_for() {
    let told = insurance(delivered());
    assert_eq!(told.next_look_at(), Some(at(DAY)));
    assert_eq!(told.scheduled_moments(at(60)), [at(DAY)]);
    assert_eq!(told.indexed().ttl, None, "it begins anew, however late");
    let waiting = insurance(waits(3600));
    assert_eq!((waiting.next_look_at(), waiting.scheduled_moments(at(60))), (Some(at(3600)), vec![at(3600)]));
    let held = insurance(sending("a"));
    assert_eq!(held.next_look_at(), Some(at(0)));
}

#[test]
fn next_round_has_the_item_for_itself() {
    let mut reminder = insurance(delivered());
    reminder.told_until = Some(at(2 * DAY));
    reminder.schedules = reminder.missing_schedules(at(60));
    let next = reminder.content.next_round(at(DAY)).expect("a next round");
    let push = Push { revision: 2, ..planned(1, 365 * DAY, waits(365 * DAY)) };
    reminder.begin_round(next, vec![push.clone()], at(DAY));
    assert_eq!((reminder.revision, reminder.pushes.as_slice()), (2, &[push][..]));
    assert!(reminder.schedules.is_empty() && reminder.told_until.is_none() && reminder.is_open(at(DAY)));
    let entry = reminder.timeline.entries().last().expect("an entry");
    assert_eq!(
        (entry.event(), entry.detail(&reminder.content)),
        ("repeated", "round 2, until 2028-02-02T12:00:00+08:00".to_owned())
    );
    assert!(!reminder.was_just_done(at(DAY)));
}

#[test]
fn done_said_twice_ends_one_round() {
    let mut reminder = insurance(waits(3600));
    let next = reminder.content.round_after_done(at(60)).expect("a next round");
    reminder.done_with_round(next, Vec::new(), at(60));
    let events: Vec<_> = reminder.timeline.entries().iter().map(|entry| entry.event().to_owned()).collect();
    assert_eq!(events, ["done", "repeated"]);
    assert_eq!(reminder.status, Status::Active);
    assert!(reminder.was_just_done(at(60)) && reminder.was_just_done(at(659)));
    assert!(!reminder.was_just_done(at(660)));
}

#[test]
fn what_is_taken_back_goes_on_as_planned() {
    let mut reminder = expiring(DAY, waits(3600));
    reminder.content.pushes = serde_json::from_value(json!(["1:0d@13:00=1801458000"])).expect("a push");
    assert_eq!(reminder.before_done(at(60)), None, "it is not done");
    assert!(reminder.done(at(60)));
    let content = reminder.before_done(at(120)).expect("it may be taken back");
    assert_eq!(reminder.before_done(at(DAY)), None, "it has expired");
    let anew = Push { revision: 2, ..planned(1, 3600, waits(3600)) };
    reminder.reopen(content, vec![anew], at(120));
    assert_eq!((reminder.status, reminder.revision), (Status::Active, 2));
    assert_eq!(state(&reminder.pushes[0].state), "waits until 3600");
    assert_eq!(
        reminder.timeline.entries().last().map(|entry| entry.event().to_owned()).as_deref(),
        Some("reopened")
    );
    let gone = Reminder { status: Status::Deleted { at: at(1) }, ..reminder };
    assert_eq!(gone.before_done(at(120)), None);
    // What was told is not told again.
    let mut told = expiring(DAY, delivered());
    told.done(at(60));
    let push = Push { revision: 2, ..planned(1, 0, State::Skipped) };
    told.reopen(told.content.clone(), vec![push], at(120));
    assert_eq!(told.pushes[0].state, delivered());
    // A round that its user ended.
    let mut round = insurance(waits(3600));
    let next = round.content.round_after_done(at(60)).expect("a next round");
    round.done_with_round(next, Vec::new(), at(60));
    assert_eq!(round.before_done(at(120)).map(|content| content.expires_at), Some(at(DAY)));
    assert_eq!(round.before_done(at(DAY)), None);
}

#[test]
fn item_that_is_given_more_time_owes_what_it_could_not_tell() {
    let rows = [
        (State::Undeliverable { at: at(1), rest: Rest::Expired }, 2 * DAY, "at rest from 1: unreachable"),
        (State::Undeliverable { at: at(1), rest: Rest::Expired }, 10, "at rest from 1: expired"),
        (State::Undeliverable { at: at(1), rest: Rest::Unfit }, 2 * DAY, "at rest from 1: unfit"),
        (cancelled(), 2 * DAY, "skipped"),
    ];
    for (before, until, expected) in rows {
        let mut reminder = expiring(10, before);
        let content = Content { expires_at: at(until), ..reminder.content.clone() };
        let push = Push { revision: 2, ..planned(1, 0, State::Skipped) };
        reminder.renew(content, vec![push], at(20));
        assert_eq!(state(&reminder.pushes[0].state), expected);
    }
}
