//! Does WeChat give us an access_token, from the address we come from?
//!
//! It is asked anew, in normal mode, which hands out the token in use: one from memory would hide a secret that was
//! reset a minute ago.

use jiff::SignedDuration;
use wechat::{AccessToken, CallError, ErrCode, InChinese, Refusal, said};

use super::clock::WechatClock;
use super::finding::{Finding, called, meaning, remedy};
use crate::account::Account;
use crate::app::App;
use crate::app::health::{Kind, Note};
use crate::app::secrets::AccountSecrets;

/// How long a refused address is worth mentioning: functions may leave by several.
const REFUSED_LATELY: SignedDuration = SignedDuration::from_hours(24);
/// Codes that concern our address, not our credentials.
const ADDRESS: [ErrCode; 6] = [
    ErrCode::INVALID_IP,
    ErrCode::CLIENTIP_NOT_REGISTERED,
    ErrCode::CLIENTIP_NOT_IN_WHITELIST,
    ErrCode::IP_NOT_CONFIRMED,
    ErrCode::IP_REFUSED_FOR_A_DAY,
    ErrCode::IP_REFUSED_FOR_AN_HOUR,
];

pub(super) async fn check(
    app: &App,
    account: Account,
    secrets: &AccountSecrets,
    wechat_clock: &mut Option<WechatClock>,
    findings: &mut Vec<Finding>,
) -> Option<AccessToken> {
    let (credentials, whitelist) = (format!("{account}.credentials"), format!("{account}.ip_whitelist"));
    let asked_at = app.now();
    let answer = app.wechat.ask_for_token(secrets).await;
    match answer {
        Ok(issued) => {
            findings.push(Finding::ok(
                credentials,
                said!("WeChat accepts appid and secret.", "微信接受 appid 和 AppSecret。"),
            ));
            findings.push(accepted_address(app, account, whitelist).await);
            if wechat_clock.is_none() {
                *wechat_clock = WechatClock::ask(app, &issued.access_token).await;
            }
            Some(issued.access_token)
        }
        Err(CallError::Refused(refusal)) => {
            if wechat_clock.is_none() {
                *wechat_clock = WechatClock::of_refusal(&refusal, asked_at, app.now());
            }
            if ADDRESS.contains(&refusal.errcode) {
                let what = said!(
                    "WeChat does not look at them before it admits our address.",
                    "出口 IP 放行之后，微信才看凭据。"
                );
                findings.push(Finding::skipped(credentials, what));
                findings.push(refused_address(whitelist, &refusal));
            } else {
                findings.push(refused(account, credentials, &refusal));
                let what = said!("It shows once the credentials are accepted.", "凭据通过之后才看得出。");
                findings.push(Finding::skipped(whitelist, what));
            }
            None
        }
        Err(error) => {
            let error = error.said();
            findings.push(Finding::failed(
                credentials,
                said!("WeChat could not be asked: {error}.", "问不到微信：{error}。", error),
                said!(
                    "Look at the way out of this network (VPC, NAT, proxy) and at WechatApiUrl.",
                    "查出口网络（VPC、NAT、代理）和 WechatApiUrl。"
                ),
            ));
            findings.push(Finding::skipped(whitelist, said!("WeChat could not be asked.", "问不到微信。")));
            None
        }
    }
}

fn refused(account: Account, check: String, refusal: &Refusal) -> Finding {
    // At this endpoint it speaks of the secret, not of a token.
    let advice = remedy(match refusal.errcode {
        ErrCode::INVALID_CREDENTIAL => ErrCode::INVALID_APPSECRET,
        errcode => errcode,
    });
    let (called, reason) = (called(account), meaning(refusal.errcode));
    Finding::failed(
        check,
        said!(
            "WeChat gives no access_token for the {called}: {reason}.",
            "微信不给{called}的 access_token：{reason}。",
            called,
            reason
        ),
        said!(
            "{advice} Functions take the new secrets within a minute.",
            "{advice}函数会在一分钟内用上新的密钥。",
            advice
        ),
    )
}

fn refused_address(check: String, refusal: &Refusal) -> Finding {
    let seen = refusal.seen_address();
    let seen = seen.map(|address| said!(" It saw us come from {address}.", "微信看到的 IP 是 {address}。"));
    let (seen, reason, advice) =
        (seen.unwrap_or_default(), meaning(refusal.errcode), remedy(refusal.errcode));
    Finding::failed(
        check,
        said!("{reason}.{seen}", "{reason}。{seen}", reason, seen),
        said!(
            "{advice} Without a fixed address of our own (network.yaml, or a proxy) it will be another one tomorrow.",
            "{advice}没有固定出口 IP（network.yaml 或代理）的话，过些时候又会变。",
            advice
        ),
    )
}

async fn accepted_address(app: &App, account: Account, check: String) -> Finding {
    let health = match app.health.read(account).await {
        Ok(health) => health,
        Err(error) => return Finding::not_checked(check, error),
    };
    let refused = health.notes.get(&Kind::AddressRefused).cloned();
    match refused.filter(|note| app.now().duration_since(note.at) < REFUSED_LATELY) {
        Some(Note { at, detail: address }) => Finding::warning(
            check,
            said!(
                "WeChat admits our address now, but refused {address} at {at}.",
                "微信现在放行我们的出口 IP，但在 {at} 拒绝过 {address}。"
            ),
            said!(
                "If that was before you added it, all is well. Else the functions leave by several addresses: add each, or give them a fixed one (network.yaml).",
                "如果是加白名单之前的事，就没事了。否则函数有几个出口 IP：逐个加上，或换成固定的（network.yaml）。"
            ),
        ),
        None => {
            Finding::ok(check, said!("WeChat admits the address we come from.", "微信放行我们的出口 IP。"))
        }
    }
}
