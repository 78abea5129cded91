//! Access tokens (docs/wechat.md §5.1). Keeping them is the caller's business.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{CallError, Client, lenient};
use crate::{AccessToken, AppId, AppSecret};

/// An access_token, fresh from WeChat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub access_token: AccessToken,
    /// How long it is good for from now: at most two hours, and in normal mode at least five minutes.
    pub expires_in: SignedDuration,
}

impl Client {
    /// Asks for the account's access_token. In normal mode every caller gets the same one while it lives;
    /// `force_refresh` kills it for everybody, twenty times a day at most.
    ///
    /// # Errors
    /// [`CallError`]; read a refusal's class with [`ErrCode::class_at_token_endpoint`](crate::ErrCode::class_at_token_endpoint).
    pub async fn stable_token(
        &self,
        appid: &AppId,
        app_secret: &AppSecret,
        force_refresh: bool,
    ) -> Result<IssuedToken, CallError> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: AccessToken,
            #[serde(deserialize_with = "lenient::number")]
            expires_in: i64,
        }

        let body = json!({
            "grant_type": "client_credential",
            "appid": appid,
            "secret": app_secret.expose(),
            "force_refresh": force_refresh,
        });
        let answer: Answer = self.post("/cgi-bin/stable_token", &[], &body).await?;
        if answer.access_token.expose().is_empty() {
            return Err(CallError::without_what_was_asked());
        }
        let expires_in = SignedDuration::from_secs(answer.expires_in);
        Ok(IssuedToken { access_token: answer.access_token, expires_in })
    }
}
