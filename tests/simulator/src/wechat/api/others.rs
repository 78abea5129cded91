//! Another system that has the same account sends a message of its own: we did not ask for it, and its receipt comes to
//! our callback all the same, because an account has one callback.

use jiff::Timestamp;
use serde_json::json;

use super::sending::{Accepted, Message};
use super::{subscription, template};
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;
use crate::wechat::templates::{Api, Template};
use crate::wechat::users::UserIndex;

/// It stands on the phone, but not in the books of what this world was asked to send.
pub(crate) fn send(
    state: &mut State,
    user: UserIndex,
    template: &Template,
    now: Timestamp,
) -> Result<Accepted, Refusal> {
    let mut message = Message::new();
    let touser = state.users.get(user).openid(template.account).unwrap_or_default();
    message.insert("touser".to_owned(), json!(touser));
    message.insert("template_id".to_owned(), json!(template.template_id));
    match template.api {
        Api::Subscription => subscription::take(state, user, template, message, now),
        Api::Template if state.users.get(user).following.is_none() => Err(Refusal::of(43004)),
        Api::Template => Ok(template::take(state, user, message, now)),
    }
}
