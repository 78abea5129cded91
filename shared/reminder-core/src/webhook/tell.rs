//! Dispatch is woken for an event: it is told, or tried again, or given up after a day. Told twice at worst, under the same
//! `webhook-id`, when a run ends between the receiver's answer and our note of it.

use jiff::Timestamp;
use wechat::OpenId;

use super::client::{Answer, Signed};
use super::event::Event;
use super::patience::pause;
use crate::app::{App, AppError};
use crate::person::user::User;
use crate::reminder::{EARLY_BY_AT_MOST, EventName, Reminder};
use crate::table::{Change, Record, TableError, gone_is_fine, keys};

/// What the receiver has by now.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Taken,
    /// Nobody wants it any more.
    Dropped,
    /// Why not.
    Failed(String),
}

/// Says whether it will be tried again.
pub async fn tell(app: &App, openid: &OpenId, id: &str) -> Result<bool, AppError> {
    let (user, event) =
        app.table.get_pair::<User, Event>(keys::user(openid), keys::event(openid, id)).await?;
    let Some(event) = event else { return Ok(false) };
    let now = app.now();
    if now + EARLY_BY_AT_MOST < event.item.next_at {
        return Ok(true);
    }
    let is_theirs = user.is_some_and(|user| user.item.created_at <= event.item.at);
    let told = match is_theirs {
        true => send(app, &event.item, now).await?,
        false => Told::Dropped,
    };
    match told {
        Told::Dropped => {
            app.table.delete(keys::event(openid, id)).await?;
            Ok(false)
        }
        Told::Taken => {
            app.table.delete(keys::event(openid, id)).await?;
            app.metrics.webhook_told(now);
            note(app, &event.item, &told_in_words(event.item.failures)).await?;
            Ok(false)
        }
        Told::Failed(why) => fail(app, event, &why, now).await,
    }
}

async fn send(app: &App, event: &Event, now: Timestamp) -> Result<Told, AppError> {
    let settings = app.settings.get(now).await?;
    let Some(url) = &settings.webhook_url else { return Ok(Told::Dropped) };
    let mut secrets = app.secrets.get(now).await?;
    if secrets.webhook_secret.is_none()
        && let Ok(Some(newer)) = app.secrets.get_newer(now).await
    {
        secrets = newer;
    }
    let Some(secret) = &secrets.webhook_secret else {
        return Ok(Told::Failed("the secrets have no webhook_secret".to_owned()));
    };
    let (body, second) = (event.body(), now.as_second());
    let signed = Signed { id: &event.id, second, signature: secret.sign(&event.id, second, &body) };
    Ok(match app.webhook.post(url, signed, body).await {
        Answer::Taken => Told::Taken,
        Answer::Status(status) => {
            // Perhaps it knows another secret by now; asked at most once a minute.
            drop(app.secrets.get_newer(now).await);
            Told::Failed(format!("the receiver answered {status}"))
        }
        Answer::None => Told::Failed("the receiver did not answer".to_owned()),
    })
}

/// It is tried again, unless a day is over.
async fn fail(app: &App, event: Record<Event>, why: &str, now: Timestamp) -> Result<bool, AppError> {
    let failures = event.item.failures + 1;
    app.metrics.webhook_failed(now);
    let Some(pause) = pause(failures, &event.item.id) else {
        app.table.delete(keys::event(&event.item.openid, &event.item.id)).await?;
        app.metrics.webhook_given_up(now);
        tracing::error!(event = event.item.id, kind = event.item.kind.name(), why, "an event was given up");
        note(app, &event.item, &format!("given up after a day: {why}")).await?;
        return Ok(false);
    };
    match app.bell.rings("an event could not be told", now) {
        true => {
            tracing::warn!(event = event.item.id, why, "an event could not be told; others are not mentioned")
        }
        false => tracing::info!(event = event.item.id, why, "an event could not be told"),
    }
    let next_at = now + pause;
    let (openid, id) = (event.item.openid.clone(), event.item.id.clone());
    let failed = app.table.update(event, |event: &mut Event| {
        // Another run was quicker.
        if event.failures >= failures {
            return Change::Keep(false);
        }
        (event.failures, event.next_at) = (failures, next_at);
        Change::Write(true)
    });
    match failed.await {
        Ok((_, true)) => app.schedules.create_telling(&openid, &id, next_at).await?,
        Ok((_, false)) | Err(TableError::Gone(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(true)
}

fn told_in_words(failures: u32) -> String {
    match failures {
        0 => "told".to_owned(),
        1 => "told at the second try".to_owned(),
        failures => format!("told after {failures} failures"),
    }
}

/// In the timeline of its reminder, if it is about one that is there.
async fn note(app: &App, event: &Event, what: &str) -> Result<(), AppError> {
    let Some(about) = &event.about else { return Ok(()) };
    let now = app.now();
    let noted =
        app.table.update_at(keys::reminder(&event.openid, &about.reminder), |reminder: &mut Reminder| {
            reminder.timeline.add(
                now,
                about.push,
                EventName::Webhook,
                format!("{}: {what}", event.kind.name()),
            );
            Change::Write(())
        });
    Ok(gone_is_fine(noted.await.map(drop))?)
}
