//! What happened to a reminder, one entry per thing: the answer to "why was I (not) reminded?".

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The first entries and the newest are kept; what had to go is counted.
const ENTRIES_MAX: usize = 60;
/// Room for every errmsg that is known, with its rid at the end; an item is to stay small.
const ERRMSG_CHARS_MAX: usize = 200;
/// How many of the first entries always stay: how it began.
const FIRST_KEPT: usize = 4;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    entries: Vec<Entry>,
    #[serde(default)]
    dropped: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    /// Which push it concerns, 1 to 3; none for the reminder as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<u8>,
    /// A stable word: `registered`, `claimed`, `sent`, `refused`, …
    pub event: String,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// WeChat's own words, with our address and the call's number in them: for the operator, never shown by the API.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub errmsg: String,
}

/// What is noted of the end of an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// For people.
    pub detail: &'a str,
    /// WeChat's own words; see [`Entry::errmsg`].
    pub errmsg: &'a str,
}

impl Timeline {
    pub fn add(&mut self, at: Timestamp, push: Option<u8>, event: &str, detail: impl Into<String>) {
        self.add_with(at, push, event, detail, "");
    }

    /// The same with WeChat's own words.
    pub fn add_with(
        &mut self,
        at: Timestamp,
        push: Option<u8>,
        event: &str,
        detail: impl Into<String>,
        errmsg: &str,
    ) {
        let errmsg = errmsg.chars().take(ERRMSG_CHARS_MAX).collect();
        self.entries.push(Entry { at, push, event: event.to_owned(), detail: detail.into(), errmsg });
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeline_keeps_its_beginning_and_its_end() {
        let mut timeline = Timeline::default();
        for n in 0..100 {
            timeline.add(Timestamp::UNIX_EPOCH, None, &n.to_string(), "");
        }
        let kept: Vec<&str> = timeline.entries().iter().map(|entry| entry.event.as_str()).collect();
        assert_eq!(kept.len(), ENTRIES_MAX);
        assert_eq!(kept[..5], ["0", "1", "2", "3", "44"]);
        assert_eq!((kept[59], timeline.dropped()), ("99", 40));
    }
}
