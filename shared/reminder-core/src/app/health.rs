//! Whether WeChat's callbacks arrive and are accepted, and whether WeChat takes our calls: what `doctor` reads.
//! Written at most once a minute per environment and kind, because it is written for people.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::table::{Change, Item, Table, keys};

const WRITTEN_AT_MOST_EVERY: SignedDuration = SignedDuration::from_mins(1);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub account: Account,
    /// By kind of note: the newest of each.
    #[serde(default)]
    pub notes: BTreeMap<Kind, Note>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A callback was accepted.
    CallbackAccepted,
    /// A callback was refused, and why.
    CallbackRefused,
    /// Something came that does not even look like a callback of WeChat's.
    StrangerRefused,
    /// WeChat refused a call for a reason that only the owner can mend, and which.
    CallRefused,
    /// WeChat refused our address, and which it saw (40164).
    AddressRefused,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Item for Health {
    const KIND: &'static str = "health item";

    fn key(&self) -> keys::Key {
        keys::health(self.account)
    }
}

#[derive(Debug)]
pub struct HealthNotes {
    table: Table,
    written: Mutex<BTreeMap<(&'static str, Kind), Timestamp>>,
}

impl HealthNotes {
    pub fn new(table: Table) -> Self {
        Self { table, written: Mutex::default() }
    }

    pub async fn read(&self, account: Account) -> Result<Option<Health>, crate::table::TableError> {
        Ok(self.table.get::<Health>(keys::health(account)).await?.map(|stored| stored.item))
    }

    /// Notes it, unless that was done less than a minute ago. A note that cannot be written is only a note.
    pub async fn note(&self, account: Account, kind: Kind, detail: &str, now: Timestamp) {
        if !self.is_time_to(account, kind, now) {
            return;
        }
        let note = Note { at: now, detail: detail.to_owned() };
        let new = Health { account, notes: BTreeMap::new() };
        let outcome = self
            .table
            .upsert(new, |health| {
                health.notes.insert(kind, note.clone());
                Change::Write(())
            })
            .await;
        if let Err(error) = outcome {
            tracing::warn!(%error, %account, "the health item could not be written");
        }
    }

    fn is_time_to(&self, account: Account, kind: Kind, now: Timestamp) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let last = written.get(&(account.name(), kind));
        if last.is_some_and(|last| now.duration_since(*last) < WRITTEN_AT_MOST_EVERY) {
            return false;
        }
        written.insert((account.name(), kind), now);
        true
    }
}
