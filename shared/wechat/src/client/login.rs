//! Login of a mini-program user (docs/wechat.md §6.1).

use serde::Deserialize;

use super::{CallError, Client, lenient};
use crate::{AppId, AppSecret, OpenId, SessionKey, UnionId};

/// Who logged in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// The user at the mini program.
    pub openid: OpenId,
    /// The user across accounts, when the mini program belongs to an Open Platform account.
    #[serde(default, deserialize_with = "lenient::maybe_unionid")]
    pub unionid: Option<UnionId>,
    /// The key of this login; stays on the server.
    pub session_key: SessionKey,
}

impl Client {
    /// Trades the code of `wx.login` for the user. A code is good once, and after an unknown outcome it may be
    /// used up: the mini program has to log in again.
    ///
    /// # Errors
    /// [`CallError`]; 40029 and 40163 say that the code is not, or no longer, valid.
    pub async fn jscode2session(
        &self,
        appid: &AppId,
        app_secret: &AppSecret,
        js_code: &str,
    ) -> Result<Session, CallError> {
        let parameters = [
            ("appid", appid.as_str()),
            ("secret", app_secret.expose()),
            ("js_code", js_code),
            ("grant_type", "authorization_code"),
        ];
        self.get("/sns/jscode2session", &parameters).await
    }
}
