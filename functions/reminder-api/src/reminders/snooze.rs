//! `POST /reminders/{id}/snooze`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use reminder_core::App;
use reminder_core::registration::snooze as core_snooze;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Owner;
use crate::problem::Problem;
use crate::request::{JsonBody, ReminderId};
use crate::view::ReminderView;

/// When to be told once more, five minutes to a year ahead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SnoozeRequest {
    For(SnoozeFor),
    Until(SnoozeUntil),
}

/// For a while, by the user's calendar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct SnoozeFor {
    /// A duration of ISO 8601.
    #[schema(
        pattern = "^P([1-9][0-9]{0,2}D(T[1-9][0-9]?H)?|[1-9][0-9]?[WM]|T[1-9][0-9]{0,2}[HM])$",
        example = "P1D"
    )]
    r#for: String,
    /// Also when the reminder has expired by then; not of a repeated one.
    #[schema(required = false)]
    after_expiry: bool,
}

/// Until a moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct SnoozeUntil {
    #[schema(format = DateTime, example = "2027-02-27T20:00:00+08:00")]
    until: String,
    /// As with `for`.
    #[schema(required = false)]
    after_expiry: bool,
}

/// Tells it once more: one push besides the others, at most three in a round. The same again within five minutes of that
/// moment changes nothing.
#[utoipa::path(
    post, path = "/reminders/{id}/snooze", operation_id = "snoozeReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$")),
    request_body = SnoozeRequest,
    responses(
        (status = 200, description = "Snoozed", body = ReminderView),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, `user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`done`, `too_many_snoozes`, `too_many_reminders`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`: 250 were made or changed today", body = Problem, content_type = "application/problem+json", headers(("Retry-After" = i64, description = "Seconds until the next day begins in China"))),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn snooze(
    State(app): State<Arc<App>>,
    owner: Owner,
    ReminderId(id): ReminderId,
    JsonBody(body): JsonBody,
) -> Result<Json<ReminderView>, Problem> {
    let snoozed = core_snooze::snooze(&app, &owner.login, &id, &body).await;
    let snoozed = snoozed.map_err(|error| owner.problem(error))?;
    Ok(Json(ReminderView::covered(&snoozed, app.now())))
}
