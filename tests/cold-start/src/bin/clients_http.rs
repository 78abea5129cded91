//! `bare-http`, and the clients: what wechat-callback and reminder-api are compared with.

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::get};
use cold_start::Clients;
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    cold_start::log();
    run(Router::new().route("/me", get(call_all)).with_state(Arc::new(Clients::new()?))).await
}

async fn call_all(State(clients): State<Arc<Clients>>) -> Result<String, StatusCode> {
    clients.call_all().await.map_err(|_| StatusCode::BAD_GATEWAY)
}
