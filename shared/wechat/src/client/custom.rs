//! Customer-service messages: answers within the short time after a user wrote or opened a session
//! (docs/wechat.md §4).

use std::fmt;

use serde_json::{Value, json};

use super::call::Acknowledgement;
use super::{CallError, Client};
use crate::{AccessToken, AppId, MediaId, OpenId};

/// What can be answered.
///
/// `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq)]
pub enum CustomMessage {
    /// Words, not empty, up to 2048 bytes.
    Text(String),
    /// A picture.
    Image(MediaId),
    /// A web page; the mini program's session only.
    Link {
        /// Its title.
        title: String,
        /// Its summary.
        description: String,
        /// Its address.
        url: String,
        /// The address of its picture.
        thumb_url: String,
    },
    /// A mini-program card.
    MiniProgramPage {
        /// The card's title.
        title: String,
        /// The page to open, with query; it has to be in the released mini program.
        pagepath: String,
        /// The card's picture.
        thumb_media_id: MediaId,
        /// The mini program; required of a service account, its own by default.
        appid: Option<AppId>,
    },
}

impl CustomMessage {
    /// The kind, by the platform's word; fit for logs.
    pub fn msgtype(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Link { .. } => "link",
            Self::MiniProgramPage { .. } => "miniprogrampage",
        }
    }

    fn content(&self) -> Value {
        match self {
            Self::Text(content) => json!({ "content": content }),
            Self::Image(media_id) => json!({ "media_id": media_id }),
            Self::Link { title, description, url, thumb_url } => {
                json!({ "title": title, "description": description, "url": url, "thumb_url": thumb_url })
            }
            Self::MiniProgramPage { title, pagepath, thumb_media_id, appid } => {
                let mut card =
                    json!({ "title": title, "pagepath": pagepath, "thumb_media_id": thumb_media_id });
                if let Some(appid) = appid {
                    card["appid"] = json!(appid);
                }
                card
            }
        }
    }
}

impl Client {
    /// Answers a user. There is no idempotency key: after an unknown outcome a repeat may arrive twice.
    ///
    /// # Errors
    /// [`CallError`]; 45015 and 45047 say that the time or the number of answers is used up.
    pub async fn custom_send(
        &self,
        access_token: &AccessToken,
        touser: &OpenId,
        message: &CustomMessage,
    ) -> Result<(), CallError> {
        let mut body = json!({ "touser": touser, "msgtype": message.msgtype() });
        body[message.msgtype()] = message.content();
        let Acknowledgement {} = self.post_as(access_token, "/cgi-bin/message/custom/send", &body).await?;
        Ok(())
    }
}

impl fmt::Debug for CustomMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomMessage({})", self.msgtype())
    }
}
