//! Writes of several items at once: all of them, or none.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Delete, Put, TransactWriteItem};

use super::Table;
use super::error::TableError;
use super::item::{Item, Record, key_attributes};

/// One part of a transaction: a conditional write.
pub(crate) struct Part(TransactWriteItem);

impl Table {
    /// The part of a transaction that updates `stored` to `item`.
    pub(crate) fn update_part<T: Item>(&self, stored: &Record<T>, item: T, write_id: &str) -> Part {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(stored.next(item, write_id).encode()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(stored.version.to_string()))
            .build();
        Part(TransactWriteItem::builder().put(put.expect("an item is given")).build())
    }

    /// The part of a transaction that puts a new item, if there is none under its key.
    pub(crate) fn create_part<T: Item>(&self, item: T, write_id: &str) -> Part {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(Record::first(item, write_id).encode()))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        Part(TransactWriteItem::builder().put(put.expect("an item is given")).build())
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
        let items = parts.into_iter().map(|Part(part)| part).collect();
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
}

/// Somebody else wrote, or is writing, one of the items; anything else is a failure.
fn is_lost_race(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let mut reasons = cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code);
    reasons.any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}
