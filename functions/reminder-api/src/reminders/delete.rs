//! `DELETE /reminders/{id}`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use reminder_core::App;
use reminder_core::registration::end;

use crate::caller::Owner;
use crate::problem::Problem;
use crate::request::ReminderId;

/// Deletes a reminder; pushes whose sending has not begun are not sent any more.
#[utoipa::path(
    delete, path = "/reminders/{id}", operation_id = "deleteReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, `user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`: `X-Openid` is missing, wrong, or goes with a login token", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    owner: Owner,
    ReminderId(id): ReminderId,
) -> Result<StatusCode, Problem> {
    end::delete(&app, &owner.login, &id).await.map_err(|error| owner.problem(error))?;
    Ok(StatusCode::NO_CONTENT)
}
