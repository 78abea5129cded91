//! The Lambda function: reads the environment, makes the clients once, serves.

use std::sync::Arc;

use lambda_http::Error;
use reminder_core::App;
use reminder_core::app::log;
use reminder_core::app::metrics::Metrics;
use reminder_core::aws::environment::Environment;
use reminder_core::clock::SystemClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process()?;
    log::to_stdout(environment.log_level);
    let app = App::new(&environment, Arc::new(SystemClock), Metrics::to_stdout())?;
    function_url::run(reminder_api::router(app)).await
}
