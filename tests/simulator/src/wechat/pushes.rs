//! The platform's books on pushes: what is about to leave, what left and how it was answered, and whether
//! an account is being punished for not answering (docs/wechat.md §1.7).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::accounts::AccountName;
use super::calendar::written;
use super::document::{Field, Fields};
use super::users::UserIndex;

/// After this many pushes of an account in a row got no good answer at all, WeChat stops pushing.
pub(crate) const FAILURES_TO_BLACKOUT: u32 = 10;
/// For this long; what falls into it is lost.
pub(crate) const BLACKOUT: SignedDuration = SignedDuration::from_mins(1);

/// What a push tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushKind<'a> {
    Event(&'a str),
    /// By its `MsgType`.
    Message(&'a str),
}

/// A push before it left.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) account: AccountName,
    pub(crate) user: UserIndex,
    /// The Event literal, or the MsgType of a message.
    pub(crate) event: String,
    pub(crate) is_message: bool,
    pub(crate) fields: Fields,
    pub(crate) due: Timestamp,
}

impl Push {
    /// `MsgID` says 0, which names no message (docs/wechat.md §10.4).
    pub(crate) fn loses_its_msgid(&mut self) {
        for (_, msgid) in self.fields.iter_mut().filter(|(name, _)| name == "MsgID") {
            *msgid = Field::number(0);
        }
    }

    /// Whether WeChat shows the user what the callback answers (docs/wechat.md §2.3).
    pub(crate) fn takes_reply(&self) -> bool {
        let silent = self.event == "unsubscribe"
            || self.event == "TEMPLATESENDJOBFINISH"
            || self.event.starts_with("subscribe_msg_")
            || self.event.starts_with("user_");
        self.is_message || !silent
    }
}

/// A push that left, as the control API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Callback {
    pub n: usize,
    pub at: String,
    pub account: AccountName,
    /// The Event literal, or the MsgType of a message.
    pub event: String,
    /// What was inside, before encryption.
    pub document: String,
    pub attempts: Vec<Attempt>,
    /// Why nobody was called, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<&'static str>,
}

/// One delivery of a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    pub at: String,
    /// `null` if there was no answer.
    pub status: Option<u16>,
    pub answer: String,
    /// Why WeChat did not take the answer, if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Pushes {
    pub(crate) callback_url: Option<String>,
    pub(crate) about_to_leave: Vec<Push>,
    left: Vec<Callback>,
    replied: Vec<usize>,
    failures: BTreeMap<AccountName, u32>,
    blackouts: BTreeMap<AccountName, Timestamp>,
    pub(crate) messages: u64,
}

impl Pushes {
    pub(crate) fn take_about_to_leave(&mut self) -> Vec<Push> {
        std::mem::take(&mut self.about_to_leave)
    }

    /// Books a departure; its number is its place in the books.
    pub(crate) fn leaves(
        &mut self,
        push: &Push,
        document: &str,
        at: Timestamp,
        lost: Option<&'static str>,
    ) -> usize {
        let n = self.left.len() + 1;
        self.left.push(Callback {
            n,
            at: written(at),
            account: push.account,
            event: push.event.clone(),
            document: document.to_owned(),
            attempts: Vec::new(),
            lost,
        });
        n
    }

    pub(crate) fn attempted(&mut self, n: usize, attempt: Attempt) {
        self.left[n - 1].attempts.push(attempt);
    }

    /// Whether this is the first reply to push `n`; the user sees no other.
    pub(crate) fn replies_first(&mut self, n: usize) -> bool {
        let first = !self.replied.contains(&n);
        if first {
            self.replied.push(n);
        }
        first
    }

    pub(crate) fn succeeded(&mut self, account: AccountName) {
        self.failures.remove(&account);
    }

    /// The last delivery of a push failed.
    pub(crate) fn failed(&mut self, account: AccountName, now: Timestamp) {
        let failures = self.failures.entry(account).or_default();
        *failures += 1;
        if *failures >= FAILURES_TO_BLACKOUT {
            self.failures.remove(&account);
            self.blackouts.insert(account, now + BLACKOUT);
        }
    }

    pub(crate) fn is_blacked_out(&self, account: AccountName, now: Timestamp) -> bool {
        self.blackouts.get(&account).is_some_and(|until| now < *until)
    }

    pub(crate) fn left(&self) -> &[Callback] {
        &self.left
    }
}

pub(crate) fn field(name: &str, field: Field) -> (String, Field) {
    (name.to_owned(), field)
}
