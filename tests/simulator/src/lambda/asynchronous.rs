//! Lambda's queue for events nobody waits for: a failed one is tried twice more, after one minute and
//! after two more, then it goes to the dead letters (docs/aws.md §4). Throttled ones wait for up to an hour.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::PoisonError;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::pools::{Invocation, Progress};
use super::{DeadLetter, FunctionName, InvokeError, Lambda};
use crate::stack::DEAD_LETTER_QUEUE_ARN;

const RETRY_DELAYS: [SignedDuration; 2] = [SignedDuration::from_mins(1), SignedDuration::from_mins(2)];
const THROTTLED_DELAY_MAX: SignedDuration = SignedDuration::from_mins(5);
/// As the template has it for dispatch.
const EVENT_AGE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// How often an event has been tried and refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attempts {
    failed: usize,
    throttled: u32,
    since: Option<Timestamp>,
}

/// An event that was accepted, and how often it has been tried.
struct Delivery {
    function: FunctionName,
    event: Value,
    attempts: Attempts,
}

impl Attempts {
    pub fn first() -> Self {
        Self::default()
    }

    /// Counts one more failure; with it the wait before the next attempt, if there is to be one.
    fn after(self, error: &InvokeError, now: Timestamp) -> (Self, Option<SignedDuration>) {
        let since = self.since.unwrap_or(now);
        if *error == InvokeError::Throttled {
            let throttled = self.throttled + 1;
            let delay = SignedDuration::from_secs(1 << throttled.min(9)).min(THROTTLED_DELAY_MAX);
            let in_time = now.duration_since(since) < EVENT_AGE_MAX;
            (Self { throttled, since: Some(since), ..self }, Some(delay).filter(|_| in_time))
        } else {
            let delay = RETRY_DELAYS.get(self.failed).copied();
            (Self { failed: self.failed + 1, since: Some(since), ..self }, delay)
        }
    }
}

/// Between half of it and all of it; the same for the same event.
fn spread(delay: SignedDuration, event: &Value) -> SignedDuration {
    let mut hasher = DefaultHasher::new();
    (event.to_string(), delay.as_secs()).hash(&mut hasher);
    let steps = i32::try_from(hasher.finish() % 50).unwrap_or_default();
    delay / 2 + delay / 100 * steps
}

impl Lambda {
    /// Accepts an event; it runs as an event of its own at this instant.
    pub fn accept(&self, function: FunctionName, event: Value) {
        let lambda = self.clone();
        let now = self.shared.timeline.now();
        self.shared.timeline.at(now, async move { lambda.deliver(function, event, Attempts::first()).await });
    }

    /// Runs an accepted event now, and plans what follows a failure.
    // Boxed: an attempt plans the next one.
    pub fn deliver(
        &self,
        function: FunctionName,
        event: Value,
        attempts: Attempts,
    ) -> BoxFuture<'static, ()> {
        let lambda = self.clone();
        Box::pin(async move {
            let _place = match &lambda.shared.queue {
                Some(queue) => queue.acquire().await.ok(),
                None => None,
            };
            let begun = lambda.begin(function, event.clone());
            let delivery = Delivery { function, event, attempts };
            match begun {
                Ok(invocation) => lambda.see_through(delivery, invocation).await,
                Err(error) => lambda.failed(delivery, &error),
            }
        })
    }

    /// To the answer; where an environment stands still, the rest is an event of the moment when it goes on.
    // Boxed: it may stand still more than once.
    fn see_through(&self, delivery: Delivery, mut invocation: Invocation) -> BoxFuture<'static, ()> {
        let lambda = self.clone();
        Box::pin(async move {
            match invocation.progress().await {
                Progress::Answered(Ok(_)) => {}
                Progress::Answered(Err(error)) => lambda.failed(delivery, &error),
                Progress::Frozen(until) => {
                    let again = lambda.clone();
                    lambda.shared.timeline.at(until, async move {
                        invocation.sandbox.thaw(until);
                        again.see_through(delivery, invocation).await;
                    });
                }
            }
        })
    }

    fn failed(&self, delivery: Delivery, error: &InvokeError) {
        let Delivery { function, event, attempts } = delivery;
        tracing::info!(function = function.as_str(), %error, "an event failed");
        let now = self.shared.timeline.now();
        let (attempts, delay) = attempts.after(error, now);
        // What was refused together does not come back together.
        let spread = |delay| if *error == InvokeError::Throttled { spread(delay, &event) } else { delay };
        let delay = delay.map(spread);
        match delay {
            Some(delay) => {
                if *error == InvokeError::Throttled {
                    self.is_held(delay);
                }
                let again = self.clone();
                self.shared.timeline.after(delay, async move {
                    again.deliver(function, event, attempts).await;
                });
            }
            None => self.bury(DeadLetter {
                at: now,
                queue: DEAD_LETTER_QUEUE_ARN.to_owned(),
                source: function.arn(),
                error: error.to_string(),
                attempts: attempts.failed,
                event,
            }),
        }
    }

    /// An event that never reached a function.
    pub(crate) fn bury_undelivered(&self, queue: &str, source: &str, event: &Value, error: String) {
        self.bury(DeadLetter {
            at: self.shared.timeline.now(),
            queue: queue.to_owned(),
            source: source.to_owned(),
            error,
            attempts: 0,
            event: event.clone(),
        });
    }

    /// Everything given up so far, oldest first.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.shared.dead_letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn bury(&self, letter: DeadLetter) {
        self.shared.dead_letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
    }
}
