//! `DELETE /reminders/{id}`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use reminder_core::App;
use reminder_core::registration::end;

use crate::problem::Problem;
use crate::request::{Caller, ReminderId};

/// Deletes a reminder; pushes whose sending has not begun are not sent any more.
#[utoipa::path(
    delete, path = "/reminders/{id}", tag = "reminders",
    params(("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
    ReminderId(id): ReminderId,
) -> Result<StatusCode, Problem> {
    end::delete(&app, &login, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
