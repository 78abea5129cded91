//! One thing that happened to a reminder: kept as what it is, put into words when it is read.

use std::fmt;

use jiff::Timestamp;
use wechat::MsgId;

use crate::channel::Channel;
use crate::reminder::content::Content;
use crate::reminder::timeline::event::EventName;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    /// Which push it concerns, 1 to 3; none for the reminder as a whole.
    pub push: Option<u8>,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Registered,
    Planned {
        fires_at: Timestamp,
    },
    Claimed {
        channel: Channel,
        why: Why,
    },
    Sent {
        channel: Channel,
        msgid: MsgId,
        /// How that is known, if not by the answer to the message itself.
        how: String,
    },
    Delivered {
        channel: Channel,
    },
    Other {
        event: EventName,
        /// For people.
        detail: String,
        /// WeChat's own words, with our address and the call's number in them: for the operator, never shown by the API.
        errmsg: String,
    },
}

/// Why a push goes by a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    Follows,
    /// So many accepted prompts are left, its own among them.
    Accepts(u32),
    Words(String),
}

impl What {
    /// WeChat took a message; `detail` says it, if it is its own answer.
    pub fn sent(channel: Channel, msgid: &MsgId, detail: &str) -> Self {
        let own = format!("{channel}: {}", taken_as(Some(msgid)));
        let how = if detail == own { String::new() } else { detail.to_owned() };
        Self::Sent { channel, msgid: msgid.clone(), how }
    }
}

impl Entry {
    /// A stable word.
    pub fn event(&self) -> &'static str {
        let name = match &self.what {
            What::Registered => EventName::Registered,
            What::Planned { .. } => EventName::Planned,
            What::Claimed { .. } => EventName::Claimed,
            What::Sent { .. } => EventName::Sent,
            What::Delivered { .. } => EventName::Delivered,
            What::Other { event, .. } => *event,
        };
        name.into()
    }

    /// For people, times in the zone of their reminder.
    pub fn detail(&self, content: &Content) -> String {
        match &self.what {
            What::Registered => String::new(),
            What::Planned { fires_at } => format!("for {}", content.local(*fires_at)),
            What::Claimed { channel, why } => format!("{channel}: {why}"),
            What::Sent { channel, msgid, how } if how.is_empty() => {
                format!("{channel}: {}", taken_as(Some(msgid)))
            }
            What::Sent { channel, msgid, how } => {
                format!("{channel}: {} ({how})", taken_as(Some(msgid)))
            }
            What::Delivered { channel } => channel.to_string(),
            What::Other { detail, .. } => detail.clone(),
        }
    }

    /// WeChat's own words; see [`What::Other`].
    pub fn errmsg(&self) -> &str {
        match &self.what {
            What::Other { errmsg, .. } => errmsg,
            _ => "",
        }
    }
}

/// How it is said that WeChat took a message.
pub fn taken_as(msgid: Option<&MsgId>) -> String {
    match msgid {
        Some(msgid) => format!("WeChat took it as {}", msgid.as_str()),
        None => "WeChat took it".to_owned(),
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Follows => f.write_str("the user follows the service account"),
            Self::Accepts(left) => write!(f, "{left} of the accepted prompts left"),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl From<&str> for Why {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Why {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}
