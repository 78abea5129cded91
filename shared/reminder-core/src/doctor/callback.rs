//! Do WeChat's callbacks arrive, and can we open them? The callback function notes it; what it noted is read here.

use jiff::SignedDuration;
use wechat::CallbackError;

use super::finding::Finding;
use crate::account::Account;
use crate::app::App;
use crate::app::health::{Health, Kind, Note};

/// Callbacks come only when people do something; a quieter week than this is worth a look.
const QUIET: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A refusal, or what could not be read, is worth mentioning this long once callbacks are accepted again.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// Nobody but WeChat gets a callback accepted, and anybody can have one refused. So a refusal says that something is wrong
/// only when none was accepted for so long.
const ACCEPTED_LATELY: SignedDuration = SignedDuration::from_hours(6);
/// A punishment is worth mentioning this long: WeChat says nothing when it ends.
const PUNISHED_LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) async fn check(app: &App, account: Account, findings: &mut Vec<Finding>) {
    let check = format!("{account}.callback");
    let health = match app.health.read(account).await {
        Ok(health) => health,
        Err(error) => return findings.push(Finding::not_checked(check, error)),
    };
    check_unreadable(app, &check, &health, findings);
    check_punishment(app, account, &health, findings);
    let (accepted, refused) =
        (health.notes.get(&Kind::CallbackAccepted), health.notes.get(&Kind::CallbackRefused));
    let since = |note: &Note| app.now().duration_since(note.at);
    findings.push(match (accepted, refused) {
        (None, None) => Finding::warning(
            check,
            "No callback has ever arrived.",
            format!("In WeChat's console switch message pushing on, with the address {}, and do something that WeChat tells of (write a message, follow).", address(app, account)),
        ),
        (accepted, Some(refused)) if accepted.is_none_or(|accepted| accepted.at < refused.at) => {
            let what = format!("The last callback, at {}, was refused: {}. {}", refused.at, refused.detail, last_accepted(accepted));
            match accepted.is_some_and(|accepted| since(accepted) < ACCEPTED_LATELY) {
                true => Finding::warning(check, what, format!("If they are accepted again soon, somebody other than WeChat was knocking, and nothing was done for them. Else: {}", cause(&refused.detail))),
                false => Finding::failed(check, what, cause(&refused.detail)),
            }
        }
        (Some(accepted), Some(refused)) if since(refused) < LATELY => Finding::warning(
            check,
            format!("Callbacks are accepted again (last at {}), but one was refused at {}: {}.", accepted.at, refused.at, refused.detail),
            "If keys were being changed, all is well. Else somebody other than WeChat is trying; nothing was done for them.",
        ),
        (Some(accepted), _) if since(accepted) > QUIET => Finding::warning(
            check,
            format!("No callback has arrived since {}.", accepted.at),
            format!("If nobody used the account, all is well. Else check in WeChat's console that message pushing is on, with the address {}.", address(app, account)),
        ),
        (accepted, _) => Finding::ok(check, last_accepted(accepted)),
    });
}

/// What WeChat sent and nobody could read is lost: it was answered `success`.
fn check_unreadable(app: &App, check: &str, health: &Health, findings: &mut Vec<Finding>) {
    let lately = |note: &&Note| app.now().duration_since(note.at) < LATELY;
    if let Some(note) = health.notes.get(&Kind::CallbackUnreadable).filter(lately) {
        findings.push(Finding::warning(
            format!("{check}_unreadable"),
            format!("A callback that is WeChat's could not be read and was passed over, last at {}: {}.", note.at, note.detail),
            "Callbacks of WeChat's have a form that is not known here: report it to the authors. If people followed or unfollowed at that time, run followers.sync.",
        ));
    }
}

fn check_punishment(app: &App, account: Account, health: &Health, findings: &mut Vec<Finding>) {
    let lately = |note: &&Note| app.now().duration_since(note.at) < PUNISHED_LATELY;
    if let Some(note) = health.notes.get(&Kind::Punished).filter(lately) {
        findings.push(Finding::warning(
            format!("{account}.punishment"),
            format!("WeChat told of a breach of its rules or a punishment ({}), last at {}.", note.detail, note.at),
            "Read the notice in WeChat's console (通知中心): it says what is forbidden, until when, and how to appeal. Pushes by a banned capability are refused meanwhile.",
        ));
    }
}

fn last_accepted(accepted: Option<&Note>) -> String {
    match accepted {
        Some(note) => format!("The last accepted callback came at {}.", note.at),
        None => "None was ever accepted.".to_owned(),
    }
}

/// The callback function notes a [`CallbackError`] by its words.
fn cause(detail: &str) -> &'static str {
    let says = |forgery: CallbackError| detail == forgery.to_string();
    if says(CallbackError::BadSignature) {
        "callback_token in the secrets and Token in WeChat's console differ: make them the same. If they are, somebody other than WeChat was knocking."
    } else if says(CallbackError::Undecryptable) {
        "encoding_aes_key in the secrets and EncodingAESKey in WeChat's console differ: make them the same; while changing it, keep the old one as previous_encoding_aes_key."
    } else if says(CallbackError::ForeignAppid) {
        "The callback is another account's: the appid in the secrets is wrong, or the other account's console has this address."
    } else if says(CallbackError::WrongMode) {
        "The mode in WeChat's console is not the mode in the secrets (secure unless said otherwise): make them the same."
    } else if says(CallbackError::Stale) {
        "Its time was more than five minutes from ours: see the check of the clock. A single one may be somebody repeating an old callback."
    } else {
        "WeChat sends nothing like this: somebody else may be knocking, or the address in WeChat's console leads through something that changes requests."
    }
}

fn address(app: &App, account: Account) -> String {
    let path = match account {
        Account::MiniProgram => "mini-program",
        Account::ServiceAccount => "service-account",
    };
    match &app.callback_url {
        Some(url) => format!("{}/{path}", url.trim_end_matches('/')),
        None => format!("of the callback function, with the path /{path}"),
    }
}
