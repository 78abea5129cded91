//! `GET /reminders/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use reminder_core::App;
use reminder_core::registration::save;

use crate::caller::Owner;
use crate::problem::Problem;
use crate::request::ReminderId;
use crate::view::ReminderView;

/// Reads a reminder, with everything that happened to it.
#[utoipa::path(
    get, path = "/reminders/{id}", operation_id = "getReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$")),
    responses(
        (status = 200, description = "The reminder", body = ReminderView),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, `user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`: `X-Openid` is missing, wrong, or goes with a login token", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    owner: Owner,
    ReminderId(id): ReminderId,
) -> Result<Json<ReminderView>, Problem> {
    let shown = save::show(&app, &owner.login, &id).await.map_err(|error| owner.problem(error))?;
    Ok(Json(ReminderView::covered(&shown, app.now()).with_timeline(&shown.reminder)))
}
