//! The four functions of the product, as the simulated world hosts them in its own process: the same libraries that
//! the Lambda binaries are made of, with this world's clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use reminder_core::App;
use reminder_core::app::metrics::Metrics;
use reminder_core::aws::environment::Environment;
use reminder_core::clock::Clock;
use serde_json::Value;

use crate::lambda::{Functions, HttpFunction, factory};
use crate::timeline::Timeline;

/// The product's functions.
pub fn built_in() -> Functions {
    with_clocks_off_by(SignedDuration::ZERO)
}

/// The same on machines whose clocks are wrong.
pub fn with_clocks_off_by(error: SignedDuration) -> Functions {
    let app = move |environment: &BTreeMap<String, String>, timeline| make_app(environment, timeline, error);
    Functions {
        wechat_callback: factory(move |environment, timeline| {
            Ok(HttpFunction::new(wechat_callback::router(app(&environment, timeline)?)))
        }),
        reminder_api: factory(move |environment, timeline| {
            Ok(HttpFunction::new(reminder_api::router(app(&environment, timeline)?)))
        }),
        reminder_dispatch: factory(move |environment, timeline| {
            let app = app(&environment, timeline)?;
            Ok(move |event: Value| {
                let app = app.clone();
                async move { reminder_dispatch::invoke(&app, event).await.map_err(|error| error.to_string()) }
            })
        }),
        operations: factory(move |environment, timeline| {
            let app = app(&environment, timeline)?;
            Ok(move |event: Value| {
                let app = app.clone();
                async move { operations::invoke(&app, event).await.map_err(|error| error.to_string()) }
            })
        }),
    }
}

fn make_app(
    environment: &BTreeMap<String, String>,
    timeline: Timeline,
    error: SignedDuration,
) -> Result<Arc<App>, String> {
    let environment =
        Environment::read(|name| environment.get(name).cloned()).map_err(|error| error.to_string())?;
    let clock = Arc::new(SimulatedClock { timeline, error });
    // Lambda takes metrics from standard output; here that belongs to whoever reads it.
    let metrics = Metrics::new(|line| tracing::debug!(target: "metrics", "{line}"));
    App::new(&environment, clock, metrics).map_err(|error| error.to_string())
}

/// The product reads this world's time.
#[derive(Debug)]
struct SimulatedClock {
    timeline: Timeline,
    error: SignedDuration,
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.timeline.now() + self.error
    }
}
