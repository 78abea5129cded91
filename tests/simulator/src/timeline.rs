//! The clock and the one ordered queue of everything that will happen in the simulated world.
//!
//! Two paces. At [`Pace::Real`] a driver task runs what is due as wall time passes. At [`Pace::Explicit`]
//! the clock stands still until somebody moves it, and [`Timeline::advance_to`] returns only once everything
//! due on the way has run and settled. Events of one instant run concurrently, as they do on AWS.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinSet};

/// Who moves the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The wall clock.
    Real,
    /// Nobody, until told: the clock stands at this instant.
    Explicit { now: Timestamp },
}

type Job = BoxFuture<'static, ()>;

/// A place on the queue, to take the event off again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    when: Timestamp,
    nth: u64,
}

/// Clock and queue; cheap to clone, all clones are the same one.
#[derive(Clone)]
pub struct Timeline {
    shared: Arc<Shared>,
}

struct Shared {
    real: bool,
    state: Mutex<State>,
    /// Held by whoever is running due events, so that two control calls never move time at once.
    driving: tokio::sync::Mutex<()>,
    added: tokio::sync::Notify,
    /// Counts what happened, for whoever looks on.
    touched: tokio::sync::watch::Sender<u64>,
}

struct State {
    now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Job>,
    added: u64,
}

impl Timeline {
    pub fn new(pace: Pace) -> Self {
        let (real, now) = match pace {
            Pace::Real => (true, wall_clock()),
            Pace::Explicit { now } => (false, now),
        };
        Self {
            shared: Arc::new(Shared {
                real,
                state: Mutex::new(State { now, queue: BTreeMap::new(), added: 0 }),
                driving: tokio::sync::Mutex::new(()),
                added: tokio::sync::Notify::new(),
                touched: tokio::sync::watch::Sender::new(0),
            }),
        }
    }

    pub fn now(&self) -> Timestamp {
        if self.shared.real { wall_clock() } else { self.state().now }
    }

    pub fn is_real(&self) -> bool {
        self.shared.real
    }

    /// Something of this world is not as it was: whoever looks on looks anew.
    pub(crate) fn touched(&self) {
        self.shared.touched.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Hears of everything that happens from now on.
    pub(crate) fn looks_on(&self) -> tokio::sync::watch::Receiver<u64> {
        self.shared.touched.subscribe()
    }

    /// Puts `job` on the queue. An instant that has passed is due at once.
    pub fn at(&self, when: Timestamp, job: impl Future<Output = ()> + Send + 'static) {
        self.plan(when, job);
    }

    /// Puts `job` on the queue, `span` from now.
    pub fn after(&self, span: SignedDuration, job: impl Future<Output = ()> + Send + 'static) {
        self.plan(self.now() + span, job);
    }

    /// Puts `job` on the queue, to be taken off again perhaps.
    pub fn plan(&self, when: Timestamp, job: impl Future<Output = ()> + Send + 'static) -> Ticket {
        let mut state = self.state();
        state.added += 1;
        let nth = state.added;
        state.queue.insert((when, nth), Box::pin(job));
        drop(state);
        self.shared.added.notify_one();
        self.touched();
        Ticket { when, nth }
    }

    /// Takes an event off the queue; one that has begun is not stopped.
    pub fn cancel(&self, ticket: Ticket) {
        let job = self.state().queue.remove(&(ticket.when, ticket.nth));
        drop(job);
    }

    /// Forgets everything that was to happen: the end of this world.
    pub fn clear(&self) {
        let queue = std::mem::take(&mut self.state().queue);
        drop(queue);
    }

    /// When the next event is due, if anything is waiting.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.state().queue.keys().next().map(|(when, _)| *when)
    }

    /// How many events are waiting.
    pub fn waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// Explicit pace: runs everything due at this instant, and what that causes at this instant.
    /// Real pace: returns at once, the driver is at it. Answers how many events ran.
    pub async fn settle(&self) -> usize {
        if self.shared.real {
            return 0;
        }
        let _driving = self.shared.driving.lock().await;
        self.run_due().await
    }

    /// Explicit pace: moves the clock to `target`, stopping at every event on the way.
    /// A target in the past moves nothing. Answers how many events ran.
    pub async fn advance_to(&self, target: Timestamp) -> usize {
        let _driving = self.shared.driving.lock().await;
        let mut fired = self.run_due().await;
        while let Some(when) = self.next_due().filter(|when| *when <= target) {
            self.set_now(when);
            fired += self.run_due().await;
        }
        self.set_now(target);
        fired
    }

    /// Real pace: runs events as they fall due, for ever; dropped, it ends what is running.
    pub async fn drive(self) {
        let mut running = JoinSet::new();
        loop {
            let now = self.now();
            for job in self.take_due(now) {
                running.spawn(job);
            }
            while let Some(outcome) = running.try_join_next() {
                if let Err(failure) = outcome {
                    tracing::error!(%failure, "an event of the simulated world panicked");
                }
            }
            match self.next_due() {
                Some(when) => {
                    let wait = Duration::try_from(when.duration_since(now)).unwrap_or_default();
                    tokio::select! {
                        () = pause(wait) => {}
                        () = self.shared.added.notified() => {}
                    }
                }
                None => self.shared.added.notified().await,
            }
        }
    }

    async fn run_due(&self) -> usize {
        let mut fired = 0;
        loop {
            let due = self.take_due(self.now());
            if due.is_empty() {
                return fired;
            }
            fired += due.len();
            let mut running: JoinSet<()> = due.into_iter().collect();
            while let Some(outcome) = running.join_next().await {
                if let Some(failure) = outcome.err().filter(JoinError::is_panic) {
                    std::panic::resume_unwind(failure.into_panic());
                }
            }
        }
    }

    fn take_due(&self, now: Timestamp) -> Vec<Job> {
        let mut state = self.state();
        let later = state.queue.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut state.queue, later);
        due.into_values().collect()
    }

    fn set_now(&self, now: Timestamp) {
        let mut state = self.state();
        state.now = state.now.max(now);
        drop(state);
        self.touched();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeline").field("now", &self.now()).field("waiting", &self.waiting()).finish()
    }
}

#[expect(clippy::disallowed_methods, reason = "the simulated world's own clock starts here")]
pub(crate) fn wall_clock() -> Timestamp {
    Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "at real pace the world does wait")]
pub(crate) async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("a valid instant")
    }

    #[tokio::test]
    async fn events_run_in_order_at_their_own_instant() {
        let timeline = Timeline::new(Pace::Explicit { now: instant("2027-01-01T00:00:00Z") });
        let seen = Arc::new(Mutex::new(Vec::new()));
        for (hours, name) in [(2, "second"), (1, "first"), (30, "never")] {
            let (seen, clock) = (seen.clone(), timeline.clone());
            timeline.after(SignedDuration::from_hours(hours), async move {
                seen.lock().unwrap().push((clock.now().to_string(), name));
            });
        }
        assert_eq!(timeline.advance_to(instant("2027-01-02T00:00:00Z")).await, 2);
        assert_eq!(
            *seen.lock().unwrap(),
            [("2027-01-01T01:00:00Z".to_owned(), "first"), ("2027-01-01T02:00:00Z".to_owned(), "second")]
        );
        assert_eq!(timeline.now(), instant("2027-01-02T00:00:00Z"));
    }

    #[tokio::test]
    async fn a_cancelled_event_does_not_run() {
        let timeline = Timeline::new(Pace::Explicit { now: instant("2027-01-01T00:00:00Z") });
        let ran = Arc::new(AtomicUsize::new(0));
        let seen = ran.clone();
        let ticket = timeline.plan(instant("2027-01-01T01:00:00Z"), async move {
            seen.fetch_add(1, Ordering::SeqCst);
        });
        timeline.cancel(ticket);
        assert_eq!(timeline.advance_to(instant("2027-01-02T00:00:00Z")).await, 0);
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn what_an_event_causes_at_its_instant_runs_before_time_moves_on() {
        let timeline = Timeline::new(Pace::Explicit { now: instant("2027-01-01T00:00:00Z") });
        let ran = Arc::new(AtomicUsize::new(0));
        let (inner, clock) = (ran.clone(), timeline.clone());
        timeline.at(timeline.now(), async move {
            clock.at(clock.now(), async move {
                inner.fetch_add(1, Ordering::SeqCst);
            });
        });
        assert_eq!(timeline.settle().await, 2);
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    }
}
