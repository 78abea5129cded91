//! `qrcode/create`, and `showqrcode` of mp.weixin.qq.com (docs/wechat.md §8).

use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome};
use super::call::{Call, text};
use crate::wechat::accounts::AccountName;
use crate::wechat::qrcodes::{Scene, picture};
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;

const LIFE_MAX_SECONDS: i64 = 2_592_000;
const LIFE_DEFAULT_SECONDS: i64 = 60;
const SCENE_TEXT_AT_MOST: usize = 64;

pub(crate) fn create(state: &mut State, call: &Call, _account: AccountName) -> Outcome {
    let body = call.json()?;
    let action = text(&body, "action_name").ok_or_else(|| Refusal::of(40097))?;
    let scene = body.get("action_info").and_then(|info| info.get("scene")).and_then(Value::as_object);
    let scene = scene.ok_or_else(|| Refusal::of(40053))?;
    let (scene, temporary) = match action {
        "QR_SCENE" => (scene_id(scene, 1, i64::from(u32::MAX))?, true),
        "QR_STR_SCENE" => (scene_text(scene)?, true),
        "QR_LIMIT_SCENE" => (scene_id(scene, 1, 100_000)?, false),
        "QR_LIMIT_STR_SCENE" => (scene_text(scene)?, false),
        _ => return Err(Refusal::of(40097)),
    };
    let life_seconds = match body.get("expire_seconds") {
        _ if !temporary => None,
        None => Some(LIFE_DEFAULT_SECONDS),
        Some(seconds) => {
            let allowed = |seconds: &i64| (1..=LIFE_MAX_SECONDS).contains(seconds);
            Some(seconds.as_i64().filter(allowed).ok_or_else(|| Refusal::of(40058))?)
        }
    };
    let life = life_seconds.map(SignedDuration::from_secs);
    let code = state.qrcodes.create(scene, life, call.now, &mut state.random);
    let mut answer = json!({ "ticket": code.ticket });
    if let Some(seconds) = life_seconds {
        answer["expire_seconds"] = json!(seconds);
    }
    answer["url"] = json!(code.url);
    Ok(Answer::EscapedText(answer))
}

fn scene_id(scene: &Map<String, Value>, from: i64, to: i64) -> Result<Scene, Refusal> {
    let id = scene.get("scene_id").and_then(Value::as_i64).filter(|id| (from..=to).contains(id));
    id.map(Scene::Id).ok_or_else(|| Refusal::of(40053))
}

fn scene_text(scene: &Map<String, Value>) -> Result<Scene, Refusal> {
    let value = text(scene, "scene_str").filter(|value| value.chars().count() <= SCENE_TEXT_AT_MOST);
    value.map(|value| Scene::Text(value.to_owned())).ok_or_else(|| Refusal::of(40053))
}

/// `GET /cgi-bin/showqrcode?ticket=`, without any token.
pub(crate) fn show(state: &mut State, call: &Call) -> Outcome {
    let code = call.parameter("ticket").and_then(|ticket| state.qrcodes.by_ticket(ticket));
    Ok(match code {
        Some(code) if code.is_alive(call.now) => Answer::Binary {
            content_type: "image/jpg".to_owned(),
            disposition: None,
            bytes: Bytes::from(picture(&code.ticket)),
        },
        _ => Answer::NotFound,
    })
}
