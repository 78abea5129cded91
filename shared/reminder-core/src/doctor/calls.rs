//! Did WeChat refuse a call of ours lately for something that only the owner can mend? The functions note it when it
//! happens; what they noted is read here, because the alarm that rings for it tells neither the call nor the reason.

use jiff::SignedDuration;
use wechat::{ErrCode, Said, said};

use super::finding::{Finding, meaning, remedy};
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
        Some(note) => {
            let (at, reason, advice) = (note.at, reason(&note), advice(&note));
            Finding::warning(
                check,
                said!(
                    "WeChat refused a call for the way things are set up, last at {at}: {reason}.",
                    "微信因为配置问题拒绝过调用，最近一次在 {at}：{reason}。",
                    reason
                ),
                said!(
                    "If that was before something was mended, all is well. Else: {advice}",
                    "如果之后已经修好，就没事了；否则：{advice}",
                    advice
                ),
            )
        }
        None => Finding::ok(
            check,
            said!(
                "WeChat has refused no call of the last 24 hours for the way things are set up.",
                "最近 24 小时，微信没有因为配置问题拒绝过调用。"
            ),
        ),
    });
}

/// The note begins with the errcode: `40037: …`.
fn errcode(note: &Note) -> Option<ErrCode> {
    note.detail.split_once(':')?.0.parse().ok().map(ErrCode)
}

fn reason(note: &Note) -> Said {
    errcode(note).map_or_else(|| Said::verbatim(&note.detail), meaning)
}

fn advice(note: &Note) -> Said {
    let unknown = || said!("read the functions' logs of that time.", "看那个时间各函数的日志。");
    errcode(note).map_or_else(unknown, remedy)
}
