//! What runs in a sandbox, and how one is started: the seam between this world and the product.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use super::FunctionName;
use crate::timeline::Timeline;

/// A started function.
pub trait Hosted: Send + Sync {
    /// One event to its answer, or to the error the function reports.
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>>;

    /// Whether it can take another event; a process may have ended by itself.
    fn is_alive(&self) -> bool {
        true
    }

    /// The process it is, if it is one of its own.
    fn process_id(&self) -> Option<u32> {
        None
    }

    /// Its sandbox is thrown away. What runs in this process ends with its task; a process must be killed.
    fn end(&self) {}
}

/// Starts a function in a new sandbox: its environment, and the clock it is to read.
pub type Factory =
    Arc<dyn Fn(BTreeMap<String, String>, Timeline) -> Result<Arc<dyn Hosted>, String> + Send + Sync>;

/// A factory from a closure.
pub fn factory<H: Hosted + 'static>(
    start: impl Fn(BTreeMap<String, String>, Timeline) -> Result<H, String> + Send + Sync + 'static,
) -> Factory {
    Arc::new(move |environment, timeline| Ok(Arc::new(start(environment, timeline)?) as Arc<dyn Hosted>))
}

/// One factory per function.
#[derive(Clone)]
pub struct Functions {
    pub wechat_callback: Factory,
    pub reminder_api: Factory,
    pub reminder_dispatch: Factory,
    pub operations: Factory,
}

impl Functions {
    pub(super) fn start(
        &self,
        function: FunctionName,
        environment: BTreeMap<String, String>,
        timeline: &Timeline,
    ) -> Result<Arc<dyn Hosted>, String> {
        let factory = match function {
            FunctionName::WechatCallback => &self.wechat_callback,
            FunctionName::ReminderApi => &self.reminder_api,
            FunctionName::ReminderDispatch => &self.reminder_dispatch,
            FunctionName::Operations => &self.operations,
        };
        factory(environment, timeline.clone())
    }
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Functions").finish_non_exhaustive()
    }
}

/// A function that takes an event and answers one: the closure is what runs.
impl<F, A> Hosted for F
where
    F: Fn(Value) -> A + Send + Sync,
    A: Future<Output = Result<Value, String>> + Send + 'static,
{
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>> {
        Box::pin(self(event))
    }
}
