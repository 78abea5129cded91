//! When a request was sent, by its query, and whether its document agrees (docs/wechat.md §14.20).
//!
//! A signature sorts its parts and joins them without separators, so it says nothing of where one ends and which is which:
//! a captured request whose nonce looks like a later time has the same signature when, at that time, the two are exchanged,
//! or their digits cut anew. The document tells: it is as old as the timestamp that the request was captured with.

use jiff::Timestamp;

use super::error::CallbackError;
use super::query::{CallbackQuery, required};
use crate::{Callback, Malformation};

/// How far a callback's timestamp may be from now, either way. WeChat itself sets no limit; this is ours, wide
/// enough for its repeats and for clocks that disagree (docs/design.md §6).
pub const MAX_CLOCK_SKEW_S: u64 = 300;

/// From when on a document is older than a delivery and its repeats explain. That alone refuses nothing: some genuine
/// events come late.
const LATE_S: u64 = 3_600;

/// A timestamp has ten digits, from the year 2001 to the year 2286.
const TIMESTAMP_DIGITS: usize = 10;

/// What the query says of the sending, near enough to now.
pub(super) struct Sent<'q> {
    pub(super) timestamp: &'q str,
    pub(super) nonce: &'q str,
    at: i64,
}

impl<'q> Sent<'q> {
    pub(super) fn of(query: &'q CallbackQuery, now: Timestamp) -> Result<Self, CallbackError> {
        let timestamp = required(&query.timestamp, "timestamp")?;
        let nonce = required(&query.nonce, "nonce")?;
        let at =
            second(timestamp.as_bytes()).ok_or(CallbackError::NotWechats(Malformation::NotATimestamp))?;
        match at.abs_diff(now.as_second()) <= MAX_CLOCK_SKEW_S {
            true => Ok(Self { timestamp, nonce, at }),
            false => Err(CallbackError::Stale),
        }
    }

    /// The callback with its date. One that does not say when counts as from the time of sending.
    pub(super) fn dates(&self, mut callback: Callback) -> Result<Callback, CallbackError> {
        match callback.create_time {
            0 => callback.create_time = self.at,
            created if self.is_cut_anew(created) => return Err(CallbackError::Replayed),
            _ => {}
        }
        Ok(callback)
    }

    /// Whether the document is much older or newer than the timestamp, and the signed digits hold another that it is as
    /// old as.
    fn is_cut_anew(&self, created: i64) -> bool {
        if created.abs_diff(self.at) <= LATE_S {
            return false;
        }
        let mut parts = [self.timestamp, self.nonce];
        parts.sort_unstable();
        let signed = parts.concat().into_bytes();
        signed.windows(TIMESTAMP_DIGITS).filter_map(second).any(|at| created.abs_diff(at) <= MAX_CLOCK_SKEW_S)
    }
}

fn second(digits: &[u8]) -> Option<i64> {
    let is_timestamp = digits.len() == TIMESTAMP_DIGITS && digits.iter().all(u8::is_ascii_digit);
    is_timestamp.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
}
