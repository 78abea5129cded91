//! One attempt to send a push, and what it repeats.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wechat::OpenId;

use crate::channel::Channel;
use crate::stored;

/// How long an attempt is alone with its push. Dispatch may run 30 s; Lambda repeats after 60 (docs/design.md §4).
pub const LEASE: SignedDuration = SignedDuration::from_secs(45);

/// One attempt on one channel by one run of dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "c", with = "stored::channel")]
    pub channel: Channel,
    #[serde(rename = "a", with = "stored::instant")]
    pub started_at: Timestamp,
    /// Whom the service account sends it to: the user may have another follower by the time its receipt is looked for.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub follower: Option<OpenId>,
    /// Whose credit it draws on, as the settings said when it began.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub one_time_template: Option<String>,
    /// The attempts it repeats, oldest first: nobody knows of any of them whether it was sent.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub repeats: Vec<Repeated>,
    /// Of these, the one whose credit it rests on; it has one of its own otherwise.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// The settings asked for it, at the risk of a second message.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub as_settings_ask: bool,
    /// WeChat answered, but not what it did (−1, a 5xx). Without an answer the run may have crashed as well.
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    /// How often WeChat refused it, or one it repeats, on the credit of the attempts before (43101): one of them used it,
    /// unless none was taken.
    #[serde(rename = "d", default, skip_serializing_if = "stored::is_zero")]
    pub denials: u32,
}

/// An attempt that another one repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "a", with = "stored::instant")]
    pub started_at: Timestamp,
}

/// More attempts than this one need not be remembered each: of the newest the answers may still come, and the first says
/// since when a receipt may be one of theirs.
const REPEATED_MAX: usize = 20;

impl Attempt {
    /// When anything that may have been sent under it began.
    pub fn began(&self) -> Timestamp {
        self.repeats.first().map_or(self.started_at, |first| first.started_at)
    }

    /// The attempt in whose name its credit was taken.
    pub fn credit_cause(&self) -> &str {
        self.credit.as_deref().unwrap_or(&self.id)
    }

    pub fn is_repeat(&self) -> bool {
        !self.repeats.is_empty()
    }

    /// Whether what was sent under the attempt `id` may be what this one is about.
    pub fn covers(&self, id: &str) -> bool {
        self.ids().any(|covered| covered == id)
    }

    /// Its own id, and those of the attempts it repeats.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.repeats.iter().map(|repeated| repeated.id.as_str()).chain([self.id.as_str()])
    }

    /// When it and the attempts it repeats began.
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> {
        self.repeats.iter().map(|repeated| repeated.started_at).chain([self.started_at])
    }

    /// What an attempt that repeats this one has to remember.
    pub fn as_repeated(&self) -> Vec<Repeated> {
        let own = Repeated { id: self.id.clone(), started_at: self.started_at };
        let mut repeats = [self.repeats.as_slice(), &[own]].concat();
        if repeats.len() > REPEATED_MAX {
            repeats.remove(1);
        }
        repeats
    }

    pub fn lease_ends(&self) -> Timestamp {
        self.started_at + LEASE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reminder::states::*;

    #[test]
    fn repeat_is_about_every_attempt_that_it_repeats() {
        let first = attempt("a");
        assert!(!first.is_repeat() && first.covers("a") && !first.covers("b"));
        assert_eq!((first.began(), first.credit_cause()), (at(0), "a"));
        let own = Repeated { id: "a".to_owned(), started_at: at(0) };
        let second = Attempt { started_at: at(60), repeats: vec![own], ..attempt("b") };
        let own = Repeated { id: "b".to_owned(), started_at: at(60) };
        let repeats = [second.repeats.clone(), vec![own]].concat();
        assert_eq!(second.as_repeated(), repeats, "oldest first");
        let third = Attempt { started_at: at(120), repeats, credit: Some("a".to_owned()), ..attempt("c") };
        assert!(third.is_repeat() && third.covers("a") && third.covers("b") && third.covers("c"));
        assert!(!third.covers("d"));
        assert_eq!(third.ids().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(third.starts().map(seconds).collect::<Vec<_>>(), [0, 60, 120]);
        assert_eq!((seconds(third.began()), third.credit_cause()), (0, "a"));
    }

    #[test]
    fn of_many_repeats_the_first_and_the_newest_are_remembered() {
        let mut last = attempt("0");
        for n in 1..=25 {
            last = Attempt { started_at: at(n), repeats: last.as_repeated(), ..attempt(&n.to_string()) };
            let remembered = usize::try_from(n).expect("small").min(REPEATED_MAX);
            assert_eq!(last.repeats.len(), remembered, "{n}");
            assert_eq!(last.began(), at(0), "{n}");
            assert_eq!(last.repeats.last().map(|last| last.started_at), Some(at(n - 1)), "{n}");
        }
    }
}
