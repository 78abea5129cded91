//! Does our clock agree with WeChat's?
//!
//! Every refusal carries a `rid`, whose first group is WeChat's time of the call in hexadecimal seconds. WeChat does not
//! promise that, so the doctor believes it only as far as it is plausible, and allows for the way there and back.

use jiff::{SignedDuration, Timestamp};
use wechat::{AccessToken, MAX_CLOCK_SKEW_S, Refusal, said};

use super::finding::Finding;
use crate::app::App;

const CHECK: &str = "clock";
/// Clocks that agree may seem this far apart: seconds are truncated, WeChat has several machines, and an answer may be
/// slow.
const AGREES_WITHIN_S: i64 = 5;
/// Receipts are matched with a minute's tolerance; beyond it they may be missed.
const HARMFUL_FROM_S: i64 = 60;
/// If the first group of a `rid` is further off than this, it is no time.
const PLAUSIBLE_WITHIN_S: i64 = 10 * 365 * 86_400;

/// WeChat's time of a call, between our times of asking and of being answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct WechatClock {
    asked_at: Timestamp,
    wechat_s: i64,
    answered_at: Timestamp,
}

impl WechatClock {
    pub(super) async fn ask(app: &App, token: &AccessToken) -> Option<Self> {
        let asked_at = app.now();
        let refusal = app.wechat.ask_for_refusal(token).await?;
        Self::of_refusal(&refusal, asked_at, app.now())
    }

    pub(super) fn of_refusal(refusal: &Refusal, asked_at: Timestamp, answered_at: Timestamp) -> Option<Self> {
        let (first, _) = refusal.rid.as_ref()?.split_once('-')?;
        let wechat_s = i64::from_str_radix(first, 16).ok()?;
        let plausible = wechat_s.abs_diff(asked_at.as_second()) <= PLAUSIBLE_WITHIN_S.unsigned_abs();
        plausible.then_some(Self { asked_at, wechat_s, answered_at })
    }

    /// How far ours is ahead, in seconds; 0 if WeChat's time lies between our asking and its answer.
    fn ahead_s(self) -> i64 {
        let (asked, answered) = (self.asked_at.as_second(), self.answered_at.as_second());
        match self.wechat_s {
            earlier if earlier < asked => asked - earlier,
            later if later > answered => answered - later,
            _ => 0,
        }
    }
}

pub(super) fn check(clock: Option<WechatClock>, findings: &mut Vec<Finding>) {
    let Some(clock) = clock else {
        let what = said!("WeChat gave no time to compare with.", "微信没有给出可比对的时间。");
        findings.push(Finding::skipped(CHECK, what));
        return;
    };
    let ahead_s = clock.ahead_s();
    let off = SignedDuration::from_secs(ahead_s.abs());
    let seconds = ahead_s.abs();
    let what = match ahead_s > 0 {
        true => said!("Our clock is {off:#} ahead of WeChat's.", "我们的时钟比微信的快 {seconds} 秒。"),
        false => said!("Our clock is {off:#} behind WeChat's.", "我们的时钟比微信的慢 {seconds} 秒。"),
    };
    let advice = said!(
        "Lambda's clock is kept by AWS: if this stays, open a case there. From {MAX_CLOCK_SKEW_S} seconds on WeChat's callbacks are refused.",
        "Lambda 的时钟由 AWS 维护：一直如此的话，向 AWS 提工单。相差到 {MAX_CLOCK_SKEW_S} 秒，微信的推送就会被拒。"
    );
    findings.push(match seconds {
        0..=AGREES_WITHIN_S => Finding::ok(
            CHECK,
            said!(
                "Our clock and WeChat's agree within {AGREES_WITHIN_S} seconds.",
                "我们的时钟与微信的相差不到 {AGREES_WITHIN_S} 秒。"
            ),
        ),
        ..HARMFUL_FROM_S => Finding::warning(CHECK, what, advice),
        _ => Finding::failed(CHECK, what, advice),
    });
}

#[cfg(test)]
mod tests {
    use wechat::ErrCode;

    use super::*;

    fn ahead_s(asked: i64, rid: &str, answered: i64) -> Option<i64> {
        let at = |second| Timestamp::from_second(second).expect("an instant");
        let refusal = Refusal::new(ErrCode::CGI_PATH_NOT_FOUND, &format!("cgi_path not found rid: {rid}"));
        WechatClock::of_refusal(&refusal, at(asked), at(answered)).map(WechatClock::ahead_s)
    }

    #[test]
    fn the_clocks_are_compared_with_the_whole_call_as_tolerance() {
        // 0x60196b9b is 1612278683.
        let rid = "60196b9b-4c5ba79c-066b49c8";
        assert_eq!(ahead_s(1_612_278_683, rid, 1_612_278_683), Some(0));
        assert_eq!(ahead_s(1_612_278_680, rid, 1_612_278_690), Some(0));
        assert_eq!(ahead_s(1_612_279_283, rid, 1_612_279_285), Some(600));
        assert_eq!(ahead_s(1_612_278_600, rid, 1_612_278_603), Some(-80));
        assert_eq!(ahead_s(1_612_278_683, "ffffffff-4c5ba79c-066b49c8", 1_612_278_683), None);
        assert_eq!(ahead_s(1_612_278_683, "zz", 1_612_278_683), None);
    }
}
