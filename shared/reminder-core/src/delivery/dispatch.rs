//! What dispatch is woken with, and who handles it.

use super::run::{Progress, run};
use super::sweep::sweep;
use super::{arming, rest};
use crate::app::{App, AppError};
use crate::following::erase::erase;
use crate::following::follow;
use crate::schedules::WakeUp;
use crate::webhook::tell::tell;
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
        WakeUp::LookUp { lookup } => {
            follow::look_up(app, &lookup.service_openid).await.map(|()| Progress::Nothing)
        }
        WakeUp::Rest { rest } => rest::look(app, rest).await.map(waits),
        WakeUp::Arming { arming: job } => arming::page(app, job).await,
        WakeUp::Erase { erase: forgotten } => erase(app, forgotten).await.map(|did| waits(did.into())),
        WakeUp::Webhook { webhook: event } => {
            tell(app, &event.openid, &event.id).await.map(|again| waits(again.into()))
        }
        WakeUp::Sweep { shard, .. } => sweep(app, *shard).await.map(|report| waits(report.looked_at)),
    }
}

/// So many reminders or others will be looked at again, or were.
fn waits(looked_at: usize) -> Progress {
    if looked_at > 0 { Progress::Waits } else { Progress::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_at_nothing_leaves_nothing_to_wait_for() {
        assert_eq!([0, 1, 2].map(waits), [Progress::Nothing, Progress::Waits, Progress::Waits]);
    }
}
