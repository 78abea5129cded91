//! Template messages of the service account (docs/wechat.md §10).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CallError, Client, MiniProgramLink, data, lenient};
use crate::{AccessToken, ErrCode, MsgId, OpenId, TemplateId};

/// A message to a follower.
///
/// `Debug` leaves out what it says.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct TemplateMessage {
    /// The follower, by their openid at the service account.
    pub touser: OpenId,
    /// The template.
    pub template_id: TemplateId,
    /// A web page to open, for clients that cannot open the mini program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The mini program to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miniprogram: Option<MiniProgramLink>,
    /// Makes a repeat within ten minutes harmless: WeChat sends once per follower and id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_msg_id: Option<String>,
    /// A value for every keyword of the template, in its order.
    #[serde(serialize_with = "data::serialize")]
    pub data: Vec<(String, String)>,
}

/// A message that WeChat took. Whether it arrives, a receipt will tell.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SentMessage {
    /// What the receipt will call it; WeChat does not promise to say.
    #[serde(default, deserialize_with = "lenient::maybe_msgid")]
    pub msgid: Option<MsgId>,
}

impl Client {
    /// Sends a template message. A client_msg_id that WeChat has seen before is a success without msgid.
    ///
    /// # Errors
    /// [`CallError`]; with a client_msg_id an unknown outcome may be repeated for ten minutes.
    pub async fn template_send(
        &self,
        access_token: &AccessToken,
        message: &TemplateMessage,
    ) -> Result<SentMessage, CallError> {
        match self.post_as(access_token, "/cgi-bin/message/template/send", message).await {
            Err(CallError::Refused(refusal)) if refusal.errcode == ErrCode::CLIENTMSGID_EXIST => {
                Ok(SentMessage { msgid: None })
            }
            answer => answer,
        }
    }
}

impl fmt::Debug for TemplateMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateMessage")
            .field("touser", &self.touser)
            .field("template_id", &self.template_id)
            .field("client_msg_id", &self.client_msg_id)
            .finish_non_exhaustive()
    }
}
