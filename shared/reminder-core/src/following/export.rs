//! Everything that is stored about a user, as one document: for whoever asks what we know of them.
//!
//! Item by item, as the table has them: what a later version stores is in it without a word here.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};
use wechat::OpenId;

use crate::account::Account;
use crate::app::{App, AppError};
use crate::person::user::User;
use crate::table::item::Attributes;
use crate::table::{TableError, key_of, keys};

/// None: there is nobody of this openid.
pub async fn export(app: &App, openid: &OpenId) -> Result<Option<Value>, AppError> {
    let Some(user) = app.table.get::<User>(keys::user(openid)).await?.map(|user| user.item) else {
        return Ok(None);
    };
    let own = app.table.partition(&keys::user_partition(openid), None).await?;
    let mut document = json!({
        "openid": openid, "exported_at": app.now(),
        "user": readable(&own),
        "bind_tickets": tickets(app, &own).await?,
        "messages": { Account::MiniProgram.name(): messages(app, Account::MiniProgram, openid).await? },
        "allowance": partition(app, &keys::allowance(openid).pk).await?,
        "forgotten": partition(app, &keys::tombstone(Account::MiniProgram, openid).pk).await?,
    });
    if let Some(service_openid) = user.service_openid() {
        document["follower"] = partition(app, &keys::follower(service_openid).pk).await?;
        let account = Account::ServiceAccount;
        document["messages"][account.name()] = messages(app, account, service_openid).await?;
    }
    if let Some(unionid) = &user.unionid {
        document["union"] = partition(app, &keys::union(unionid).pk).await?;
    }
    Ok(Some(document))
}

async fn partition(app: &App, partition: &str) -> Result<Value, TableError> {
    Ok(readable(&app.table.partition(partition, None).await?))
}

async fn messages(app: &App, account: Account, openid: &OpenId) -> Result<Value, TableError> {
    Ok(json!({
        "receipts": partition(app, &keys::receipt_partition(account, openid)).await?,
        "unknown_sends": partition(app, &keys::unknown_partition(account, openid)).await?,
    }))
}

async fn tickets(app: &App, own: &[Attributes]) -> Result<Value, TableError> {
    let mut tickets = Vec::new();
    for key in own.iter().map(key_of) {
        if let Some(scene_str) = key.sk.strip_prefix(keys::TICKET) {
            tickets.push(partition(app, &keys::bind_ticket(scene_str).pk).await?);
        }
    }
    Ok(tickets.into_iter().flat_map(|found| found.as_array().cloned().unwrap_or_default()).collect())
}

fn readable(items: &[Attributes]) -> Value {
    items
        .iter()
        .map(|item| item.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        .collect::<Vec<Map<_, _>>>()
        .into()
}

/// Documents are texts of JSON; numbers are kept as they were written.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => match serde_json::from_str::<Value>(text) {
            Ok(document @ Value::Object(_)) => document,
            _ => json!(text),
        },
        AttributeValue::N(number) => serde_json::from_str(number).unwrap_or_else(|_| json!(number)),
        AttributeValue::L(list) => list.iter().map(plain).collect(),
        other => json!(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{instant, reminder};
    use crate::table::Record;

    #[test]
    fn items_are_shown_as_the_table_has_them() {
        let item = Record::first(reminder(instant("2027-01-10T10:00:00Z")), "w").encode();
        let shown = readable(&[item]);
        assert_eq!(shown[0]["doc"]["c"]["i"], "护照");
        assert_eq!((&shown[0]["pk"], &shown[0]["writes"]), (&json!("USER#o-alice"), &json!("w")));
        assert!(shown[0]["version"].is_u64() && shown[0]["ttl"].is_u64());
    }
}
