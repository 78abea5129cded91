//! What is due: `read → plan → attempt → send → settle`, safe to run twice and to be cut off anywhere.
//!
//! The attempt is one conditional update and the point of no return. A attempt whose lease ran out is an unknown outcome of
//! its channel, never a fresh dispatch.

mod attempt;
mod judge;
pub mod plan;
pub mod receipts;
pub mod redrive;
mod resolve;
mod send;
pub mod sweep;
mod telling;

use jiff::Timestamp;
use wechat::OpenId;

pub use attempt::Did;
use attempt::attempt;
use telling::{Repeat, Telling};

use crate::app::{App, AppError};
use crate::following::follow;
use crate::person::user::User;
use crate::reminder::{EARLY_BY_AT_MOST, LOOK_AFTER, REPEATABLE_FOR, Reminder, State};
use crate::schedules::{PushDue, Wake};
use crate::table::{Change, TableError, keys};

/// A template that is missing from the settings may come back.
const NO_TEMPLATE_PAUSE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Handles one wake-up.
///
/// # Errors
/// Only when our own state could not be read or written: Lambda then tries again, and after that the sweep.
pub async fn dispatch(app: &App, wake: &Wake) -> Result<Did, AppError> {
    match wake {
        Wake::Push(due) => push(app, due).await,
        Wake::Lookup { lookup } => follow::look_up(app, lookup).await.map(|()| Did::Nothing),
        Wake::Sweep { .. } => sweep::sweep(app).await.map(|swept| match swept.looked_at {
            0 => Did::Nothing,
            _ => Did::Waits,
        }),
    }
}

async fn push(app: &App, due: &PushDue) -> Result<Did, AppError> {
    look_at(app, &due.openid, &due.id, due.revision, due.push, app.now()).await
}

/// Looks at one push: whatever is due about it is done, within the time of the run that began at `run_began`.
pub(crate) async fn look_at(
    app: &App,
    openid: &OpenId,
    id: &str,
    revision: u64,
    n: u8,
    run_began: Timestamp,
) -> Result<Did, AppError> {
    let (user, reminder) =
        app.table.get_pair::<User, Reminder>(keys::user(openid), keys::reminder(openid, id)).await?;
    let Some(reminder) = reminder else {
        // Registered but never written, or forgotten: nobody is owed anything.
        tracing::info!(reminder = id, push = n, "a firing found no reminder");
        return Ok(Did::Nothing);
    };
    if reminder.item.push(revision, n).is_none_or(|push| push.is_final()) {
        tracing::info!(reminder = id, revision, push = n, "a firing found nothing to do");
        return Ok(Did::Nothing);
    }
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let telling = Telling { user, reminder, revision, n, settings, service_account, run_began };
    let id = id.to_owned();
    match tell(app, telling).await {
        // Deleted under us: a claimed attempt has nowhere to be settled, and its user asked for that.
        Err(AppError::Table(TableError::Gone(what))) => {
            tracing::info!(reminder = id, push = n, what, "gone while it was being looked at");
            Ok(Did::Nothing)
        }
        outcome => outcome,
    }
}

async fn tell(app: &App, mut telling: Telling) -> Result<Did, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    let push = telling.push();
    match push.state.clone() {
        State::Scheduled { .. } | State::Retrying { .. } => {
            if let Some(due) = push.due_at().filter(|due| now + EARLY_BY_AT_MOST < *due) {
                app.schedules.wake_push(&telling.reminder.item, push, again(due), now).await?;
                return Ok(Did::Waits);
            }
            first_or_next_attempt(app, telling, now).await
        }
        State::Sending { attempt } => {
            if now < attempt.lease_ends() {
                return Ok(Did::Nothing);
            }
            let first = push.first_template_attempt.unwrap_or(attempt.started_at);
            let repeatable = attempt.channel.is_idempotent() && now.duration_since(first) < REPEATABLE_FOR;
            let look_at = if repeatable { now } else { (attempt.started_at + LOOK_AFTER).max(now) };
            let abandoned = telling
                .change(app, |reminder| Change::when(reminder.abandon(revision, n, look_at, now)))
                .await?;
            if !abandoned {
                return Ok(Did::Nothing);
            }
            tracing::warn!(reminder = telling.reminder.item.id, push = n, "a run did not come back");
            resolve::resolve(app, telling, attempt).await
        }
        State::Unresolved { attempt, look_at } => {
            if now + EARLY_BY_AT_MOST < look_at {
                app.schedules.wake_push(&telling.reminder.item, push, again(look_at), now).await?;
                return Ok(Did::Waits);
            }
            resolve::resolve(app, telling, attempt).await
        }
        _ => Ok(Did::Nothing),
    }
}

/// A schedule that fired early still exists while it is being delivered, and is deleted afterwards: the one that
/// replaces it needs another name, so another second.
fn again(at: Timestamp) -> Timestamp {
    at + jiff::SignedDuration::from_secs(1)
}

async fn first_or_next_attempt(app: &App, telling: Telling, now: Timestamp) -> Result<Did, AppError> {
    if !telling.reminder.item.is_open(now) {
        return give_up(app, telling, "expired").await;
    }
    let chosen_by_us = telling.push().at_once || matches!(telling.push().state, State::Retrying { .. });
    if let Some(end) = telling.quiet_end(now).filter(|_| chosen_by_us) {
        return postpone(app, telling, end, "quiet_hours").await;
    }
    let plan = telling.plan(now);
    if !plan.routes.is_empty() {
        return attempt(app, telling, plan.routes, Repeat::No).await;
    }
    let again_at = now + NO_TEMPLATE_PAUSE;
    if plan.missing == ["template_not_in_settings"] && again_at < telling.reminder.item.content.expires_at {
        tracing::error!(
            template = telling.reminder.item.content.template,
            "the settings lack a template in use"
        );
        return postpone(app, telling, again_at, "template_not_in_settings").await;
    }
    let reason = plan.missing.join(", ");
    give_up(app, telling, &reason).await
}

async fn postpone(app: &App, mut telling: Telling, at: Timestamp, reason: &str) -> Result<Did, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    let postponed =
        telling.change(app, |reminder| Change::when(reminder.postpone(revision, n, at, reason, now))).await?;
    if postponed {
        app.schedules.wake_push(&telling.reminder.item, telling.push(), at, now).await?;
    }
    Ok(Did::Waits)
}

async fn give_up(app: &App, mut telling: Telling, reason: &str) -> Result<Did, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    tracing::warn!(reminder = telling.reminder.item.id, push = n, reason, "a push is undeliverable");
    telling.change(app, |reminder| Change::when(reminder.give_up(revision, n, reason, now))).await?;
    Ok(Did::GaveUp)
}
