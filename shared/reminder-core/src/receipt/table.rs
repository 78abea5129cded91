//! Receipts that found no push: one whose message is not known, or not yet; and messages whose reminder does not say that
//! it was they. The receipt of a push that was sent needs no item: its reminder knows the msgid.
//!
//! Both sides write their half with an update that makes the item if it is not there, so this item has attributes instead
//! of a document: `outcome`, `template_id`, `create_time`, `received_at` from the receipt; `push` and `sent_at` from the
//! send (or `push` from whoever takes an unmatched receipt).

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use wechat::{MsgId, OpenId, TemplateId};

use super::{Outcome, PushRef, RECEIPT_KEPT, Receipt};
use crate::account::Account;
use crate::table::item::{Attributes, key_attributes};
use crate::table::{Table, TableError, keys};

/// What is known of one message: which push it was, what WeChat reported, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    pub msgid: MsgId,
    pub push: Option<PushRef>,
    pub receipt: Option<Receipt>,
}

impl MessageRecord {
    /// A receipt that no push has taken.
    pub(crate) fn is_unmatched(&self) -> bool {
        self.push.is_none() && self.receipt.is_some()
    }
}

impl Table {
    /// Stores what WeChat reported; answers the receipt with the push, if it is known by now. A second report of
    /// the same message changes nothing.
    pub async fn report_receipt(
        &self,
        account: Account,
        openid: &OpenId,
        receipt: &Receipt,
    ) -> Result<Receipt, TableError> {
        let output = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(keys::receipt(account, openid, receipt.msgid.as_str()))))
            .update_expression(
                "SET #outcome = if_not_exists(#outcome, :outcome), create_time = if_not_exists(create_time, :created), \
                 received_at = if_not_exists(received_at, :received), template_id = if_not_exists(template_id, :template), #ttl = :ttl",
            )
            .expression_attribute_names("#outcome", "outcome")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":outcome", json(&receipt.outcome))
            .expression_attribute_values(":created", seconds(receipt.create_time))
            .expression_attribute_values(":received", seconds(receipt.received_at))
            .expression_attribute_values(
                ":template",
                AttributeValue::S(receipt.template_id.as_ref().map_or("", TemplateId::as_str).to_owned()),
            )
            .expression_attribute_values(":ttl", seconds(receipt.received_at + RECEIPT_KEPT))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| TableError::failed("UpdateItem", &error))?;
        decode(&receipt.msgid, &output.attributes.unwrap_or_default())?
            .ok_or(TableError::Corrupt { kind: "receipt", column: "outcome" })
    }

    /// Says which push a message was whose reminder does not say it.
    pub async fn link_receipt(
        &self,
        account: Account,
        openid: &OpenId,
        msgid: &MsgId,
        push: &PushRef,
        now: Timestamp,
    ) -> Result<(), TableError> {
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(keys::receipt(account, openid, msgid.as_str()))))
            .update_expression("SET push = :push, sent_at = if_not_exists(sent_at, :now), #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":push", json(push))
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":ttl", seconds(now + RECEIPT_KEPT))
            .send()
            .await
            .map(drop)
            .map_err(|error| TableError::failed("UpdateItem", &error))
    }

    /// Everything noted of one user's messages.
    pub async fn receipts(
        &self,
        account: Account,
        openid: &OpenId,
    ) -> Result<Vec<MessageRecord>, TableError> {
        let mut found = Vec::new();
        for item in self.partition(&keys::receipt_partition(account, openid), None).await? {
            let Some(AttributeValue::S(msgid)) = item.get("sk") else { continue };
            let msgid = MsgId::from(msgid.as_str());
            let (push, receipt) = (push_of(&item)?, decode(&msgid, &item)?);
            found.push(MessageRecord { msgid, push, receipt });
        }
        Ok(found)
    }

    /// Takes an unmatched receipt for `push`. None: there is none, or it belongs to another push by now.
    pub async fn take_receipt(
        &self,
        account: Account,
        openid: &OpenId,
        msgid: &MsgId,
        push: &PushRef,
    ) -> Result<Option<Receipt>, TableError> {
        let outcome = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(keys::receipt(account, openid, msgid.as_str()))))
            .update_expression("SET push = :push")
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(push) OR push = :push)")
            .expression_attribute_values(":push", json(push))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
            .send()
            .await;
        match outcome {
            Ok(output) => decode(msgid, &output.attributes.unwrap_or_default()),
            Err(SdkError::ServiceError(context)) if context.err().is_conditional_check_failed_exception() => {
                Ok(None)
            }
            Err(error) => Err(TableError::failed("UpdateItem", &error)),
        }
    }
}

/// When we knew of a message last: that it was taken, or what became of it.
pub(crate) fn noted_at(item: &Attributes) -> Option<Timestamp> {
    instant(item, "sent_at").max(instant(item, "received_at"))
}

fn push_of(item: &Attributes) -> Result<Option<PushRef>, TableError> {
    let Some(AttributeValue::S(push)) = item.get("push") else { return Ok(None) };
    serde_json::from_str(push).map(Some).map_err(|_| TableError::Corrupt { kind: "receipt", column: "push" })
}

fn decode(msgid: &MsgId, item: &Attributes) -> Result<Option<Receipt>, TableError> {
    let corrupt = |column| TableError::Corrupt { kind: "receipt", column };
    let text = |column: &str| item.get(column).and_then(|value| value.as_s().ok());
    let instant = |column: &'static str| instant(item, column).ok_or_else(|| corrupt(column));
    let push = push_of(item)?;
    let Some(outcome) = text("outcome") else { return Ok(None) };
    let outcome: Outcome = serde_json::from_str(outcome).map_err(|_| corrupt("outcome"))?;
    Ok(Some(Receipt {
        msgid: msgid.clone(),
        template_id: text("template_id").filter(|id| !id.is_empty()).map(|id| TemplateId::from(id.as_str())),
        create_time: instant("create_time")?,
        received_at: instant("received_at")?,
        outcome,
        push,
    }))
}

fn instant(item: &Attributes, column: &str) -> Option<Timestamp> {
    let second = item.get(column)?.as_n().ok()?.parse().ok()?;
    Timestamp::from_second(second).ok()
}

fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
}

fn json(value: &impl serde::Serialize) -> AttributeValue {
    AttributeValue::S(serde_json::to_string(value).expect("plain data becomes JSON"))
}
