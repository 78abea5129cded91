//! `DELETE /me`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use reminder_core::App;
use reminder_core::following::forget;

use crate::caller::Caller;
use crate::problem::Problem;

/// Forgets the user: profile, credits, links and reminders are nobody's from this moment, and are deleted soon after.
/// Repeatable; to every other call the token is good no more.
#[utoipa::path(
    delete, path = "/me", operation_id = "forgetMe", tag = "users",
    responses(
        (status = 204, description = "Forgotten"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`not_for_servers`, `forbidden_origin`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: repeat it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn forget(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
) -> Result<StatusCode, Problem> {
    // A profile that is gone is forgotten, whoever is there now.
    forget::forget(&app, &login.openid, |user| login.is_of(user)).await?;
    Ok(StatusCode::NO_CONTENT)
}
