//! What a request found: items that are told apart by their keys, and read one by one.

use super::error::TableError;
use super::item::{Attributes, Item, Record, key_of};
use super::keys::Key;

/// How a read is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    Newest,
    /// At half the price, perhaps without the newest writes.
    MaybeStale,
}

/// What one request found.
pub(crate) struct Found(pub(super) Vec<Attributes>);

impl From<Vec<Attributes>> for Found {
    fn from(items: Vec<Attributes>) -> Self {
        Self(items)
    }
}

impl Found {
    fn attributes(&self, key: &Key) -> Option<&Attributes> {
        let is = |item: &Attributes, column, value: &String| {
            item.get(column).and_then(|found| found.as_s().ok()) == Some(value)
        };
        self.0.iter().find(|item| is(item, "pk", &key.pk) && is(item, "sk", &key.sk))
    }

    pub(crate) fn record<T: Item>(&self, key: &Key) -> Result<Option<Record<T>>, TableError> {
        self.attributes(key).map(Record::decode).transpose()
    }

    /// These items, as far as they are there, in this order; one that cannot be read hides no other.
    pub(crate) fn readable<T: Item>(&self, keys: &[Key]) -> Vec<Record<T>> {
        readable(keys.iter().filter_map(|key| self.attributes(key)))
    }

    /// Those whose sort key begins with `prefix`; one that cannot be read hides no other.
    pub(crate) fn readable_with_prefix<T: Item>(&self, prefix: &str) -> Vec<Record<T>> {
        readable(self.0.iter().filter(|item| key_of(item).sk.starts_with(prefix)))
    }
}

pub(super) fn readable<'a, T: Item>(items: impl IntoIterator<Item = &'a Attributes>) -> Vec<Record<T>> {
    let read = items.into_iter().map(Record::decode).filter_map(|record| {
        record.inspect_err(|error| tracing::error!(%error, "an item is passed over")).ok()
    });
    read.collect()
}
