//! `message/custom/send` and `typing`: customer service, inside its window (docs/wechat.md §4).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::call::{Call, text};
use super::sending::{Accepted, Message, conclude, recipient};
use crate::wechat::accounts::AccountName;
use crate::wechat::refusals::Refusal;
use crate::wechat::sessions::Window;
use crate::wechat::state::State;
use crate::wechat::users::{MessageKind, Place};

/// Bytes of a text.
const TEXT_AT_MOST: usize = 2048;
const TYPING_LASTS: SignedDuration = SignedDuration::from_secs(15);
const TYPING_AFTER_INTERACTION: SignedDuration = SignedDuration::from_secs(30);

/// Without msgid and without idempotency key: a repeat is a second message.
pub(crate) fn send(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let message = call.message()?;
    let outcome = accept(state, call, account, &message);
    conclude(state, call, account, &message, outcome)
}

fn accept(
    state: &mut State,
    call: &Call,
    account: AccountName,
    message: &Message,
) -> Result<Accepted, Refusal> {
    let user = recipient(state, account, message)?;
    check_content(state, call, account, message)?;
    let user = state.users.get_mut(user);
    let chat = user.chat(account);
    Window::spend(chat.window.as_mut(), call.now)?;
    chat.typing_until = None;
    let place = match account {
        AccountName::MiniProgram => Place::MiniProgramSession,
        AccountName::ServiceAccount => Place::ServiceAccount,
    };
    if account == AccountName::MiniProgram || !user.blocked {
        user.receives(call.now, place, MessageKind::Custom, Value::Object(message.clone()));
    }
    Ok(Accepted { msgid: None, repeated: false, reached: true })
}

fn check_content(state: &State, call: &Call, account: AccountName, message: &Message) -> Result<(), Refusal> {
    let msg_type = text(message, "msgtype").ok_or_else(|| Refusal::of(40008))?;
    let content = match message.get(msg_type) {
        Some(Value::Object(content)) => content,
        Some(_) => return Err(Refusal::of(47001)),
        None => return Err(Refusal::of(44004)),
    };
    let required = |name: &str| text(content, name).ok_or_else(|| Refusal::of(44004));
    let media = |name: &str| {
        let media_id = text(content, name).ok_or_else(|| Refusal::of(40007))?;
        state.media.get(account, media_id, call.now).map(|_| ())
    };
    match (msg_type, account) {
        ("text", _) => match required("content")?.len() {
            0..=TEXT_AT_MOST => Ok(()),
            _ => Err(Refusal::of(45002)),
        },
        ("image", _) => media("media_id"),
        ("link", AccountName::MiniProgram) => {
            required("title")?;
            required("url").map(|_| ())
        }
        ("miniprogrampage", _) => {
            required("title")?;
            let mini_program = &state.accounts.mini_program;
            match text(content, "appid") {
                Some(appid) if appid != mini_program.appid => return Err(Refusal::of(40013)),
                None if account == AccountName::ServiceAccount => return Err(Refusal::of(40013)),
                _ => {}
            }
            if !mini_program.has_page(text(content, "pagepath").unwrap_or_default()) {
                return Err(Refusal::of(40165));
            }
            media("thumb_media_id")
        }
        ("voice" | "video" | "mpnews", AccountName::ServiceAccount) => media("media_id"),
        ("news", AccountName::ServiceAccount) => match content.get("articles").and_then(Value::as_array) {
            Some(articles) if articles.len() > 1 => Err(Refusal::of(45008)),
            Some(articles) if articles.len() == 1 => Ok(()),
            _ => Err(Refusal::of(44004)),
        },
        ("music" | "mpnewsarticle" | "msgmenu" | "wxcard", AccountName::ServiceAccount) => Ok(()),
        _ => Err(Refusal::of(40008)),
    }
}

pub(crate) fn typing(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let body = call.json()?;
    let user = recipient(state, account, &body)?;
    let chat = state.users.get_mut(user).chat(account);
    match text(&body, "command") {
        Some("CancelTyping") => chat.typing_until = None,
        Some("Typing") => {
            let recent = |at| call.now.duration_since(at) <= TYPING_AFTER_INTERACTION;
            if !chat.last_interaction.is_some_and(recent) {
                return Err(Refusal::of(45080));
            }
            if chat.typing_until.is_some_and(|until| call.now < until) {
                return Err(Refusal::of(45081));
            }
            chat.typing_until = Some(call.now + TYPING_LASTS);
        }
        _ => return Err(Refusal::of(45072)),
    }
    Ok(Answer::Json(json!({ "errcode": 0, "errmsg": "ok" })))
}
