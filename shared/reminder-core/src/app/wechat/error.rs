//! Why a call to WeChat came to nothing.

use thiserror::Error;
use wechat::{CallError, ErrCode, InChinese, Refusal};

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

impl InChinese for WechatError {
    fn in_chinese(&self) -> String {
        match self {
            Self::Token(error) => error.in_chinese(),
            Self::Call(error) => error.in_chinese(),
        }
    }
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
    Waiting(Refusal),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl InChinese for TokenError {
    fn in_chinese(&self) -> String {
        match self {
            Self::NotConfigured(account) => format!("密钥里没有 {account}"),
            Self::Call(error) => format!("微信没有给 access_token：{}", error.in_chinese()),
            Self::Waiting(refusal) => {
                format!("微信刚刚没有给 access_token（{}），半分钟后再要", refusal.in_chinese())
            }
            Self::Secrets(error) => error.in_chinese(),
            Self::Table(error) => error.in_chinese(),
        }
    }
}

impl TokenError {
    /// WeChat's no, if that is what it is.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Call(error) => error.refusal(),
            Self::Waiting(refusal) => Some(refusal),
            Self::NotConfigured(_) | Self::Secrets(_) | Self::Table(_) => None,
        }
    }

    /// What is wrong, for whoever asks; WeChat's own words are the operator's matter.
    pub fn told(&self) -> String {
        match self.refusal() {
            Some(refusal) => format!("WeChat gave no access_token: {}", refusal.told()),
            None => self.to_string(),
        }
    }
}
