//! What a ledger remembers of each accept, report and attempt: its moment and enough of its cause to know it again, so
//! that an item stays small however long the causes are.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An event and a report of the mini program's so near to each other are of one tap.
const ONE_TAP: i64 = 2 * 60;
/// How long marks are kept: WeChat repeats within minutes, a phone that was offline reports within hours.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Epoch seconds, WeChat's unit, and the beginning of a hash of the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, u32)", into = "(i64, u32)")]
pub(super) struct Mark {
    pub(super) at: i64,
    pub(super) cause: u32,
}

/// An accept that was counted, and the report of the mini program that was matched with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, u32, Option<u32>)", into = "(i64, u32, Option<u32>)")]
pub(super) struct Accept {
    pub(super) at: i64,
    pub(super) cause: u32,
    pub(super) reported_by: Option<u32>,
}

/// An attempt that holds a credit, or used it lately. An attempt that is not among them was certainly never sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reservation {
    pub(super) cause: u32,
    pub(super) at: i64,
    #[serde(default, skip_serializing_if = "Origin::is_counted")]
    pub(super) origin: Origin,
    /// Nobody knows whether it was used: the ledger has one uncertain credit for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) uncertain: bool,
    /// It may have used, instead of what it rests on, a credit that was told of later: that one is in doubt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) settled: bool,
}

/// What an attempt rests on, and so what comes back when it definitely was not sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    #[default]
    Counted,
    Reported(Mark),
    Uncertain,
    /// What it was taken from has become worthless. If it was sent all the same, then on an accept not told yet.
    Nothing,
}

/// The beginning of a hash: within one ledger it is as good as the cause itself.
pub(super) fn short(cause: &str) -> u32 {
    let hash = Sha256::digest(cause);
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// The oldest moment that is still remembered.
pub(super) fn oldest(now: Timestamp) -> i64 {
    (now - KEPT).as_second()
}

impl Mark {
    pub(super) fn new(cause: &str, at: Timestamp) -> Self {
        Self { at: at.as_second(), cause: short(cause) }
    }

    /// The report and the event of this moment are of one tap.
    pub(super) fn is_of(self, event: i64) -> bool {
        (self.at - event).abs() < ONE_TAP
    }
}

impl Accept {
    /// The cause of the accept, or of the report that told of it.
    pub(super) fn was_told_by(&self, cause: u32) -> bool {
        self.cause == cause || self.reported_by == Some(cause)
    }
}

impl Origin {
    fn is_counted(&self) -> bool {
        *self == Self::Counted
    }

    pub(super) fn report(&self) -> Option<Mark> {
        match self {
            Self::Reported(report) => Some(*report),
            _ => None,
        }
    }
}

impl From<(i64, u32)> for Mark {
    fn from((at, cause): (i64, u32)) -> Self {
        Self { at, cause }
    }
}

impl From<Mark> for (i64, u32) {
    fn from(mark: Mark) -> Self {
        (mark.at, mark.cause)
    }
}

impl From<(i64, u32, Option<u32>)> for Accept {
    fn from((at, cause, reported_by): (i64, u32, Option<u32>)) -> Self {
        Self { at, cause, reported_by }
    }
}

impl From<Accept> for (i64, u32, Option<u32>) {
    fn from(accept: Accept) -> Self {
        (accept.at, accept.cause, accept.reported_by)
    }
}
