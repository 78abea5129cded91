//! One attempt: the message is made, the credit reserved, WeChat called once. What came of it, in our words.

use wechat::{
    CallError, ErrClass, MiniProgramLink, MsgId, Notification, OpenId, Refusal, SentMessage,
    SubscribeMessage, TemplateId, TemplateMessage,
};

use super::telling::Telling;
use crate::account::Account;
use crate::app::health::Kind;
use crate::app::wechat::{TokenError, WechatError};
use crate::app::{App, AppError};
use crate::channel::Channel;
use crate::person::user::User;
use crate::reminder::Attempt;
use crate::settings::render::render;
use crate::settings::{MiniprogramState, SubscriptionKind};
use crate::table::{Change, Record};

/// What came of one attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// WeChat took it.
    Sent { msgid: Option<MsgId> },
    /// WeChat said no.
    Refused(Refusal),
    /// It may have been sent.
    Unknown(String),
    /// It never left: no connection, no time left after the attempt.
    NotSent(String),
    /// WeChat gives us no access_token, for now or until somebody mends it.
    NoToken { reason: String, config: bool },
    /// There is no credit after all.
    NoCredit,
    /// The message cannot be made for this channel: the settings changed since the item was saved.
    Unfit(String),
}

/// The values are rendered in this language's forms.
const LANG: &str = "zh_CN";

/// WeChat's two ways to say that the link of a template message is wrong, not the message: 40013, 40165.
const LINK_REFUSED: [i64; 2] = [40013, 40165];

pub(super) async fn send(app: &App, telling: &mut Telling, attempt: &Attempt) -> Result<Outcome, AppError> {
    let message = match Message::make(app, telling, attempt).await? {
        Ok(message) => message,
        Err(why) => return Ok(Outcome::Unfit(why)),
    };
    let account = attempt.channel.account();
    // Before the credit is touched: what is reserved counts as perhaps sent.
    if let Err(error) = app.wechat.has_token(account).await {
        return read(app, account, Err(error)).await;
    }
    if let Some((template_id, kind)) = message.credit() {
        // A repeat after an unknown outcome rests on the credit its first attempt took.
        let long_term = kind == SubscriptionKind::LongTerm;
        let has_credit =
            reserve(app, &mut telling.user, &template_id, attempt.credit_cause(), long_term).await?;
        if !has_credit && !long_term {
            return Ok(Outcome::NoCredit);
        }
    }
    let outcome = message.send(app, telling).await;
    match outcome {
        Err(WechatError::Call(CallError::Refused(refusal)))
            if LINK_REFUSED.contains(&refusal.errcode.0) && message.has_link() =>
        {
            tracing::error!(
                errcode = refusal.errcode.0,
                "WeChat refuses the link to the mini program; sent once more without it"
            );
            let detail = format!("{}: {}", refusal.errcode.0, refusal.errcode.advice());
            app.health.note(account, Kind::CallRefused, &detail, app.now()).await;
            read(app, account, message.without_link().send(app, telling).await).await
        }
        outcome => read(app, account, outcome).await,
    }
}

async fn read(
    app: &App,
    account: Account,
    outcome: Result<SentMessage, WechatError>,
) -> Result<Outcome, AppError> {
    match outcome {
        Ok(sent) => Ok(Outcome::Sent { msgid: sent.msgid }),
        Err(WechatError::Call(CallError::Refused(refusal))) => Ok(Outcome::Refused(refusal)),
        Err(WechatError::Call(CallError::Unknown { reason })) => Ok(Outcome::Unknown(reason)),
        Err(WechatError::Call(CallError::NotSent { reason })) => Ok(Outcome::NotSent(reason)),
        Err(WechatError::Token(error)) => no_token(app, account, error).await,
    }
}

async fn no_token(app: &App, account: Account, error: TokenError) -> Result<Outcome, AppError> {
    let config = match &error {
        TokenError::Table(_) | TokenError::Secrets(_) => {
            return Err(match error {
                TokenError::Table(error) => error.into(),
                TokenError::Secrets(error) => error.into(),
                _ => unreachable!("matched above"),
            });
        }
        TokenError::NotConfigured(_) => true,
        TokenError::Waiting(_) => false,
        TokenError::Call(CallError::Refused(refusal)) => {
            tracing::error!(%account, errcode = refusal.errcode.0, advice = refusal.errcode.advice(),
                "WeChat gives no access_token");
            // Perhaps our secrets are old.
            let _ = app.secrets.get_newer(app.now()).await;
            refusal.errcode.class_at_token_endpoint() == ErrClass::Config
        }
        TokenError::Call(_) => false,
    };
    Ok(Outcome::NoToken { reason: error.to_string(), config })
}

/// Takes a credit for `cause`, conditionally and with its marker. Repeating it takes no second one.
async fn reserve(
    app: &App,
    user: &mut Option<Record<User>>,
    template_id: &str,
    cause: &str,
    long_term: bool,
) -> Result<bool, AppError> {
    let Some(stored) = user.take() else { return Ok(false) };
    let now = app.now();
    let (stored, reserved) = app
        .table
        .update(stored, |user: &mut User| {
            let before = user.ledger(template_id).clone();
            let reserved = user.ledger(template_id).reserve(cause, long_term, now);
            if *user.ledger(template_id) == before { Change::Keep(reserved) } else { Change::Write(reserved) }
        })
        .await?;
    *user = Some(stored);
    Ok(reserved)
}

enum Message {
    Template(TemplateMessage),
    Subscription(SubscribeMessage, SubscriptionKind),
    Notification(Notification, SubscriptionKind),
}

impl Message {
    /// The message of this push for the claimed channel, from the settings as they are now.
    async fn make(app: &App, telling: &Telling, attempt: &Attempt) -> Result<Result<Self, String>, AppError> {
        let content = &telling.reminder.item.content;
        let Some(template) = telling.settings.templates.get(&content.template) else {
            return Ok(Err("its template is not in the settings any more".to_owned()));
        };
        let Some(data) = template.data(attempt.channel) else {
            return Ok(Err(format!("the settings have no {} for its template any more", attempt.channel)));
        };
        let data = match render(data, &content.values(app.now())) {
            Ok(data) => data,
            Err(misfits) => {
                let misfits: Vec<String> =
                    misfits.iter().map(|misfit| format!("{}: {}", misfit.keyword, misfit.rule)).collect();
                return Ok(Err(misfits.join("; ")));
            }
        };
        let page = content.page.clone();
        let service_openid = || telling.user().and_then(|user| user.service_openid.clone());
        Ok(Ok(match attempt.channel {
            Channel::MiniSubscription => {
                let Some(subscription) = &template.mini_subscription else { return Ok(Err(String::new())) };
                Self::Subscription(
                    SubscribeMessage {
                        touser: telling.reminder.item.openid.clone(),
                        template_id: TemplateId::from(subscription.template_id.as_str()),
                        page,
                        data,
                        miniprogram_state: match telling.settings.miniprogram_state {
                            MiniprogramState::Developer => wechat::MiniProgramState::Developer,
                            MiniprogramState::Trial => wechat::MiniProgramState::Trial,
                            MiniprogramState::Formal => wechat::MiniProgramState::Formal,
                        },
                        lang: LANG,
                    },
                    subscription.kind,
                )
            }
            Channel::ServiceTemplate => {
                let (Some(configured), Some(touser)) = (&template.service_template, service_openid()) else {
                    return Ok(Err("the user's follower is not known any more".to_owned()));
                };
                Self::Template(TemplateMessage {
                    touser,
                    template_id: TemplateId::from(configured.template_id.as_str()),
                    url: None,
                    miniprogram: link(app, page).await?,
                    client_msg_id: Some(telling.push().client_msg_id(&telling.reminder.item.id)),
                    data,
                })
            }
            Channel::ServiceNotification => {
                let (Some(configured), Some(touser)) = (&template.service_notification, service_openid())
                else {
                    return Ok(Err("the user's follower is not known any more".to_owned()));
                };
                Self::Notification(
                    Notification {
                        touser,
                        template_id: TemplateId::from(configured.template_id.as_str()),
                        page: None,
                        miniprogram: link(app, page).await?,
                        data,
                    },
                    configured.kind,
                )
            }
        }))
    }

    /// Asks before every single call whether there is time for it: a fresh access_token may have taken a while.
    async fn send(&self, app: &App, telling: &Telling) -> Result<SentMessage, WechatError> {
        let in_time = || match telling.may_send(app.now()) {
            true => Ok(()),
            false => Err(CallError::NotSent { reason: "the time of this run was up".to_owned() }),
        };
        let in_time = &in_time;
        match self {
            Self::Template(message) => {
                app.wechat
                    .call(Account::ServiceAccount, |client, token| async move {
                        in_time()?;
                        client.template_send(&token, message).await
                    })
                    .await
            }
            Self::Subscription(message, _) => {
                app.wechat
                    .call(Account::MiniProgram, |client, token| async move {
                        in_time()?;
                        client.subscribe_send(&token, message).await
                    })
                    .await
            }
            Self::Notification(message, _) => {
                app.wechat
                    .call(Account::ServiceAccount, |client, token| async move {
                        in_time()?;
                        client.subscribe_bizsend(&token, message).await
                    })
                    .await
            }
        }
    }

    /// The template a credit is needed for, and of which kind.
    fn credit(&self) -> Option<(String, SubscriptionKind)> {
        match self {
            Self::Template(_) => None,
            Self::Subscription(message, kind) => Some((message.template_id.as_str().to_owned(), *kind)),
            Self::Notification(message, kind) => Some((message.template_id.as_str().to_owned(), *kind)),
        }
    }

    fn has_link(&self) -> bool {
        match self {
            Self::Template(message) => message.miniprogram.is_some(),
            Self::Notification(message, _) => message.miniprogram.is_some(),
            Self::Subscription(..) => false,
        }
    }

    fn without_link(self) -> Self {
        match self {
            Self::Template(message) => Self::Template(TemplateMessage { miniprogram: None, ..message }),
            Self::Notification(message, kind) => {
                Self::Notification(Notification { miniprogram: None, ..message }, kind)
            }
            subscription @ Self::Subscription(..) => subscription,
        }
    }
}

/// Tapping a service account's message opens the mini program.
async fn link(app: &App, page: Option<String>) -> Result<Option<MiniProgramLink>, AppError> {
    let secrets = app.secrets.get(app.now()).await?;
    Ok(Some(MiniProgramLink { appid: secrets.mini_program.appid().clone(), pagepath: page }))
}

/// Which openid a channel's receipts come with.
pub(super) fn recipient(user: Option<&User>, openid: &OpenId, channel: Channel) -> Option<OpenId> {
    match channel.account() {
        Account::MiniProgram => Some(openid.clone()),
        Account::ServiceAccount => user.and_then(|user| user.service_openid.clone()),
    }
}
