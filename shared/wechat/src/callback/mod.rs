//! What WeChat calls us back with: messages of users and events, typed (docs/wechat.md §2 and §3).
//!
//! Once a callback is known to come from WeChat, nothing about it is refused for being unusual: what is unknown, or
//! lacks its sender, becomes an `Other`, because a refusal costs a repeat and, often enough, WeChat's one-minute
//! silence (docs/wechat.md §1.7).

mod event;
mod fingerprint;
mod identity;
mod message;
mod receipt;
mod subscription;

use std::fmt;

pub use event::Event;
pub use message::Message;
pub use receipt::DeliveryOutcome;
pub use subscription::{SentResult, SubscribeChoice, SubscribeStatus};

use crate::document::{self, Fields};
use crate::{CallbackError, MsgId, OpenId, OriginalId};
use fingerprint::Fingerprint;

/// The MsgType of everything that is not a message.
const EVENT: &str = "event";

/// Ten digits: what is later is no time in seconds.
const MAX_CREATE_TIME: i64 = 9_999_999_999;

/// One callback of one account.
///
/// `Debug` shows the kind of content, never the content.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// The account it was sent to. No authentication: it says what the sender wrote.
    pub to: OriginalId,
    /// Who wrote, followed, subscribed.
    pub from: OpenId,
    /// When, by WeChat's clock, in Unix seconds. An opened callback that does not say is of the time of its sending; a
    /// document that was only read says 0.
    pub create_time: i64,
    /// What.
    pub content: Content,
    /// What distinguishes this callback beyond sender, time and kind.
    fingerprint: Option<Fingerprint>,
    /// Whether the document itself says when: only then is the time the same in every repeat.
    is_dated: bool,
}

/// A message carries an id, an event does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Something the user sent.
    Message {
        /// Its id, the same in every repeat; unique per sender only (docs/wechat.md §1.7).
        msgid: MsgId,
        /// What was sent.
        message: Message,
    },
    /// Something that happened.
    Event(Event),
}

impl Callback {
    /// Reads the plain document of a callback, XML or JSON.
    ///
    /// It checks no signature: [`crate::CallbackAccount::open`] does, and calls this.
    ///
    /// # Errors
    /// [`CallbackError::Malformed`] when it is neither one XML element nor one JSON object.
    pub fn read(document: &[u8]) -> Result<Self, CallbackError> {
        let (_, fields) = document::parse(document).map_err(CallbackError::Malformed)?;
        Ok(Self::from_fields(&fields))
    }

    pub(crate) fn from_fields(fields: &Fields<'_>) -> Self {
        // What no openid can be is nobody.
        let from =
            fields.string("FromUserName").and_then(OpenId::of_wechats).unwrap_or_else(|| OpenId::from(""));
        let is_anonymous = from.as_str().is_empty();
        let msg_type = fields.text("MsgType").unwrap_or_default();
        let msgid = fields.string("MsgId");
        let has_own_id = msgid.is_some() && !msg_type.eq_ignore_ascii_case(EVENT);
        let content = if msg_type.eq_ignore_ascii_case(EVENT) {
            let name = fields.text("Event").unwrap_or_default();
            Content::Event(if is_anonymous { Event::other(name) } else { Event::from_fields(name, fields) })
        } else {
            Content::Message {
                msgid: MsgId::from(msgid.unwrap_or_default()),
                message: if is_anonymous {
                    Message::Other { msg_type: msg_type.to_owned() }
                } else {
                    Message::from_fields(msg_type, fields)
                },
            }
        };
        let create_time = fields.number("CreateTime").filter(|at| (1..=MAX_CREATE_TIME).contains(at));
        Self {
            to: OriginalId::from(fields.owned("ToUserName")),
            from,
            create_time: create_time.unwrap_or(0),
            is_dated: create_time.is_some(),
            content,
            fingerprint: if has_own_id { None } else { Fingerprint::of(fields) },
        }
    }

    /// The event, when the callback is one.
    pub fn event(&self) -> Option<&Event> {
        match &self.content {
            Content::Event(event) => Some(event),
            Content::Message { .. } => None,
        }
    }

    /// Whether nobody but a follower of a service account can have caused it (docs/wechat.md §2). Notifications are
    /// accepted by others, too, and reach them; of the events that follow and unfollow the names say it.
    pub fn is_of_a_follower(&self) -> bool {
        let is_somebody = !self.from.as_str().is_empty();
        is_somebody
            && match &self.content {
                Content::Message { .. } => true,
                Content::Event(event) => {
                    matches!(event, Event::Click { .. } | Event::View { .. } | Event::Location { .. })
                }
            }
    }

    /// The message, when the callback is one.
    pub fn message(&self) -> Option<&Message> {
        match &self.content {
            Content::Message { message, .. } => Some(message),
            Content::Event(_) => None,
        }
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("to", &self.to)
            .field("from", &self.from)
            .field("create_time", &self.create_time)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}
