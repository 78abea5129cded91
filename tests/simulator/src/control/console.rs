//! The console page: one plain page that polls one document.

use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::state::Control;
use crate::instant::to_seconds;

/// The newest requests the page shows; it folds what repeats, and the sweep alone makes a hundred a day.
const REQUESTS_SHOWN: u64 = 240;
/// The newest pushes of WeChat the page shows.
const PUSHES_SHOWN: usize = 20;

pub(super) fn router() -> Router<Control> {
    Router::new().route("/", get(page)).route("/sim/console", get(state))
}

async fn page() -> Html<&'static str> {
    Html(include_str!("console.html"))
}

async fn state(State(control): State<Control>) -> Json<Value> {
    let mut requests = control.journal.since(control.journal.last().saturating_sub(REQUESTS_SHOWN));
    requests.reverse();
    let pushes: Vec<_> = control.platform.callbacks().into_iter().rev().take(PUSHES_SHOWN).collect();
    Json(json!({
        "now": to_seconds(control.timeline.now()),
        "pace": if control.timeline.is_real() { "real" } else { "explicit" },
        "users": control.platform.users(),
        "schedules": control.scheduler.schedules(),
        "pushes": pushes,
        "requests": requests,
        "dead_letters": control.lambda.dead_letters(),
        "faults": super::faults::listed(&control),
    }))
}
