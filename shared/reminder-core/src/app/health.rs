//! Whether WeChat's callbacks arrive and are accepted, and whether WeChat takes our calls: what `doctor` reads.
//!
//! Written at most once a minute per environment and kind, because it is written for people. A note is one write that asks
//! for nothing first, each kind in a column of its own: in a burst, when many environments start at once, none waits for
//! another. So this item has attributes instead of a document: the name of a kind, and its newest note as JSON.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::table::item::key_attributes;
use crate::table::{Table, TableError, keys};

const WRITTEN_AT_MOST_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// By kind of note: the newest of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub notes: BTreeMap<Kind, Note>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A callback was accepted.
    CallbackAccepted,
    /// A callback was refused, and why.
    CallbackRefused,
    /// A callback was WeChat's and could not be read, and why; it was answered `success`.
    CallbackUnreadable,
    /// Something came that does not even look like a callback of WeChat's.
    StrangerRefused,
    /// WeChat told of a punishment, and by which event.
    Punished,
    /// WeChat refused a call for a reason that only the owner can mend, and which.
    CallRefused,
    /// WeChat refused our address, and which it saw (40164).
    AddressRefused,
    /// A receipt came of a template message that we did not send: another system sends on this account, too.
    ForeignReceipt,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::CallbackAccepted,
        Self::CallbackRefused,
        Self::CallbackUnreadable,
        Self::StrangerRefused,
        Self::Punished,
        Self::CallRefused,
        Self::AddressRefused,
        Self::ForeignReceipt,
    ];

    fn column(self) -> &'static str {
        match self {
            Self::CallbackAccepted => "callback_accepted",
            Self::CallbackRefused => "callback_refused",
            Self::CallbackUnreadable => "callback_unreadable",
            Self::StrangerRefused => "stranger_refused",
            Self::Punished => "punished",
            Self::CallRefused => "call_refused",
            Self::AddressRefused => "address_refused",
            Self::ForeignReceipt => "foreign_receipt",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
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

    pub async fn read(&self, account: Account) -> Result<Health, TableError> {
        let output = self
            .table
            .client
            .get_item()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(keys::health(account))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| TableError::failed("GetItem", &error))?;
        let item = output.item.unwrap_or_default();
        let mut health = Health::default();
        for kind in Kind::ALL {
            let Some(note) = item.get(kind.column()) else { continue };
            let note = note.as_s().ok().and_then(|note| serde_json::from_str(note).ok());
            let corrupt = TableError::Corrupt { kind: "health item", column: kind.column() };
            health.notes.insert(kind, note.ok_or(corrupt)?);
        }
        Ok(health)
    }

    /// Notes it, unless that was done less than a minute ago; answers whether it was time to. A note that cannot be
    /// written is only a note.
    pub async fn note(&self, account: Account, kind: Kind, detail: &str, now: Timestamp) -> bool {
        if !self.is_time_to(account, kind, now) {
            return false;
        }
        let note = Note { at: now, detail: detail.to_owned() };
        let note = serde_json::to_string(&note).expect("plain data becomes JSON");
        let outcome = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(keys::health(account))))
            .update_expression("SET #kind = :note")
            .expression_attribute_names("#kind", kind.column())
            .expression_attribute_values(":note", AttributeValue::S(note))
            .send()
            .await;
        if let Err(error) = outcome {
            let error = TableError::failed("UpdateItem", &error);
            tracing::warn!(%error, %account, "the health item could not be written");
        }
        true
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
