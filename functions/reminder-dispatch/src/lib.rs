//! EventBridge Scheduler target: sends what is due, finishes what the callback could not, sweeps up what was forgotten.
//!
//! It answers an error only when our own state could not be read or written: Lambda then tries again.

use reminder_core::delivery::{Did, dispatch};
use reminder_core::schedules::Wake;
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum DispatchError {
    /// None of our schedules made it; trying again does not help, but somebody should see it in the queue.
    #[error("this is no event of ours: expected a push, a lookup or a sweep")]
    NotOurs,
    #[error(transparent)]
    App(#[from] AppError),
}

/// Handles one wake-up; answers `{"did": "sent" | "waits" | "gave_up" | "nothing"}`.
pub async fn invoke(app: &App, event: Value) -> Result<Value, DispatchError> {
    let wake: Wake = serde_json::from_value(event).map_err(|_| DispatchError::NotOurs)?;
    let did = match dispatch(app, &wake).await {
        Ok(did) => did,
        Err(error) => {
            tracing::error!(?wake, %error, "could not be handled now; Lambda tries again");
            return Err(error.into());
        }
    };
    let did = match did {
        Did::Nothing => "nothing",
        Did::Sent => "sent",
        Did::Waits => "waits",
        Did::GaveUp => "gave_up",
    };
    Ok(json!({ "did": did }))
}
