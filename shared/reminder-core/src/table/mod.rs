//! The one DynamoDB table: reads, and writes that know whether it was they who won.
//!
//! Every item is a JSON document with a version. An update reads, applies a pure change and writes under the
//! condition that the version is still the one read; a lost race hands back the current item and the change is
//! applied again, so a change must be idempotent by its cause. A write whose answer was lost is repeated by the
//! SDK and then fails on its own success: the failed condition returns the item, and an item that carries this
//! write's id means that it won.

pub mod item;
pub mod keys;
mod queries;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use thiserror::Error;

use item::{Attributes, write_ids};
pub use item::{DUE_SHARDS, IndexEntries, Item, Record};
use keys::Key;
pub use queries::{Bookmark, Page};

use crate::random;

/// How often an update that lost its race is tried again before giving up: dozens of writers of one item at once
/// do not exist, a few do.
pub(crate) const RACES_MAX: usize = 12;
/// DynamoDB's own limit of a batch read is 100; a loop over unprocessed keys ends after this many rounds.
const BATCH_ROUNDS_MAX: usize = 5;

/// Why the table could not be read or written. All of them are for Lambda to try again.
#[derive(Debug, Error)]
pub enum TableError {
    /// DynamoDB did not do it, or nobody knows.
    #[error("DynamoDB {operation} failed: {reason}")]
    Failed { operation: &'static str, reason: String },
    /// An item that this code cannot have written.
    #[error("the table holds a {kind} whose {column} cannot be read")]
    Corrupt { kind: &'static str, column: &'static str },
    /// The item to be updated is not there any more.
    #[error("the {0} is gone")]
    Gone(&'static str),
    /// Lost every race.
    #[error("the {0} is being written by too many at once")]
    Contended(&'static str),
}

impl TableError {
    pub(crate) fn failed<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E>) -> Self {
        Self::Failed { operation, reason: crate::aws::reason(error) }
    }
}

/// What a change asks for.
#[derive(Debug)]
pub enum Change<R> {
    /// Write the item as changed.
    Write(R),
    /// Leave the item as it is; nothing is written.
    Keep(R),
}

impl Change<bool> {
    /// Writes the item if it was changed, and answers whether it was.
    pub fn when(changed: bool) -> Self {
        if changed { Self::Write(true) } else { Self::Keep(false) }
    }
}

/// What became of one conditional write.
#[derive(Debug)]
pub enum Replacement<T> {
    /// The item as it is now.
    Won(Record<T>),
    /// Somebody else wrote meanwhile: the item as they left it.
    Lost(Record<T>),
}

/// What became of a creation.
#[derive(Debug)]
pub enum Creation<T> {
    New(Record<T>),
    /// Somebody was there first: the item as it is.
    Exists(Record<T>),
}

/// One part of a transaction: a conditional put.
pub(crate) struct Part(Put);

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

    pub async fn get<T: Item>(&self, key: Key) -> Result<Option<Record<T>>, TableError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| TableError::failed("GetItem", &error))?;
        output.item.as_ref().map(Record::decode).transpose()
    }

    /// Two items in one request.
    pub async fn get_pair<A: Item, B: Item>(
        &self,
        first: Key,
        second: Key,
    ) -> Result<(Option<Record<A>>, Option<Record<B>>), TableError> {
        let mut found: Vec<Attributes> = Vec::with_capacity(2);
        let mut wanted = KeysAndAttributes::builder()
            .keys(key_attributes(first.clone()))
            .keys(key_attributes(second.clone()))
            .consistent_read(true)
            .build()
            .expect("both keys are given");
        for _ in 0..BATCH_ROUNDS_MAX {
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.name, wanted)
                .send()
                .await
                .map_err(|error| TableError::failed("BatchGetItem", &error))?;
            found.extend(output.responses.into_iter().flatten().flat_map(|(_, items)| items));
            match output.unprocessed_keys.and_then(|mut left| left.remove(&self.name)) {
                Some(left) if !left.keys.is_empty() => wanted = left,
                _ => {
                    let with = |key: &Key| {
                        found.iter().find(|item| {
                            item.get("pk").and_then(|value| value.as_s().ok()) == Some(&key.pk)
                                && item.get("sk").and_then(|value| value.as_s().ok()) == Some(&key.sk)
                        })
                    };
                    return Ok((
                        with(&first).map(Record::decode).transpose()?,
                        with(&second).map(Record::decode).transpose()?,
                    ));
                }
            }
        }
        Err(TableError::Failed { operation: "BatchGetItem", reason: "left keys unread".to_owned() })
    }

    /// Puts a new item, unless there is one under its key.
    pub async fn create<T: Item>(&self, item: T) -> Result<Creation<T>, TableError> {
        let write_id = random::id();
        let stored = Record::first(item, &write_id);
        for _ in 0..RACES_MAX {
            match self.put(&stored, "attribute_not_exists(pk)", None).await? {
                Conditional::Done => return Ok(Creation::New(stored)),
                Conditional::InTransaction => {}
                Conditional::Refused(None) => break,
                Conditional::Refused(Some(current)) if write_ids(&current).contains(&write_id) => {
                    return Ok(Creation::New(stored));
                }
                Conditional::Refused(Some(current)) => {
                    return Ok(Creation::Exists(Record::decode(&current)?));
                }
            }
        }
        Err(TableError::Contended(T::KIND))
    }

    /// Applies `change` to the item as it is now and writes the result, under the condition that nobody else
    /// wrote in between; else reads what they wrote and applies `change` again.
    ///
    /// # Errors
    /// [`TableError::Gone`] when the item was deleted meanwhile.
    pub async fn update<T: Item, R>(
        &self,
        stored: Record<T>,
        mut change: impl FnMut(&mut T) -> Change<R>,
    ) -> Result<(Record<T>, R), TableError> {
        let mut current = stored;
        for _ in 0..RACES_MAX {
            let mut item = current.item.clone();
            let answer = match change(&mut item) {
                Change::Keep(answer) => return Ok((current, answer)),
                Change::Write(answer) => answer,
            };
            match self.replace(&current, item).await? {
                Replacement::Won(next) => return Ok((next, answer)),
                Replacement::Lost(winner) => current = winner,
            }
        }
        Err(TableError::Contended(T::KIND))
    }

    /// Writes the item's next version, under the condition that nobody else wrote since `current` was read.
    ///
    /// # Errors
    /// [`TableError::Gone`] when the item was deleted meanwhile.
    pub async fn replace<T: Item>(&self, current: &Record<T>, item: T) -> Result<Replacement<T>, TableError> {
        let write_id = random::id();
        let next = current.next(item, &write_id);
        match self.put(&next, "version = :version", Some(current.version)).await? {
            Conditional::Done => Ok(Replacement::Won(next)),
            Conditional::InTransaction => Ok(Replacement::Lost(current.clone())),
            Conditional::Refused(None) => Err(TableError::Gone(T::KIND)),
            Conditional::Refused(Some(winner)) if write_ids(&winner).contains(&write_id) => {
                Ok(Replacement::Won(Record::decode(&winner)?))
            }
            Conditional::Refused(Some(winner)) => Ok(Replacement::Lost(Record::decode(&winner)?)),
        }
    }

    /// Reads the item and updates it.
    ///
    /// # Errors
    /// [`TableError::Gone`] when there is none.
    pub async fn update_at<T: Item, R>(
        &self,
        key: Key,
        change: impl FnMut(&mut T) -> Change<R>,
    ) -> Result<(Record<T>, R), TableError> {
        let stored = self.get(key).await?.ok_or(TableError::Gone(T::KIND))?;
        self.update(stored, change).await
    }

    /// Updates the item, or starts from `new` when there is none.
    pub async fn upsert<T: Item, R>(
        &self,
        new: T,
        mut change: impl FnMut(&mut T) -> Change<R>,
    ) -> Result<(Record<T>, R), TableError> {
        for _ in 0..RACES_MAX {
            let stored = match self.get(new.key()).await? {
                Some(stored) => stored,
                None => {
                    let mut item = new.clone();
                    let (Change::Write(answer) | Change::Keep(answer)) = change(&mut item);
                    match self.create(item).await? {
                        Creation::New(stored) => return Ok((stored, answer)),
                        Creation::Exists(stored) => stored,
                    }
                }
            };
            match self.update(stored, &mut change).await {
                Err(TableError::Gone(_)) => {}
                outcome => return outcome,
            }
        }
        Err(TableError::Contended(T::KIND))
    }

    /// Puts the item whatever was there: only for what may be lost or repeated, such as a cached token.
    pub async fn put_anyway<T: Item>(&self, item: T) -> Result<(), TableError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(Record::first(item, &random::id()).encode()))
            .send()
            .await
            .map(drop)
            .map_err(|error| TableError::failed("PutItem", &error))
    }

    pub async fn delete(&self, key: Key) -> Result<(), TableError> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .send()
            .await
            .map(drop)
            .map_err(|error| TableError::failed("DeleteItem", &error))
    }

    /// The part of a transaction that updates `stored` to `item`.
    pub(crate) fn update_part<T: Item>(&self, stored: &Record<T>, item: T, write_id: &str) -> Part {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(stored.next(item, write_id).encode()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(stored.version.to_string()))
            .build();
        Part(put.expect("an item is given"))
    }

    /// All parts or none. `false`: a condition did not hold, somebody else wrote meanwhile.
    ///
    /// `token` makes a repeat of this very transaction within ten minutes harmless.
    pub(crate) async fn transact(&self, parts: Vec<Part>, token: &str) -> Result<bool, TableError> {
        let items =
            parts.into_iter().map(|Part(put)| TransactWriteItem::builder().put(put).build()).collect();
        let outcome = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context)) if is_lost_race(context.err()) => Ok(false),
            Err(error) => Err(TableError::failed("TransactWriteItems", &error)),
        }
    }

    async fn put<T: Item>(
        &self,
        stored: &Record<T>,
        condition: &str,
        version: Option<u64>,
    ) -> Result<Conditional, TableError> {
        let values = version.map(|version| {
            Attributes::from([(":version".to_owned(), AttributeValue::N(version.to_string()))])
        });
        let outcome = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(stored.encode()))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Conditional::Done),
            Err(SdkError::ServiceError(context)) => match context.err() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    Ok(Conditional::Refused(failed.item.clone().filter(|item| !item.is_empty())))
                }
                PutItemError::TransactionConflictException(_) => Ok(Conditional::InTransaction),
                _ => Err(TableError::failed("PutItem", &SdkError::ServiceError(context))),
            },
            Err(error) => Err(TableError::failed("PutItem", &error)),
        }
    }
}

/// For updates of what may have been forgotten meanwhile: then there is nothing to update.
pub(crate) fn gone_is_fine<T>(outcome: Result<T, TableError>) -> Result<(), TableError> {
    match outcome {
        Ok(_) | Err(TableError::Gone(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Somebody else wrote, or is writing, one of the items; anything else is a failure.
fn is_lost_race(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let mut reasons = cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code);
    reasons.any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}

enum Conditional {
    Done,
    /// A transaction has its hands on the item at this moment; the SDK does not repeat this by itself.
    InTransaction,
    Refused(Option<Attributes>),
}

pub(crate) fn key_attributes(key: Key) -> Attributes {
    Attributes::from([
        ("pk".to_owned(), AttributeValue::S(key.pk)),
        ("sk".to_owned(), AttributeValue::S(key.sk)),
    ])
}
