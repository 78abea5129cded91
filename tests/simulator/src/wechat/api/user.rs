//! `user/info`, `user/info/batchget`, `user/get`: who follows the service account (docs/wechat.md §7).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::call::{Call, text};
use crate::wechat::accounts::AccountName;
use crate::wechat::qrcodes::Scene;
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;
use crate::wechat::users::User;

/// Openids of one `batchget`.
const BATCH_AT_MOST: usize = 100;

pub(crate) fn info(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let openid = call.parameter("openid").ok_or_else(|| Refusal::of(41009))?;
    describe(state, account, openid, call.parameter("lang"), call.now).map(Answer::Json)
}

/// One openid that is nobody's spoils the whole batch.
pub(crate) fn batch(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let body = call.json()?;
    let list = body.get("user_list").and_then(Value::as_array).ok_or_else(|| Refusal::of(47001))?;
    if list.is_empty() || list.len() > BATCH_AT_MOST {
        return Err(Refusal::of(40032));
    }
    let described: Result<Vec<Value>, Refusal> = list
        .iter()
        .map(|entry| {
            let entry = entry.as_object().ok_or_else(|| Refusal::of(47001))?;
            let openid = text(entry, "openid").ok_or_else(|| Refusal::of(40003))?;
            describe(state, account, openid, text(entry, "lang"), call.now)
        })
        .collect();
    Ok(Answer::Json(json!({ "user_info_list": described? })))
}

fn describe(
    state: &State,
    account: AccountName,
    openid: &str,
    lang: Option<&str>,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let lag_s = state.accounts.get(account).map_or(0, |account| account.user_info_lag_s);
    let user = state.users.with_openid(account, openid).ok_or_else(|| Refusal::of(40003))?;
    let user = state.users.get(user);
    let Some(following) = user.following_seen(lag_s, now) else {
        return Ok(json!({ "subscribe": 0, "openid": openid }));
    };
    let mut info = json!({
        "subscribe": 1,
        "openid": openid,
        "nickname": "",
        "language": lang.unwrap_or("zh_CN"),
        "headimgurl": "",
        "subscribe_time": following.since.as_second(),
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": following.scene,
        "qr_scene": 0,
        "qr_scene_str": "",
    });
    if let Some(unionid) = &user.unionid {
        info["unionid"] = json!(unionid);
    }
    match &following.qr_scene {
        Some(Scene::Id(id)) => info["qr_scene"] = json!(id),
        Some(Scene::Text(text)) => info["qr_scene_str"] = json!(text),
        None => {}
    }
    Ok(info)
}

/// Followers in the order in which they came.
pub(crate) fn followers(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let mut followers: Vec<&User> =
        state.users.all().iter().filter(|user| user.following.is_some()).collect();
    followers.sort_by_key(|user| user.following.as_ref().map(|following| following.since));
    let openids: Vec<&str> = followers.iter().filter_map(|user| user.openid(account)).collect();
    let start = match call.parameter("next_openid") {
        None => 0,
        Some(next) => {
            openids.iter().position(|openid| *openid == next).ok_or_else(|| Refusal::of(40003))? + 1
        }
    };
    let page: Vec<&str> = openids.iter().skip(start).take(state.followers_per_page).copied().collect();
    let mut answer = json!({ "total": openids.len(), "count": page.len() });
    if !page.is_empty() {
        answer["data"] = json!({ "openid": page });
    }
    answer["next_openid"] = json!(page.last().copied().unwrap_or_default());
    Ok(Answer::Json(answer))
}
