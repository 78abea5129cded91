//! `message/subscribe/send` and `message/subscribe/bizsend`: messages that users agreed to, one by one
//! (docs/wechat.md §9, §11.1).

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

const EVENT: &str = "subscribe_msg_sent_event";
const RECEIPT_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// The mini program's subscription message. It has no idempotency key: a repeat costs another credit.
pub(crate) fn send(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let message = call.message()?;
    let outcome = accept(state, call, account, &message, |state, message| match text(message, "page") {
        Some(page) if !state.accounts.mini_program.has_page(page) => Err(Refusal::of(41030)),
        _ => Ok(()),
    });
    conclude(state, call, account, &message, outcome)
}

/// The service account's subscription notification; its recipient need not follow.
pub(crate) fn bizsend(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let message = call.message()?;
    let outcome = accept(state, call, account, &message, check_mini_program);
    conclude(state, call, account, &message, outcome)
}

fn accept(
    state: &mut State,
    call: &Call,
    account: AccountName,
    message: &Message,
    check_link: fn(&State, &Message) -> Result<(), Refusal>,
) -> Result<Accepted, Refusal> {
    let user = recipient(state, account, message)?;
    let template = text(message, "template_id")
        .and_then(|id| state.templates.find(account, Api::Subscription, id))
        .ok_or_else(|| Refusal::of(40037))?;
    check_link(state, message)?;
    let shown = check_data(message, template, str::to_owned, state.sabotage)?;
    check_words(state, account, &shown, 45168)?;

    let template = template.clone();
    take(state, user, &template, shown, call.now)
}

/// A message that nothing but the user's consent can speak against, and its receipt.
pub(crate) fn take(
    state: &mut State,
    user: UserIndex,
    template: &Template,
    shown: Message,
    now: Timestamp,
) -> Result<Accepted, Refusal> {
    let account = template.account;
    let recipient = state.users.get_mut(user);
    if !recipient.credits.spend(template) {
        return Err(Refusal::of(43101));
    }
    let (place, kind) = match account {
        AccountName::MiniProgram => (Place::ServiceNotifications, MessageKind::Subscription),
        AccountName::ServiceAccount if recipient.following.is_some() => {
            (Place::ServiceAccount, MessageKind::Notification)
        }
        AccountName::ServiceAccount => (Place::ServiceNotifications, MessageKind::Notification),
    };
    recipient.receives(now, place, kind, Value::Object(shown));

    let msgid = state.sends.next_msgid(&mut state.random);
    let entry = vec![
        field("TemplateId", Field::text(template.template_id.as_str())),
        field("MsgID", Field::digits(msgid)),
        field("ErrorCode", Field::digits(0)),
        field("ErrorStatus", Field::text("success")),
    ];
    let list = Field::List { wrapper: "SubscribeMsgSentEvent", entries: vec![entry] };
    state.push(account, user, PushKind::Event(EVENT), now + RECEIPT_AFTER, vec![field("List", list)]);
    Ok(Accepted { msgid: Some(msgid), repeated: false, reached: true })
}
