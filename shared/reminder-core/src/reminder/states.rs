//! What the tables of cases put before a reminder: a passport with one push, in whatever state, and its states in words.

use jiff::{SignedDuration, Timestamp};
use wechat::MsgId;

use super::{Attempt, Push, Reminder, Repeated, Rest, State};
use crate::cases::{self, instant};
use crate::channel::Channel::MiniSubscription;

const NOON: &str = "2027-02-01T12:00:00+08:00";

/// So many seconds after noon.
pub(super) fn at(seconds: i64) -> Timestamp {
    instant(NOON) + SignedDuration::from_secs(seconds)
}

pub(super) fn seconds(at: Timestamp) -> i64 {
    at.duration_since(instant(NOON)).as_secs()
}

/// A passport that expires in a month, whose one push was planned for noon.
pub(super) fn with(state: State) -> Reminder {
    let mut reminder = cases::reminder(at(0));
    reminder.pushes[0].state = state;
    reminder
}

/// The same that expires so many seconds after noon.
pub(super) fn expiring(seconds: i64, state: State) -> Reminder {
    let mut reminder = with(state);
    reminder.content.expires_at = at(seconds);
    reminder
}

/// One push more, planned for so many seconds after noon.
pub(super) fn planned(n: u8, seconds: i64, state: State) -> Push {
    Push { state, ..Push::planned(n, 1, at(seconds), at(seconds)) }
}

/// An attempt on 小程序订阅消息 that began at noon.
pub(super) fn attempt(id: &str) -> Attempt {
    cases::attempt(id, MiniSubscription, at(0))
}

/// One that repeats another, begun at noon as well.
pub(super) fn repeat(id: &str, of: &str) -> Attempt {
    Attempt { repeats: vec![Repeated { id: of.to_owned(), started_at: at(0) }], ..attempt(id) }
}

pub(super) fn waits(seconds: i64) -> State {
    State::Scheduled { wakes_at: at(seconds) }
}

pub(super) fn retrying(seconds: i64) -> State {
    State::Retrying { at: at(seconds) }
}

pub(super) fn sending(id: &str) -> State {
    State::Sending { attempt: attempt(id), due: at(0) }
}

pub(super) fn unresolved(id: &str) -> State {
    State::Unresolved { attempt: attempt(id), look_at: at(300) }
}

pub(super) fn sent(id: &str) -> State {
    State::Sent { channel: MiniSubscription, at: at(1), msgid: None, attempt: id.to_owned() }
}

pub(super) fn delivered() -> State {
    State::Delivered { channel: MiniSubscription, at: at(1) }
}

pub(super) fn unknown(id: &str) -> State {
    State::Unknown { channel: MiniSubscription, at: at(1), attempt: id.to_owned() }
}

pub(super) fn rests(rest: Rest) -> State {
    State::Undeliverable { at: at(1), rest }
}

pub(super) fn cancelled() -> State {
    State::Cancelled { at: at(1) }
}

/// Every state that a push can be in, with its attempt `a`.
pub(super) fn every_state() -> Vec<State> {
    vec![
        waits(0),
        retrying(0),
        sending("a"),
        unresolved("a"),
        sent("a"),
        delivered(),
        unknown("a"),
        rests(Rest::Unreachable),
        rests(Rest::Unfit),
        rests(Rest::Expired),
        State::Skipped,
        cancelled(),
    ]
}

/// A state in words; moments in seconds after noon.
pub(super) fn state(state: &State) -> String {
    match state {
        State::Scheduled { wakes_at } => format!("waits until {}", seconds(*wakes_at)),
        State::Retrying { at } => format!("again at {}", seconds(*at)),
        State::Sending { attempt, .. } => format!("sending {} on {}", attempt.id, attempt.channel),
        State::Unresolved { attempt, look_at } => {
            let answered = if attempt.answered { ", answered" } else { "" };
            let denied = if attempt.denials > 0 { ", denied" } else { "" };
            format!("looked for at {}: {}{answered}{denied}", seconds(*look_at), attempt.id)
        }
        State::Sent { channel, at, msgid, attempt } => {
            let msgid = msgid.as_ref().map_or("unnamed", MsgId::as_str);
            format!("sent on {channel} at {} as {msgid} by {attempt}", seconds(*at))
        }
        State::Delivered { channel, at } => format!("delivered on {channel} at {}", seconds(*at)),
        State::Unknown { channel, at, attempt } => {
            format!("unknown on {channel} at {} by {attempt}", seconds(*at))
        }
        State::Undeliverable { at, rest } => {
            format!("at rest from {}: {rest:?}", seconds(*at)).to_lowercase()
        }
        State::Skipped => "skipped".to_owned(),
        State::Cancelled { at } => format!("cancelled at {}", seconds(*at)),
    }
}
