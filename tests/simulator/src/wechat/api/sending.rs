//! What the three template-like send APIs have in common: recipient, template, page, values, and the books.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome};
use super::call::{Call, text};
use crate::sabotage::{EARLY_BY, Sabotage};
use crate::wechat::accounts::AccountName;
use crate::wechat::refusals::Refusal;
use crate::wechat::sends::SendRecord;
use crate::wechat::state::State;
use crate::wechat::templates::Template;
use crate::wechat::users::UserIndex;
use crate::wechat::values::fits;

pub(crate) type Message = Map<String, Value>;

/// A message that was taken.
pub(crate) struct Accepted {
    pub(crate) msgid: Option<u64>,
    /// It had been taken before.
    pub(crate) repeated: bool,
    /// It is on the phone now.
    pub(crate) reached: bool,
}

/// Books the outcome and writes the answer.
pub(crate) fn conclude(
    state: &mut State,
    call: &Call,
    account: AccountName,
    message: &Message,
    outcome: Result<Accepted, Refusal>,
) -> Outcome {
    let owned = |name: &str| text(message, name).map(str::to_owned);
    let accepted = outcome.as_ref().ok();
    let reached = accepted.is_some_and(|accepted| accepted.reached);
    let early = match state.sabotage {
        Some(Sabotage::TellsEarly) if reached => EARLY_BY,
        _ => SignedDuration::ZERO,
    };
    let send = SendRecord {
        at: call.now - early,
        account,
        path: call.path.clone(),
        openid: owned("touser").unwrap_or_default(),
        template_id: owned("template_id"),
        client_msg_id: owned("client_msg_id"),
        errcode: outcome.as_ref().map_or_else(|refusal| refusal.errcode, |_| 0),
        msgid: accepted.and_then(|accepted| accepted.msgid),
        repeated: accepted.is_some_and(|accepted| accepted.repeated),
        reached,
        body: Value::Object(message.clone()),
    };
    if reached && state.sabotage == Some(Sabotage::TellsTwice) {
        state.sends.record(send.clone());
    }
    state.sends.record(send);
    let mut answer = json!({ "errcode": 0, "errmsg": "ok" });
    if let Some(msgid) = outcome?.msgid {
        answer["msgid"] = json!(msgid);
    }
    Ok(Answer::Json(answer))
}

pub(crate) fn recipient(
    state: &State,
    account: AccountName,
    message: &Message,
) -> Result<UserIndex, Refusal> {
    text(message, "touser")
        .and_then(|openid| state.users.with_openid(account, openid))
        .ok_or_else(|| Refusal::of(40003))
}

/// The mini program behind a card must be ours (40013), and the page must exist (40165).
pub(crate) fn check_mini_program(state: &State, message: &Message) -> Result<(), Refusal> {
    let Some(card) = message.get("miniprogram").filter(|card| !card.is_null()) else { return Ok(()) };
    let card = card.as_object().ok_or_else(|| Refusal::of(47001))?;
    if card.is_empty() {
        return Ok(());
    }
    let mini_program = &state.accounts.mini_program;
    if text(card, "appid") != Some(&mini_program.appid) {
        return Err(Refusal::of(40013));
    }
    match text(card, "pagepath").or_else(|| text(card, "path")) {
        Some(page) if !mini_program.has_page(page) => Err(Refusal::of(40165)),
        _ => Ok(()),
    }
}

/// Refuses a message that says what its account may not say, with the code of the sending API.
pub(crate) fn check_words(
    state: &State,
    account: AccountName,
    shown: &Message,
    errcode: i64,
) -> Result<(), Refusal> {
    let forbidden = state.accounts.get(account).map_or(&[][..], |account| &account.forbidden_words);
    let values = shown.get("data").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let mut said = values.filter_map(|entry| entry["value"].as_str());
    match said.any(|value| forbidden.iter().any(|word| value.contains(word))) {
        true => Err(Refusal::of(errcode)),
        false => Ok(()),
    }
}

/// Checks `data` against the template's keywords (docs/wechat.md §9.2); keys the template does not have are
/// tolerated. `shorten` is what the platform does to a value before it looks at it.
///
/// Answers the message with the values as they will be shown.
pub(crate) fn check_data(
    message: &Message,
    template: &Template,
    shorten: fn(&str) -> String,
    sabotage: Option<Sabotage>,
) -> Result<Message, Refusal> {
    if sabotage == Some(Sabotage::RefusesMessages) {
        return Err(Refusal::of(47003));
    }
    let empty = Map::new();
    let data = match message.get("data") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(data)) => data,
        Some(_) => return Err(Refusal::of(47001)),
    };
    let mut shown = data.clone();
    for keyword in &template.keywords {
        let value = match data.get(keyword) {
            None => return Err(Refusal::empty_value(keyword)),
            Some(Value::Object(entry)) => match entry.get("value") {
                Some(Value::String(value)) => value.clone(),
                Some(Value::Number(value)) => value.to_string(),
                None | Some(Value::Null) => String::new(),
                Some(_) => return Err(Refusal::of(47001)),
            },
            Some(_) => return Err(Refusal::of(47001)),
        };
        let value = shorten(&value);
        if value.trim().is_empty() {
            return Err(Refusal::empty_value(keyword));
        }
        let is_listed = |values: &Vec<String>| values.contains(&value);
        if !fits(keyword, &value) || !template.fixed_values.get(keyword).is_none_or(is_listed) {
            return Err(Refusal::invalid_value(keyword));
        }
        shown[keyword]["value"] = Value::String(value);
    }
    let mut message = message.clone();
    message.insert("data".to_owned(), Value::Object(shown));
    Ok(message)
}
