//! What an operator asks the platform about itself: addresses, quotas, the callback (docs/wechat.md §1.7, §5.4).

use http::Method;
use serde_json::json;

use super::answer::{Answer, Outcome};
use super::call::{Call, text};
use super::credentials::authenticate;
use crate::wechat::accounts::AccountName;
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;

/// Where this platform lives.
const ADDRESS: &str = "127.0.0.1";

pub(crate) fn callback_addresses(_state: &mut State, _call: &Call, _account: AccountName) -> Outcome {
    Ok(Answer::Json(json!({ "ip_list": [ADDRESS] })))
}

pub(crate) fn api_addresses(_state: &mut State, _call: &Call, _account: AccountName) -> Outcome {
    Ok(Answer::Json(json!({ "ip_list": [ADDRESS] })))
}

pub(crate) fn check_callback(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    call.json()?;
    if state.callback_url(account).is_none() {
        return Err(Refusal::of(40201));
    }
    Ok(Answer::Json(json!({
        "dns": [{ "ip": ADDRESS, "real_operator": "DEFAULT" }],
        "ping": [{ "ip": ADDRESS, "from_operator": "DEFAULT", "package_loss": "0%", "time": "0.1ms" }],
    })))
}

pub(crate) fn quota(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let body = call.json()?;
    let path = text(&body, "cgi_path").ok_or_else(|| Refusal::of(76021))?;
    let usage = state.quotas.usage(account, path, call.now).ok_or_else(|| Refusal::of(76021))?;
    Ok(Answer::Json(json!({
        "errcode": 0,
        "errmsg": "ok",
        "quota": {
            "daily_limit": usage.daily_limit,
            "used": usage.used,
            "remain": usage.daily_limit.saturating_sub(usage.used),
        },
        "rate_limit": { "call_count": 0, "refresh_second": 60 },
    })))
}

pub(crate) fn clear_quota(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let body = call.json()?;
    let appid = text(&body, "appid").ok_or_else(|| Refusal::of(41002))?;
    if state.accounts.by_appid(appid).map(|(name, _)| name) != Some(account) {
        return Err(Refusal::of(40013));
    }
    clear(state, call, account)
}

/// `clear_quota/v2`: for when the token endpoint itself is exhausted. Query or body.
pub(crate) fn clear_quota_with_secret(state: &mut State, call: &Call) -> Outcome {
    call.require(&Method::POST)?;
    let body = if call.body.is_empty() { serde_json::Map::new() } else { call.json()? };
    let either = |name| call.parameter(name).or_else(|| text(&body, name));
    let account = authenticate(state, either("appid"), either("appsecret"))?;
    clear(state, call, account)
}

fn clear(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    state.quotas.clear(account, call.now)?;
    Ok(Answer::Json(json!({ "errcode": 0, "errmsg": "ok" })))
}
