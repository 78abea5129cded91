//! What the control calls work on.

use std::path::PathBuf;

use tokio::sync::oneshot;

use super::player::Player;

use crate::faults::Faults;
use crate::journal::Journal;
use crate::lambda::Lambda;
use crate::scheduler::Scheduler;
use crate::ssm::Ssm;
use crate::tasks::Tasks;
use crate::timeline::Timeline;
use crate::wechat::Platform;

/// The parts of a world that a call may ask or change.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(crate) timeline: Timeline,
    pub(crate) tasks: Tasks,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) platform: Platform,
    pub(crate) lambda: Lambda,
    pub(crate) scheduler: Scheduler,
    pub(crate) ssm: Ssm,
    pub(crate) player: Player,
    /// Where the mini program is that the page's phone runs.
    pub(crate) mini_program: PathBuf,
    /// Tells this world from the one before at the same address.
    pub(crate) world: String,
}

impl Control {
    /// Work that is finished also when the caller hangs up: half an advance would lose events.
    pub(super) async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, outcome) = oneshot::channel();
        self.tasks.spawn(async move {
            let _ = done.send(work.await);
        });
        outcome.await.ok()
    }
}
