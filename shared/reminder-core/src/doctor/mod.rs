//! Looks at everything that has to be right around the code, from inside the deployed network, and says in plain words
//! what to do about what is not. It changes nothing, and it never fails: what could not be checked is a finding too.
//!
//! Each file is one check, and [`examine`] is their order; what all of them make is in `finding.rs`. The surprising one is
//! `clock.rs`, which reads WeChat's time out of the number of a refused call.

mod callback;
mod calls;
mod clock;
mod concurrency;
mod credentials;
mod finding;
mod quota;
mod records;
mod resting;
mod schedules;
mod secrets;
mod settings;
mod templates;

use serde::Serialize;
use wechat::{Said, said};

use crate::account::Account;
use crate::app::App;
pub use finding::{Finding, Status};
use records::Unreadable;
pub use templates::values_not_listed;

#[derive(Debug)]
pub struct Report {
    /// Nothing failed; there may be warnings.
    pub ok: bool,
    pub findings: Vec<Finding>,
}

/// Which of its two texts a report is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Chinese,
}

/// A [`Report`] as it is answered.
#[derive(Debug, Serialize)]
pub struct Told {
    ok: bool,
    findings: Vec<ToldFinding>,
}

#[derive(Debug, Serialize)]
struct ToldFinding {
    check: String,
    status: Status,
    what: String,
    #[serde(rename = "do")]
    advice: String,
}

impl Report {
    pub fn told(self, language: Language) -> Told {
        let text = |said: Said| match language {
            Language::English => said.english,
            Language::Chinese => said.chinese,
        };
        let told = |Finding { check, status, what, advice }| ToldFinding {
            check,
            status,
            what: text(what),
            advice: text(advice),
        };
        Told { ok: self.ok, findings: self.findings.into_iter().map(told).collect() }
    }
}

pub async fn examine(app: &App) -> Report {
    let mut findings = Vec::new();
    let secrets = secrets::check(app, &mut findings).await;
    let settings = settings::check(app, &mut findings).await;
    if let (Some(settings), Some(secrets)) = (&settings, &secrets) {
        settings::check_webhook(settings, secrets, &mut findings);
    }
    let mut wechat_clock = None;
    if let (Some(secrets), Some(settings)) = (&secrets, &settings) {
        templates::check_channels(settings, secrets, &mut findings);
    }
    if let Some(secrets) = &secrets {
        for account in Account::ALL {
            let Some(own) = secrets.of(account) else {
                let called = finding::called(account);
                findings.push(Finding::skipped(
                    account.name(),
                    said!(
                        "The secrets have no {called}: nothing of it is used, and nothing of it is checked.",
                        "密钥里没有{called}：不使用，也不检查。",
                        called
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
                        said!(
                            "WeChat can be asked only once the credentials are accepted.",
                            "凭据通过之后才能问微信。"
                        ),
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
    concurrency::check(app, &mut findings);
    let mut unreadable = Unreadable::default();
    schedules::check(app, &mut findings, &mut unreadable).await;
    resting::check(app, settings.as_ref(), &mut findings, &mut unreadable).await;
    findings.push(unreadable.judge());
    Report { ok: findings.iter().all(|finding| finding.status != Status::Failed), findings }
}
