//! How a verb is done: read, let happen, waited for, and answered.

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::wechat::Platform;
use crate::wechat::state::State;
use crate::wechat::users::UserIndex;

/// Why a verb was not done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    NotFound(String),
    /// Names the field.
    Unprocessable(String),
}

pub(super) type Outcome = Result<Value, Rejection>;

impl Rejection {
    pub(super) fn field(field: &str, problem: impl std::fmt::Display) -> Self {
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

pub(super) fn respond(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Reads the body, lets `verb` happen, and waits for what it causes at this instant.
pub(super) async fn act<B: DeserializeOwned>(
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
pub(super) async fn act_as<B: DeserializeOwned>(
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

pub(super) fn find(state: &State, name: &str) -> Result<UserIndex, Rejection> {
    state.users.named(name).ok_or_else(|| Rejection::NotFound(format!("nobody is called {name:?}")))
}

/// For verbs without a body.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Nothing {}
