//! What operations answer about somebody who is not there.

use reminder_core::account::Account;
use reminder_core::person::tombstone::Tombstone;
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

/// There is no such user; perhaps there was.
pub(crate) async fn nobody(app: &App, openid: &OpenId) -> Result<Value, AppError> {
    let forgotten = app.table.get::<Tombstone>(keys::tombstone(Account::MiniProgram, openid)).await?;
    Ok(match forgotten {
        Some(tombstone) => json!({
            "error": "this user was forgotten; what came late goes within a day",
            "forgotten_at": tombstone.item.at,
        }),
        None => json!({ "error": "the mini program has no user of this openid" }),
    })
}
