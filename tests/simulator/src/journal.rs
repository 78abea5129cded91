//! Every request that went through the gate, in the order it was done. What the budget of docs/design.md §10 and
//! the control call `/sim/requests` read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::aws::Service;
use crate::iam::Permission;
use crate::instant::seconds;
use crate::lambda::FunctionName;
use crate::units::Spent;

/// One request, in the control API's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Counts from 1.
    pub n: u64,
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
    pub service: Service,
    /// The path for WeChat, the operation's name for AWS.
    pub operation: String,
    /// `ok`, `errcode 43101`, an AWS exception, or `status 500`; then, in brackets, the fault it met.
    pub outcome: String,
    /// What DynamoDB charges for it: 0 of both if it was not done.
    #[serde(flatten)]
    pub spent: Option<Spent>,
    /// Who made it; unknown for what came through a public port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionName>,
    /// The reminder that the function was woken for, if it was for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminder: Option<String>,
    /// What it needed its role for.
    #[serde(skip)]
    pub needed: Vec<Permission>,
}

/// What changes the table.
const WRITES: [&str; 4] = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];

/// Cheap to clone, all clones are the same journal.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Journal {
    /// Writes it down; its number is given here.
    pub(crate) fn record(&self, entry: Entry) {
        let mut entries = self.entries();
        let n = entries.len() as u64 + 1;
        entries.push(Entry { n, ..entry });
    }

    /// Everything after entry `n`, oldest first.
    pub fn since(&self, n: u64) -> Vec<Entry> {
        let entries = self.entries();
        let from = usize::try_from(n).unwrap_or(usize::MAX).min(entries.len());
        entries[from..].to_vec()
    }

    /// The number of the last entry; what [`Journal::since`] takes to see only what comes after.
    pub fn last(&self) -> u64 {
        self.entries().len() as u64
    }

    /// The number of the last entry that changed the table: what is only looked at is no news.
    pub(crate) fn last_write(&self) -> u64 {
        let entries = self.entries();
        entries
            .iter()
            .rev()
            .find(|entry| WRITES.contains(&entry.operation.as_str()))
            .map_or(0, |entry| entry.n)
    }

    /// How many entries after `n` fit.
    pub fn count_since(&self, n: u64, fits: impl Fn(&Entry) -> bool) -> usize {
        self.since(n).iter().filter(|entry| fits(entry)).count()
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
