//! Automatic replies: what a user wrote or opened, matched against the rules of the settings.
//!
//! A mini program's replies go out by `custom/send`, in the order written, while the callback waits; a service
//! account's is passive, in the answer itself. The window after entering is one minute, so nothing here can wait for a
//! schedule: what was definitely not sent is tried once more if time allows, what nobody knows is not repeated.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wechat::{Callback, Content, CustomMessage, ErrCode, Event, MediaId, Message};

use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::conversation::failure::{Next, SendError};
use crate::conversation::media::{self, Memory};
use crate::conversation::seen;
use crate::following::code::{self, BindError};
use crate::following::profile::Occasion;
use crate::settings::{ImageSource, Reply, Trigger};

/// A reply that was definitely not sent is tried once more if this much of the time is left.
const RETRY_NEEDS: Duration = Duration::from_millis(1_500);

/// Answers a callback by the rules: sends what there is to send, and says what the answer itself is to carry.
///
/// # Errors
/// Only when our own state could not be read or written: WeChat should then repeat the callback.
pub async fn answer(
    app: &App,
    account: Account,
    callback: &Callback,
    deadline: Instant,
) -> Result<Option<wechat::Reply>, AppError> {
    let Some(trigger) = trigger(&callback.content) else { return Ok(None) };
    if callback.from.as_str().is_empty() {
        return Ok(None);
    }
    let Some(settings) = app.settings_if_any().await? else { return Ok(None) };
    let Some(matched) = settings.replies_for(account, trigger) else { return Ok(None) };
    if matched.replies == [Reply::TransferCustomerService] {
        return Ok(Some(wechat::Reply::TransferCustomerService));
    }
    match account {
        Account::ServiceAccount => Ok(passive(app, callback, matched.replies, deadline).await),
        Account::MiniProgram => {
            send_all(app, callback, &matched.replies, deadline).await?;
            Ok(None)
        }
    }
}

fn trigger(content: &Content) -> Option<Trigger<'_>> {
    Some(match content {
        Content::Message { message, .. } => match message {
            Message::Text { content } => Trigger::Text { content },
            Message::Image { .. } => Trigger::Image,
            Message::MiniProgramPage { .. } => Trigger::MiniprogramPage,
            Message::Link { .. } => Trigger::Link,
            _ => Trigger::OtherMessage,
        },
        Content::Event(Event::UserEnterTempsession { session_from }) => {
            Trigger::EnterSession { session_from }
        }
        Content::Event(Event::Subscribe { .. }) => Trigger::Follow,
        Content::Event(Event::Scan { .. }) => Trigger::Scan,
        Content::Event(Event::Click { event_key }) => Trigger::Click { key: event_key },
        Content::Event(_) => return None,
    })
}

/// The service account's reply travels in the answer: a repeat of the callback gets the same one without anything stored.
async fn passive(
    app: &App,
    callback: &Callback,
    replies: Vec<Reply>,
    deadline: Instant,
) -> Option<wechat::Reply> {
    let made = match replies.into_iter().next()? {
        Reply::Text(text) => return Some(wechat::Reply::Text(text)),
        Reply::Image(source) => {
            timeout_at(deadline, picture(app, Account::ServiceAccount, callback, &source, Memory::All)).await
        }
        _ => Ok(Err(SendError::Unfit)),
    };
    match made.unwrap_or(Err(SendError::TimeUp)) {
        Ok(media_id) => Some(wechat::Reply::Image(media_id)),
        Err(error) => {
            tracing::error!(%error, "a passive reply's picture could not be made; answered without it");
            None
        }
    }
}

async fn send_all(
    app: &App,
    callback: &Callback,
    replies: &[Reply],
    deadline: Instant,
) -> Result<(), AppError> {
    let Some(mut held) = seen::hold(app, Account::MiniProgram, &callback.identity()).await? else {
        return Ok(());
    };
    let first = held.step();
    for (step, reply) in replies.iter().enumerate().skip(first) {
        if step > first {
            held = held.go_on_to(app, step).await?;
        }
        let mut outcome = send(app, callback, reply, Memory::All, deadline).await;
        if let Err(error) = &outcome
            && error.next() == Next::Again
            && deadline.saturating_duration_since(Instant::now()) >= RETRY_NEEDS
        {
            tracing::warn!(%error, step, "a reply was not sent; trying once more");
            outcome = send(app, callback, reply, Memory::Uploads, deadline).await;
        }
        // Whoever asks for codes all day long is no matter for the operator.
        if let Err(SendError::Bind(error @ BindError::OverAllowance(_))) = outcome {
            tracing::info!(%error, step, "a code was asked for in a conversation");
        } else if let Err(error) = outcome {
            tracing::error!(%error, step, "a reply in a conversation was not sent, or nobody knows");
            if error.next() == Next::Stop {
                break;
            }
        }
    }
    held.finish(app).await
}

async fn send(
    app: &App,
    callback: &Callback,
    reply: &Reply,
    memory: Memory,
    deadline: Instant,
) -> Result<(), SendError> {
    // A future whose time is up is polled once all the same, and might send.
    if Instant::now() >= deadline {
        return Err(SendError::TimeUp);
    }
    timeout_at(deadline, async {
        let message = custom_message(app, callback, reply, memory).await?;
        match call(app, callback, &message).await {
            // The remembered picture is gone from WeChat: upload it again.
            Err(error) if error.errcode() == Some(ErrCode::INVALID_MEDIA_ID) => {
                let message = custom_message(app, callback, reply, Memory::None).await?;
                Ok(call(app, callback, &message).await?)
            }
            outcome => Ok(outcome?),
        }
    })
    .await
    .unwrap_or(Err(SendError::TimeUp))
}

async fn call(app: &App, callback: &Callback, message: &CustomMessage) -> Result<(), WechatError> {
    app.wechat
        .call(Account::MiniProgram, |client, token| async move {
            client.custom_send(&token, &callback.from, message).await
        })
        .await
}

async fn custom_message(
    app: &App,
    callback: &Callback,
    reply: &Reply,
    memory: Memory,
) -> Result<CustomMessage, SendError> {
    let account = Account::MiniProgram;
    Ok(match reply {
        Reply::Text(text) => CustomMessage::Text(text.clone()),
        Reply::Image(source) => CustomMessage::Image(picture(app, account, callback, source, memory).await?),
        Reply::Link { title, description, url, thumb_url } => CustomMessage::Link {
            title: title.clone(),
            description: description.clone(),
            url: url.clone(),
            thumb_url: thumb_url.clone(),
        },
        Reply::MiniprogramPage { title, pagepath, thumb_url } => CustomMessage::MiniProgramPage {
            title: title.clone(),
            pagepath: pagepath.clone(),
            thumb_media_id: media::of_url(app, account, thumb_url, memory).await?,
            appid: None,
        },
        Reply::TransferCustomerService => return Err(SendError::Unfit),
    })
}

async fn picture(
    app: &App,
    account: Account,
    callback: &Callback,
    source: &ImageSource,
    memory: Memory,
) -> Result<MediaId, SendError> {
    match source {
        ImageSource::Url(url) => Ok(media::of_url(app, account, url, memory).await?),
        // The user's own code: only a conversation of the mini program tells their openid there.
        ImageSource::BindQrcode if account == Account::MiniProgram => {
            let asked = Occasion::Event(callback.create_time);
            let code = code::create(app, &callback.from, asked).await?;
            Ok(media::of_qr_code(app, account, &code.url).await?)
        }
        ImageSource::BindQrcode => Err(SendError::Unfit),
    }
}
