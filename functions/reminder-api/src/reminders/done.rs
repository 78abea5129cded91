//! `POST /reminders/{id}/done`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use reminder_core::App;
use reminder_core::registration::end;

use crate::caller::Owner;
use crate::problem::Problem;
use crate::request::{ReminderId, if_match};
use crate::view::ReminderView;

/// Handled: pushes whose sending has not begun are not sent any more, and a repeated reminder begins its next round.
/// Repeatable: of a repeated one within ten minutes.
#[utoipa::path(
    post, path = "/reminders/{id}/done", operation_id = "completeReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(
        ("id" = String, Path, description = "The reminder's id", pattern = "^[a-z2-7]{20}$"),
        ("If-Match" = Option<String>, Header, description = "The revision you have read, in quotes.", example = "\"1\"", pattern = "^(\"[0-9]{1,19}\"|\\*)$"),
    ),
    responses(
        (status = 200, description = "Done", body = ReminderView),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, `user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`revision_mismatch`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`; also: `X-Openid` is missing, wrong, or goes with a login token", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn done(
    State(app): State<Arc<App>>,
    owner: Owner,
    ReminderId(id): ReminderId,
    headers: HeaderMap,
) -> Result<Json<ReminderView>, Problem> {
    let done = end::done(&app, &owner.login, &id, if_match(&headers)?).await;
    let done = done.map_err(|error| owner.problem(error))?;
    Ok(Json(ReminderView::covered(&done, app.now())))
}
