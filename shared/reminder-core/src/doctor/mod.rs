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

use crate::account::Account;
use crate::app::App;
pub use finding::{Finding, Status};
use records::Unreadable;
pub use templates::values_not_listed;

#[derive(Debug, Serialize)]
pub struct Report {
    /// Nothing failed; there may be warnings.
    pub ok: bool,
    pub findings: Vec<Finding>,
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
    concurrency::check(app, &mut findings);
    let mut unreadable = Unreadable::default();
    schedules::check(app, &mut findings, &mut unreadable).await;
    resting::check(app, settings.as_ref(), &mut findings, &mut unreadable).await;
    findings.push(unreadable.judge());
    Report { ok: findings.iter().all(|finding| finding.status != Status::Failed), findings }
}
