//! The Lambda function: reads the environment, makes the clients once, serves.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use reminder_core::Core;
use reminder_core::clock::SystemClock;
use reminder_core::environment::Environment;
use reminder_core::metrics::Metrics;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let core = &*Core::new(&Environment::of_process()?, Arc::new(SystemClock), Metrics::to_stdout())?;
    run(service_fn(async |event: LambdaEvent<Value>| {
        reminder_dispatch::invoke(core, event.payload).await.map_err(Error::from)
    }))
    .await
}
