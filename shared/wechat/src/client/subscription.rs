//! Subscription messages of the mini program, and subscription notifications of the service account
//! (docs/wechat.md §9 and §11.1). Neither has an idempotency key.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CallError, Client, MiniProgramLink, SentMessage, data};
use crate::{AccessToken, OpenId, TemplateId};

/// A message to a user of the mini program who accepted its template.
///
/// `Debug` leaves out what it says.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SubscribeMessage {
    /// The user, by their openid at the mini program.
    pub touser: OpenId,
    /// The template.
    pub template_id: TemplateId,
    /// The page to open, with query; nothing opens when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// A value for every keyword of the template, none empty (docs/wechat.md §9.2).
    #[serde(serialize_with = "data::serialize")]
    pub data: Vec<(String, String)>,
    /// Which version of the mini program opens.
    pub miniprogram_state: MiniProgramState,
    /// `zh_CN`, `en_US`, `zh_HK` or `zh_TW`.
    pub lang: &'static str,
}

/// A version of the mini program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MiniProgramState {
    /// Being developed.
    Developer,
    /// On trial.
    Trial,
    /// Released.
    #[default]
    Formal,
}

/// A notification to a user who accepted its template in an article or a web page; following is not needed.
///
/// `Debug` leaves out what it says.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// The user, by their openid at the service account.
    pub touser: OpenId,
    /// The template.
    pub template_id: TemplateId,
    /// A web page to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The mini program to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miniprogram: Option<MiniProgramLink>,
    /// A value for every keyword of the template.
    #[serde(serialize_with = "data::serialize")]
    pub data: Vec<(String, String)>,
}

impl Client {
    /// Sends a subscription message.
    ///
    /// # Errors
    /// [`CallError`]; a repeat after an unknown outcome may use up a second credit or arrive twice.
    pub async fn subscribe_send(
        &self,
        access_token: &AccessToken,
        message: &SubscribeMessage,
    ) -> Result<SentMessage, CallError> {
        self.post_as(access_token, "/cgi-bin/message/subscribe/send", message).await
    }

    /// Sends a subscription notification.
    ///
    /// # Errors
    /// As [`Client::subscribe_send`].
    pub async fn subscribe_bizsend(
        &self,
        access_token: &AccessToken,
        notification: &Notification,
    ) -> Result<SentMessage, CallError> {
        self.post_as(access_token, "/cgi-bin/message/subscribe/bizsend", notification).await
    }
}

impl fmt::Debug for SubscribeMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscribeMessage")
            .field("touser", &self.touser)
            .field("template_id", &self.template_id)
            .field("miniprogram_state", &self.miniprogram_state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("touser", &self.touser)
            .field("template_id", &self.template_id)
            .finish_non_exhaustive()
    }
}
