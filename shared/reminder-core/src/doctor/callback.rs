//! Do WeChat's callbacks arrive, and can we open them? The callback function notes it; what it noted is read here.

use jiff::SignedDuration;
use wechat::{CallbackError, InChinese, Said, said};

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
        (None, None) => never(check, address(app, account)),
        (accepted, Some(refused)) if accepted.is_none_or(|accepted| accepted.at < refused.at) => {
            let is_lately = accepted.is_some_and(|accepted| since(accepted) < ACCEPTED_LATELY);
            last_refused(check, refused, accepted, is_lately)
        }
        (Some(accepted), Some(refused)) if since(refused) < LATELY => {
            accepted_again(check, accepted, refused)
        }
        (Some(accepted), _) if since(accepted) > QUIET => quiet(check, accepted, address(app, account)),
        (accepted, _) => Finding::ok(check, last_accepted(accepted)),
    });
}

fn never(check: String, address: Said) -> Finding {
    Finding::warning(
        check,
        said!("No callback has ever arrived.", "还没有收到过微信的推送。"),
        said!(
            "In WeChat's console switch message pushing on, with the address {address}, and do something that WeChat tells of (write a message, follow).",
            "在微信后台启用消息推送，URL 填 {address}；再做一件会触发推送的事（发条消息、关注）。",
            address
        ),
    )
}

fn last_refused(check: String, refused: &Note, accepted: Option<&Note>, is_lately: bool) -> Finding {
    let (at, why, cause, before) =
        (refused.at, reason(&refused.detail), cause(&refused.detail), last_accepted(accepted));
    let what = said!(
        "The last callback, at {at}, was refused: {why}. {before}",
        "最近一次推送（{at}）被拒：{why}。{before}",
        why,
        before
    );
    if !is_lately {
        return Finding::failed(check, what, cause);
    }
    let advice = said!(
        "If they are accepted again soon, somebody other than WeChat was knocking, and nothing was done for them. Else: {cause}",
        "如果之后的推送又通过了，那次就不是微信发的，我们什么也没做。否则：{cause}",
        cause
    );
    Finding::warning(check, what, advice)
}

fn accepted_again(check: String, accepted: &Note, refused: &Note) -> Finding {
    let (accepted_at, refused_at, why) = (accepted.at, refused.at, reason(&refused.detail));
    Finding::warning(
        check,
        said!(
            "Callbacks are accepted again (last at {accepted_at}), but one was refused at {refused_at}: {why}.",
            "推送已恢复正常（最近一次 {accepted_at}），但 {refused_at} 拒绝过一次：{why}。",
            why
        ),
        said!(
            "If keys were being changed, all is well. Else somebody other than WeChat is trying; nothing was done for them.",
            "如果当时正在换密钥，就没事了。否则是有人冒充微信，我们什么也没做。"
        ),
    )
}

fn quiet(check: String, accepted: &Note, address: Said) -> Finding {
    let at = accepted.at;
    Finding::warning(
        check,
        said!("No callback has arrived since {at}.", "{at} 之后没有收到过推送。"),
        said!(
            "If nobody used the account, all is well. Else check in WeChat's console that message pushing is on, with the address {address}.",
            "如果没有人用这个账号，就没事。否则到微信后台看消息推送是否启用，URL 是不是 {address}。",
            address
        ),
    )
}

/// What WeChat sent and nobody could read is lost: it was answered `success`.
fn check_unreadable(app: &App, check: &str, health: &Health, findings: &mut Vec<Finding>) {
    let lately = |note: &&Note| app.now().duration_since(note.at) < LATELY;
    if let Some(note) = health.notes.get(&Kind::CallbackUnreadable).filter(lately) {
        let (at, why) = (note.at, reason(&note.detail));
        findings.push(Finding::warning(
            format!("{check}_unreadable"),
            said!(
                "A callback that is WeChat's could not be read and was passed over, last at {at}: {why}.",
                "微信的一条推送无法解析，已略过，最近一次在 {at}：{why}。",
                why
            ),
            said!(
                "Callbacks of WeChat's have a form that is not known here: report it to the authors. If people followed or unfollowed at that time, run followers.sync.",
                "微信推送的格式这里还不认识：请反馈给作者。如果那时有人关注或取关，跑一次 followers.sync。"
            ),
        ));
    }
}

fn check_punishment(app: &App, account: Account, health: &Health, findings: &mut Vec<Finding>) {
    let lately = |note: &&Note| app.now().duration_since(note.at) < PUNISHED_LATELY;
    if let Some(note) = health.notes.get(&Kind::Punished).filter(lately) {
        let Note { at, detail: event } = note;
        findings.push(Finding::warning(
            format!("{account}.punishment"),
            said!(
                "WeChat told of a breach of its rules or a punishment ({event}), last at {at}.",
                "微信通知了违规或处罚（{event}），最近一次在 {at}。"
            ),
            said!(
                "Read the notice in WeChat's console (通知中心): it says what is forbidden, until when, and how to appeal. Pushes by a banned capability are refused meanwhile.",
                "看微信后台的通知中心：禁了什么、到什么时候、怎么申诉。其间走被禁能力的提醒会被微信拒绝。"
            ),
        ));
    }
}

fn last_accepted(accepted: Option<&Note>) -> Said {
    match accepted {
        Some(Note { at, .. }) => {
            said!("The last accepted callback came at {at}.", "最近一次通过校验的推送在 {at}。")
        }
        None => said!("None was ever accepted.", "还没有推送通过过校验。"),
    }
}

/// The callback function notes a [`CallbackError`] by its words.
fn reason(detail: &str) -> Said {
    CallbackError::of_words(detail).map_or_else(|| Said::verbatim(detail), |error| error.said())
}

fn cause(detail: &str) -> Said {
    match CallbackError::of_words(detail) {
        Some(CallbackError::BadSignature) => said!(
            "callback_token in the secrets and Token in WeChat's console differ: make them the same. If they are, somebody other than WeChat was knocking.",
            "密钥里的 callback_token 与微信后台的 Token 不一致：改成一样的。本来就一样的话，那次不是微信发的。"
        ),
        Some(CallbackError::Undecryptable) => said!(
            "encoding_aes_key in the secrets and EncodingAESKey in WeChat's console differ: make them the same; while changing it, keep the old one as previous_encoding_aes_key.",
            "密钥里的 encoding_aes_key 与微信后台的 EncodingAESKey 不一致：改成一样的；更换期间，旧的放进 previous_encoding_aes_key。"
        ),
        Some(CallbackError::ForeignAppid) => said!(
            "The callback is another account's: the appid in the secrets is wrong, or the other account's console has this address.",
            "这是别的账号的推送：密钥里的 appid 不对，或者别的账号的后台填了这个 URL。"
        ),
        Some(CallbackError::WrongMode) => said!(
            "The mode in WeChat's console is not the mode in the secrets (secure unless said otherwise): make them the same.",
            "微信后台的加密方式与密钥里的 mode（默认 secure，即安全模式）不同：改成一样的。"
        ),
        Some(CallbackError::Stale) => said!(
            "Its time was more than five minutes from ours: see the check of the clock. A single one may be somebody repeating an old callback.",
            "它的时间与我们相差五分钟以上：看时钟（clock）那一项。只有一次的话，可能是有人重放旧的推送。"
        ),
        _ => said!(
            "WeChat sends nothing like this: somebody else may be knocking, or the address in WeChat's console leads through something that changes requests.",
            "微信不会发这样的请求：可能是别人发的，也可能后台填的 URL 前面有什么改动了请求。"
        ),
    }
}

fn address(app: &App, account: Account) -> Said {
    let path = match account {
        Account::MiniProgram => "mini-program",
        Account::ServiceAccount => "service-account",
    };
    match &app.callback_url {
        Some(url) => Said::verbatim(format!("{}/{path}", url.trim_end_matches('/'))),
        None => {
            said!("of the callback function, with the path /{path}", "回调函数的地址，路径为 /{path}")
        }
    }
}
