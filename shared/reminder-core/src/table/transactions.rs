//! Writes of several items at once: all of them, or none.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};

use super::Table;
use super::error::TableError;
use super::item::{Attributes, Item, Record, key_attributes};

/// How DynamoDB says that a condition did not hold, and that another transaction has its hands on an item.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";
const CONFLICT: &str = "TransactionConflict";

/// What became of a write under a condition.
pub(super) enum Conditional {
    Done,
    /// A transaction has its hands on the item at this moment; the SDK does not repeat this by itself.
    InTransaction,
    Refused(Option<Attributes>),
}

/// One part of a transaction, with its condition.
#[derive(Debug, Clone)]
pub(crate) struct Part(TransactWriteItem);

impl Part {
    pub(crate) fn update(update: Update) -> Self {
        Self(TransactWriteItem::builder().update(update).build())
    }

    fn put(put: Put) -> Self {
        Self(TransactWriteItem::builder().put(put).build())
    }
}

impl Table {
    /// The part of a transaction that updates `stored` to `item`.
    pub(crate) fn update_part<T: Item>(&self, stored: &Record<T>, item: T, write_id: &str) -> Part {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(stored.next(item, write_id).encode()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(stored.version.to_string()))
            .build();
        Part::put(put.expect("an item is given"))
    }

    /// The part of a transaction that puts a new item, if there is none under its key.
    pub(crate) fn create_part<T: Item>(&self, item: T, write_id: &str) -> Part {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(Record::first(item, write_id).encode()))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        Part::put(put.expect("an item is given"))
    }

    /// The part of a transaction that deletes `stored`.
    pub(crate) fn delete_part<T: Item>(&self, stored: &Record<T>) -> Part {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key_attributes(stored.item.key())))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(stored.version.to_string()))
            .build();
        Part(TransactWriteItem::builder().delete(delete.expect("a key is given")).build())
    }

    /// All parts or none. `false`: a condition did not hold, somebody else wrote meanwhile.
    ///
    /// `token` makes a repeat of this very transaction within ten minutes harmless.
    pub(crate) async fn transact(&self, parts: Vec<Part>, token: &str) -> Result<bool, TableError> {
        match self.submit(parts, token).await {
            Ok(()) => Ok(true),
            Err(SdkError::ServiceError(context)) if is_lost_race(context.err()) => Ok(false),
            Err(error) => Err(TableError::failed("TransactWriteItems", &error)),
        }
    }

    /// Puts an item, under its condition and together with other parts.
    ///
    /// # Errors
    /// [`TableError::Overtaken`] when only a condition of the other parts did not hold.
    pub(super) async fn put_with<T: Item>(
        &self,
        stored: &Record<T>,
        condition: &str,
        version: Option<u64>,
        parts: &[Part],
        token: &str,
    ) -> Result<Conditional, TableError> {
        let mut put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(stored.encode()))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(version) = version {
            put = put.expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        }
        let own = Part::put(put.build().expect("an item is given"));
        let all = std::iter::once(own).chain(parts.iter().cloned()).collect();
        match self.submit(all, token).await {
            Ok(()) => Ok(Conditional::Done),
            Err(SdkError::ServiceError(context)) => match why_cancelled(context.err()) {
                Some(answer) => answer,
                None => Err(TableError::failed("TransactWriteItems", &SdkError::ServiceError(context))),
            },
            Err(error) => Err(TableError::failed("TransactWriteItems", &error)),
        }
    }

    async fn submit(&self, parts: Vec<Part>, token: &str) -> Result<(), SdkError<TransactWriteItemsError>> {
        let items = parts.into_iter().map(|Part(item)| item).collect();
        let request = self.client.transact_write_items().set_transact_items(Some(items));
        request.client_request_token(token).send().await.map(drop)
    }
}

/// What the first part of a transaction met, else what the others did. None: a failure.
fn why_cancelled(error: &TransactWriteItemsError) -> Option<Result<Conditional, TableError>> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let reasons = cancelled.cancellation_reasons();
    let is = |reason: &CancellationReason, code: &str| reason.code() == Some(code);
    match reasons {
        [own, ..] if is(own, CONDITION_FAILED) => {
            let current = own.item.clone().filter(|item| !item.is_empty());
            Some(Ok(Conditional::Refused(current)))
        }
        [_, others @ ..] if others.iter().any(|other| is(other, CONDITION_FAILED)) => {
            Some(Err(TableError::Overtaken))
        }
        _ if reasons.iter().any(|reason| is(reason, CONFLICT)) => Some(Ok(Conditional::InTransaction)),
        _ => None,
    }
}

/// Somebody else wrote, or is writing, one of the items; anything else is a failure.
fn is_lost_race(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let mut reasons = cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code);
    reasons.any(|code| matches!(code, CONDITION_FAILED | CONFLICT))
}
