//! `followers.sync`: who follows the service account, from WeChat's own list, as much as fits one invocation.

use jiff::SignedDuration;
use reminder_core::account::Account;
use reminder_core::following::sync::{Synced, sync};
use reminder_core::{Core, CoreError};
use serde_json::{Value, json};
use wechat::OpenId;

/// Answers `{"synced", "unknown"?, "next_openid"?, "error"?}`; with `next_openid`, it is not the end of the list.
pub(crate) async fn run(core: &Core, from: Option<OpenId>, seconds: i64) -> Result<Value, CoreError> {
    let now = core.now();
    if core.secrets.get(now).await?.of(Account::ServiceAccount).is_none() {
        return Ok(json!({ "error": "the secrets have no service_account: there is nobody to follow it" }));
    }
    let Synced { synced, unknown, next_openid, error } =
        sync(core, from, now + SignedDuration::from_secs(seconds)).await;
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
