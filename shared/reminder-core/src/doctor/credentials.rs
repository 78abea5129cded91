//! Does WeChat give us an access_token, from the address we come from?
//!
//! It is asked anew, in normal mode, which hands out the token in use: one from memory would hide a secret that was
//! reset a minute ago.

use jiff::SignedDuration;
use wechat::{AccessToken, CallError, ErrCode, Refusal};

use super::clock::WechatClock;
use super::finding::Finding;
use crate::account::Account;
use crate::app::App;
use crate::app::health::Kind;
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
            findings.push(Finding::ok(credentials, "WeChat accepts appid and secret."));
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
                findings.push(Finding::skipped(
                    credentials,
                    "WeChat does not look at them before it admits our address.",
                ));
                findings.push(refused_address(whitelist, &refusal));
            } else {
                findings.push(refused(account, credentials, &refusal));
                findings.push(Finding::skipped(whitelist, "It shows once the credentials are accepted."));
            }
            None
        }
        Err(error) => {
            findings.push(Finding::failed(
                credentials,
                format!("WeChat could not be asked: {error}."),
                "Look at the way out of this network (VPC, NAT, proxy) and at WechatApiUrl.",
            ));
            findings.push(Finding::skipped(whitelist, "WeChat could not be asked."));
            None
        }
    }
}

fn refused(account: Account, check: String, refusal: &Refusal) -> Finding {
    // At this endpoint it speaks of the secret, not of a token.
    let advice = match refusal.errcode {
        ErrCode::INVALID_CREDENTIAL => ErrCode::INVALID_APPSECRET.advice(),
        errcode => errcode.advice(),
    };
    Finding::failed(
        check,
        format!(
            "WeChat gives no access_token for the {account}: {} {}.",
            refusal.errcode,
            refusal.errcode.meaning()
        ),
        format!("{advice} Functions take the new secrets within a minute."),
    )
}

fn refused_address(check: String, refusal: &Refusal) -> Finding {
    let seen =
        refusal.seen_address().map(|address| format!(" It saw us come from {address}.")).unwrap_or_default();
    Finding::failed(
        check,
        format!("{} {}.{seen}", refusal.errcode, refusal.errcode.meaning()),
        format!(
            "{} Without a fixed address of our own (network.yaml, or a proxy) it will be another one tomorrow.",
            refusal.errcode.advice()
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
        Some(note) => Finding::warning(
            check,
            format!("WeChat admits our address now, but refused {} at {}.", note.detail, note.at),
            "If that was before you added it, all is well. Else the functions leave by several addresses: add each, or give them a fixed one (network.yaml).",
        ),
        None => Finding::ok(check, "WeChat admits the address we come from."),
    }
}
