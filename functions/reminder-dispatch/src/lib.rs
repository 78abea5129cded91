//! EventBridge Scheduler target: sends what is due, finishes what the callback and the API could not, sweeps up
//! what was forgotten.
//!
//! It answers an error only when our own state could not be read or written: Lambda then tries again.

use reminder_core::delivery::dispatch::dispatch;
use reminder_core::delivery::run::Progress;
use reminder_core::schedules::WakeUp;
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum DispatchError {
    /// None of our schedules made it; trying again does not help, but somebody should see it in the queue.
    #[error(
        "this is no event of ours: expected a reminder, a lookup, a rest, an arming, a user to be forgotten or a sweep"
    )]
    NotOurs,
    #[error(transparent)]
    App(#[from] AppError),
}

/// Handles one wake-up; answers `{"did": "sent" | "waits" | "gave_up" | "nothing"}`.
pub async fn invoke(app: &App, event: Value) -> Result<Value, DispatchError> {
    let wake_up: WakeUp = serde_json::from_value(event).map_err(|_| DispatchError::NotOurs)?;
    let progress = match dispatch(app, &wake_up).await {
        Ok(progress) => progress,
        Err(error) => {
            tracing::error!(?wake_up, %error, "could not be handled now; Lambda tries again");
            return Err(error.into());
        }
    };
    let did = match progress {
        Progress::Nothing => "nothing",
        Progress::Sent => "sent",
        Progress::Waits => "waits",
        Progress::GaveUp => "gave_up",
    };
    Ok(json!({ "did": did }))
}
