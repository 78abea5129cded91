//! Errors as `application/problem+json` (RFC 9457), each with a stable `code` for programs; for bad input every wrong
//! field at once.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use reminder_core::AppError;
use reminder_core::json::error::{FIELD_ERRORS_MAX, FieldError, Rule};
use reminder_core::person::login::ProfileGone;
use reminder_core::registration::save::RegistrationError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::names::RuleCode;

/// What passes by itself has passed by then, mostly.
const RETRY_AFTER_S: i64 = 2;

/// What went wrong, for programs. The names are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is no JSON.
    InvalidJson,
    /// The token is missing, wrong, expired, or of a user who was forgotten since: log in again.
    Unauthorized,
    /// WeChat does not accept the code: ask `wx.login` for another one.
    CodeRejected,
    /// WeChat blocks this user.
    UserBlocked,
    /// The request did not come through the domain in front of this service.
    ForbiddenOrigin,
    /// The call is a user's own, and came with the server's key.
    NotForServers,
    /// There is no such route or reminder.
    NotFound,
    /// The server names a user who never logged in, or was forgotten.
    UserUnknown,
    /// The route does not take this method.
    MethodNotAllowed,
    /// The reminder is done and cannot be changed any more.
    Done,
    /// The reminder has expired.
    Expired,
    /// The reminder was snoozed as often as it may be.
    TooManySnoozes,
    /// The reminder was changed by somebody else: read it again.
    RevisionMismatch,
    /// The body is over 64 KiB.
    BodyTooLarge,
    /// Fields are missing or wrong; `errors` names them all.
    Invalid,
    /// The same `Idempotency-Key` came with another body.
    IdempotencyKeyReused,
    /// The user has as many active reminders as there may be.
    TooManyReminders,
    /// The user has made as much today as a day allows: `Retry-After` says when the next one begins.
    TooManyRequests,
    /// The owner has no service account, so there is nothing to follow.
    NoServiceAccount,
    /// WeChat did not answer: try again in a moment.
    WechatUnavailable,
    /// Our own state could not be reached: try again in a moment.
    Unavailable,
}

/// One wrong field of the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BadField {
    /// Where, such as `pushes[1].days_before`, or the name of a header.
    #[schema(example = "title")]
    pub field: String,
    /// The kind of rule it breaks.
    #[schema(value_type = RuleCode, example = "length")]
    pub code: &'static str,
    /// The numbers and names of the rule, for a sentence in another language.
    #[schema(value_type = Object, example = json!({"min": 1, "max": 200, "found": 240}))]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// Which rule it breaks, in English.
    #[schema(example = "must be 1 to 200 characters; this one has 240")]
    pub message: String,
}

/// An error, RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the kind.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The meaning of the status.
    pub title: &'static str,
    pub status: u16,
    /// What went wrong, for people.
    pub detail: String,
    pub code: Code,
    /// For bad input: every wrong field; of more than a hundred the first hundred, and a last entry says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<BadField>,
    /// Seconds until it may be asked again, where it is not a moment.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after_s: Option<i64>,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Self::InvalidJson => StatusCode::BAD_REQUEST,
            Self::Unauthorized | Self::CodeRejected => StatusCode::UNAUTHORIZED,
            Self::UserBlocked | Self::ForbiddenOrigin | Self::NotForServers => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UserUnknown | Self::NoServiceAccount => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Done | Self::Expired | Self::TooManyReminders | Self::TooManySnoozes => {
                StatusCode::CONFLICT
            }
            Self::RevisionMismatch => StatusCode::PRECONDITION_FAILED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::WechatUnavailable | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = code.status();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// The day's allowance is used up; the next day begins after this time.
    pub(crate) fn over_allowance(detail: impl Into<String>, until_midnight: SignedDuration) -> Self {
        let retry_after_s = Some(until_midnight.as_secs());
        Self { retry_after_s, ..Self::new(Code::TooManyRequests, detail) }
    }

    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.len() {
            1 => "one field is wrong".to_owned(),
            count if count > FIELD_ERRORS_MAX => format!("more than {FIELD_ERRORS_MAX} fields are wrong"),
            count => format!("{count} fields are wrong"),
        };
        let shown = |FieldError { field, rule: Rule { code, params, message } }: FieldError| BadField {
            field,
            code: code.into(),
            params,
            message,
        };
        let errors = errors.into_iter().map(shown).collect();
        Self { errors, ..Self::new(Code::Invalid, detail) }
    }

    pub(crate) fn bad_field(field: &str, rule: Rule) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), rule }])
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let body = serde_json::to_vec(&self).expect("a problem is plain data");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            // RFC 9110 wants the scheme with every 401.
            StatusCode::UNAUTHORIZED => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(r#"Bearer realm="reminder-api""#),
                );
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        tracing::error!(%error, "a request could not be served");
        Self::new(Code::Unavailable, "the service cannot reach its own state; try again in a moment")
    }
}

impl From<ProfileGone> for Problem {
    fn from(error: ProfileGone) -> Self {
        Self::new(Code::Unauthorized, error.to_string())
    }
}

impl From<RegistrationError> for Problem {
    fn from(error: RegistrationError) -> Self {
        let detail = error.to_string();
        match error {
            RegistrationError::Invalid(errors) => Self::invalid(errors),
            RegistrationError::KeyReused => Self::new(Code::IdempotencyKeyReused, detail),
            RegistrationError::TooMany => Self::new(Code::TooManyReminders, detail),
            RegistrationError::OverAllowance(until_midnight) => Self::over_allowance(detail, until_midnight),
            RegistrationError::NotFound => Self::new(Code::NotFound, detail),
            RegistrationError::RevisionMismatch(_) => Self::new(Code::RevisionMismatch, detail),
            RegistrationError::Done => Self::new(Code::Done, detail),
            RegistrationError::Expired => Self::new(Code::Expired, detail),
            RegistrationError::TooManySnoozes(_) => Self::new(Code::TooManySnoozes, detail),
            RegistrationError::ProfileGone(error) => error.into(),
            RegistrationError::App(error) => error.into(),
        }
    }
}

pub(crate) async fn no_such_route() -> Problem {
    Problem::new(Code::NotFound, "there is no such route; GET /openapi.json lists them")
}

pub(crate) async fn no_such_method() -> Problem {
    Problem::new(Code::MethodNotAllowed, "this route does not take this method; see GET /openapi.json")
}
