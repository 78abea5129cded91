//! `bare`, and the clients: what reminder-dispatch and operations are compared with.

use cold_start::Clients;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cold_start::log();
    let clients = &Clients::new()?;
    run(service_fn(async |_: LambdaEvent<Value>| clients.call_all().await)).await
}
