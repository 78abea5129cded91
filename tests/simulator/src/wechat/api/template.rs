//! `message/template/send`: the service account's template messages (docs/wechat.md §10).
//!
//! Values are cut and stripped in silence, where the mini program's are refused.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answer::Outcome;
use super::call::{Call, text};
use super::sending::{Accepted, Message, check_data, check_mini_program, check_words, conclude, recipient};
use crate::wechat::accounts::AccountName;
use crate::wechat::document::Field;
use crate::wechat::pushes::{PushKind, field};
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;
use crate::wechat::templates::{Api, Template};
use crate::wechat::users::{MessageKind, Place, UserIndex};
use crate::wechat::values::is_emoji;

const EVENT: &str = "TEMPLATESENDJOBFINISH";
const RECEIPT_AFTER: SignedDuration = SignedDuration::from_secs(1);
/// Characters of a value that are shown.
const SHOWN: usize = 20;

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
    if let (Some(openid), Some(id)) = (text(message, "touser"), text(message, "client_msg_id"))
        && let Some(msgid) = state.sends.seen(openid, id, call.now)
    {
        return Ok(Accepted { msgid: Some(msgid), repeated: true, reached: false });
    }
    let template_id = text(message, "template_id").ok_or_else(|| Refusal::of(40036))?;
    let template =
        state.templates.find(account, Api::Template, template_id).ok_or_else(|| Refusal::of(40037))?;
    let recipient = state.users.get(user);
    if recipient.following.is_none() {
        return Err(Refusal::of(43004));
    }
    if recipient.blacklisted {
        return Err(Refusal::of(43019));
    }
    if recipient.refused_templates.contains(template_id) {
        return Err(Refusal::of(43101));
    }
    check_mini_program(state, message)?;
    let shorten = if is_of_the_category_library(template) { str::to_owned } else { shorten };
    let shown = check_data(message, template, shorten, state.sabotage)?;
    check_words(state, account, &shown, 40249)?;

    Ok(take(state, user, shown, call.now))
}

/// A message that nothing speaks against is on its way, and its receipt.
pub(crate) fn take(state: &mut State, user: UserIndex, shown: Message, now: Timestamp) -> Accepted {
    let msgid = state.sends.next_msgid(&mut state.random);
    let recipient = state.users.get_mut(user);
    let reached = !recipient.blocked;
    let status = if recipient.blocked {
        "failed:user block"
    } else {
        recipient.receives(now, Place::ServiceAccount, MessageKind::Template, Value::Object(shown));
        "success"
    };
    let receipt = vec![field("MsgID", Field::number(msgid)), field("Status", Field::text(status))];
    state.push(AccountName::ServiceAccount, user, PushKind::Event(EVENT), now + RECEIPT_AFTER, receipt);
    Accepted { msgid: Some(msgid), repeated: false, reached }
}

/// Its keywords tell their types, and values are held to them; those of historic templates are only cut.
fn is_of_the_category_library(template: &Template) -> bool {
    let historic =
        |keyword: &String| keyword.starts_with("keyword") || matches!(keyword.as_str(), "first" | "remark");
    !template.keywords.iter().any(historic)
}

/// No emoji, no line breaks, twenty characters (docs/wechat.md §10.2).
fn shorten(value: &str) -> String {
    value.chars().filter(|letter| !is_emoji(*letter) && !letter.is_control()).take(SHOWN).collect()
}
