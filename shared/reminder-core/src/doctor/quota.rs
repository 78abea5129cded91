//! Is enough of today's allowance left?

use super::finding::{Finding, advice};
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
                let what = format!("WeChat does not say what is left for {path}: {error}.");
                findings.push(Finding::warning(check, what, advice(&error)));
                return;
            }
        };
        let what = format!("{path}: {} of {} calls are left today", quota.remain, quota.daily_limit);
        if quota.remain <= 0 {
            findings.push(Finding::failed(
                check,
                format!("{what}."),
                wechat::ErrCode::DAILY_QUOTA_REACHED.advice(),
            ));
            return;
        }
        if quota.remain.saturating_mul(LOW) < quota.daily_limit {
            let advice = "Find out who calls so often; at zero, messages wait for the next day in China.";
            findings.push(Finding::warning(check, format!("{what}."), advice));
            return;
        }
        left.push(what);
    }
    findings.push(match left.is_empty() {
        true => Finding::skipped(check, "WeChat tells this account nothing about its quota."),
        false => Finding::ok(check, format!("{}.", left.join("; "))),
    });
}
