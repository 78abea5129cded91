//! `GET /reminders/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use reminder_core::App;
use reminder_core::registration::save;

use crate::problem::Problem;
use crate::request::{Caller, ReminderId};
use crate::view::ReminderView;

/// Reads a reminder, with everything that happened to it.
#[utoipa::path(
    get, path = "/reminders/{id}", tag = "reminders",
    params(("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$")),
    responses(
        (status = 200, description = "The reminder", body = ReminderView),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
    ReminderId(id): ReminderId,
) -> Result<Json<ReminderView>, Problem> {
    let shown = save::show(&app, &login, &id).await?;
    Ok(Json(ReminderView::covered(&shown, app.now()).with_timeline(&shown.reminder)))
}
