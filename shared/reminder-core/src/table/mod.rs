//! The one DynamoDB table: reads, and writes that know whether it was they who won. It knows no item of the product:
//! those say by [`Item`] where they stand.
//!
//! Every item is a JSON document with a version. An update reads, applies a pure change and writes under the
//! condition that the version is still the one read; a lost race hands back the current item and the change is
//! applied again, so a change must be idempotent by its cause. A write whose answer was lost is repeated by the
//! SDK and then fails on its own success: the failed condition returns the item, and an item that carries this
//! write's id means that it won.

mod error;
mod found;
mod indexes;
pub mod item;
pub mod keys;
mod queries;
mod transactions;
mod writes;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use wechat::said;

pub use error::TableError;
pub(crate) use error::gone_is_fine;
pub(crate) use found::{Found, Freshness};
pub use indexes::{Behind, Page};
pub(crate) use item::key_of;
use item::{Attributes, key_attributes};
pub use item::{DUE_SHARDS, IndexEntries, Item, REST_SHARDS, Record};
use keys::Key;
pub use queries::Bookmark;
pub(crate) use transactions::Part;
pub(crate) use writes::RACES_MAX;
pub use writes::{Change, Creation, Replacement};

/// DynamoDB's own limit of a batch read.
const BATCH_MAX: usize = 100;
/// A loop over unprocessed keys ends after this many rounds.
const BATCH_ROUNDS_MAX: usize = 5;

/// The table; cheap to clone.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// What tells one stack from another.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub async fn get<T: Item>(&self, key: Key) -> Result<Option<Record<T>>, TableError> {
        self.get_as(key, Freshness::Newest).await
    }

    pub(crate) async fn get_as<T: Item>(
        &self,
        key: Key,
        freshness: Freshness,
    ) -> Result<Option<Record<T>>, TableError> {
        self.attributes_as(key, freshness).await?.as_ref().map(Record::decode).transpose()
    }

    /// An item that has no document.
    pub(crate) async fn attributes(&self, key: Key) -> Result<Option<Attributes>, TableError> {
        self.attributes_as(key, Freshness::Newest).await
    }

    async fn attributes_as(&self, key: Key, freshness: Freshness) -> Result<Option<Attributes>, TableError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .consistent_read(freshness == Freshness::Newest)
            .send()
            .await
            .map_err(|error| TableError::failed("GetItem", &error))?;
        Ok(output.item)
    }

    /// Two items in one request.
    pub async fn get_pair<A: Item, B: Item>(
        &self,
        first: Key,
        second: Key,
    ) -> Result<(Option<Record<A>>, Option<Record<B>>), TableError> {
        let found = self.get_all(&[&first, &second]).await?;
        Ok((found.record(&first)?, found.record(&second)?))
    }

    /// Several items in one request, or as few as there may be.
    pub(crate) async fn get_all(&self, keys: &[&Key]) -> Result<Found, TableError> {
        let mut found = Found(Vec::with_capacity(keys.len()));
        for keys in keys.chunks(BATCH_MAX) {
            self.get_batch(keys, &mut found).await?;
        }
        Ok(found)
    }

    async fn get_batch(&self, keys: &[&Key], found: &mut Found) -> Result<(), TableError> {
        let mut wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(|key| key_attributes((*key).clone())).collect()))
            .consistent_read(true)
            .build()
            .expect("keys are given");
        for _ in 0..BATCH_ROUNDS_MAX {
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.name, wanted)
                .send()
                .await
                .map_err(|error| TableError::failed("BatchGetItem", &error))?;
            found.0.extend(output.responses.into_iter().flatten().flat_map(|(_, items)| items));
            match output.unprocessed_keys.and_then(|mut left| left.remove(&self.name)) {
                Some(left) if !left.keys.is_empty() => wanted = left,
                _ => return Ok(()),
            }
        }
        Err(TableError::Failed {
            operation: "BatchGetItem",
            reason: said!("left keys unread", "有的键没读到"),
        })
    }
}
