//! `/sim/clock`: what time it is, and at explicit pace, what time it shall be, and how fast it runs by itself.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::player::PLAY_MAX;
use super::refused::Refused;
use super::state::Control;
use crate::instant::to_seconds;

/// No reminder is planned further ahead than ten years; a longer way is a slip.
const ADVANCE_DAYS_MAX: i64 = 20 * 366;

pub(super) fn router() -> Router<Control> {
    Router::new().route("/sim/clock", get(read).post(advance))
}

async fn read(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "now": to_seconds(control.timeline.now()) }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// ISO 8601, as `PT24H` or `P1D`.
    advance: Option<Span>,
    advance_to: Option<Timestamp>,
    /// So many seconds in one; 0 stops it.
    play: Option<u32>,
}

async fn advance(
    State(control): State<Control>,
    body: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    if control.timeline.is_real() {
        return Err(Refused {
            status: StatusCode::CONFLICT,
            error: "real_pace",
            message: "the clock moves by itself here; start with --pace explicit to move it".to_owned(),
        });
    }
    let Json(asked) = body.map_err(|error| Refused::invalid("advance_invalid", error.body_text()))?;
    let now = control.timeline.now();
    if let Advance { play: Some(rate), advance: None, advance_to: None } = asked {
        let rate = control.player.play(rate).ok_or_else(|| {
            Refused::invalid("too_fast", format!("`play` is at most {PLAY_MAX} seconds in one"))
        })?;
        return Ok(Json(json!({ "now": to_seconds(now), "play": rate })));
    }
    let target = target(asked, now)?;
    if target < now {
        return Err(Refused::invalid("backwards", format!("it is already {}", to_seconds(now))));
    }
    if target.duration_since(now).as_hours() > ADVANCE_DAYS_MAX * 24 {
        return Err(Refused::invalid("too_far", "twenty years at once are enough"));
    }
    let timeline = control.timeline.clone();
    let fired = control.finish(async move { timeline.advance_to(target).await }).await;
    match fired {
        Some(fired) => Ok(Json(json!({ "now": to_seconds(control.timeline.now()), "fired": fired }))),
        None => Err(Refused {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error: "event_panicked",
            message: "an event on the way panicked; the log says which".to_owned(),
        }),
    }
}

fn target(asked: Advance, now: Timestamp) -> Result<Timestamp, Refused> {
    match asked {
        Advance { advance: Some(span), advance_to: None, play: None } => span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .and_then(|span| now.checked_add(span))
            .map_err(|error| Refused::invalid("advance_invalid", error.to_string())),
        Advance { advance: None, advance_to: Some(target), play: None } => Ok(target),
        _ => Err(Refused::invalid("advance_invalid", "say `advance`, `advance_to` or `play`")),
    }
}
