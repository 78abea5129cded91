//! Do WeChat's callbacks arrive, and can we open them? The callback function notes it; what it noted is read here.

use jiff::SignedDuration;
use wechat::CallbackError;

use super::finding::Finding;
use crate::account::Account;
use crate::app::App;
use crate::app::health::{Health, Kind, Note};

/// Callbacks come only when people do something; a quieter week than this is worth a look.
const QUIET: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A refusal before the last accepted callback is worth mentioning this long.
const REFUSED_LATELY: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn check(app: &App, account: Account, findings: &mut Vec<Finding>) {
    let check = format!("{account}.callback");
    let health = match app.health.read(account).await {
        Ok(health) => health.unwrap_or(Health { account, notes: Default::default() }),
        Err(error) => return findings.push(Finding::not_checked(check, error)),
    };
    let (accepted, refused) =
        (health.notes.get(&Kind::CallbackAccepted), health.notes.get(&Kind::CallbackRefused));
    let since = |note: &Note| app.now().duration_since(note.at);
    findings.push(match (accepted, refused) {
        (None, None) => Finding::warning(
            check,
            "No callback has ever arrived.",
            format!("In WeChat's console switch message pushing on, with the address {}, and do something that WeChat tells of (write a message, follow).", address(app, account)),
        ),
        (accepted, Some(refused)) if accepted.is_none_or(|accepted| accepted.at < refused.at) => Finding::failed(
            check,
            format!("The last callback, at {}, was refused: {}. {}", refused.at, refused.detail, last_accepted(accepted)),
            cause(&refused.detail),
        ),
        (Some(accepted), Some(refused)) if since(refused) < REFUSED_LATELY => Finding::warning(
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
