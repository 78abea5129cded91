//! What one check found, in words for the operator. An error of our own is a finding too, so checks have no error type.

use serde::Serialize;

use crate::app::wechat::{TokenError, WechatError};

#[derive(Debug, Serialize)]
pub struct Finding {
    /// A stable word: `mini_program.credentials`, `clock`, …
    pub check: String,
    pub status: Status,
    pub what: String,
    /// What somebody should do; empty when nothing is to be done.
    #[serde(rename = "do")]
    pub advice: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    fn new(
        check: impl Into<String>,
        status: Status,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check: check.into(), status, what: what.into(), advice: advice.into() }
    }

    pub(super) fn ok(check: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, what, "")
    }

    pub(super) fn warning(
        check: impl Into<String>,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, Status::Warning, what, advice)
    }

    pub(super) fn failed(
        check: impl Into<String>,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, Status::Failed, what, advice)
    }

    pub(super) fn skipped(check: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(check, Status::Skipped, what, "")
    }

    /// Our own side did not let us look.
    pub(super) fn not_checked(check: impl Into<String>, error: impl std::fmt::Display) -> Self {
        Self::failed(
            check,
            format!("could not be checked: {error}"),
            "Run the doctor again; if it stays, look at the permissions of the operations function and at the health of AWS in this region.",
        )
    }
}

/// What to do about a call that WeChat did not answer with success.
pub(super) fn advice(error: &WechatError) -> &'static str {
    match error {
        WechatError::Call(call) | WechatError::Token(TokenError::Call(call)) => match call.refusal() {
            Some(refusal) => refusal.errcode.advice(),
            None => {
                "Run the doctor again; if it stays, look at the way out of this network: VPC, NAT, proxy."
            }
        },
        WechatError::Token(_) => "Mend the credentials first, then run the doctor again after half a minute.",
    }
}
