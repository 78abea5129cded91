//! `POST /reminders/{id}/reopen`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use reminder_core::App;
use reminder_core::registration::end;

use crate::caller::Owner;
use crate::problem::Problem;
use crate::request::ReminderId;
use crate::view::ReminderView;

/// Takes "done" back: what is still to come is told after all, one revision on. Of a reminder that is not done nothing is
/// changed.
#[utoipa::path(
    post, path = "/reminders/{id}/reopen", operation_id = "reopenReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$")),
    responses(
        (status = 200, description = "Active again", body = ReminderView),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, `user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`expired`, `too_many_reminders`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`: `X-Openid` is missing, wrong, or goes with a login token", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`: 250 were made or changed today", body = Problem, content_type = "application/problem+json", headers(("Retry-After" = i64, description = "Seconds until the next day begins in China"))),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reopen(
    State(app): State<Arc<App>>,
    owner: Owner,
    ReminderId(id): ReminderId,
) -> Result<Json<ReminderView>, Problem> {
    let reopened = end::reopen(&app, &owner.login, &id).await.map_err(|error| owner.problem(error))?;
    Ok(Json(ReminderView::covered(&reopened, app.now())))
}
