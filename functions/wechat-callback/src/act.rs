//! Which use case a callback belongs to.

use jiff::Timestamp;
use reminder_core::account::Account;
use reminder_core::app::health::Kind;
use reminder_core::consent;
use reminder_core::conversation::reply;
use reminder_core::delivery::receipts;
use reminder_core::following::follow;
use reminder_core::following::forget;
use reminder_core::following::links;
use reminder_core::following::missed;
use reminder_core::receipt::{Outcome, Receipt};
use reminder_core::settings::{UNDO, UNDONE};
use reminder_core::{App, AppError};
use tokio::time::Instant;
use wechat::{
    Callback, Content, DeliveryOutcome, Event, Message, MsgId, OpenId, Reply, SentResult, TemplateId,
};

/// Does what the callback asks for; answers what its answer is to carry.
///
/// # Errors
/// Only when our own state could not be read or written.
pub(crate) async fn act(
    app: &App,
    account: Account,
    callback: &Callback,
    deadline: Instant,
) -> Result<Option<Reply>, AppError> {
    if account == Account::ServiceAccount
        && let Some(reply) = act_of_follower(app, callback, deadline).await?
    {
        return Ok(Some(reply));
    }
    if let Content::Event(event) = &callback.content {
        take(app, account, callback, event).await?;
    }
    if account == Account::ServiceAccount && callback.is_of_a_follower() {
        missed::seen(app, &callback.from, callback.create_time, deadline).await?;
    }
    reply::answer(app, account, callback, deadline).await
}

/// Who follows, leaves, scans a code, or undoes that; with an answer that outweighs the rules of the settings.
async fn act_of_follower(
    app: &App,
    callback: &Callback,
    deadline: Instant,
) -> Result<Option<Reply>, AppError> {
    let (openid, at) = (&callback.from, callback.create_time);
    let scene = match &callback.content {
        Content::Event(Event::Subscribe { scene, .. }) => scene.as_deref(),
        Content::Event(Event::Scan { scene, .. }) => Some(scene.as_str()),
        Content::Event(Event::Unsubscribe) => {
            follow::unfollow(app, openid, at, deadline).await?;
            return Ok(None);
        }
        Content::Message { message: Message::Text { content }, .. } if content.trim() == UNDO => {
            let is_undone = links::undo(app, openid, at).await?;
            return Ok(is_undone.then(|| Reply::Text(UNDONE.to_owned())));
        }
        _ => return Ok(None),
    };
    if !follow::follow(app, openid, at, scene, deadline).await? {
        return Ok(None);
    }
    let settings = app.settings_if_any().await?;
    Ok(settings.map(|settings| Reply::Text(settings.bind_reply.clone())))
}

/// What other events tell.
async fn take(app: &App, account: Account, callback: &Callback, event: &Event) -> Result<(), AppError> {
    let created = Timestamp::from_second(callback.create_time).unwrap_or_else(|_| app.now());
    match event {
        Event::SubscribeMsgPopup(choices) => {
            consent::popup(app, account, &callback.from, &callback.identity(), choices, created).await?;
        }
        Event::SubscribeMsgChange(choices) => {
            consent::refused(app, account, &callback.from, choices, created).await?;
        }
        Event::SubscribeMsgSent(results) => {
            for SentResult { template_id, msgid, outcome } in results {
                let told = (msgid.as_ref(), Some(template_id), outcome);
                receive(app, account, &callback.from, created, told).await?;
            }
        }
        Event::TemplateSendJobFinish { msgid, outcome } => {
            let told = (msgid.as_ref(), None, outcome);
            receive(app, account, &callback.from, created, told).await?;
        }
        Event::Punished { event } => punished(app, account, event).await,
        Event::UserAuthorizationRevoke { revoke_info, of_plugin } => {
            // WeChat's number, and nothing else that somebody might write there.
            let permission = revoke_info.parse::<u16>().ok();
            tracing::info!(%account, permission, of_plugin, "a permission was taken back; nothing of it is kept");
        }
        Event::UserAuthorizationCancellation { openid } => {
            let openid = openid.as_ref().unwrap_or(&callback.from);
            forget::account_closed(app, account, openid, callback.create_time).await?;
            tracing::info!(%account, "somebody closed their account and is forgotten");
        }
        _ => {}
    }
    Ok(())
}

async fn punished(app: &App, account: Account, event: &str) {
    let now = app.now();
    tracing::error!(%account, event, "WeChat tells of a breach of its rules or a punishment; see its console");
    app.metrics.punished(account, now);
    app.health.note(account, Kind::Punished, event, now).await;
}

/// A receipt: which message, of which template, and what became of it.
async fn receive(
    app: &App,
    account: Account,
    openid: &OpenId,
    create_time: Timestamp,
    (msgid, template_id, outcome): (Option<&MsgId>, Option<&TemplateId>, &DeliveryOutcome),
) -> Result<(), AppError> {
    let Some(msgid) = msgid else {
        tracing::warn!(%account, ?outcome, "a receipt names no message and cannot be joined");
        return Ok(());
    };
    let receipt = Receipt {
        msgid: msgid.clone(),
        template_id: template_id.cloned(),
        create_time,
        received_at: app.now(),
        outcome: Outcome::from(outcome),
        push: None,
    };
    receipts::receive(app, account, openid, &receipt).await
}
