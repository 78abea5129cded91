//! One event: what happened, by ids alone, and how far the telling of it has come.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wechat::OpenId;

use crate::table::{IndexEntries, Item, keys};

/// What is not told within a day is given up by then; this only cleans up.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The names are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    #[serde(rename = "push.delivered")]
    Delivered,
    #[serde(rename = "push.undeliverable")]
    Undeliverable,
    #[serde(rename = "push.unknown")]
    Unknown,
    #[serde(rename = "reminder.expired")]
    Expired,
    #[serde(rename = "reminder.done")]
    Done,
    #[serde(rename = "user.followed")]
    Followed,
    #[serde(rename = "user.unfollowed")]
    Unfollowed,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "push.delivered",
            Self::Undeliverable => "push.undeliverable",
            Self::Unknown => "push.unknown",
            Self::Expired => "reminder.expired",
            Self::Done => "reminder.done",
            Self::Followed => "user.followed",
            Self::Unfollowed => "user.unfollowed",
        }
    }
}

/// Which reminder, and which of its pushes. Nothing that a user wrote is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub reminder: String,
    pub revision: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// As the API tells it of the push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    #[serde(skip, default = "nobody")]
    pub openid: OpenId,
    #[serde(skip)]
    pub id: String,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    pub at: Timestamp,
    /// How often it could not be told.
    pub failures: u32,
    pub next_at: Timestamp,
}

/// Until the key says whose it is.
fn nobody() -> OpenId {
    OpenId::from("")
}

impl Event {
    /// The body that is sent: the same bytes at every try.
    pub fn body(&self) -> String {
        let mut data = match &self.about {
            Some(about) => json!(about),
            None => json!({}),
        };
        data["openid"] = json!(self.openid);
        let body: Value = json!({ "type": self.kind.name(), "timestamp": self.at, "data": data });
        body.to_string()
    }
}

impl Item for Event {
    const KIND: &'static str = "event";

    fn key(&self) -> keys::Key {
        keys::event(&self.openid, &self.id)
    }

    fn restore(&mut self, key: &keys::Key) {
        if let Some((openid, id)) = key.event() {
            (self.openid, self.id) = (openid, id);
        }
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries {
            next_look_at: Some(self.next_at),
            ttl: Some(self.at + KEPT),
            ..IndexEntries::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;
    use crate::table::Record;

    #[test]
    fn event_says_by_ids_what_happened_and_is_read_as_it_was_written() {
        let at = instant("2027-01-12T01:00:01Z");
        let about = About {
            reminder: "aaaaabbbbbcccccddddd".to_owned(),
            revision: 2,
            push: Some(1),
            channel: Some("service_template".to_owned()),
            reason: None,
        };
        let event = Event {
            openid: "o-alice".into(),
            id: "eeeeefffffggggghhhhh".to_owned(),
            kind: Kind::Delivered,
            about: Some(about),
            at,
            failures: 0,
            next_at: at,
        };
        insta::assert_snapshot!(event.body(), @r#"{"type":"push.delivered","timestamp":"2027-01-12T01:00:01Z","data":{"reminder":"aaaaabbbbbcccccddddd","revision":2,"push":1,"channel":"service_template","openid":"o-alice"}}"#);
        let stored = Record::first(event.clone(), "w").encode();
        assert_eq!(Record::<Event>::decode(&stored).expect("an event").item, event);
        let followed = Event { kind: Kind::Followed, about: None, ..event };
        insta::assert_snapshot!(followed.body(), @r#"{"type":"user.followed","timestamp":"2027-01-12T01:00:01Z","data":{"openid":"o-alice"}}"#);
    }

    #[test]
    fn kinds_are_stored_by_their_names() {
        use Kind::{Delivered, Done, Expired, Followed, Undeliverable, Unfollowed, Unknown};
        for kind in [Delivered, Undeliverable, Unknown, Expired, Done, Followed, Unfollowed] {
            assert_eq!(json!(kind), kind.name());
        }
    }
}
