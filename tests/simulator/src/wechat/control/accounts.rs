//! `/sim/accounts`, `/sim/templates`, `/sim/callbacks`: the consoles of the two accounts.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::verb::{Nothing, Outcome, Rejection, act, respond};
use crate::wechat::state::State;
use crate::wechat::{Account, AccountName, Api, Format, Kind, Mode, Oddity, Platform, Template};

pub(super) async fn show(Shared(platform): Shared<Platform>) -> Response {
    let accounts = platform.accounts();
    let shown: Map<String, Value> = AccountName::ALL
        .into_iter()
        .filter_map(|name| Some((name.in_words().to_owned(), describe(accounts.get(name)?))))
        .collect();
    respond(StatusCode::OK, &Value::Object(shown))
}

fn describe(account: &Account) -> Value {
    json!({
        "appid": account.appid,
        "original_id": account.original_id,
        "callback_token": account.callback_token,
        "encoding_aes_key": account.encoding_aes_key,
        "mode": account.mode,
    })
}

/// What an operator may set in the console; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    mode: Option<Mode>,
    format: Option<Format>,
    callback_token: Option<String>,
    encoding_aes_key: Option<String>,
    callback_url: Option<String>,
    app_secret: Option<String>,
    /// `[]` admits nobody; there is no way back to everybody but a list of all.
    ip_whitelist: Option<Vec<IpAddr>>,
    released_pages: Option<Vec<String>>,
    user_info_lag_s: Option<u32>,
    oddities: Option<Vec<Oddity>>,
}

pub(super) async fn change(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act(&platform, &body, |state, _, change: Change| {
        let (_, account) = find(state, &name)?;
        if change
            .encoding_aes_key
            .as_ref()
            .is_some_and(|key| crate::wechat::crypto::AesKey::from_console(key).is_none())
        {
            return Err(Rejection::field("encoding_aes_key", "must be 43 letters and digits"));
        }
        account.mode = change.mode.unwrap_or(account.mode);
        account.format = change.format.unwrap_or(account.format);
        replace(&mut account.callback_token, change.callback_token);
        replace(&mut account.encoding_aes_key, change.encoding_aes_key);
        account.callback_url = change.callback_url.or_else(|| account.callback_url.take());
        replace(&mut account.app_secret, change.app_secret);
        account.ip_whitelist = change.ip_whitelist.or_else(|| account.ip_whitelist.take());
        account.released_pages = change.released_pages.or_else(|| account.released_pages.take());
        replace(&mut account.oddities, change.oddities);
        account.user_info_lag_s = change.user_info_lag_s.map_or(account.user_info_lag_s, i64::from);
        Ok(describe(account))
    })
    .await
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

pub(super) async fn revoke_token(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act(&platform, &body, |state, now, _: Nothing| {
        let (name, _) = find(state, &name)?;
        Ok(json!({ "revoked": state.tokens.revoke(name, now) }))
    })
    .await
}

pub(super) async fn verify_url(Shared(platform): Shared<Platform>, Path(name): Path<String>) -> Response {
    let found = find(&mut platform.state(), &name).map(|(name, _)| name);
    match found {
        Ok(name) => respond(StatusCode::OK, &json!({ "ok": platform.verify_callback(name).await })),
        Err(rejection) => rejection.into_response(),
    }
}

fn find<'a>(state: &'a mut State, name: &str) -> Result<(AccountName, &'a mut Account), Rejection> {
    AccountName::ALL
        .into_iter()
        .find(|known| known.in_words() == name)
        .and_then(|name| Some((name, state.accounts.get_mut(name)?)))
        .ok_or_else(|| Rejection::NotFound(format!("there is no account {name:?} in this world")))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTemplate {
    account: AccountName,
    template_id: String,
    #[serde(default)]
    title: String,
    keywords: Vec<String>,
    #[serde(default)]
    fixed_values: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    kind: Kind,
    api: Option<Api>,
}

pub(super) async fn add_template(Shared(platform): Shared<Platform>, body: Bytes) -> Response {
    act(&platform, &body, |state, _, new: NewTemplate| add(state, new)).await
}

fn add(state: &mut State, new: NewTemplate) -> Outcome {
    if state.accounts.get(new.account).is_none() {
        return Err(Rejection::field("account", "this world has no service account"));
    }
    if new.template_id.is_empty() {
        return Err(Rejection::field("template_id", "must not be empty"));
    }
    if new.keywords.is_empty() || new.keywords.iter().any(String::is_empty) {
        return Err(Rejection::field("keywords", "must name at least one keyword, such as \"thing1\""));
    }
    let api = new.api.unwrap_or(Api::usual_of(new.account));
    if (new.account, api) == (AccountName::MiniProgram, Api::Template) {
        return Err(Rejection::field("api", "a mini program has subscription templates only"));
    }
    let NewTemplate { account, template_id, title, keywords, fixed_values, kind, .. } = new;
    let template = Template { account, template_id, title, keywords, fixed_values, kind, api };
    let answer = json!(template);
    state.templates.put(template);
    Ok(answer)
}

pub(super) async fn templates(Shared(platform): Shared<Platform>) -> Response {
    respond(StatusCode::OK, &json!(platform.state().templates.all()))
}

/// Of whichever account has it: the owner deletes it in the console.
pub(super) async fn delete_template(
    Shared(platform): Shared<Platform>,
    Path(template_id): Path<String>,
) -> Response {
    match AccountName::ALL.into_iter().any(|name| platform.delete_template(name, &template_id)) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => {
            Rejection::NotFound(format!("neither account has the template {template_id:?}")).into_response()
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    since: usize,
}

/// `?since=N` leaves out the first N.
pub(super) async fn callbacks(
    Shared(platform): Shared<Platform>,
    since: Result<Query<Since>, axum::extract::rejection::QueryRejection>,
) -> Response {
    match since {
        Ok(Query(Since { since })) => {
            let callbacks = platform.callbacks();
            respond(StatusCode::OK, &json!(callbacks.get(since..).unwrap_or_default()))
        }
        Err(_) => Rejection::field("since", "must be a number").into_response(),
    }
}
