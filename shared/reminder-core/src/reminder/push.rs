//! One push of a reminder, and the states it goes through.
//!
//! ```text
//!              ┌────────────── Retrying ◀──────────────┐ rate, quota, configuration, not sent
//!              ▼                                       │
//! Scheduled ─▶ Sending ──answer──▶ Sent ──receipt──▶ Delivered
//!    │  ▲        │  │ └─refused everywhere──▶ Undeliverable
//!    │  └────────┘  └─nobody knows─▶ Unresolved ──receipt, repeat, or neither──▶ Sent · Unknown
//!    ├─▶ Skipped (its instant had passed when the item was saved)
//!    └─▶ Cancelled (done, deleted, renewed)
//! ```

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use wechat::{ErrClass, ErrCode, MsgId};

use super::attempt::Attempt;
use crate::channel::Channel;
use crate::stored;

/// No send starts later than this after its attempt, so that none can end after the lease.
pub const SEND_STARTS_WITHIN: SignedDuration = SignedDuration::from_secs(15);
/// How long after an attempt with an unknown outcome its receipt is looked for.
pub const LOOK_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// WeChat remembers a `client_msg_id` for ten minutes (docs/wechat.md §10.1); a minute is left for the way there.
pub const REPEATABLE_FOR: SignedDuration = SignedDuration::from_mins(9);
/// The last moment to try is this long before the item expires: a schedule fires up to a minute late.
pub const LAST_CALL: SignedDuration = SignedDuration::from_secs(90);
/// A clock may be a few seconds off between Scheduler and Lambda.
pub const EARLY_BY_AT_MOST: SignedDuration = SignedDuration::from_secs(5);

/// Stored under short names: every write of a reminder is paid for by its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// 1 to 3, in the order of the request that planned it; from 4 if it was snoozed. With the revision it is the push's name
    /// for ever; a later revision may list it at another place.
    pub n: u8,
    /// The revision of the reminder that planned it.
    #[serde(rename = "r", default = "first", skip_serializing_if = "is_first")]
    pub revision: u64,
    /// The instant the user wants to be told.
    #[serde(rename = "f", with = "stored::instant")]
    pub fires_at: Timestamp,
    /// What was asked for, if that had gone by and it comes at once instead.
    #[serde(rename = "m", default, with = "stored::maybe_instant", skip_serializing_if = "Option::is_none")]
    pub meant_for: Option<Timestamp>,
    /// Chosen by us, not by the user: it is "at once", and quiet hours apply.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
    /// The only channels it may go by, best first; empty: those of the settings.
    #[serde(rename = "v", default, with = "stored::channels", skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Asked for after the others: "tell me again tomorrow".
    #[serde(rename = "z", default, skip_serializing_if = "std::ops::Not::not")]
    pub snoozed: bool,
    #[serde(rename = "s")]
    pub state: State,
    /// Channels that definitely refused this push; not asked again.
    #[serde(rename = "x", default, with = "stored::channels", skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Channel>,
    /// Channels on which WeChat refused its words: there it is told without them.
    #[serde(rename = "w", default, with = "stored::channels", skip_serializing_if = "Vec::is_empty")]
    pub wordless: Vec<Channel>,
    /// How many attempts have begun so far.
    #[serde(rename = "a", default, skip_serializing_if = "stored::is_zero")]
    pub attempts: u32,
    /// When the first attempt on the idempotent channel began: from then WeChat remembers its id.
    #[serde(rename = "i", default, with = "stored::maybe_instant", skip_serializing_if = "Option::is_none")]
    pub first_template_attempt: Option<Timestamp>,
    /// Which message it is for WeChat: another one whenever a repeat would not be one of the message before.
    #[serde(rename = "g", default, skip_serializing_if = "stored::is_zero")]
    pub message: u32,
    /// How often WeChat took it and failed afterwards.
    #[serde(rename = "y", default, skip_serializing_if = "stored::is_zero")]
    pub system_failures: u32,
    /// How often the settings asked for one more attempt after an outcome that nobody knew.
    #[serde(rename = "k", default, skip_serializing_if = "stored::is_zero")]
    pub asked_repeats: u32,
    /// Of these, after an answer that never came.
    #[serde(rename = "l", default, skip_serializing_if = "stored::is_zero")]
    pub lost_repeats: u32,
    /// How many receipts came while it was being sent that may be its own.
    #[serde(rename = "h", default, skip_serializing_if = "stored::is_zero")]
    pub heard: u32,
    /// Why it is where it is, in words for the owner.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The states of a push in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum PushState {
    Scheduled,
    Sending,
    Retrying,
    Sent,
    Delivered,
    Unknown,
    Undeliverable,
    Skipped,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Waits for a schedule, which is `fires_at` or a minute from when it was made.
    #[serde(rename = "w")]
    Scheduled {
        #[serde(rename = "a", with = "stored::instant")]
        wakes_at: Timestamp,
    },
    /// Claimed: the point of no return.
    #[serde(rename = "g")]
    Sending {
        #[serde(rename = "t")]
        attempt: Attempt,
        /// Where the index `due` has had it since before it was claimed: a past moment is where the sweep looks.
        #[serde(rename = "d", with = "stored::instant")]
        due: Timestamp,
    },
    /// An attempt may have been sent; to be looked at again.
    #[serde(rename = "u")]
    Unresolved {
        #[serde(rename = "t")]
        attempt: Attempt,
        #[serde(rename = "a", with = "stored::instant")]
        look_at: Timestamp,
    },
    /// Definitely not sent so far; will be tried again.
    #[serde(rename = "r")]
    Retrying {
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
    },
    /// WeChat took it.
    #[serde(rename = "s")]
    Sent {
        #[serde(rename = "c", with = "stored::channel")]
        channel: Channel,
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
        #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
        msgid: Option<MsgId>,
        #[serde(rename = "t")]
        attempt: String,
    },
    /// WeChat says it arrived.
    #[serde(rename = "d")]
    Delivered {
        #[serde(rename = "c", with = "stored::channel")]
        channel: Channel,
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
    },
    /// Perhaps sent; nobody will ever know.
    #[serde(rename = "n")]
    Unknown {
        #[serde(rename = "c", with = "stored::channel")]
        channel: Channel,
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
        #[serde(rename = "t")]
        attempt: String,
    },
    /// Definitely not sent, and at rest: nothing is tried until what made it rest has changed.
    #[serde(rename = "x")]
    Undeliverable {
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
        #[serde(rename = "r")]
        rest: Rest,
    },
    #[serde(rename = "k")]
    Skipped,
    #[serde(rename = "c")]
    Cancelled {
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
    },
}

/// Why an undeliverable push rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// No channel reaches the user: until they follow, accept or unblock.
    Unreachable,
    /// The message cannot be made, or WeChat does not take its words: until the settings or the item change.
    Unfit,
    /// The item has expired: for good.
    Expired,
}

/// What kind of rest, as the index `resting` tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resting {
    Unfit,
    Unreachable,
    /// It may have been sent: at rest, unless an operator wants it to be told all the same.
    Unknown,
}

impl Resting {
    pub const ALL: [Self; 3] = [Self::Unfit, Self::Unreachable, Self::Unknown];

    pub fn name(self) -> &'static str {
        match self {
            Self::Unfit => "unfit",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

fn first() -> u64 {
    1
}

fn is_first(revision: &u64) -> bool {
    *revision == first()
}

impl Push {
    pub fn planned(n: u8, revision: u64, fires_at: Timestamp, wakes_at: Timestamp) -> Self {
        Self {
            n,
            revision,
            fires_at,
            meant_for: None,
            at_once: false,
            channels: Vec::new(),
            snoozed: false,
            state: State::Scheduled { wakes_at },
            refused: Vec::new(),
            wordless: Vec::new(),
            attempts: 0,
            first_template_attempt: None,
            message: 0,
            system_failures: 0,
            asked_repeats: 0,
            lost_repeats: 0,
            heard: 0,
            reason: None,
        }
    }

    /// The instant that was asked for: by it a later revision knows the push again.
    pub fn meant_for(&self) -> Timestamp {
        self.meant_for.unwrap_or(self.fires_at)
    }

    /// The id WeChat is told, the same for every repeat: at most 32 ASCII characters.
    pub fn client_msg_id(&self, reminder_id: &str) -> String {
        let id = format!("{reminder_id}-{}-{}", self.revision, self.n);
        match self.message {
            0 => id,
            message => format!("{id}-{message}"),
        }
    }

    /// Nothing will happen to it any more, but for a late receipt.
    pub fn is_final(&self) -> bool {
        match self.state {
            State::Scheduled { .. }
            | State::Sending { .. }
            | State::Unresolved { .. }
            | State::Retrying { .. } => false,
            State::Sent { .. }
            | State::Delivered { .. }
            | State::Unknown { .. }
            | State::Undeliverable { .. }
            | State::Skipped
            | State::Cancelled { .. } => true,
        }
    }

    /// How it rests, unless it is over for good.
    pub fn rests(&self) -> Option<Resting> {
        match self.state {
            State::Undeliverable { rest: Rest::Unfit, .. } => Some(Resting::Unfit),
            State::Undeliverable { rest: Rest::Unreachable, .. } => Some(Resting::Unreachable),
            State::Unknown { .. } => Some(Resting::Unknown),
            _ => None,
        }
    }

    pub fn rested_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Undeliverable { at, .. } | State::Unknown { at, .. } => Some(at),
            _ => None,
        }
    }

    /// No attempt has begun yet, or every one was definitely not sent.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, State::Scheduled { .. } | State::Retrying { .. })
    }

    /// The attempt under way or unresolved.
    pub fn attempt(&self) -> Option<&Attempt> {
        match &self.state {
            State::Sending { attempt, .. } | State::Unresolved { attempt, .. } => Some(attempt),
            _ => None,
        }
    }

    /// From when a firing may act on it. A moment the user chose counts as chosen, however late its schedule was made.
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Scheduled { .. } if !self.at_once => Some(self.fires_at),
            _ => self.next_look_at(),
        }
    }

    /// The earliest moment anything about it is due; of an attempt under way, the one at which it began.
    pub fn next_look_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Scheduled { wakes_at } => Some(*wakes_at),
            State::Retrying { at } => Some(*at),
            State::Sending { due, .. } => Some(*due),
            State::Unresolved { look_at, .. } => Some(*look_at),
            _ => None,
        }
    }

    /// The moment it needs a schedule for. An attempt under way needs none: Lambda's repeats and the sweep watch it.
    pub fn waits_until(&self) -> Option<Timestamp> {
        match self.state {
            State::Sending { .. } => None,
            _ => self.next_look_at(),
        }
    }

    /// Moves the moment that it waits for to this one, if it is earlier.
    pub(super) fn wait_until(&mut self, earliest: Timestamp) {
        match &mut self.state {
            State::Scheduled { wakes_at: at }
            | State::Retrying { at }
            | State::Unresolved { look_at: at, .. } => *at = earliest.max(*at),
            _ => {}
        }
    }

    /// Whether a run at `now` has something to do about it.
    pub fn is_due(&self, now: Timestamp) -> bool {
        match &self.state {
            State::Sending { attempt, .. } => attempt.lease_ends() <= now,
            _ => self.due_at().is_some_and(|due| due <= now + EARLY_BY_AT_MOST),
        }
    }

    /// The state's name in the API (docs/design.md §5).
    pub fn state_name(&self) -> &'static str {
        let name = match self.state {
            State::Scheduled { .. } => PushState::Scheduled,
            State::Sending { .. } | State::Unresolved { .. } => PushState::Sending,
            State::Retrying { .. } => PushState::Retrying,
            State::Sent { .. } => PushState::Sent,
            State::Delivered { .. } => PushState::Delivered,
            State::Unknown { .. } => PushState::Unknown,
            State::Undeliverable { .. } => PushState::Undeliverable,
            State::Skipped => PushState::Skipped,
            State::Cancelled { .. } => PushState::Cancelled,
        };
        name.into()
    }

    /// Why it is undeliverable, by a word of a closed set: `expired`, `settings`, `refused` or `unreachable`.
    pub fn undeliverable_for(&self) -> &'static str {
        let reason = self.reason.as_deref().unwrap_or_default();
        // "service_template: 43004 the user does not follow …"
        let said = reason.split_once(": ").map(|(_, said)| said);
        let errcode = said.and_then(|said| said.split(' ').next()?.parse().ok()).map(ErrCode);
        match errcode.map(ErrCode::class) {
            Some(ErrClass::Recipient) => return "unreachable",
            Some(ErrClass::Content | ErrClass::Bug) => return "refused",
            Some(ErrClass::Config | ErrClass::Unknown) => return "settings",
            // It was to be tried again, and there was no time left.
            Some(_) => return "expired",
            None => {}
        }
        match reason {
            "expired" | "it expired before it could be sent" => "expired",
            "template_not_in_settings" => "settings",
            _ if said.is_some_and(|said| said.starts_with("cannot be made")) => "settings",
            _ if said.is_some_and(|said| said.starts_with("not sent")) => "expired",
            _ if reason.contains("_refused") => "refused",
            _ => "unreachable",
        }
    }

    pub fn channel(&self) -> Option<Channel> {
        match &self.state {
            State::Sending { attempt, .. } | State::Unresolved { attempt, .. } => Some(attempt.channel),
            State::Sent { channel, .. }
            | State::Delivered { channel, .. }
            | State::Unknown { channel, .. } => Some(*channel),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
