//! The execution environments: made when an event finds none idle, and thrown away.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};

use super::concurrency::{Concurrency, Limited};
use super::dead_letter::DeadLetter;
use super::function_name::FunctionName;
use super::hosted::Functions;
use super::invoke_error::InvokeError;
use super::sandbox::Sandbox;
use crate::addresses::Addresses;
use crate::environment;
use crate::rate::{Held, at_a_step};
use crate::sabotage::Sabotage;
use crate::tasks::Tasks;
use crate::timeline::Timeline;

/// Environments per function at most, unless a world says otherwise.
pub const SANDBOXES_MAX: usize = 100;

/// Cheap to clone, all clones are the same one.
#[derive(Clone)]
pub struct Lambda {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) timeline: Timeline,
    pub(super) tasks: Tasks,
    functions: Functions,
    pub(super) options: LambdaOptions,
    /// One place per environment of dispatch, the one function with events nobody waits for.
    pub(super) queue: Option<Semaphore>,
    place: OnceLock<Place>,
    pools: Mutex<Pools>,
    numbers: AtomicU64,
    pub(super) dead_letters: Mutex<Vec<DeadLetter>>,
}

/// What may differ from world to world.
#[derive(Debug)]
pub(crate) struct LambdaOptions {
    pub(crate) log_level: String,
    pub(crate) sandboxes_max: usize,
    pub(crate) dispatch_at_once: Option<usize>,
    pub(crate) reserved_concurrency: Option<String>,
    pub(crate) webhook_via: Option<String>,
    pub(crate) sabotage: Option<Sabotage>,
}

/// An event on its way through a function.
pub(super) struct Invocation {
    pub(super) sandbox: Arc<Sandbox>,
    answered: oneshot::Receiver<Result<Value, InvokeError>>,
}

/// How far an invocation has come.
pub(super) enum Progress {
    Answered(Result<Value, InvokeError>),
    /// Its environment stands still until then.
    Frozen(Timestamp),
}

impl Invocation {
    pub(super) async fn progress(&mut self) -> Progress {
        tokio::select! {
            biased;
            answered = &mut self.answered => Progress::Answered(answered.unwrap_or(Err(InvokeError::Died))),
            until = self.sandbox.stands_still() => Progress::Frozen(until),
        }
    }
}

/// Where the sandboxes' own addresses are.
struct Place {
    inside: String,
    addresses: Addresses,
}

#[derive(Default)]
struct Pools {
    alive: HashMap<String, Arc<Sandbox>>,
    idle: BTreeMap<FunctionName, Vec<Arc<Sandbox>>>,
    /// Sandboxes of an older generation are thrown away when they become idle.
    generation: u64,
    /// What the account may have at a time, if that is limited.
    limited: Option<Limited>,
}

impl Pools {
    /// Environments that run an event, or would still run it if the world's time had passed meanwhile.
    fn busy(&self) -> usize {
        self.alive.len() - self.idle.values().map(Vec::len).sum::<usize>()
    }

    fn refuse(&mut self) -> InvokeError {
        if let Some(limited) = &mut self.limited {
            limited.held.refuse();
        }
        InvokeError::Throttled
    }

    fn allows_one_more(&mut self) -> bool {
        let busy = self.busy();
        self.limited.as_mut().is_none_or(|limited| limited.allows(busy))
    }
}

impl Lambda {
    pub(crate) fn new(
        timeline: Timeline,
        tasks: Tasks,
        functions: Functions,
        options: LambdaOptions,
    ) -> Self {
        let queue = options.dispatch_at_once.map(Semaphore::new);
        Self {
            shared: Arc::new(Shared {
                queue,
                timeline,
                tasks,
                functions,
                options,
                place: OnceLock::new(),
                pools: Mutex::default(),
                numbers: AtomicU64::new(0),
                dead_letters: Mutex::default(),
            }),
        }
    }

    /// Sandboxes made from now on find the outside here: `inside` is the base of their own addresses.
    pub(crate) fn place(&self, inside: String, addresses: Addresses) {
        let _ = self.shared.place.set(Place { inside, addresses });
    }

    /// One event through `function`, to its answer.
    pub async fn invoke(&self, function: FunctionName, event: Value) -> Result<Value, InvokeError> {
        let Invocation { answered, .. } = self.begin(function, event)?;
        answered.await.unwrap_or(Err(InvokeError::Died))
    }

    /// One event into `function`; it runs whether or not anybody waits for it.
    pub(super) fn begin(&self, function: FunctionName, event: Value) -> Result<Invocation, InvokeError> {
        let (sandbox, generation) = self.take(function)?;
        let (answer, answered) = oneshot::channel();
        let (lambda, running) = (self.clone(), sandbox.clone());
        self.shared.tasks.spawn(async move {
            let outcome = running.run(event).await;
            lambda.is_over(running, generation);
            let _ = answer.send(outcome);
        });
        Ok(Invocation { sandbox, answered })
    }

    /// One event through `operations`. New settings reach every function at once: none keeps the old ones.
    pub async fn operate(&self, event: Value) -> Result<Value, InvokeError> {
        let puts_settings = event["operation"] == "settings.put";
        let answer = self.invoke(FunctionName::Operations, event).await?;
        if puts_settings {
            self.recycle();
        }
        Ok(answer)
    }

    /// Throws away every environment: idle ones now, busy ones after their event.
    pub fn recycle(&self) {
        let mut pools = self.pools();
        pools.generation += 1;
        let idle = std::mem::take(&mut pools.idle);
        for sandbox in idle.values().flatten() {
            pools.alive.remove(sandbox.id());
        }
        drop(pools);
        idle.into_values().flatten().for_each(|sandbox| sandbox.kill());
    }

    /// From now on the account has no more than this.
    pub fn limit(&self, concurrency: Concurrency) {
        self.pools().limited = Some(Limited::new(concurrency));
    }

    /// What was refused for want of an environment, how long events of dispatch waited before they were tried again, and how
    /// many environments were busy at most.
    pub fn held(&self) -> (Held, usize) {
        let pools = self.pools();
        pools.limited.as_ref().map_or((Held::default(), 0), |limited| (limited.held, limited.busiest))
    }

    /// An event that found no environment comes again after `delay`.
    pub(super) fn is_held(&self, delay: SignedDuration) {
        if let Some(limited) = &mut self.pools().limited {
            limited.held.wait(delay);
        }
    }

    /// How many environments of `function` there are.
    pub fn sandboxes(&self, function: FunctionName) -> usize {
        self.pools().alive.values().filter(|sandbox| sandbox.function() == function).count()
    }

    /// The processes that run `function`, where functions are processes.
    pub fn process_ids(&self, function: FunctionName) -> Vec<u32> {
        let pools = self.pools();
        let sandboxes = pools.alive.values().filter(|sandbox| sandbox.function() == function);
        sandboxes.filter_map(|sandbox| sandbox.process_id()).collect()
    }

    pub(crate) fn sandbox(&self, id: &str) -> Option<Arc<Sandbox>> {
        self.pools().alive.get(id).cloned()
    }

    /// Ends all environments now: the end of this world.
    pub(crate) fn end(&self) {
        let pools = std::mem::take(&mut *self.pools());
        pools.alive.into_values().for_each(|sandbox| sandbox.kill());
    }

    fn take(&self, function: FunctionName) -> Result<(Arc<Sandbox>, u64), InvokeError> {
        let mut pools = self.pools();
        let generation = pools.generation;
        if !pools.allows_one_more() {
            return Err(pools.refuse());
        }
        // The one used last is the warmest.
        while let Some(sandbox) = pools.idle.get_mut(&function).and_then(Vec::pop) {
            if !sandbox.is_gone() {
                return Ok((sandbox, generation));
            }
            pools.alive.remove(sandbox.id());
        }
        if pools.alive.values().filter(|sandbox| sandbox.function() == function).count()
            >= self.shared.options.sandboxes_max
        {
            return Err(InvokeError::Throttled);
        }
        let now = self.shared.timeline.now();
        if pools.limited.as_mut().is_some_and(|limited| !limited.allows_new(function, now)) {
            return Err(pools.refuse());
        }
        let number = self.shared.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("{}-{number}", function.as_str());
        let place = self.shared.place.get().ok_or_else(|| InvokeError::Init("nowhere to be".to_owned()))?;
        let outside = format!("{}/{id}", place.inside);
        let options = &self.shared.options;
        let environment = environment::of_function(
            function,
            &outside,
            &place.addresses,
            &options.log_level,
            options.reserved_concurrency.as_deref(),
            options.webhook_via.as_deref(),
        );
        let hosted = self.shared.functions.start(function, environment, &self.shared.timeline);
        let sandbox = Arc::new(Sandbox::new(id.clone(), function, hosted.map_err(InvokeError::Init)?));
        pools.alive.insert(id, sandbox.clone());
        Ok((sandbox, generation))
    }

    /// The event has run. Where functions take time, its environment is busy for that long.
    fn is_over(&self, sandbox: Arc<Sandbox>, generation: u64) {
        let waited = sandbox.has_waited();
        let takes = self.pools().limited.as_ref().map(|limited| limited.takes(sandbox.function()));
        let Some(takes) = takes else { return self.give_back(sandbox, generation) };
        let (lambda, over) = (self.clone(), at_a_step(self.shared.timeline.now() + takes + waited));
        self.shared.timeline.at(over, async move { lambda.give_back(sandbox, generation) });
    }

    fn give_back(&self, sandbox: Arc<Sandbox>, generation: u64) {
        let mut pools = self.pools();
        if sandbox.is_gone() || generation != pools.generation {
            pools.alive.remove(sandbox.id());
            drop(pools);
            sandbox.kill();
        } else {
            pools.idle.entry(sandbox.function()).or_default().push(sandbox);
        }
    }

    fn pools(&self) -> MutexGuard<'_, Pools> {
        self.shared.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A made-up request id, unique in this world.
    pub(super) fn request_id(&self) -> String {
        let number = self.shared.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        format!("00000000-0000-4000-8000-{number:012x}")
    }
}

impl std::fmt::Debug for Lambda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lambda").field("sandboxes", &self.pools().alive.len()).finish_non_exhaustive()
    }
}
