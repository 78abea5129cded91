//! Did WeChat refuse a call of ours lately for something that only the owner can mend? The functions note it when it
//! happens; what they noted is read here, because the alarm that rings for it tells neither the call nor the reason.

use jiff::SignedDuration;
use wechat::ErrCode;

use super::finding::Finding;
use crate::account::Account;
use crate::app::App;
use crate::app::health::{Kind, Note};

/// A refusal is worth mentioning this long, mended or not: nothing is noted when it works again.
const REFUSED_LATELY: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn check(app: &App, account: Account, findings: &mut Vec<Finding>) {
    let check = format!("{account}.calls");
    let health = match app.health.read(account).await {
        Ok(health) => health,
        Err(error) => return findings.push(Finding::not_checked(check, error)),
    };
    let refused = health.notes.get(&Kind::CallRefused).cloned();
    findings.push(match refused.filter(|note| app.now().duration_since(note.at) < REFUSED_LATELY) {
        Some(note) => Finding::warning(
            check,
            format!(
                "WeChat refused a call for the way things are set up, last at {}: {}.",
                note.at,
                reason(&note)
            ),
            format!("If that was before something was mended, all is well. Else: {}", advice(&note)),
        ),
        None => Finding::ok(
            check,
            "WeChat has refused no call of the last 24 hours for the way things are set up.",
        ),
    });
}

/// The note begins with the errcode: `40037: …`.
fn errcode(note: &Note) -> Option<ErrCode> {
    note.detail.split_once(':')?.0.parse().ok().map(ErrCode)
}

fn reason(note: &Note) -> String {
    errcode(note).map_or_else(|| note.detail.clone(), |errcode| format!("{errcode} {}", errcode.meaning()))
}

fn advice(note: &Note) -> &'static str {
    errcode(note).map_or("read the functions' logs of that time.", ErrCode::advice)
}
