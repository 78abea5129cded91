//! One item of the table, and what every item has: a version, the ids of its last writes, its index entries.
//! DynamoDB's attribute maps stop in this file.
//!
//! ```text
//! pk, sk                       the key
//! version    N                 one more with every write; every update requires the version it has read
//! writes     S                 ids of the last writes, so that a repeated write recognises its own success
//! doc        S                 the item itself, as JSON
//! due_shard  S, next_look_at N index `due`, only while something is to be looked at
//! rests      S, rests_until  N index `resting`, only while something rests that could still be told
//! owner_tag  S                 index `owners`, only on profiles
//! state_expiry S               index `by_expiry`, only on reminders
//! ttl        N                 epoch seconds; cleans up, decides nothing
//! ```

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::TableError;
use super::keys::Key;

/// An item as DynamoDB has it.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// How many write ids an item remembers. A write is repeated within seconds, and
/// more than this many other writes of one item do not happen in that time.
const WRITES_KEPT: usize = 4;
/// Of each id the beginning: 40 random bits tell a few writes of one item apart.
const WRITE_CHARS: usize = 8;

/// Over how many keys of the index `due` the items are spread. A partition takes a thousand write units a second, Scheduler
/// fires a thousand pushes in one, and each of them writes two at most: two keys would do if both were full and apart, but
/// a new index has four partitions, and keys fall where they like (docs/scale.md). More can be had at any time, for whoever
/// looks asks every key there is; fewer cannot. A sweep that finds nothing costs half a read unit for each.
pub const DUE_SHARDS: u32 = 16;
/// The same of each kind of rest in `resting`: an item is written there when a push comes to rest and when it is armed.
pub const REST_SHARDS: u32 = 2;

/// Where an item stands in the indexes, and when it may be cleaned up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexEntries {
    pub next_look_at: Option<Timestamp>,
    /// What kind of rest, and until when it matters.
    pub rests: Option<(&'static str, Timestamp)>,
    /// What the ids of whoever this profile is begin with.
    pub owner_tag: Option<String>,
    pub state_expiry: Option<String>,
    pub ttl: Option<Timestamp>,
}

/// What is kept in the table.
pub trait Item: Serialize + DeserializeOwned + Clone {
    /// The word for it in errors.
    const KIND: &'static str;

    fn key(&self) -> Key;

    fn indexed(&self) -> IndexEntries {
        IndexEntries::default()
    }

    /// Takes over what only the key says.
    fn restore(&mut self, _key: &Key) {}
}

/// An item as it was read, with what an update of it must find unchanged.
#[derive(Debug, Clone)]
pub struct Record<T> {
    pub item: T,
    pub(super) version: u64,
    pub(super) writes: Vec<String>,
}

impl<T: Item> Record<T> {
    pub(crate) fn decode(attributes: &Attributes) -> Result<Self, TableError> {
        let corrupt = |column: &'static str| TableError::Corrupt { kind: T::KIND, column };
        let text = |column| attributes.get(column).and_then(|value| value.as_s().ok());
        let version = attributes
            .get("version")
            .and_then(|value| value.as_n().ok())
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| corrupt("version"))?;
        let mut item: T =
            text("doc").and_then(|doc| serde_json::from_str(doc).ok()).ok_or_else(|| corrupt("doc"))?;
        item.restore(&key_of(attributes));
        Ok(Self { item, version, writes: write_ids(attributes) })
    }

    /// The item's next version, written by `write_id`.
    pub(super) fn next(&self, item: T, write_id: &str) -> Self {
        let mut writes: Vec<String> = self.writes.iter().rev().take(WRITES_KEPT - 1).rev().cloned().collect();
        writes.push(brief(write_id));
        Self { item, version: self.version + 1, writes }
    }

    /// Versions begin anywhere: who still holds an item that was deleted and made again must not find its version there.
    pub(crate) fn first(item: T, write_id: &str) -> Self {
        let version = 1 + u64::from(crate::jitter::hash(&[write_id]));
        Self { item, version, writes: vec![brief(write_id)] }
    }

    pub(crate) fn encode(&self) -> Attributes {
        let Key { pk, sk } = self.item.key();
        let hash = spread(&pk, &sk);
        let mut attributes = Attributes::from([
            ("pk".to_owned(), AttributeValue::S(pk)),
            ("sk".to_owned(), AttributeValue::S(sk)),
            ("version".to_owned(), AttributeValue::N(self.version.to_string())),
            ("writes".to_owned(), AttributeValue::S(self.writes.join(" "))),
            (
                "doc".to_owned(),
                AttributeValue::S(serde_json::to_string(&self.item).expect("items have string keys only")),
            ),
        ]);
        let IndexEntries { next_look_at, rests, owner_tag, state_expiry, ttl } = self.item.indexed();
        if let Some(owner_tag) = owner_tag {
            attributes.insert("owner_tag".to_owned(), AttributeValue::S(owner_tag));
        }
        if let Some(at) = next_look_at {
            attributes.insert("due_shard".to_owned(), AttributeValue::S((hash % DUE_SHARDS).to_string()));
            attributes.insert("next_look_at".to_owned(), AttributeValue::N(at.as_second().to_string()));
        }
        if let Some((kind, until)) = rests {
            attributes
                .insert("rests".to_owned(), AttributeValue::S(rests_partition(kind, hash % REST_SHARDS)));
            attributes.insert("rests_until".to_owned(), AttributeValue::N(until.as_second().to_string()));
        }
        if let Some(state_expiry) = state_expiry {
            attributes.insert("state_expiry".to_owned(), AttributeValue::S(state_expiry));
        }
        if let Some(ttl) = ttl {
            attributes.insert("ttl".to_owned(), AttributeValue::N(ttl.as_second().to_string()));
        }
        attributes
    }
}

/// Whether the item remembers the write of this id.
pub(super) fn was_written_by(attributes: &Attributes, write_id: &str) -> bool {
    write_ids(attributes).contains(&brief(write_id))
}

fn write_ids(attributes: &Attributes) -> Vec<String> {
    match attributes.get("writes") {
        Some(AttributeValue::S(ids)) => ids.split(' ').map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn brief(write_id: &str) -> String {
    write_id.chars().take(WRITE_CHARS).collect()
}

/// The primary key of an item, or of its entry in an index.
pub(crate) fn key_of(item: &Attributes) -> Key {
    let text = |column| item.get(column).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Key { pk: text("pk"), sk: text("sk") }
}

/// A partition of the index `resting`.
pub(super) fn rests_partition(kind: &str, shard: u32) -> String {
    format!("{kind}#{shard}")
}

/// The low bits of the hash follow the last bytes closely; its high half folded in spreads them.
fn spread(pk: &str, sk: &str) -> u32 {
    let hash = crate::jitter::hash(&[pk, sk]);
    hash ^ (hash >> 16)
}

pub(crate) fn key_attributes(key: Key) -> Attributes {
    Attributes::from([
        ("pk".to_owned(), AttributeValue::S(key.pk)),
        ("sk".to_owned(), AttributeValue::S(key.sk)),
    ])
}
