//! `DELETE /me`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use reminder_core::App;
use reminder_core::following::forget;

use crate::problem::Problem;
use crate::request::Caller;

/// Forgets the user: reminders, schedules, links. Repeatable; the token sees an empty account until it expires.
#[utoipa::path(
    delete, path = "/me", tag = "users",
    responses(
        (status = 204, description = "Forgotten"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: repeat it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn forget(
    State(app): State<Arc<App>>,
    Caller(openid): Caller,
) -> Result<StatusCode, Problem> {
    forget::forget(&app, &openid).await?;
    Ok(StatusCode::NO_CONTENT)
}
