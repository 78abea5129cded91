//! The control API's part that concerns WeChat (docs/design.md §9): what people do with their phones, and what an
//! operator does in a console.
//!
//! A verb changes the state, puts what it causes on the timeline and answers once everything due at this
//! instant has happened. Every answer is JSON, errors too.

mod accounts;
mod authorization;
mod chat;
mod follow;
mod others;
mod subscriptions;
mod users;
mod verb;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use serde_json::json;

use self::verb::respond;
use super::Platform;

/// `/sim/accounts`, `/sim/templates`, `/sim/users`, `/sim/callbacks`.
pub(crate) fn router(platform: Platform) -> Router {
    Router::new()
        .route("/sim/accounts", get(accounts::show))
        .route("/sim/accounts/{account}", post(accounts::change))
        .route("/sim/accounts/{account}/revoke-token", post(accounts::revoke_token))
        .route("/sim/accounts/{account}/verify-url", post(accounts::verify_url))
        .route("/sim/templates", get(accounts::templates).post(accounts::add_template))
        .route("/sim/templates/{template_id}", delete(accounts::delete_template))
        .route("/sim/callbacks", get(accounts::callbacks))
        .route("/sim/users", get(users::list).post(users::add))
        .route("/sim/users/{name}", get(users::show))
        .route("/sim/users/{name}/inbox", get(users::inbox))
        .route("/sim/users/{name}/login", post(users::login))
        .route("/sim/users/{name}/subscribe", post(subscriptions::subscribe))
        .route("/sim/users/{name}/refuse", post(subscriptions::refuse))
        .route("/sim/users/{name}/follow", post(follow::follow))
        .route("/sim/users/{name}/unfollow", post(follow::unfollow))
        .route("/sim/users/{name}/scan", post(follow::scan))
        .route("/sim/users/{name}/block", post(follow::block))
        .route("/sim/users/{name}/unblock", post(follow::unblock))
        .route("/sim/users/{name}/refuse-template", post(follow::refuse_template))
        .route("/sim/users/{name}/allow-template", post(follow::allow_template))
        .route("/sim/users/{name}/blacklist", post(follow::blacklist))
        .route("/sim/users/{name}/unblacklist", post(follow::unblacklist))
        .route("/sim/users/{name}/enter-session", post(chat::enter_session))
        .route("/sim/users/{name}/say", post(chat::say))
        .route("/sim/users/{name}/click", post(chat::click))
        .route("/sim/users/{name}/view", post(chat::view))
        .route("/sim/users/{name}/locate", post(chat::locate))
        .route("/sim/users/{name}/told-by-others", post(others::told))
        .route("/sim/users/{name}/cancel-authorization", post(authorization::cancel))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(platform)
}

async fn method_not_allowed() -> Response {
    respond(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "this path is not called by this method" }))
}
