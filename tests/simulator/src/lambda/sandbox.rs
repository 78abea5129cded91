//! One execution environment: one event at a time, under the function's timeout, until it dies.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::{FunctionName, Hosted, InvokeError};

pub struct Sandbox {
    id: String,
    function: FunctionName,
    hosted: Arc<dyn Hosted>,
    running: Mutex<Option<AbortHandle>>,
    gone: AtomicBool,
    /// It stands still, until then.
    frozen: watch::Sender<Option<Timestamp>>,
    /// The longest that a request of this event waited, in milliseconds of the world's time, which stood meanwhile.
    waited_ms: AtomicI64,
    /// The reminder that its present event is for, if it is for one.
    reminder: Mutex<Option<String>>,
}

impl Sandbox {
    pub(super) fn new(id: String, function: FunctionName, hosted: Arc<dyn Hosted>) -> Self {
        let (running, frozen) = (Mutex::new(None), watch::Sender::new(None));
        let (gone, waited_ms) = (AtomicBool::new(false), AtomicI64::new(0));
        Self { id, function, hosted, running, gone, frozen, waited_ms, reminder: Mutex::default() }
    }

    /// The first segment of its own addresses.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn function(&self) -> FunctionName {
        self.function
    }

    /// The reminder that its present event is for, if it is for one.
    pub(crate) fn reminder(&self) -> Option<String> {
        self.reminder.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

    /// It stands still until somebody thaws it; whoever waits for it may do something else meanwhile.
    pub(crate) fn freeze(&self, until: Timestamp) {
        self.frozen.send_replace(Some(until));
    }

    /// It goes on, if it was frozen until this moment.
    pub(crate) fn thaw(&self, until: Timestamp) {
        self.frozen.send_if_modified(|frozen| {
            let over = *frozen == Some(until);
            if over {
                *frozen = None;
            }
            over
        });
    }

    /// A request of the present event is answered so much later.
    pub(crate) fn waits(&self, span: SignedDuration) {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.waited_ms.fetch_max(ms, Ordering::SeqCst);
    }

    /// How much longer the event took because its requests waited; it is over.
    pub(super) fn has_waited(&self) -> SignedDuration {
        SignedDuration::from_millis(self.waited_ms.swap(0, Ordering::SeqCst))
    }

    /// Waits until it goes on.
    pub(crate) async fn goes_on(&self) {
        let _ = self.frozen.subscribe().wait_for(Option::is_none).await;
    }

    /// Waits until it stands still; answers until when.
    pub(super) async fn stands_still(&self) -> Timestamp {
        let mut frozen = self.frozen.subscribe();
        loop {
            if let Some(until) = *frozen.borrow_and_update() {
                return until;
            }
            // The sender is `self`; it cannot be gone.
            let _ = frozen.changed().await;
        }
    }

    pub(super) async fn run(&self, event: Value) -> Result<Value, InvokeError> {
        let is_woken = self.function == FunctionName::ReminderDispatch;
        let reminder = event.get("id").and_then(Value::as_str).filter(|_| is_woken).map(str::to_owned);
        *self.reminder.lock().unwrap_or_else(PoisonError::into_inner) = reminder;
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
