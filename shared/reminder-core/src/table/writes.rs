//! Writes of one item, under the condition that nobody else wrote it since it was read.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::Table;
use super::error::TableError;
use super::item::{Attributes, Item, Record, key_attributes, was_written_by};
use super::keys::Key;
use super::transactions::{Conditional, Part};
use crate::random;

/// How often an update that lost its race is tried again before giving up: dozens of writers of one item at once
/// do not exist, a few do.
pub(crate) const RACES_MAX: usize = 12;

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

impl Table {
    /// Puts a new item, unless there is one under its key.
    pub async fn create<T: Item>(&self, item: T) -> Result<Creation<T>, TableError> {
        self.create_with(item, &[]).await
    }

    /// The same, in one transaction with other parts.
    ///
    /// # Errors
    /// [`TableError::Overtaken`] when only a condition of those did not hold.
    pub(crate) async fn create_with<T: Item>(
        &self,
        item: T,
        parts: &[Part],
    ) -> Result<Creation<T>, TableError> {
        let write_id = random::id();
        let stored = Record::first(item, &write_id);
        for _ in 0..RACES_MAX {
            match self.put(&stored, "attribute_not_exists(pk)", None, parts, &write_id).await? {
                Conditional::Done => return Ok(Creation::New(stored)),
                Conditional::InTransaction => {}
                Conditional::Refused(None) => break,
                Conditional::Refused(Some(current)) if was_written_by(&current, &write_id) => {
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
        self.replace_with(current, item, &[]).await
    }

    /// The same, in one transaction with other parts.
    ///
    /// # Errors
    /// [`TableError::Overtaken`] when only a condition of those did not hold.
    pub(crate) async fn replace_with<T: Item>(
        &self,
        current: &Record<T>,
        item: T,
        parts: &[Part],
    ) -> Result<Replacement<T>, TableError> {
        let write_id = random::id();
        let next = current.next(item, &write_id);
        match self.put(&next, "version = :version", Some(current.version), parts, &write_id).await? {
            Conditional::Done => Ok(Replacement::Won(next)),
            Conditional::InTransaction => Ok(Replacement::Lost(current.clone())),
            Conditional::Refused(None) => Err(TableError::Gone(T::KIND)),
            Conditional::Refused(Some(winner)) if was_written_by(&winner, &write_id) => {
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

    /// Deletes the item, unless somebody wrote it since it was read. Says whether it is gone.
    pub(crate) async fn delete_unchanged<T: Item>(&self, stored: &Record<T>) -> Result<bool, TableError> {
        let outcome = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(stored.item.key())))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(stored.version.to_string()))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context)) if is_lost_delete(context.err()) => Ok(false),
            Err(error) => Err(TableError::failed("DeleteItem", &error)),
        }
    }

    async fn put<T: Item>(
        &self,
        stored: &Record<T>,
        condition: &str,
        version: Option<u64>,
        parts: &[Part],
        write_id: &str,
    ) -> Result<Conditional, TableError> {
        if !parts.is_empty() {
            return self.put_with(stored, condition, version, parts, write_id).await;
        }
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

fn is_lost_delete(error: &DeleteItemError) -> bool {
    matches!(
        error,
        DeleteItemError::ConditionalCheckFailedException(_)
            | DeleteItemError::TransactionConflictException(_)
    )
}
