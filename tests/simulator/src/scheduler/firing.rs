//! What happens when a schedule falls due: its event goes to Lambda, or where undeliverable ones go.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::expression::When;
use super::misfire::Misfire;
use super::schedules::{Key, Scheduler, schedule_arn};
use crate::instant::to_seconds;
use crate::lambda::{Attempts, FunctionName};
use crate::rate::at_a_step;
use crate::timeline::Ticket;

impl Scheduler {
    pub(super) fn plan(&self, key: &Key, nth: u64, at: Timestamp, when: &When) -> Ticket {
        let late = if when.is_once() { self.jitter(key) } else { SignedDuration::ZERO };
        let (scheduler, key) = (self.clone(), key.clone());
        self.shared.timeline.plan(at + late, async move { scheduler.fire(key, nth, at).await })
    }

    async fn fire(self, key: Key, nth: u64, scheduled: Timestamp) {
        match self.turn() {
            None => self.fire_now(key, nth, scheduled).await,
            Some(turn) => {
                let scheduler = self.clone();
                self.shared.timeline.at(turn, async move { scheduler.fire_now(key, nth, scheduled).await });
            }
        }
    }

    /// When it may fire, if that is not now.
    fn turn(&self) -> Option<Timestamp> {
        let now = self.shared.timeline.now();
        let mut state = self.state();
        let wait = state.firings.as_mut()?.take(1, now);
        let turn = at_a_step(now + wait);
        state.held.wait(turn.duration_since(now));
        (turn > now).then_some(turn)
    }

    async fn fire_now(self, key: Key, nth: u64, scheduled: Timestamp) {
        let Some((delivery, misfire)) = self.take(&key, nth, scheduled) else { return };
        match misfire {
            None => self.deliver(&key, &delivery).await,
            Some(Misfire::Twice) => {
                futures::join!(self.deliver(&key, &delivery), self.deliver(&key, &delivery));
            }
            Some(Misfire::Late(span)) => {
                let scheduler = self.clone();
                self.shared.timeline.after(span, async move {
                    scheduler.deliver(&key, &delivery).await;
                    scheduler.finish(&key, nth, &delivery);
                });
                return;
            }
            Some(Misfire::Lost) => {}
        }
        self.finish(&key, nth, &delivery);
    }

    /// What to deliver, and the next firing planned; nothing when the schedule has changed meanwhile.
    fn take(&self, key: &Key, nth: u64, scheduled: Timestamp) -> Option<(Delivery, Option<Misfire>)> {
        let mut state = self.state();
        let at = state.misfires.iter().position(|(part, _)| key.1.contains(part.as_str()));
        let entry = state.schedules.get_mut(key).filter(|entry| entry.nth == nth)?;
        entry.next = entry.when.after(scheduled);
        entry.ticket = entry.next.map(|next| self.plan(key, nth, next, &entry.when));
        let target = &entry.definition.target;
        let delivery = Delivery {
            target: target.arn.clone(),
            input: fill_in(target.input.as_deref(), key, scheduled),
            queue: target.dead_letter_config.as_ref().and_then(|config| config.arn.clone()),
            deletes: entry.next.is_none() && entry.definition.is_deleted_after_completion(),
        };
        let misfire = at.map(|at| state.misfires.remove(at).1);
        Some((delivery, misfire))
    }

    async fn deliver(&self, key: &Key, delivery: &Delivery) {
        match FunctionName::from_arn(&delivery.target) {
            Some(function) => {
                self.shared.lambda.deliver(function, delivery.input.clone(), Attempts::first()).await;
            }
            None => {
                let error = "the target does not exist".to_owned();
                match &delivery.queue {
                    Some(queue) => {
                        self.shared.lambda.bury_undelivered(queue, &schedule_arn(key), &delivery.input, error)
                    }
                    None => tracing::warn!(schedule = key.1, "an event without target and queue is lost"),
                }
            }
        }
    }

    /// AWS deletes a completed schedule shortly after its last delivery, so it is still there while the
    /// target runs: a schedule of the same name made by the target would meet a conflict.
    fn finish(&self, key: &Key, nth: u64, delivery: &Delivery) {
        let mut state = self.state();
        if delivery.deletes && state.schedules.get(key).is_some_and(|entry| entry.nth == nth) {
            state.schedules.remove(key);
        }
    }

    /// The same name and seed have the same share of the jitter.
    fn jitter(&self, key: &Key) -> SignedDuration {
        let whole_ms = u64::try_from(self.shared.options.jitter.as_millis()).unwrap_or_default();
        if whole_ms == 0 {
            return SignedDuration::ZERO;
        }
        let mut hasher = DefaultHasher::new();
        (self.shared.options.random_seed, key).hash(&mut hasher);
        SignedDuration::from_millis(i64::try_from(hasher.finish() % whole_ms).unwrap_or_default())
    }
}

struct Delivery {
    target: String,
    input: Value,
    queue: Option<String>,
    deletes: bool,
}

/// The input with Scheduler's context keywords filled in; without an input, an empty notice.
fn fill_in(input: Option<&str>, key: &Key, scheduled: Timestamp) -> Value {
    let Some(input) = input else {
        return json!({ "resources": [schedule_arn(key)], "time": to_seconds(scheduled), "detail": "{}" });
    };
    let filled = input
        .replace("<aws.scheduler.schedule-arn>", &schedule_arn(key))
        .replace("<aws.scheduler.scheduled-time>", &to_seconds(scheduled))
        .replace("<aws.scheduler.attempt-number>", "1");
    serde_json::from_str(&filled).unwrap_or(Value::String(filled))
}
