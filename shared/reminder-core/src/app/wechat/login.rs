//! Exchanging the code of `wx.login`: a call with the AppSecret instead of an access_token.

use thiserror::Error;
use wechat::{CallError, ErrClass, ErrCode, Session};

use super::Wechat;
use super::error::{TokenError, WechatError};
use crate::account::Account;
use crate::app::secrets::AccountSecrets;

/// Why WeChat did not say whose code it is.
#[derive(Debug, Error)]
pub enum CodeError {
    /// Used, expired or made up: the mini program asks `wx.login` for another one.
    #[error(
        "WeChat does not accept this code (errcode {0}): it is used, expired or not of this mini program"
    )]
    Rejected(ErrCode),
    #[error("WeChat blocks this user")]
    Blocked,
    /// Nobody's fault here: another code, a moment later.
    #[error("WeChat did not answer: {0}")]
    Unavailable(CallError),
}

impl Wechat {
    /// Exchanges `js_code`; a refused AppSecret, which may have been reset, is fetched anew first. Counted and noted
    /// like any other call, unless WeChat refuses this code or this user: that says nothing about our calls.
    pub(crate) async fn jscode2session(
        &self,
        secrets: &AccountSecrets,
        js_code: &str,
    ) -> Result<Session, CodeError> {
        let mut answer = self.client.jscode2session(secrets.appid(), &secrets.app_secret, js_code).await;
        let refusal = answer.as_ref().err().and_then(CallError::refusal);
        if refusal.is_some_and(|refusal| refusal.errcode.class_at_token_endpoint() == ErrClass::Config)
            && let Some(newer) = self
                .secrets
                .app_secret_other_than(Account::MiniProgram, &secrets.app_secret, self.clock.now())
                .await
        {
            // The code was not looked at.
            answer = self.client.jscode2session(secrets.appid(), &newer, js_code).await;
        }
        let error = match answer {
            Ok(session) => return Ok(session),
            Err(error) => error,
        };
        match error.refusal().map(|refusal| refusal.errcode) {
            Some(errcode @ (ErrCode::INVALID_CODE | ErrCode::CODE_BEEN_USED | ErrCode::CODE_MISSING)) => {
                Err(CodeError::Rejected(errcode))
            }
            Some(ErrCode::CODE_BLOCKED) => Err(CodeError::Blocked),
            _ => {
                // As at the token endpoint, it is the AppSecret that is refused; no newer token would help.
                let noted = WechatError::from(TokenError::Call(error.clone()));
                self.note_failure(Account::MiniProgram, &noted).await;
                Err(CodeError::Unavailable(error))
            }
        }
    }
}
