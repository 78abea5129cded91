//! What an appid and its secret buy: access tokens and logins (docs/wechat.md §5, §6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::call::{Call, text};
use crate::sabotage::Sabotage;
use crate::wechat::accounts::AccountName;
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;
use crate::wechat::tokens::Issued;

/// `GET /sns/jscode2session`: a login code for an openid. Not checked against the IP whitelist.
pub(crate) fn jscode2session(state: &mut State, call: &Call) -> Outcome {
    call.require(&Method::GET)?;
    let account = authenticate(state, call.parameter("appid"), call.parameter("secret"))?;
    let code = call.parameter("js_code").ok_or_else(|| Refusal::of(41008))?;
    if call.parameter("grant_type") != Some("authorization_code") {
        return Err(Refusal::of(40002));
    }
    if account != AccountName::MiniProgram {
        return Err(Refusal::of(40029));
    }
    let user = state.users.get(state.codes.exchange(code, call.now)?);
    let session_key = STANDARD.encode(state.random.bytes::<16>());
    state.session_keys.push(session_key.clone());
    let mut session = json!({
        "session_key": session_key,
        "openid": user.openid(account),
    });
    if let Some(unionid) = &user.unionid {
        session["unionid"] = json!(unionid);
    }
    Ok(Answer::EscapedText(session))
}

/// `GET /cgi-bin/token`.
pub(crate) fn token(state: &mut State, call: &Call) -> Outcome {
    require_client_credential(call.parameter("grant_type"))?;
    let account = authenticate(state, call.parameter("appid"), call.parameter("secret"))?;
    admit(state, call, account)?;
    state.quotas.spend(account, &call.path, call.now)?;
    Ok(answer(state.tokens.rotate(account, call.now, &mut state.random)))
}

/// `POST /cgi-bin/stable_token`.
pub(crate) fn stable_token(state: &mut State, call: &Call) -> Outcome {
    call.require(&Method::POST)?;
    let body = call.json()?;
    require_client_credential(text(&body, "grant_type"))?;
    let account = authenticate(state, text(&body, "appid"), text(&body, "secret"))?;
    admit(state, call, account)?;
    state.quotas.spend(account, &call.path, call.now)?;
    let issued = match body.get("force_refresh") {
        Some(Value::Bool(true)) => state.tokens.force(account, call.now, &mut state.random)?,
        _ => state.tokens.stable(account, call.now, &mut state.random),
    };
    if state.sabotage == Some(Sabotage::LogsTokens) {
        tracing::info!(issued = ?issued, "a token was issued");
    }
    Ok(answer(issued))
}

fn answer(issued: Issued) -> Answer {
    Answer::Json(json!({ "access_token": issued.access_token, "expires_in": issued.expires_in }))
}

fn require_client_credential(grant_type: Option<&str>) -> Result<(), Refusal> {
    if grant_type == Some("client_credential") { Ok(()) } else { Err(Refusal::of(40002)) }
}

/// Which account this appid and secret are of.
pub(crate) fn authenticate(
    state: &State,
    appid: Option<&str>,
    secret: Option<&str>,
) -> Result<AccountName, Refusal> {
    let appid = appid.ok_or_else(|| Refusal::of(41002))?;
    let secret = secret.ok_or_else(|| Refusal::of(41004))?;
    let (name, account) = state.accounts.by_appid(appid).ok_or_else(|| Refusal::of(40013))?;
    if account.app_secret == secret { Ok(name) } else { Err(Refusal::of(40125)) }
}

/// Only whitelisted addresses get tokens; later calls are not looked at (docs/wechat.md §5.3).
fn admit(state: &State, call: &Call, account: AccountName) -> Result<(), Refusal> {
    let whitelist = state.accounts.get(account).and_then(|account| account.ip_whitelist.as_ref());
    match whitelist {
        Some(allowed) if !allowed.contains(&call.caller_ip) => Err(Refusal::not_in_whitelist(call.caller_ip)),
        _ => Ok(()),
    }
}
