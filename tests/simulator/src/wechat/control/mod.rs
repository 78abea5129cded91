//! The control API's part that concerns WeChat (docs/design.md §9): what people do with their phones, and what an
//! operator does in a console.
//!
//! A verb changes the state, puts what it causes on the timeline and answers once everything due at this
//! instant has happened. Every answer is JSON, errors too.

mod accounts;
mod authorization;
mod chat;
mod follow;
mod subscriptions;
mod users;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Platform;
use super::state::State;
use super::users::UserIndex;

/// Why a verb was not done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    NotFound(String),
    /// Names the field.
    Unprocessable(String),
}

type Outcome = Result<Value, Rejection>;

impl Rejection {
    fn field(field: &str, problem: impl std::fmt::Display) -> Self {
        Self::Unprocessable(format!("{field}: {problem}"))
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::NotFound(error) => (StatusCode::NOT_FOUND, error),
            Self::Unprocessable(error) => (StatusCode::UNPROCESSABLE_ENTITY, error),
        };
        respond(status, &json!({ "error": error }))
    }
}

pub(crate) fn router(platform: Platform) -> Router {
    Router::new()
        .route("/sim/accounts", get(accounts::show))
        .route("/sim/accounts/{account}", post(accounts::change))
        .route("/sim/accounts/{account}/revoke-token", post(accounts::revoke_token))
        .route("/sim/accounts/{account}/verify-url", post(accounts::verify_url))
        .route("/sim/templates", get(accounts::templates).post(accounts::add_template))
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
        .route("/sim/users/{name}/blacklist", post(follow::blacklist))
        .route("/sim/users/{name}/unblacklist", post(follow::unblacklist))
        .route("/sim/users/{name}/enter-session", post(chat::enter_session))
        .route("/sim/users/{name}/say", post(chat::say))
        .route("/sim/users/{name}/click", post(chat::click))
        .route("/sim/users/{name}/view", post(chat::view))
        .route("/sim/users/{name}/locate", post(chat::locate))
        .route("/sim/users/{name}/cancel-authorization", post(authorization::cancel))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(platform)
}

async fn method_not_allowed() -> Response {
    respond(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "this path is not called by this method" }))
}

fn respond(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Reads the body, lets `verb` happen, and waits for what it causes at this instant.
async fn act<B: DeserializeOwned>(
    platform: &Platform,
    body: &Bytes,
    verb: impl FnOnce(&mut State, Timestamp, B) -> Outcome,
) -> Response {
    let read = match read(body) {
        Ok(read) => read,
        Err(rejection) => return rejection.into_response(),
    };
    let outcome = platform.change(|state, now| verb(state, now, read));
    match outcome {
        Ok(answer) => {
            platform.shared.timeline.settle().await;
            respond(StatusCode::OK, &answer)
        }
        Err(rejection) => rejection.into_response(),
    }
}

/// As [`act`], for a verb of one user.
async fn act_as<B: DeserializeOwned>(
    platform: &Platform,
    name: &str,
    body: &Bytes,
    verb: impl FnOnce(&mut State, Timestamp, UserIndex, B) -> Outcome,
) -> Response {
    act(platform, body, |state, now, read| {
        let user = find(state, name)?;
        verb(state, now, user, read)
    })
    .await
}

/// No body at all is an empty object.
fn read<B: DeserializeOwned>(body: &Bytes) -> Result<B, Rejection> {
    let bytes: &[u8] = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    serde_json::from_slice(bytes).map_err(|error| Rejection::Unprocessable(format!("body: {error}")))
}

fn find(state: &State, name: &str) -> Result<UserIndex, Rejection> {
    state.users.named(name).ok_or_else(|| Rejection::NotFound(format!("nobody is called {name:?}")))
}

/// For verbs without a body.
#[derive(Debug, serde::Deserialize)]
struct Nothing {}
