//! People take back a permission or close their WeChat account (docs/wechat.md §2.2).
//!
//! The push does not come from the user: `FromUserName` is the platform's own, the user is in `OpenID`.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::verb::{Rejection, act_as};
use crate::wechat::Platform;
use crate::wechat::accounts::AccountName;
use crate::wechat::document::Field;
use crate::wechat::pushes::{PushKind, field};

#[derive(Debug, Clone, Copy, Default, Deserialize)]
enum Withdrawal {
    #[default]
    #[serde(rename = "user_authorization_revoke")]
    PermissionRevoked,
    #[serde(rename = "user_authorization_cancellation")]
    AccountClosed,
    #[serde(rename = "user_info_modified")]
    ProfileChanged,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    account: AccountName,
    #[serde(default)]
    event: Withdrawal,
    /// Which permission is taken back; the camera's unless said otherwise.
    #[serde(default = "camera")]
    revoke_info: String,
}

fn camera() -> String {
    "7".to_owned()
}

pub(super) async fn cancel(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, cancel: Cancel| {
        let appid = match state.accounts.get(cancel.account) {
            Some(account) => account.appid.clone(),
            None => return Err(Rejection::field("account", "this world has no service account")),
        };
        let event = match cancel.event {
            Withdrawal::PermissionRevoked => "user_authorization_revoke",
            Withdrawal::AccountClosed => "user_authorization_cancellation",
            Withdrawal::ProfileChanged => "user_info_modified",
        };
        let openid = state.users.get(user).openid(cancel.account).unwrap_or_default().to_owned();
        let extra = vec![
            field("OpenID", Field::text(openid)),
            field("AppID", Field::text(appid)),
            field("RevokeInfo", Field::text(cancel.revoke_info)),
        ];
        let platform_itself = format!("o{}", state.random.url_safe(27));
        state.push_from(cancel.account, user, &platform_itself, PushKind::Event(event), now, extra);
        Ok(json!({}))
    })
    .await
}
