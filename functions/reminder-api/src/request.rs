//! What somebody calls with: extractors that answer with a problem when something is wrong.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use http::request::Parts;
use http::{HeaderMap, header};
use reminder_core::json::error::{Rule, RuleCode};
use reminder_core::json::surrogates;
use reminder_core::random;
use reminder_core::registration::save::RegistrationError;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// A reminder has a few hundred characters (docs/design.md §5).
const BODY_BYTES_MAX: usize = 64 * 1024;
/// A key is a UUID or the like.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 200;

/// The id in the path, if it can be one: what is no id of ours names no reminder.
pub(crate) struct ReminderId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for ReminderId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path::<String>(id)) if random::is_id(&id) => Ok(Self(id)),
            _ => Err(RegistrationError::NotFound.into()),
        }
    }
}

/// The body as JSON, whatever its content type says.
pub(crate) struct JsonBody(pub(crate) Value);

impl<S: Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Self, Problem> {
        let bytes = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX)
            .await
            .map_err(|_| Problem::new(Code::BodyTooLarge, "the body may have 64 KiB"))?;
        let read = serde_json::from_slice(&bytes).or_else(|error| {
            surrogates::marked(&bytes).and_then(|text| serde_json::from_str(&text).ok()).ok_or(error)
        });
        read.map(Self).map_err(|error| {
            let detail = match bytes.is_empty() {
                true => "the body is missing; it must be JSON".to_owned(),
                false => format!("the body is no JSON (line {}, column {})", error.line(), error.column()),
            };
            Problem::new(Code::InvalidJson, detail)
        })
    }
}

/// The `Idempotency-Key`, if there is one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| {
        (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::bad_field(
            "Idempotency-Key",
            RuleCode::Length
                .says("must be 1 to 200 visible ASCII characters without spaces")
                .with("min", 1)
                .with("max", IDEMPOTENCY_KEY_CHARS_MAX),
        )),
    }
}

/// The revision in `If-Match: "<revision>"`, if there is one; `*` matches any.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let revision =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    match revision {
        Some(revision) => Ok(Some(revision)),
        None => Err(Problem::bad_field(
            "If-Match",
            Rule::format("revision", r#"must be the revision in quotes, such as "3""#),
        )),
    }
}
