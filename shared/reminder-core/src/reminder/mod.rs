//! What the user made: the item that expires, its pushes, and what happened to it. One item of the table, so
//! that registering is one write and claiming one conditional update.
//!
//! Transitions are pure functions on this type, in [`transitions`]; each says no when it does not fit.

mod attempt;
pub mod content;
mod ending;
pub mod id;
mod preferences;
mod push;
mod rounds;
mod schedule;
mod snooze;
#[cfg(test)]
mod states;
mod timeline;
mod transitions;
mod waiting;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use wechat::{MsgId, OpenId};

pub use attempt::{Attempt, LEASE, Repeated};
pub use ending::Ending;
pub use preferences::Preferences;
pub use push::{
    EARLY_BY_AT_MOST, LAST_CALL, LOOK_AFTER, Push, PushState, REPEATABLE_FOR, Rest, Resting,
    SEND_STARTS_WITHIN, State,
};
pub use schedule::{Schedule, ahead};
pub use snooze::SnoozeError;
pub use timeline::{Entry, EventName, Said, Timeline, What, Why, taken_as};
pub use transitions::BeginError;

use crate::channel::Channel;
use crate::receipt::PushRef;
use crate::reminder::content::Content;
use crate::stored;
use crate::table::{IndexEntries, Item, keys};

/// A final reminder stays readable this long.
pub const FINAL_KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);
/// A deleted one stays as a tombstone, so that a repeated request or a stale firing meets it.
const TOMBSTONE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Stored under short names: every write of a reminder is paid for by its size. Whose it is and its id are in its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reminder {
    #[serde(skip, default = "nobody")]
    pub openid: OpenId,
    /// 20 characters of base32, derived from user and `Idempotency-Key`, or random.
    #[serde(skip)]
    pub id: String,
    #[serde(rename = "r")]
    pub revision: u64,
    #[serde(rename = "s", default, skip_serializing_if = "Status::is_active")]
    pub status: Status,
    #[serde(rename = "c")]
    pub content: Content,
    #[serde(rename = "p")]
    pub pushes: Vec<Push>,
    #[serde(rename = "t")]
    pub timeline: Timeline,
    /// Its user wants to be told until then, though it has expired before.
    #[serde(rename = "u", default, with = "stored::maybe_instant", skip_serializing_if = "Option::is_none")]
    pub told_until: Option<Timestamp>,
    /// Schedules that were made for it and have not fired yet.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// The owner's backend wants to hear of its expiry.
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    pub watched: bool,
    #[serde(rename = "a", with = "stored::instant")]
    pub created_at: Timestamp,
    /// The beginning of a hash of the body it was registered with: the same key with another body is an error.
    #[serde(rename = "h")]
    pub request_hash: String,
}

/// Until the key says whose it is.
fn nobody() -> OpenId {
    OpenId::from("")
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    #[default]
    #[serde(rename = "a")]
    Active,
    /// Handled by the user: the rest is not sent.
    #[serde(rename = "d")]
    Done {
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
    },
    /// A tombstone; does not exist outside.
    #[serde(rename = "x")]
    Deleted {
        #[serde(rename = "a", with = "stored::instant")]
        at: Timestamp,
    },
}

impl Status {
    fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// The states of a reminder in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Lifecycle {
    Active,
    Done,
    Expired,
}

impl Lifecycle {
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Reminder {
    /// The first revision, of which nothing has been told yet.
    pub(crate) fn new(
        openid: OpenId,
        id: String,
        content: Content,
        pushes: Vec<Push>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            openid,
            id,
            revision: 1,
            status: Status::Active,
            content,
            pushes,
            timeline: Timeline::default(),
            told_until: None,
            schedules: Vec::new(),
            watched: false,
            created_at,
            request_hash: String::new(),
        }
    }

    /// Expiry is compared with the clock, never stored.
    pub fn lifecycle(&self, now: Timestamp) -> Lifecycle {
        match self.status {
            Status::Active if now < self.content.expires_at => Lifecycle::Active,
            Status::Active => Lifecycle::Expired,
            Status::Done { .. } | Status::Deleted { .. } => Lifecycle::Done,
        }
    }

    pub fn is_deleted(&self) -> bool {
        matches!(self.status, Status::Deleted { .. })
    }

    /// When nothing of it is told any more, unless its user ends it before.
    pub fn ends_at(&self) -> Timestamp {
        self.told_until.map_or(self.content.expires_at, |until| until.max(self.content.expires_at))
    }

    /// Further attempts may be made: it is neither done nor deleted, and has not ended.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.status == Status::Active && now < self.ends_at()
    }

    /// From when nothing of it is to come: what the user did last, or its end.
    pub fn finished_at(&self) -> Timestamp {
        match self.status {
            Status::Active => self.ends_at(),
            Status::Done { at } | Status::Deleted { at } => at,
        }
    }

    /// Of the pushes that rest and were certainly not sent, the last: what is told late is told once. None while another one
    /// whose moment has passed is still to be told.
    pub fn resting(&self, now: Timestamp) -> Option<&Push> {
        self.to_arm(false, now)
    }

    /// The same; `even_unknown`: also of those that may have been sent.
    pub fn to_arm(&self, even_unknown: bool, now: Timestamp) -> Option<&Push> {
        let is_on_its_way = |push: &Push| push.fires_at <= now && !push.is_final();
        let waits_for_no_other = self.is_open(now) && !self.pushes.iter().any(is_on_its_way);
        self.at_rest(even_unknown).filter(|_| waits_for_no_other)
    }

    /// The same whatever the time; `even_unknown`: also of those that may have been sent. What a later push has told need not
    /// be told again.
    pub fn at_rest(&self, even_unknown: bool) -> Option<&Push> {
        let rests = |push: &&Push| match push.rests() {
            Some(Resting::Unknown) => even_unknown,
            rest => rest.is_some(),
        };
        let last = self.pushes.iter().filter(rests).max_by_key(|push| push.fires_at)?;
        let told = |push: &Push| matches!(push.state, State::Sent { .. } | State::Delivered { .. });
        let is_told = self.pushes.iter().any(|push| told(push) && push.fires_at > last.fires_at);
        (!is_told).then_some(last)
    }

    pub fn push(&self, revision: u64, n: u8) -> Option<&Push> {
        self.pushes.iter().find(|push| push.revision == revision && push.n == n)
    }

    fn push_mut(&mut self, revision: u64, n: u8) -> Option<&mut Push> {
        self.pushes.iter_mut().find(|push| push.revision == revision && push.n == n)
    }

    /// WeChat refused the push's words on this channel: there it is told without them from now on.
    pub fn refuse_words(&mut self, revision: u64, n: u8, channel: Channel) {
        let push = self.push_mut(revision, n).filter(|push| !push.wordless.contains(&channel));
        if let Some(push) = push {
            push.wordless.push(channel);
        }
    }

    pub fn push_ref(&self, push: &Push, attempt: &str) -> PushRef {
        PushRef {
            openid: self.openid.clone(),
            id: self.id.clone(),
            revision: push.revision,
            n: push.n,
            attempt: attempt.to_owned(),
        }
    }

    /// The push that WeChat took under this id, while its receipt has not come.
    pub fn sent_as(&self, msgid: &MsgId) -> Option<PushRef> {
        self.pushes.iter().find_map(|push| match &push.state {
            State::Sent { msgid: Some(sent), attempt, .. } if sent == msgid => {
                Some(self.push_ref(push, attempt))
            }
            _ => None,
        })
    }

    /// Its expiry is to be told of, or not any more: that of an item that is over by then is told, or was.
    pub fn watch(&mut self, wanted: bool, now: Timestamp) {
        self.watched = wanted && self.status == Status::Active && now < self.content.expires_at;
    }

    /// When its expiry is to be told of, if it is.
    pub(crate) fn watched_until(&self) -> Option<Timestamp> {
        (self.watched && self.status == Status::Active).then_some(self.content.expires_at)
    }

    /// The earliest moment anything about it is due.
    pub fn next_look_at(&self) -> Option<Timestamp> {
        let moments = self.pushes.iter().filter_map(Push::next_look_at);
        moments.chain(self.round_ends_at()).chain(self.watched_until()).min()
    }
}

/// The sort key of the index `by_expiry`: `<active|done>#<expiry, 12 digits>#<id>`.
pub fn state_expiry(state: &str, expires_at: i64, id: &str) -> String {
    format!("{state}#{expires_at:012}#{id}")
}

impl Item for Reminder {
    const KIND: &'static str = "reminder";

    fn key(&self) -> keys::Key {
        keys::reminder(&self.openid, &self.id)
    }

    fn restore(&mut self, key: &keys::Key) {
        if let Some((openid, id)) = key.reminder() {
            (self.openid, self.id) = (openid, id);
        }
    }

    fn indexed(&self) -> IndexEntries {
        let expires_at = self.content.expires_at;
        let state = match self.status {
            Status::Active => Some("active"),
            Status::Done { .. } => Some("done"),
            Status::Deleted { .. } => None,
        };
        let next_look_at = self.next_look_at();
        let kept = if self.is_deleted() { TOMBSTONE_KEPT } else { FINAL_KEPT };
        let ended = self.finished_at() + kept;
        let begins_anew = self.round_ends_at().is_some();
        let rests = self.at_rest(false).or_else(|| self.at_rest(true)).and_then(Push::rests);
        let rests = rests.filter(|_| self.status == Status::Active);
        IndexEntries {
            next_look_at,
            rests: rests.map(|rest| (rest.name(), self.ends_at())),
            state_expiry: state.map(|state| state_expiry(state, expires_at.as_second(), &self.id)),
            // What is still to be looked at must not be cleaned up under us.
            ttl: next_look_at.is_none_or(|look| look < ended && !begins_anew).then_some(ended),
            owner_tag: None,
        }
    }
}

#[cfg(test)]
mod tests;
