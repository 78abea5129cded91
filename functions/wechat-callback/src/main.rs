//! The Lambda function: reads the environment, makes the clients once, serves.

use std::sync::Arc;

use lambda_http::{Error, tracing};
use reminder_core::Core;
use reminder_core::clock::SystemClock;
use reminder_core::environment::Environment;
use reminder_core::metrics::Metrics;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let core = Core::new(&Environment::of_process()?, Arc::new(SystemClock), Metrics::to_stdout())?;
    function_url::run(wechat_callback::router(core)).await
}
