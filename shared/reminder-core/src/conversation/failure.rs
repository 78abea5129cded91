//! Why a reply was not sent, and what that says about trying it again and about the replies after it
//! (docs/wechat.md §4.3, §13.2).

use thiserror::Error;
use wechat::{CallError, ErrClass, ErrCode};

use crate::app::wechat::{TokenError, WechatError};
use crate::conversation::media::MediaError;
use crate::following::code::BindError;

/// Why a reply was not sent.
#[derive(Debug, Error)]
pub(super) enum SendError {
    #[error(transparent)]
    Wechat(#[from] WechatError),
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("the time was up")]
    TimeUp,
    #[error("this kind of reply cannot be sent here")]
    Unfit,
}

/// What to do about a reply that was not sent, or of which nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It did not reach the user, for certain, and trying again may help.
    Again,
    /// On to the reply after it.
    GoOn,
    /// None of the replies after it can be sent either.
    Stop,
}

impl SendError {
    pub(super) fn next(&self) -> Next {
        match self {
            Self::Wechat(error) => after(error),
            Self::Media(MediaError::Wechat(error)) | Self::Bind(BindError::Wechat(error)) => {
                after_preparation(error)
            }
            Self::Media(MediaError::FailedLately | MediaError::Draw(_)) => Next::GoOn,
            Self::Media(MediaError::Fetch(_) | MediaError::Table(_)) | Self::Bind(BindError::App(_)) => {
                Next::Again
            }
            Self::Bind(BindError::OverAllowance(_) | BindError::Forgotten) | Self::TimeUp | Self::Unfit => {
                Next::GoOn
            }
        }
    }
}

/// `custom/send` came to nothing.
fn after(error: &WechatError) -> Next {
    match error {
        WechatError::Call(CallError::NotSent { .. }) => Next::Again,
        // There is no idempotency key: it may be with the user.
        WechatError::Call(CallError::Unknown { .. }) => Next::GoOn,
        WechatError::Call(CallError::Refused(refusal)) => after_refusal(refusal.errcode),
        // Without a token nothing is sent, and there will be none in time.
        WechatError::Token(TokenError::NotConfigured(_) | TokenError::Waiting(_)) => Next::Stop,
        WechatError::Token(TokenError::Call(CallError::Refused(_))) => Next::Stop,
        WechatError::Token(TokenError::Call(_) | TokenError::Secrets(_) | TokenError::Table(_)) => {
            Next::Again
        }
    }
}

fn after_refusal(errcode: ErrCode) -> Next {
    match errcode {
        // It does not say whether it was done.
        ErrCode::SYSTEM_ERROR => Next::GoOn,
        // It was uploaded anew before this was said for good.
        ErrCode::INVALID_MEDIA_ID => Next::GoOn,
        // Of this card's page, of this kind of message, of this message alone.
        ErrCode::INVALID_PAGE | ErrCode::INVALID_WEAPP_PAGEPATH => Next::GoOn,
        ErrCode::MESSAGE_TYPE_UNAUTHORIZED | ErrCode::MINOR_PROTECTED => Next::GoOn,
        _ => match errcode.class() {
            ErrClass::Token | ErrClass::Retry | ErrClass::Rate => Next::Again,
            // The window is over or used up, the user cannot be reached, the account may not or no more today.
            ErrClass::Recipient | ErrClass::Config | ErrClass::Quota => Next::Stop,
            ErrClass::Content | ErrClass::Bug | ErrClass::Login => Next::GoOn,
            ErrClass::Ok | ErrClass::Ignore | ErrClass::Unknown => Next::GoOn,
        },
    }
}

/// What a reply needs could not be had from WeChat: that says nothing about other replies, and asking twice is harmless.
fn after_preparation(error: &WechatError) -> Next {
    match error {
        WechatError::Call(CallError::Unknown { .. }) => Next::Again,
        WechatError::Call(CallError::Refused(refusal)) if refusal.errcode == ErrCode::SYSTEM_ERROR => {
            Next::Again
        }
        error => match after(error) {
            Next::Again => Next::Again,
            Next::GoOn | Next::Stop => Next::GoOn,
        },
    }
}

#[cfg(test)]
mod tests {
    use wechat::{Refusal, Said};

    use super::*;
    use crate::account::Account;

    fn refused(errcode: i64) -> WechatError {
        CallError::Refused(Refusal::new(ErrCode(errcode), "")).into()
    }

    #[test]
    fn refusal_is_repeated_passed_over_or_ends_the_replies_by_its_class() {
        use Next::{Again, GoOn, Stop};
        for (errcodes, of_send, of_preparation) in [
            // Nobody knows whether a message was sent; a second upload harms nobody.
            (&[-1][..], GoOn, Again),
            (&[45011, 40241, 43117, 43108, 61450], Again, Again),
            (&[40001, 40014, 42001], Again, Again),
            // The window, the user, the account.
            (&[45015, 45047, 40003, 46004, 48002, 43019], Stop, GoOn),
            (&[48001, 48004, 50001, 50002, 40013, 40164, 61004], Stop, GoOn),
            (&[45009], Stop, GoOn),
            // This message.
            (&[45002, 45168, 45001, 44004, 40008, 47001, 40007], GoOn, GoOn),
            (&[41030, 40165, 48008, 70000], GoOn, GoOn),
            (&[99_999], GoOn, GoOn),
        ] {
            for errcode in errcodes {
                assert_eq!(after(&refused(*errcode)), of_send, "{errcode}");
                assert_eq!(after_preparation(&refused(*errcode)), of_preparation, "{errcode}");
            }
        }
    }

    #[test]
    fn failure_without_a_code_is_repeated_where_nothing_was_sent() {
        use Next::{Again, GoOn, Stop};
        let reason = || Said::verbatim("r");
        let not_sent = || CallError::NotSent { reason: reason() };
        let unknown = || CallError::Unknown { reason: reason(), answered: false };
        let no_token = || Refusal::new(ErrCode(40125), "");
        for (error, expected) in [
            (SendError::from(WechatError::from(not_sent())), Again),
            (WechatError::from(unknown()).into(), GoOn),
            (WechatError::from(TokenError::Call(not_sent())).into(), Again),
            (WechatError::from(TokenError::Call(unknown())).into(), Again),
            (WechatError::from(TokenError::Call(no_token().into())).into(), Stop),
            (WechatError::from(TokenError::Waiting(no_token())).into(), Stop),
            (WechatError::from(TokenError::NotConfigured(Account::MiniProgram)).into(), Stop),
            (MediaError::Fetch(unknown()).into(), Again),
            (MediaError::Wechat(unknown().into()).into(), Again),
            (MediaError::FailedLately.into(), GoOn),
            (MediaError::Draw(reason().english).into(), GoOn),
            (BindError::Wechat(refused(45009)).into(), GoOn),
            (BindError::Wechat(not_sent().into()).into(), Again),
            (BindError::Forgotten.into(), GoOn),
            (SendError::TimeUp, GoOn),
            (SendError::Unfit, GoOn),
        ] {
            assert_eq!(error.next(), expected, "{error}");
        }
    }
}
