//! The four functions of the product, as the simulated world hosts them in its own process: the same libraries that
//! the Lambda binaries are made of, with this world's clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use reminder_core::Core;
use reminder_core::clock::Clock;
use reminder_core::environment::Environment;
use serde_json::Value;

use crate::lambda::{Functions, HttpFunction, factory};
use crate::timeline::Timeline;

/// The product's functions.
pub fn built_in() -> Functions {
    Functions {
        wechat_callback: factory(|environment, timeline| {
            Ok(HttpFunction::new(wechat_callback::router(core(&environment, timeline)?)))
        }),
        reminder_api: factory(|environment, timeline| {
            Ok(HttpFunction::new(reminder_api::router(core(&environment, timeline)?)))
        }),
        reminder_dispatch: factory(|environment, timeline| {
            let core = core(&environment, timeline)?;
            Ok(move |event: Value| {
                let core = core.clone();
                async move { reminder_dispatch::invoke(&core, event).await.map_err(|error| error.to_string()) }
            })
        }),
        operations: factory(|environment, timeline| {
            let core = core(&environment, timeline)?;
            Ok(move |event: Value| {
                let core = core.clone();
                async move { operations::invoke(&core, event).await.map_err(|error| error.to_string()) }
            })
        }),
    }
}

fn core(environment: &BTreeMap<String, String>, timeline: Timeline) -> Result<Arc<Core>, String> {
    let environment =
        Environment::read(|name| environment.get(name).cloned()).map_err(|error| error.to_string())?;
    Core::new(&environment, Arc::new(SimulatedClock(timeline))).map_err(|error| error.to_string())
}

/// The product reads this world's time.
#[derive(Debug)]
struct SimulatedClock(Timeline);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}
