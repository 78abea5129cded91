//! `GET /reminders`

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use reminder_core::App;
use reminder_core::json::error::{FieldErrors, Rule, RuleCode};
use reminder_core::registration::list::{self as core_list, LIMIT_DEFAULT, LIMIT_MAX, ListError};
use reminder_core::reminder::Lifecycle;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Owner;
use crate::problem::Problem;
use crate::view::ReminderView;

#[derive(Debug, Serialize, ToSchema)]
pub struct ListAnswer {
    /// Soonest expiry first; without `coverage` and `timeline`.
    pub reminders: Vec<ReminderView>,
    /// Where the next page begins; null on the last.
    #[schema(required)]
    pub cursor: Option<String>,
}

/// Lists the user's reminders, soonest expiry first.
#[utoipa::path(
    get, path = "/reminders", operation_id = "listReminders", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(
        ("state" = Option<String>, Query, description = "`active` (default), `done` or `expired`", pattern = "^(active|done|expired)$", example = "active"),
        ("limit" = Option<u32>, Query, description = "How many at most, 1 to 100; 20 by default", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "What the page before gave"),
    ),
    responses(
        (status = 200, description = "A page", body = ListAnswer),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    owner: Owner,
    RawQuery(query): RawQuery,
) -> Result<Json<ListAnswer>, Problem> {
    let query = query.as_deref();
    let mut errors = FieldErrors::default();
    let state = match parameter(query, "state").as_deref() {
        None | Some("active") => Lifecycle::Active,
        Some("done") => Lifecycle::Done,
        Some("expired") => Lifecycle::Expired,
        Some(_) => {
            errors.at(
                "state",
                RuleCode::OneOf
                    .says("must be active, done or expired")
                    .with("allowed", ["active", "done", "expired"].as_slice()),
            );
            Lifecycle::Active
        }
    };
    let limit = match parameter(query, "limit").map(|text| text.parse::<usize>()) {
        None => LIMIT_DEFAULT,
        Some(Ok(limit)) if (1..=LIMIT_MAX).contains(&limit) => limit,
        Some(_) => {
            errors.at(
                "limit",
                RuleCode::Range
                    .says(format!("must be a number from 1 to {LIMIT_MAX}"))
                    .with("min", 1)
                    .with("max", LIMIT_MAX),
            );
            LIMIT_DEFAULT
        }
    };
    errors.into_result(Some(())).map_err(Problem::invalid)?;
    let cursor = parameter(query, "cursor");
    let page =
        core_list::list(&app, &owner.login, state, limit, cursor.as_deref()).await.map_err(|error| {
            match error {
                ListError::Cursor => {
                    Problem::bad_field("cursor", Rule::format("cursor", "must be what the page before gave"))
                }
                ListError::ProfileGone(error) => owner.problem(error),
                ListError::App(error) => error.into(),
            }
        })?;
    let now = app.now();
    let reminders = page.reminders.iter().map(|reminder| ReminderView::new(reminder, now)).collect();
    Ok(Json(ListAnswer { reminders, cursor: page.cursor }))
}

/// The first value of a query parameter, decoded.
pub(crate) fn parameter<'a>(query: Option<&'a str>, name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(query?.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
}
