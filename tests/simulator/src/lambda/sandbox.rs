//! One execution environment: one event at a time, under the function's timeout, until it dies.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::task::AbortHandle;

use super::{FunctionName, Hosted, InvokeError};

pub struct Sandbox {
    id: String,
    function: FunctionName,
    hosted: Arc<dyn Hosted>,
    running: Mutex<Option<AbortHandle>>,
    gone: AtomicBool,
}

impl Sandbox {
    pub(super) fn new(id: String, function: FunctionName, hosted: Arc<dyn Hosted>) -> Self {
        Self { id, function, hosted, running: Mutex::new(None), gone: AtomicBool::new(false) }
    }

    /// The first segment of its own addresses.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn function(&self) -> FunctionName {
        self.function
    }

    /// The process that runs in it, for a compiled function.
    pub fn process_id(&self) -> Option<u32> {
        self.hosted.process_id()
    }

    /// Whether it has been thrown away; nothing it still says is heard.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst) || !self.hosted.is_alive()
    }

    /// It dies here and now, with what it is doing.
    pub(crate) fn kill(&self) {
        self.gone.store(true, Ordering::SeqCst);
        if let Some(running) = self.running().take() {
            running.abort();
        }
        self.hosted.end();
    }

    pub(super) async fn run(&self, event: Value) -> Result<Value, InvokeError> {
        let task = tokio::spawn(self.hosted.invoke(event));
        *self.running() = Some(task.abort_handle());
        let _ends_with_its_caller = AbortOnDrop(task.abort_handle());
        let limit = self.function.timeout();
        let outcome = match tokio::time::timeout(limit, task).await {
            Ok(Ok(Err(_))) if !self.hosted.is_alive() => Err(InvokeError::Died),
            Ok(Ok(answered)) => answered.map_err(InvokeError::Failed),
            Ok(Err(_panicked_or_aborted)) => Err(InvokeError::Died),
            Err(_elapsed) => Err(InvokeError::TimedOut(limit.as_secs())),
        };
        *self.running() = None;
        if matches!(outcome, Err(InvokeError::Died | InvokeError::TimedOut(_))) {
            self.kill();
        }
        outcome
    }

    fn running(&self) -> MutexGuard<'_, Option<AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("id", &self.id).field("gone", &self.is_gone()).finish_non_exhaustive()
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
