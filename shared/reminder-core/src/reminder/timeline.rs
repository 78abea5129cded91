//! What happened to a reminder, one entry per thing: the answer to "why was I (not) reminded?".
//!
//! What happens to every push is kept as what it is and put into words when it is read; the rest is kept in words.

mod entry;
mod event;
mod stored;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wechat::MsgId;

pub use entry::{Entry, What, Why, taken_as};
pub use event::EventName;
use stored::{read, write};

/// The first entries and the newest are kept; what had to go is counted.
const ENTRIES_MAX: usize = 60;
/// Room for every errmsg that is known, with its rid at the end; an item is to stay small.
const ERRMSG_CHARS_MAX: usize = 200;
/// How many of the first entries always stay: how it began.
const FIRST_KEPT: usize = 4;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Timeline {
    entries: Vec<Entry>,
    dropped: u32,
}

/// What is noted of the end of an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// For people.
    pub detail: &'a str,
    /// WeChat's own words; see [`What::Other`].
    pub errmsg: &'a str,
}

/// As it is stored: a text per entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Whole(Vec<String>),
    /// And how many had to go.
    Cut(Vec<String>, u32),
}

impl From<Timeline> for Stored {
    fn from(timeline: Timeline) -> Self {
        let texts = write(&timeline.entries);
        match timeline.dropped {
            0 => Self::Whole(texts),
            dropped => Self::Cut(texts, dropped),
        }
    }
}

impl TryFrom<Stored> for Timeline {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let (texts, dropped) = match stored {
            Stored::Whole(texts) => (texts, 0),
            Stored::Cut(texts, dropped) => (texts, dropped),
        };
        Ok(Self { entries: read(&texts).ok_or("an entry of a timeline")?, dropped })
    }
}

impl Timeline {
    pub fn add(&mut self, at: Timestamp, push: Option<u8>, event: EventName, detail: impl Into<String>) {
        self.add_with(at, push, event, detail, "");
    }

    /// The same with WeChat's own words.
    pub fn add_with(
        &mut self,
        at: Timestamp,
        push: Option<u8>,
        event: EventName,
        detail: impl Into<String>,
        errmsg: &str,
    ) {
        let errmsg = errmsg.chars().take(ERRMSG_CHARS_MAX).collect();
        self.note(at, push, What::Other { event, detail: detail.into(), errmsg });
    }

    pub fn note(&mut self, at: Timestamp, push: Option<u8>, what: What) {
        self.entries.push(Entry { at, push, what });
        if self.entries.len() > ENTRIES_MAX {
            self.entries.remove(FIRST_KEPT);
            self.dropped += 1;
        }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries had to go to keep the bound.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Whether WeChat took one of its messages under this id.
    pub fn tells_of(&self, msgid: &MsgId) -> bool {
        self.entries
            .iter()
            .any(|entry| matches!(&entry.what, What::Sent { msgid: sent, .. } if sent == msgid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeline_keeps_its_beginning_and_its_end() {
        let mut timeline = Timeline::default();
        for n in 0..100 {
            timeline.add(Timestamp::UNIX_EPOCH, None, EventName::Webhook, n.to_string());
        }
        let detail = |entry: &'_ Entry| match &entry.what {
            What::Other { detail, .. } => Some(detail.clone()),
            _ => None,
        };
        let kept: Vec<String> = timeline.entries().iter().filter_map(detail).collect();
        assert_eq!(kept.len(), ENTRIES_MAX);
        assert_eq!(kept[..5], ["0", "1", "2", "3", "44"]);
        assert_eq!((kept[59].as_str(), timeline.dropped()), ("99", 40));
    }
}
