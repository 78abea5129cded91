//! Is enough of today's allowance left?

use wechat::{ErrCode, InChinese, Said, said};

use super::finding::{Finding, advice, remedy};
use crate::account::Account;
use crate::app::App;
use crate::app::wechat::quota;

/// Below a tenth it is time to know.
const LOW: i64 = 10;
/// Questions about a path that this account does not have (76001–76022).
const NOT_OURS: std::ops::RangeInclusive<i64> = 76001..=76022;

pub(super) async fn check(app: &App, account: Account, findings: &mut Vec<Finding>) {
    let check = format!("{account}.quota");
    let mut left = Vec::new();
    for path in quota::paths(account) {
        let quota = match quota::of(&app.wechat, account, path).await {
            Ok(quota) => quota,
            Err(error) if error.errcode().is_some_and(|errcode| NOT_OURS.contains(&errcode.0)) => continue,
            Err(error) => {
                let (advice, error) = (advice(&error), error.said());
                let what = said!(
                    "WeChat does not say what is left for {path}: {error}.",
                    "微信没有给出 {path} 的剩余额度：{error}。",
                    error
                );
                findings.push(Finding::warning(check, what, advice));
                return;
            }
        };
        let (remain, limit) = (quota.remain, quota.daily_limit);
        let what = said!(
            "{path}: {remain} of {limit} calls are left today",
            "{path} 今天还剩 {remain} 次（共 {limit} 次）"
        );
        if quota.remain <= 0 {
            findings.push(Finding::failed(check, sentence(&[what]), remedy(ErrCode::DAILY_QUOTA_REACHED)));
            return;
        }
        if quota.remain.saturating_mul(LOW) < quota.daily_limit {
            let advice = said!(
                "Find out who calls so often; at zero, messages wait for the next day in China.",
                "查一查是谁调用得这么多；用完之后，消息要等到北京时间零点。"
            );
            findings.push(Finding::warning(check, sentence(&[what]), advice));
            return;
        }
        left.push(what);
    }
    findings.push(match left.is_empty() {
        true => Finding::skipped(
            check,
            said!("WeChat tells this account nothing about its quota.", "微信没有给出这个账号的额度。"),
        ),
        false => Finding::ok(check, sentence(&left)),
    });
}

fn sentence(parts: &[Said]) -> Said {
    let all = |text: fn(&Said) -> &str| parts.iter().map(text).collect::<Vec<_>>();
    Said {
        english: format!("{}.", all(|part| &part.english).join("; ")),
        chinese: format!("{}。", all(|part| &part.chinese).join("；")),
    }
}
