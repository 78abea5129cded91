//! `/sim/users`: people appear, log in, and look at their phones.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::verb::{Nothing, Rejection, act, act_as, find, respond};
use crate::wechat::Platform;
use crate::wechat::accounts::AccountName;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUser {
    name: String,
    #[serde(default = "yes")]
    unionid: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn add(Shared(platform): Shared<Platform>, body: Bytes) -> Response {
    act(&platform, &body, |state, _, new: NewUser| {
        if new.name.is_empty() || new.name.contains('/') {
            return Err(Rejection::field("name", "must not be empty nor contain a slash"));
        }
        let accounts = state.account_names();
        let user = state.users.add(&new.name, new.unionid, &accounts, &mut state.random);
        let user = user.ok_or_else(|| Rejection::field("name", "somebody has that name already"))?;
        Ok(json!({
            "name": user.name,
            "unionid": user.unionid,
            "mini_program_openid": user.openid(AccountName::MiniProgram),
            "service_account_openid": user.openid(AccountName::ServiceAccount),
        }))
    })
    .await
}

pub(super) async fn list(Shared(platform): Shared<Platform>) -> Response {
    respond(StatusCode::OK, &json!(platform.users()))
}

pub(super) async fn show(Shared(platform): Shared<Platform>, Path(name): Path<String>) -> Response {
    let state = platform.state();
    match find(&state, &name) {
        Ok(user) => respond(StatusCode::OK, &json!(state.users.get(user).view())),
        Err(rejection) => rejection.into_response(),
    }
}

pub(super) async fn inbox(Shared(platform): Shared<Platform>, Path(name): Path<String>) -> Response {
    let state = platform.state();
    match find(&state, &name) {
        Ok(user) => respond(StatusCode::OK, &json!(state.users.get(user).inbox)),
        Err(rejection) => rejection.into_response(),
    }
}

/// `wx.login`.
pub(super) async fn login(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, _: Nothing| {
        Ok(json!({ "code": state.codes.issue(user, now, &mut state.random) }))
    })
    .await
}
