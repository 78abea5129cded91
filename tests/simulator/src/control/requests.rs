//! What the functions did and left behind: requests, schedules, dead letters; and a way to `operations`.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::refused::Refused;
use super::state::Control;
use crate::journal::Entry;
use crate::lambda::DeadLetter;
use crate::scheduler::ScheduleView;

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route("/sim/requests", get(requests))
        .route("/sim/schedules", get(schedules))
        .route("/sim/dead-letters", get(dead_letters))
        .route("/sim/operations", post(operations))
}

#[derive(Debug, Deserialize)]
struct Since {
    /// The number of the last entry already seen.
    #[serde(default)]
    since: u64,
    /// Only those made for this reminder.
    reminder: Option<String>,
}

async fn requests(
    State(control): State<Control>,
    query: Result<Query<Since>, QueryRejection>,
) -> Result<Json<Vec<Entry>>, Refused> {
    let Query(Since { since, reminder }) =
        query.map_err(|error| Refused::invalid("since_invalid", error.body_text()))?;
    let mut entries = control.journal.since(since);
    if reminder.is_some() {
        entries.retain(|entry| entry.reminder == reminder);
    }
    Ok(Json(entries))
}

async fn schedules(State(control): State<Control>) -> Json<Vec<ScheduleView>> {
    Json(control.scheduler.schedules())
}

async fn dead_letters(State(control): State<Control>) -> Json<Vec<DeadLetter>> {
    Json(control.lambda.dead_letters())
}

async fn operations(
    State(control): State<Control>,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(event) = body.map_err(|error| Refused::invalid("event_invalid", error.body_text()))?;
    let answer = control.lambda.operate(event).await;
    answer.map(Json).map_err(|error| Refused {
        status: StatusCode::BAD_GATEWAY,
        error: "operation_failed",
        message: error.to_string(),
    })
}
