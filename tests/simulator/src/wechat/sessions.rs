//! Customer-service windows: how many messages an account may still send a user, and until when
//! (docs/wechat.md §4.2).

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::refusals::Refusal;

/// What opens a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    Message,
    EnterSession,
    Follow,
    Scan,
    MenuClick,
}

impl Trigger {
    fn allows(self) -> (u32, SignedDuration) {
        match self {
            Self::Message => (5, SignedDuration::from_hours(48)),
            Self::EnterSession => (2, SignedDuration::from_mins(1)),
            Self::Follow | Self::Scan | Self::MenuClick => (3, SignedDuration::from_mins(1)),
        }
    }
}

/// An account's allowance with one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) opened_by: Trigger,
    pub(crate) remaining: u32,
    pub(crate) expires_at: Timestamp,
}

impl Window {
    /// Not cumulative: a trigger lifts the count to its own maximum and the end to the later one; it never
    /// lowers either.
    pub(crate) fn open(before: Option<&Self>, opened_by: Trigger, now: Timestamp) -> Self {
        let (count, span) = opened_by.allows();
        match before.filter(|window| window.expires_at > now) {
            Some(window) => Self {
                opened_by,
                remaining: window.remaining.max(count),
                expires_at: window.expires_at.max(now + span),
            },
            None => Self { opened_by, remaining: count, expires_at: now + span },
        }
    }

    /// Takes one message out of the allowance.
    pub(crate) fn spend(window: Option<&mut Self>, now: Timestamp) -> Result<(), Refusal> {
        let window = window.filter(|window| window.expires_at > now).ok_or_else(|| Refusal::of(45015))?;
        window.remaining = window.remaining.checked_sub(1).ok_or_else(|| Refusal::of(45047))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a valid instant")
    }

    /// Sends until refused; answers how many went out and the code of the refusal.
    fn exhaust(window: &mut Option<Window>, now: i64) -> (u32, i64) {
        let mut sent = 0;
        loop {
            match Window::spend(window.as_mut(), second(now)) {
                Ok(()) => sent += 1,
                Err(refusal) => return (sent, refusal.errcode),
            }
        }
    }

    #[test]
    fn every_trigger_opens_its_own_window() {
        for (trigger, count, last_second) in [
            (Trigger::Message, 5, 48 * 3600 - 1),
            (Trigger::EnterSession, 2, 59),
            (Trigger::Follow, 3, 59),
            (Trigger::Scan, 3, 59),
            (Trigger::MenuClick, 3, 59),
        ] {
            let opened = Window::open(None, trigger, second(0));
            assert_eq!(exhaust(&mut Some(opened.clone()), last_second), (count, 45047), "{trigger:?}");
            assert_eq!(exhaust(&mut Some(opened), last_second + 1), (0, 45015), "{trigger:?}");
        }
        assert_eq!(exhaust(&mut None, 0), (0, 45015));
    }

    #[test]
    fn windows_do_not_add_up_and_never_shrink() {
        let mut window = Some(Window::open(None, Trigger::Message, second(0)));
        Window::spend(window.as_mut(), second(1)).expect("one of five");
        let entered = Window::open(window.as_ref(), Trigger::EnterSession, second(2));
        assert_eq!((entered.remaining, entered.expires_at), (4, second(48 * 3600)));
        let wrote = Window::open(Some(&entered), Trigger::Message, second(3));
        assert_eq!((wrote.remaining, wrote.expires_at), (5, second(3 + 48 * 3600)));
        let after_long = Window::open(Some(&wrote), Trigger::EnterSession, second(4 + 48 * 3600));
        assert_eq!(after_long.remaining, 2);
    }
}
