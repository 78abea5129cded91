//! The doctor's own questions to WeChat. What comes of them is a finding, so they are neither counted nor noted: the
//! alarms are about the calls that the product depends on.

use wechat::{AccessToken, CallError, IssuedToken, Refusal};

use super::Wechat;
use crate::app::secrets::AccountSecrets;

/// There is no such path to have a quota: a question about it is refused for certain, and without any effect.
const NO_PATH: &str = "/cgi-bin/no/such/path";

impl Wechat {
    /// Has WeChat issue an access_token, whatever is remembered: in normal mode that is the token in use.
    pub(crate) async fn ask_for_token(&self, secrets: &AccountSecrets) -> Result<IssuedToken, CallError> {
        self.client.stable_token(secrets.appid(), &secrets.app_secret, false).await
    }

    /// Has WeChat refuse something harmless.
    pub(crate) async fn ask_for_refusal(&self, token: &AccessToken) -> Option<Refusal> {
        match self.client.quota_get(token, NO_PATH).await {
            Err(CallError::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }
}
