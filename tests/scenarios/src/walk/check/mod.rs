//! The checkers: each knows one sentence of docs/design.md §1 "What must never happen", the ledger's invariant, or what is
//! promised of zones and of events, and the world from outside. None knows how the product does it.

pub(crate) mod coverage;
pub(crate) mod events;
pub(crate) mod in_time;
pub(crate) mod ledger;
pub(crate) mod ledger_in_the_end;
pub(crate) mod nothing_lost;
pub(crate) mod owed;
pub(crate) mod secrets;
pub(crate) mod strangers;
pub(crate) mod told_once;
pub(crate) mod zones;

use std::fmt;

/// A promise that was broken.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Which checker says so.
    pub checker: &'static str,
    pub what: String,
    /// The reminder concerned, by its place in the book.
    pub reminder: Option<usize>,
}

impl Violation {
    pub(crate) fn new(checker: &'static str, reminder: Option<usize>, what: impl Into<String>) -> Self {
        Self { checker, what: what.into(), reminder }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.checker, self.what)
    }
}
