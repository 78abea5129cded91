//! `/sim/faults`: what shall go wrong, checked so that no slip of the pen waits for ever unmet.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use super::refused::Refused;
use super::state::Control;
use crate::dynamodb;
use crate::faults::{Fault, Planned};
use crate::scheduler;

const DELAY_MS_MAX: u64 = 60_000;
const TIMES_MAX: u32 = 10_000;

pub(super) fn router() -> Router<Control> {
    Router::new().route("/sim/faults", get(not_met).post(plan).delete(clear))
}

async fn not_met(State(control): State<Control>) -> Json<Vec<Planned>> {
    Json(control.faults.not_met())
}

async fn plan(
    State(control): State<Control>,
    body: Result<Json<Planned>, JsonRejection>,
) -> Result<(StatusCode, Json<Planned>), Refused> {
    let Json(planned) = body.map_err(|error| Refused::invalid("fault_invalid", error.body_text()))?;
    check(&planned)?;
    control.faults.plan(planned.clone());
    Ok((StatusCode::CREATED, Json(planned)))
}

async fn clear(State(control): State<Control>) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wechat,
    Aws,
    Push,
}

fn check(planned: &Planned) -> Result<(), Refused> {
    let kind = kind_of(&planned.endpoint)?;
    if !(1..=TIMES_MAX).contains(&planned.times) {
        return Err(Refused::invalid("times_invalid", format!("`times` is 1 to {TIMES_MAX}")));
    }
    let fits = match planned.fault {
        Fault::Errcode(errcode) => kind == Kind::Wechat && errcode != 0,
        Fault::HttpStatus(status) => kind != Kind::Push && (400..600).contains(&status),
        Fault::DelayMs(delay_ms) => kind != Kind::Push && delay_ms <= DELAY_MS_MAX,
        Fault::DropReply(really) => kind != Kind::Push && really,
        Fault::Crash(_) => kind != Kind::Push,
        Fault::Drop(really) => kind == Kind::Push && really,
        Fault::Repeat(times) => kind == Kind::Push && times > 0,
        Fault::AfterS(seconds) => kind == Kind::Push && seconds >= 0,
    };
    if fits {
        return Ok(());
    }
    let possible = match kind {
        Kind::Wechat => {
            "errcode (not 0), http_status (400 to 599), drop_reply (true), delay_ms (up to 60000), crash"
        }
        Kind::Aws => "http_status (400 to 599), drop_reply (true), delay_ms (up to 60000), crash",
        Kind::Push => "drop (true), repeat (at least 1), after_s (at least 0)",
    };
    Err(Refused::invalid("fault_does_not_fit", format!("{} can have: {possible}", planned.endpoint)))
}

fn kind_of(endpoint: &str) -> Result<Kind, Refused> {
    let unknown = |known: &[&str]| {
        Refused::invalid("endpoint_unknown", format!("{endpoint} is none of: {}", known.join(", ")))
    };
    if endpoint.starts_with('/') {
        return Ok(Kind::Wechat);
    }
    match endpoint.split_once(':') {
        Some(("dynamodb", operation)) if dynamodb::OPERATIONS.contains(&operation) => Ok(Kind::Aws),
        Some(("dynamodb", _)) => Err(unknown(&dynamodb::OPERATIONS)),
        Some(("scheduler", operation)) if scheduler::OPERATIONS.contains(&operation) => Ok(Kind::Aws),
        Some(("scheduler", _)) => Err(unknown(&scheduler::OPERATIONS)),
        Some(("ssm", "GetParameter")) => Ok(Kind::Aws),
        Some(("ssm", _)) => Err(unknown(&["GetParameter"])),
        Some(("push", event)) if !event.is_empty() => Ok(Kind::Push),
        _ => Err(unknown(&["a WeChat path", "dynamodb:Operation", "scheduler:Operation", "push:Event"])),
    }
}
