//! What dispatch is woken with, and who handles it.

use super::rest;
use super::run::{Progress, run};
use super::sweep::sweep;
use crate::app::{App, AppError};
use crate::following::erase::erase;
use crate::following::follow;
use crate::schedules::WakeUp;
use jiff::Timestamp;

/// Handles one wake-up.
///
/// # Errors
/// Only when our own state could not be read or written: Lambda then tries again, and after that the sweep.
pub async fn dispatch(app: &App, wake_up: &WakeUp) -> Result<Progress, AppError> {
    match wake_up {
        WakeUp::Reminder(due) => {
            let fired = due.at.and_then(|at| Timestamp::from_second(at).ok());
            run(app, &due.openid, &due.id, fired, app.now()).await
        }
        WakeUp::LookUp { lookup } => follow::look_up(app, lookup).await.map(|()| Progress::Nothing),
        WakeUp::Rest { rest } => rest::look(app, rest).await,
        WakeUp::Erase { erase: forgotten } => erase(app, forgotten).await.map(|did| match did {
            true => Progress::Waits,
            false => Progress::Nothing,
        }),
        WakeUp::Sweep { .. } => sweep(app).await.map(|report| match report.looked_at {
            0 => Progress::Nothing,
            _ => Progress::Waits,
        }),
    }
}
