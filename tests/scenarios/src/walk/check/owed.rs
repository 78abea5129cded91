//! "While its item has not expired an accepted push is owed": it does not rest while a way to its user is open.
//!
//! A rest ends by its cause, and that may take a while: only a push that rested all along, beside a way that was open
//! all along, is a promise broken.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Violation;

pub(crate) const NAME: &str = "owed";

/// So long a push may rest although a way is open.
pub(crate) const GRACE: SignedDuration = SignedDuration::from_hours(6);

/// A push that rests beside an open way, as seen at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Resting {
    /// Places of the reminder and its version in the book, and the push.
    pub(crate) push: (usize, usize, u64),
    /// Its state and reason.
    pub(crate) state: String,
    /// The way that is open.
    pub(crate) way: &'static str,
}

/// `since` keeps when each was first seen resting so; whoever is not among `seen` does not rest any more.
pub(crate) fn judge(
    seen: &[Resting],
    since: &mut BTreeMap<(usize, usize, u64), Timestamp>,
    now: Timestamp,
) -> Result<(), Violation> {
    since.retain(|push, _| seen.iter().any(|resting| resting.push == *push));
    for Resting { push, state, way } in seen {
        let first = *since.entry(*push).or_insert(now);
        if now.duration_since(first) > GRACE {
            let (place, _, n) = *push;
            let what = format!("push {n} rests as {state} since {first} at least, though {way}");
            return Err(Violation::new(NAME, Some(place), what));
        }
    }
    Ok(())
}
