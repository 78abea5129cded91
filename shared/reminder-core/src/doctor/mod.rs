//! Looks at everything that has to be right around the code, from inside the deployed network, and says in plain words
//! what to do about what is not. It changes nothing, and it never fails: what could not be checked is a finding too.
//!
//! Each file is one check; [`examine`] is their order.

mod callback;
mod calls;
mod clock;
mod credentials;
mod quota;
mod schedules;
mod secrets;
mod settings;
mod templates;

use serde::Serialize;

use crate::account::Account;
use crate::app::wechat::tokens::TokenError;
use crate::app::{App, WechatError};

#[derive(Debug, Serialize)]
pub struct Report {
    /// Nothing failed; there may be warnings.
    pub ok: bool,
    pub findings: Vec<Finding>,
}

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

    fn ok(check: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, what, "")
    }

    fn warning(check: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Status::Warning, what, advice)
    }

    fn failed(check: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Status::Failed, what, advice)
    }

    fn skipped(check: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(check, Status::Skipped, what, "")
    }

    /// Our own side did not let us look.
    fn not_checked(check: impl Into<String>, error: impl std::fmt::Display) -> Self {
        Self::failed(
            check,
            format!("could not be checked: {error}"),
            "Run the doctor again; if it stays, look at the permissions of the operations function and at the health of AWS in this region.",
        )
    }
}

pub async fn examine(app: &App) -> Report {
    let mut findings = Vec::new();
    let secrets = secrets::check(app, &mut findings).await;
    let settings = settings::check(app, &mut findings).await;
    let mut wechat_clock = None;
    if let (Some(secrets), Some(settings)) = (&secrets, &settings) {
        templates::check_channels(settings, secrets, &mut findings);
    }
    if let Some(secrets) = &secrets {
        for account in Account::ALL {
            let Some(own) = secrets.of(account) else {
                findings.push(Finding::skipped(
                    account.name(),
                    format!(
                        "The secrets have no {account}: nothing of it is used, and nothing of it is checked."
                    ),
                ));
                continue;
            };
            let token = credentials::check(app, account, own, &mut wechat_clock, &mut findings).await;
            callback::check(app, account, &mut findings).await;
            calls::check(app, account, &mut findings).await;
            if token.is_none() {
                for check in ["templates", "quota"] {
                    findings.push(Finding::skipped(
                        format!("{account}.{check}"),
                        "WeChat can be asked only once the credentials are accepted.",
                    ));
                }
                continue;
            }
            if let Some(settings) = &settings {
                templates::check(app, account, settings, &mut findings).await;
            }
            quota::check(app, account, &mut findings).await;
        }
    }
    clock::check(wechat_clock, &mut findings);
    schedules::check(app, &mut findings).await;
    Report { ok: findings.iter().all(|finding| finding.status != Status::Failed), findings }
}

/// What to do about a call that WeChat did not answer with success.
fn advice(error: &WechatError) -> &'static str {
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
