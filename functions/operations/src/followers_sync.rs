//! `followers.sync`: who follows the service account, from WeChat's own list, as much as fits one invocation.

use jiff::SignedDuration;
use reminder_core::account::Account;
use reminder_core::following::sync::{SyncReport, sync};
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

/// Answers `{"synced", "unknown"?, "next_openid"?, "error"?}`; with `next_openid`, it is not the end of the list.
pub(crate) async fn run(app: &App, from: Option<OpenId>, seconds: i64) -> Result<Value, AppError> {
    let now = app.now();
    if app.secrets.get(now).await?.of(Account::ServiceAccount).is_none() {
        return Ok(json!({ "error": "the secrets have no service_account: there is nobody to follow it" }));
    }
    let SyncReport { synced, unknown, next_openid, error } =
        sync(app, from, now + SignedDuration::from_secs(seconds)).await;
    let mut answer = json!({ "synced": synced });
    if unknown > 0 {
        answer["unknown"] = json!(unknown);
    }
    if let Some(next_openid) = next_openid {
        answer["next_openid"] = json!(next_openid);
    }
    if let Some(error) = error {
        answer["error"] = json!(error);
    }
    Ok(answer)
}
