//! Writes of several items at once: all of them, or none.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Put, TransactWriteItem};

use super::Table;
use super::error::TableError;
use super::item::{Item, Record};

/// One part of a transaction: a conditional put.
pub(crate) struct Part(Put);

impl Table {
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
}

/// Somebody else wrote, or is writing, one of the items; anything else is a failure.
fn is_lost_race(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let mut reasons = cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code);
    reasons.any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}
