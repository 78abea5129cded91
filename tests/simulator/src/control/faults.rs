//! `/sim/faults`: what shall go wrong, checked so that no slip of the pen waits for ever unmet.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::{Deserialize, Serialize};

use super::refused::Refused;
use super::state::Control;
use crate::dynamodb;
use crate::faults::{Disturbance, Fault, Planned};
use crate::scheduler;
use crate::wechat::AccountName;

const DELAY_MS_MAX: u64 = 60_000;
const FREEZE_S_MAX: u32 = 86_400;
const TIMES_MAX: u32 = 10_000;
const ACCOUNTS: [&str; 2] = [AccountName::MiniProgram.in_words(), AccountName::ServiceAccount.in_words()];

pub(super) fn router() -> Router<Control> {
    Router::new().route("/sim/faults", get(not_met).post(plan).delete(clear))
}

/// As answered and listed: what waits to be met, or what lasts for a while.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Listed {
    Planned(Planned),
    Disturbance(Disturbance),
}

/// Everything that may still go wrong.
pub(super) fn listed(control: &Control) -> Vec<Listed> {
    let disturbances = control.faults.disturbances(control.timeline.now());
    let planned = control.faults.not_met().into_iter().map(Listed::Planned);
    planned.chain(disturbances.into_iter().map(Listed::Disturbance)).collect()
}

async fn not_met(State(control): State<Control>) -> Json<Vec<Listed>> {
    Json(listed(&control))
}

/// Either `times`, or how long: `for` or `until`, and perhaps `from`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    endpoint: String,
    fault: Fault,
    times: Option<u32>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// ISO 8601, as `PT12M` or `P1D`.
    #[serde(rename = "for")]
    span: Option<Span>,
}

async fn plan(
    State(control): State<Control>,
    body: Result<Json<Asked>, JsonRejection>,
) -> Result<(StatusCode, Json<Listed>), Refused> {
    let Json(asked) = body.map_err(|error| Refused::invalid("fault_invalid", error.body_text()))?;
    check(&asked.endpoint, asked.fault)?;
    let from = asked.from.unwrap_or_else(|| control.timeline.now());
    let listed = match until(&asked, from)? {
        Some(until) => {
            let disturbance = Disturbance { endpoint: asked.endpoint, fault: asked.fault, from, until };
            control.faults.disturb(disturbance.clone());
            Listed::Disturbance(disturbance)
        }
        None => {
            let times = asked.times.unwrap_or(1);
            if !(1..=TIMES_MAX).contains(&times) {
                return Err(Refused::invalid("times_invalid", format!("`times` is 1 to {TIMES_MAX}")));
            }
            let planned = Planned { endpoint: asked.endpoint, fault: asked.fault, times };
            control.faults.plan(planned.clone());
            Listed::Planned(planned)
        }
    };
    Ok((StatusCode::CREATED, Json(listed)))
}

/// The end of what was asked to last for a while.
fn until(asked: &Asked, from: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let invalid = |message: &str| Refused::invalid("time_invalid", message);
    let until = match (asked.span, asked.until) {
        (None, None) if asked.from.is_some() => return Err(invalid("`from` wants `for` or `until`")),
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(invalid("say either `for` or `until`")),
        (None, Some(until)) => until,
        (Some(span), None) => span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .and_then(|span| from.checked_add(span))
            .map_err(|error| invalid(&error.to_string()))?,
    };
    match (asked.times, until > from) {
        (Some(_), _) => Err(invalid("what lasts for a while is not counted: leave out `times`")),
        (None, false) => Err(invalid("it would be over before it began")),
        (None, true) => Ok(Some(until)),
    }
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

fn check(endpoint: &str, fault: Fault) -> Result<(), Refused> {
    let kind = kind_of(endpoint)?;
    let fits = match fault {
        Fault::Errcode(errcode) => kind == Kind::Wechat && errcode != 0,
        Fault::HttpStatus(status) => kind != Kind::Push && (400..600).contains(&status),
        Fault::DelayMs(delay_ms) => kind != Kind::Push && delay_ms <= DELAY_MS_MAX,
        Fault::DropRequest(really) | Fault::DropReply(really) => kind != Kind::Push && really,
        Fault::Crash(_) => kind != Kind::Push,
        Fault::FreezeS(seconds) => kind != Kind::Push && (1..=FREEZE_S_MAX).contains(&seconds),
        Fault::ZeroMsgid(really) | Fault::Drop(really) => kind == Kind::Push && really,
        Fault::Repeat(times) => kind == Kind::Push && times > 0,
        Fault::AfterS(seconds) => kind == Kind::Push && seconds >= 0,
    };
    if fits {
        return Ok(());
    }
    let possible = match kind {
        Kind::Wechat => {
            "errcode (not 0), http_status (400 to 599), drop_request (true), drop_reply (true), \
             delay_ms (up to 60000), freeze_s (1 to 86400), crash"
        }
        Kind::Aws => {
            "http_status (400 to 599), drop_request (true), drop_reply (true), delay_ms (up to 60000), \
             freeze_s (1 to 86400), crash"
        }
        Kind::Push => "drop (true), repeat (at least 1), after_s (at least 0), zero_msgid (true)",
    };
    Err(Refused::invalid("fault_does_not_fit", format!("{endpoint} can have: {possible}")))
}

fn kind_of(endpoint: &str) -> Result<Kind, Refused> {
    let unknown = |known: &[&str]| {
        Refused::invalid("endpoint_unknown", format!("{endpoint} is none of: {}", known.join(", ")))
    };
    if endpoint.starts_with('/') {
        return Ok(Kind::Wechat);
    }
    match endpoint.split_once(':') {
        Some(("sends", account)) if ACCOUNTS.contains(&account) => Ok(Kind::Wechat),
        Some(("sends", _)) => Err(unknown(&ACCOUNTS)),
        Some(("dynamodb", operation)) if dynamodb::OPERATIONS.contains(&operation) => Ok(Kind::Aws),
        Some(("dynamodb", _)) => Err(unknown(&dynamodb::OPERATIONS)),
        Some(("scheduler", operation)) if scheduler::OPERATIONS.contains(&operation) => Ok(Kind::Aws),
        Some(("scheduler", _)) => Err(unknown(&scheduler::OPERATIONS)),
        Some(("ssm", "GetParameter")) => Ok(Kind::Aws),
        Some(("ssm", _)) => Err(unknown(&["GetParameter"])),
        Some(("push", event)) if !event.is_empty() => Ok(Kind::Push),
        _ => Err(unknown(&[
            "a WeChat path",
            "sends:account",
            "dynamodb:Operation",
            "scheduler:Operation",
            "push:Event",
        ])),
    }
}
