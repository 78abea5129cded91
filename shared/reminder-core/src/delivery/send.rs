//! One attempt: the message is made, the credit reserved, WeChat called once. What came of it, in our words.

use wechat::{CallError, ErrClass, MsgId, Refusal, SentMessage, said};

use super::facts::{Facts, may_send};
use super::message::{Message, UnfitError};
use crate::account::Account;
use crate::app::health::Kind;
use crate::app::wechat::{TokenError, WechatError};
use crate::app::{App, AppError};
use crate::person::user::User;
use crate::reminder::Attempt;
use crate::settings::SubscriptionKind;
use crate::table::{Change, Record};

/// What came of one attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// WeChat took it.
    Sent { msgid: Option<MsgId> },
    /// WeChat said no.
    Refused(Refusal),
    /// It may have been sent. `answered`: WeChat, or what stands before it, answered something that does not say so.
    Unknown { reason: String, answered: bool },
    /// It never left: no connection, no time left in this run.
    NotSent(String),
    /// WeChat gives us no access_token, for now or until somebody mends it.
    NoToken { reason: String, errmsg: String, config: bool },
    /// There is no credit after all.
    NoCredit,
    /// The message cannot be made for this channel: the settings changed since the item was saved.
    Unfit(String),
}

/// Also answers the user as they are after the credit was reserved.
pub(super) async fn send(
    app: &App,
    attempt: &Attempt,
    facts: &Facts<'_>,
    user: Option<Record<User>>,
) -> Result<(Outcome, Option<Record<User>>), AppError> {
    let secrets = app.secrets.get(app.now()).await?;
    let message = match Message::make(attempt, facts, secrets.mini_program.appid()) {
        Ok(message) => message,
        Err(UnfitError(why)) => return Ok((Outcome::Unfit(why), user)),
    };
    let channel = attempt.channel;
    let account = channel.account();
    // Before the credit is touched: what is reserved counts as perhaps sent.
    if let Err(error) = app.wechat.has_token(account).await {
        return Ok((read(app, account, Err(error)).await?, user));
    }
    let (has_credit, user) = reserve(app, attempt, facts, user).await?;
    if !has_credit {
        return Ok((Outcome::NoCredit, user));
    }
    let in_time = || match may_send(facts.run_began, app.now()) {
        true => Ok(()),
        false => Err(CallError::NotSent {
            reason: said!("the time of this run was up", "本次运行的时间用完了"),
        }),
    };
    let mut outcome = message.send(app, channel, in_time).await;
    if let Err(WechatError::Call(CallError::Refused(refusal))) = &outcome
        && let Some(lesser) = message.without_what_is_refused(refusal.errcode)
    {
        if app.bell.rings(&format!("{channel}: link refused, {}", refusal.errcode), app.now()) {
            tracing::error!(
                errcode = refusal.errcode.0,
                "WeChat refuses the page that a message leads to; sent once more without it"
            );
        }
        let detail = format!("{}: {}", refusal.errcode.0, refusal.errcode.advice());
        app.health.note(account, Kind::CallRefused, &detail, app.now()).await;
        outcome = lesser.send(app, channel, in_time).await;
    }
    Ok((read(app, account, outcome).await?, user))
}

async fn read(
    app: &App,
    account: Account,
    outcome: Result<SentMessage, WechatError>,
) -> Result<Outcome, AppError> {
    match outcome {
        Ok(sent) => Ok(Outcome::Sent { msgid: sent.msgid }),
        Err(WechatError::Call(CallError::Refused(refusal))) => Ok(Outcome::Refused(refusal)),
        Err(WechatError::Call(CallError::Unknown { reason, answered })) => {
            Ok(Outcome::Unknown { reason: reason.english, answered })
        }
        Err(WechatError::Call(CallError::NotSent { reason })) => Ok(Outcome::NotSent(reason.english)),
        Err(WechatError::Token(error)) => no_token(app, account, error).await,
    }
}

async fn no_token(app: &App, account: Account, error: TokenError) -> Result<Outcome, AppError> {
    let reason = error.told();
    let errmsg = error.refusal().map(|refusal| refusal.errmsg.clone()).unwrap_or_default();
    let config = match error {
        TokenError::Table(error) => return Err(error.into()),
        TokenError::Secrets(error) => return Err(error.into()),
        TokenError::NotConfigured(_) => true,
        TokenError::Call(CallError::Refused(refusal)) => {
            if app.bell.rings(&format!("{account}: no access_token, {}", refusal.errcode), app.now()) {
                tracing::error!(%account, errcode = refusal.errcode.0, advice = refusal.errcode.advice(),
                    "WeChat gives no access_token");
            }
            // Perhaps our secrets are old.
            let _ = app.secrets.get_newer(app.now()).await;
            refusal.errcode.class_at_token_endpoint() == ErrClass::Config
        }
        TokenError::Call(_) | TokenError::Waiting(_) => false,
    };
    Ok(Outcome::NoToken { reason, errmsg, config })
}

/// Takes the credit that the channel needs, conditionally and with its marker; repeating it takes no second one. Says
/// whether the message may be sent. A repeat after an unknown outcome rests on the credit its first attempt took.
async fn reserve(
    app: &App,
    attempt: &Attempt,
    facts: &Facts<'_>,
    user: Option<Record<User>>,
) -> Result<(bool, Option<Record<User>>), AppError> {
    let Some(own) = facts.subscription(attempt.channel) else { return Ok((true, user)) };
    let long_term = own.kind == Some(SubscriptionKind::LongTerm);
    let Some(user) = user else { return Ok((long_term, None)) };
    let now = app.now();
    let (user, reserved) = app
        .table
        .update(user, |user: &mut User| {
            let ledger = user.ledger(&own.template_id);
            let before = ledger.clone();
            let reserved = ledger.reserve(attempt.credit_cause(), long_term, now);
            if *ledger == before { Change::Keep(reserved) } else { Change::Write(reserved) }
        })
        .await?;
    Ok((reserved || long_term, Some(user)))
}
