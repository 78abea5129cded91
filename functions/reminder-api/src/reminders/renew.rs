//! `PUT /reminders/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use reminder_core::App;
use reminder_core::registration::save;

use super::register::ReminderRequest;
use crate::caller::Owner;
use crate::problem::Problem;
use crate::request::{JsonBody, ReminderId, if_match};
use crate::view::ReminderView;

/// Replaces the whole content; pushes whose sending has not begun are planned anew.
#[utoipa::path(
    put, path = "/reminders/{id}", operation_id = "renewReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(
        ("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$"),
        ("If-Match" = Option<String>, Header, description = "The revision you have read, in quotes.", example = "\"1\"", pattern = "^(\"[0-9]{1,19}\"|\\*)$"),
    ),
    request_body = ReminderRequest,
    responses(
        (status = 200, description = "Renewed, one revision on", body = ReminderView),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, `user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`done`, `too_many_reminders`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`revision_mismatch`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`: 250 were made or changed today", body = Problem, content_type = "application/problem+json", headers(("Retry-After" = i64, description = "Seconds until the next day begins in China"))),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    owner: Owner,
    ReminderId(id): ReminderId,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<ReminderView>, Problem> {
    let revision = if_match(&headers)?;
    let renewed =
        save::renew(&app, &owner.login, &id, revision, &body).await.map_err(|error| owner.problem(error))?;
    Ok(Json(ReminderView::covered(&renewed, app.now())))
}
