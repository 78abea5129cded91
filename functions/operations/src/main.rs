//! The Lambda function: reads the environment, makes the clients once, serves.

// The compiler lays out the whole nest of futures, from Lambda's loop to the request to the table.
#![recursion_limit = "256"]

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use reminder_core::App;
use reminder_core::app::log;
use reminder_core::app::metrics::Metrics;
use reminder_core::aws::environment::Environment;
use reminder_core::clock::SystemClock;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process()?;
    log::to_stdout(environment.log_level);
    let app = &*App::new(&environment, Arc::new(SystemClock), Metrics::to_stdout())?;
    run(service_fn(async |event: LambdaEvent<Value>| {
        // Boxed: one future in another down to the SDK's, and the runtime's around them, are deeper than the compiler looks.
        Box::pin(operations::invoke(app, event.payload)).await.map_err(Error::from)
    }))
    .await
}
