//! What an eventually consistent read of the table may lack: the newest write of an item, for a while.
//!
//! DynamoDB promises no moment at which it is there. Where a world wants to see it, such a read never shows a write that is
//! younger than the lag. Indexes are not held back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::timeline::Timeline;
use crate::units::{Item, Layout, Write};

pub(super) struct Replica {
    timeline: Timeline,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lag: SignedDuration,
    /// By its key: when an item was written last, and what was there before.
    before: HashMap<String, (Timestamp, Option<Item>)>,
}

impl Replica {
    pub(super) fn new(timeline: Timeline) -> Self {
        Self { timeline, state: Mutex::default() }
    }

    pub(super) fn lag(&self, lag: SignedDuration) {
        self.state().lag = lag;
    }

    pub(super) fn note(&self, writes: &[Write], before: &[Option<Item>]) {
        let mut state = self.state();
        if state.lag.is_zero() {
            return;
        }
        let (now, lag) = (self.timeline.now(), state.lag);
        state.before.retain(|_, (at, _)| now.duration_since(*at) < lag);
        for (write, before) in writes.iter().zip(before) {
            // Of several writes within the lag, what was there before the first.
            state.before.entry(name(&write.key)).or_insert_with(|| (now, before.clone()));
        }
    }

    /// The answer to a read, as a replica that lags gives it.
    pub(super) fn answer(
        &self,
        layout: &Layout,
        operation: &str,
        request: &Value,
        answer: Vec<u8>,
    ) -> Vec<u8> {
        let state = self.state();
        let may_lag = matches!(operation, "GetItem" | "Query")
            && request["ConsistentRead"] != true
            && request["IndexName"].is_null();
        if state.lag.is_zero() || !may_lag {
            return answer;
        }
        let now = self.timeline.now();
        let before = |key: &Item| {
            let (at, before) = state.before.get(&name(key))?;
            (now.duration_since(*at) < state.lag).then(|| before.clone().map(Value::Object))
        };
        let Ok(mut told) = serde_json::from_slice::<Value>(&answer) else { return answer };
        if operation == "GetItem" {
            let Some(before) = request["Key"].as_object().and_then(before) else { return answer };
            match before {
                Some(item) => told["Item"] = item,
                None => drop(told.as_object_mut().map(|told| told.remove("Item"))),
            }
        } else if let Some(items) = told["Items"].as_array_mut() {
            let as_before =
                |item: &Value| match item.as_object().and_then(|item| before(&layout.key_of(item))) {
                    Some(before) => before,
                    None => Some(item.clone()),
                };
            *items = items.iter().filter_map(as_before).collect();
            let count = items.len();
            told["Count"] = count.into();
        }
        serde_json::to_vec(&told).unwrap_or(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(key: &Item) -> String {
    let mut parts: Vec<String> = key.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.sort_unstable();
    parts.join("&")
}
