//! `DELETE /reminders/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use reminder_core::{Core, register};

use crate::problem::Problem;
use crate::request::Caller;

/// Deletes a reminder; what is not claimed yet is not sent any more.
#[utoipa::path(
    delete, path = "/reminders/{id}", tag = "reminders",
    params(("id" = String, Path, description = "The reminder's id")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(core): State<Arc<Core>>,
    Caller(openid): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    register::delete(&core, &openid, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
