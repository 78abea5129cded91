//! Why a call to WeChat came to nothing.

use thiserror::Error;
use wechat::{CallError, ErrCode};

use crate::account::Account;
use crate::app::secrets::SecretsError;
use crate::table::TableError;

#[derive(Debug, Error)]
pub enum WechatError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Call(#[from] CallError),
}

impl WechatError {
    /// It definitely did not take effect. "System busy" does not say so (docs/wechat.md §13.2).
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Call(CallError::Unknown { .. }) => false,
            Self::Call(CallError::Refused(refusal)) => refusal.errcode != ErrCode::SYSTEM_ERROR,
            Self::Call(CallError::NotSent { .. }) | Self::Token(_) => true,
        }
    }

    /// The code with which WeChat refused the call itself, not the token for it.
    pub(crate) fn errcode(&self) -> Option<ErrCode> {
        match self {
            Self::Call(error) => error.refusal().map(|refusal| refusal.errcode),
            Self::Token(_) => None,
        }
    }
}

/// Why there is no access_token for a call.
#[derive(Debug, Error)]
pub enum TokenError {
    /// This owner has no such account.
    #[error("the secrets have no {0}")]
    NotConfigured(Account),
    /// WeChat gave none.
    #[error("WeChat gave no access_token: {0}")]
    Call(#[from] CallError),
    /// WeChat gave none a moment ago and is not asked again yet.
    #[error("WeChat gave no access_token a moment ago ({0}); it is asked again in half a minute")]
    Waiting(String),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Table(#[from] TableError),
}
