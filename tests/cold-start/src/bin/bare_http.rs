//! What `lambda_http` and a router cost by themselves.

use axum::{Router, routing::get};
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cold_start::log();
    run(Router::new().route("/me", get(async || "hello"))).await
}
