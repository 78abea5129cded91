//! People talk to the accounts: they enter sessions, write, and tap menus (docs/wechat.md §2, §3).

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::verb::{Rejection, act_as};
use crate::wechat::Platform;
use crate::wechat::accounts::AccountName;
use crate::wechat::document::{Field, Fields};
use crate::wechat::media::Upload;
use crate::wechat::pushes::{PushKind, field};
use crate::wechat::sessions::Trigger;

/// Characters of a button's `session-from`.
const SESSION_FROM_AT_MOST: usize = 1024;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnterSession {
    #[serde(default)]
    session_from: String,
}

/// The mini program's contact button.
pub(super) async fn enter_session(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, entered: EnterSession| {
        if entered.session_from.chars().count() > SESSION_FROM_AT_MOST {
            return Err(Rejection::field("session_from", "may be at most 1024 characters"));
        }
        let account = AccountName::MiniProgram;
        state.users.get_mut(user).interacts(account, Trigger::EnterSession, now);
        let extra = vec![field("SessionFrom", Field::text(entered.session_from))];
        state.push(account, user, PushKind::Event("user_enter_tempsession"), now, extra);
        Ok(json!({}))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    to: AccountName,
    message: Map<String, Value>,
}

/// A message to one of the accounts; its fields are those of the push. While a human has the chat, nothing
/// is pushed.
pub(super) async fn say(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, said: Say| {
        if state.accounts.get(said.to).is_none() {
            return Err(Rejection::field("to", "this world has no service account"));
        }
        let msg_type = match said.message.get("MsgType") {
            Some(Value::String(msg_type)) if !matches!(msg_type.as_str(), "" | "event") => msg_type.clone(),
            _ => {
                return Err(Rejection::field(
                    "message.MsgType",
                    "must be the type of a message, such as \"text\"",
                ));
            }
        };
        if msg_type == "text" && !said.message.contains_key("Content") {
            return Err(Rejection::field("message.Content", "is missing"));
        }
        let mut extra = fields(&said.message)?;
        if msg_type == "image" && !said.message.contains_key("MediaId") {
            let upload = Upload {
                kind: "image".to_owned(),
                filename: "photo.jpg".to_owned(),
                content_type: "image/jpeg".to_owned(),
                bytes: Bytes::from(crate::wechat::qrcodes::picture("a photo")),
            };
            let media_id = state.media.put(said.to, upload, now, &mut state.random);
            if !said.message.contains_key("PicUrl") {
                let address = format!("http://mmbiz.qpic.cn/mmbiz_jpg/{}/0", state.random.url_safe(32));
                extra.push(field("PicUrl", Field::text(address)));
            }
            extra.push(field("MediaId", Field::text(media_id)));
        }
        let person = state.users.get_mut(user);
        person.interacts(said.to, Trigger::Message, now);
        let with_human = person.chat(said.to).human_until.is_some_and(|until| now < until);
        if !with_human {
            state.push(said.to, user, PushKind::Message(&msg_type), now, extra);
        }
        Ok(json!({ "pushed": !with_human }))
    })
    .await
}

/// What the user wrote, without what the platform itself fills in.
fn fields(message: &Map<String, Value>) -> Result<Fields, Rejection> {
    let own = ["ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId"];
    let mut fields = Vec::new();
    for (name, value) in message.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        let value = match value {
            Value::String(text) => Field::text(text.as_str()),
            Value::Number(number) => Field::number(number.clone()),
            _ => return Err(Rejection::field(&format!("message.{name}"), "must be a string or a number")),
        };
        fields.push(field(name, value));
    }
    Ok(fields)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Click {
    key: String,
}

/// A tap on a menu entry that sends its key.
pub(super) async fn click(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, click: Click| {
        let account = AccountName::ServiceAccount;
        state.users.get_mut(user).interacts(account, Trigger::MenuClick, now);
        let extra = vec![field("EventKey", Field::text(click.key))];
        state.push(account, user, PushKind::Event("CLICK"), now, extra);
        Ok(json!({}))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct View {
    url: String,
}

/// A tap on a menu entry that opens a page; it opens no window for customer service.
pub(super) async fn view(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, view: View| {
        let extra = vec![field("EventKey", Field::text(view.url))];
        state.push(AccountName::ServiceAccount, user, PushKind::Event("VIEW"), now, extra);
        Ok(json!({}))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locate {
    latitude: f64,
    longitude: f64,
}

/// The phone tells where it is.
pub(super) async fn locate(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, place: Locate| {
        let extra = vec![
            field("Latitude", Field::digits(place.latitude)),
            field("Longitude", Field::digits(place.longitude)),
            field("Precision", Field::digits("65.000000")),
        ];
        state.push(AccountName::ServiceAccount, user, PushKind::Event("LOCATION"), now, extra);
        Ok(json!({}))
    })
    .await
}
