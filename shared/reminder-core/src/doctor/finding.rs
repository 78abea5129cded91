//! What one check found, in words for the operator, in both languages. An error of our own is a finding too, so checks
//! have no error type.

use wechat::{ErrCode, InChinese, Said, said};

use crate::account::Account;
use crate::app::wechat::{TokenError, WechatError};

#[derive(Debug)]
pub struct Finding {
    /// A stable word: `mini_program.credentials`, `clock`, …
    pub check: String,
    pub status: Status,
    pub what: Said,
    /// What somebody should do; empty when nothing is to be done.
    pub advice: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// It works, or may; somebody should look.
    Warning,
    Failed,
    /// There is nothing to check, or something else has to be mended first.
    Skipped,
}

impl Finding {
    fn new(check: impl Into<String>, status: Status, what: Said, advice: Said) -> Self {
        Self { check: check.into(), status, what, advice }
    }

    pub(super) fn ok(check: impl Into<String>, what: Said) -> Self {
        Self::new(check, Status::Ok, what, Said::default())
    }

    pub(super) fn warning(check: impl Into<String>, what: Said, advice: Said) -> Self {
        Self::new(check, Status::Warning, what, advice)
    }

    pub(super) fn failed(check: impl Into<String>, what: Said, advice: Said) -> Self {
        Self::new(check, Status::Failed, what, advice)
    }

    pub(super) fn skipped(check: impl Into<String>, what: Said) -> Self {
        Self::new(check, Status::Skipped, what, Said::default())
    }

    /// Our own side did not let us look.
    pub(super) fn not_checked(check: impl Into<String>, error: impl InChinese) -> Self {
        let error = error.said();
        Self::failed(
            check,
            said!("could not be checked: {error}", "无法检查：{error}", error),
            said!(
                "Run the doctor again; if it stays, look at the permissions of the operations function and at the health of AWS in this region.",
                "再体检一次；还是这样，就看 operations 函数的权限，以及这个区域的 AWS 是否正常。"
            ),
        )
    }
}

/// An account as people call it.
pub(super) fn called(account: Account) -> Said {
    let chinese = match account {
        Account::MiniProgram => "小程序",
        Account::ServiceAccount => "服务号",
    };
    Said { english: account.to_string(), chinese: chinese.to_owned() }
}

/// A code of WeChat's with its meaning.
pub(super) fn meaning(errcode: ErrCode) -> Said {
    Said {
        english: format!("{errcode} {}", errcode.meaning()),
        chinese: format!("{errcode} {}", errcode.meaning_in_chinese()),
    }
}

/// What to do about a code of WeChat's.
pub(super) fn remedy(errcode: ErrCode) -> Said {
    Said { english: errcode.advice().to_owned(), chinese: errcode.advice_in_chinese().to_owned() }
}

/// What to do about a call that WeChat did not answer with success.
pub(super) fn advice(error: &WechatError) -> Said {
    match error {
        WechatError::Call(call) | WechatError::Token(TokenError::Call(call)) => match call.refusal() {
            Some(refusal) => remedy(refusal.errcode),
            None => said!(
                "Run the doctor again; if it stays, look at the way out of this network: VPC, NAT, proxy.",
                "再体检一次；还是这样，就查出口网络：VPC、NAT、代理。"
            ),
        },
        WechatError::Token(_) => said!(
            "Mend the credentials first, then run the doctor again after half a minute.",
            "先修好凭据，半分钟后再体检。"
        ),
    }
}
