//! `POST /reminders`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use reminder_core::App;
use reminder_core::registration::save;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Owner;
use crate::names::ChannelName;
use crate::problem::Problem;
use crate::request::{JsonBody, idempotency_key};
use crate::view::ReminderView;

/// What expires, and when its owner wants to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct ReminderRequest {
    /// A name among `templates` of `GET /me`.
    #[schema(example = "expiry")]
    template: String,
    #[schema(min_length = 1, max_length = 200, example = "护照")]
    title: String,
    /// Shown as `无` when empty.
    #[schema(required = false, max_length = 500, example = "到出入境大厅换发")]
    note: String,
    /// This or `expires_on`. At least 15 minutes and at most thirty years ahead.
    #[schema(required = false, format = DateTime, example = "2027-03-01T00:00:00+08:00")]
    expires_at: String,
    /// A day of the user's calendar, with whose end it expires.
    #[schema(required = false, format = Date)]
    expires_on: String,
    /// An IANA name; the settings' by default.
    #[schema(required = false, example = "Asia/Shanghai")]
    timezone: String,
    /// It begins anew when it has expired or is done. Its pushes are before the day of expiry then, by less than the period.
    #[schema(required = false)]
    repeat: RepeatRequest,
    /// Distinct instants, each at least ten minutes before it expires; `default_pushes` of `GET /me` if left out.
    #[schema(required = false, min_items = 1, max_items = 3)]
    pushes: Vec<PushRequest>,
    /// Opened by a tap on the message: a relative path of the mini program with its query. `{reminder_id}` in it stands for
    /// the reminder's own id. Empty is the same as none.
    #[schema(required = false, max_length = 1024, example = "pages/item/item?id=42")]
    page: String,
    /// Of a renewal: the last push that was never told is tried again, though it may have been sent.
    #[schema(required = false)]
    again: bool,
}

/// How often.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct RepeatRequest {
    /// `P1W` to `P52W`, `P1M` to `P120M`, or `P1Y` to `P10Y`.
    #[schema(
        pattern = "^P([1-9]|[1-4][0-9]|5[0-2])W$|^P([1-9]|[1-9][0-9]|1[01][0-9]|120)M$|^P([1-9]|10)Y$",
        example = "P1Y"
    )]
    every: String,
}

/// When to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PushRequest {
    Relative(LeadRequest),
    Absolute(AbsolutePush),
}

/// How long before the day of expiry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum LeadRequest {
    Days(DaysPush),
    Weeks(WeeksPush),
    Months(MonthsPush),
}

/// Days before the day of expiry, at a time of day in the user's zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct DaysPush {
    #[schema(minimum = 0, maximum = 3650, example = 30)]
    days_before: u32,
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    time: String,
    /// The only channels it may go by, best first.
    #[schema(required = false, max_items = 3, value_type = Vec<ChannelName>)]
    channels: Vec<String>,
}

/// Weeks before that day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct WeeksPush {
    #[schema(minimum = 0, maximum = 520, example = 2)]
    weeks_before: u32,
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    time: String,
    /// The only channels it may go by, best first.
    #[schema(required = false, max_items = 3, value_type = Vec<ChannelName>)]
    channels: Vec<String>,
}

/// Months before that day, by the calendar: one before 31 March is the last of February.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct MonthsPush {
    #[schema(minimum = 0, maximum = 360, example = 6)]
    months_before: u32,
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    time: String,
    /// The only channels it may go by, best first.
    #[schema(required = false, max_items = 3, value_type = Vec<ChannelName>)]
    channels: Vec<String>,
}

/// A moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct AbsolutePush {
    #[schema(format = DateTime, example = "2027-02-28T20:00:00+08:00")]
    at: String,
    /// The only channels it may go by, best first.
    #[schema(required = false, max_items = 3, value_type = Vec<ChannelName>)]
    channels: Vec<String>,
}

/// Registers a reminder with one to three pushes.
#[utoipa::path(
    post, path = "/reminders", operation_id = "registerReminder", tag = "reminders",
    security(("bearer" = []), ("server_key" = [], "openid" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the same reminder.", max_length = 200, pattern = "^[!-~]{1,200}$")),
    request_body = ReminderRequest,
    responses(
        (status = 201, description = "Registered: it will be told, or said why not", body = ReminderView),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`user_unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`too_many_reminders`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`: 250 were made or changed today", body = Problem, content_type = "application/problem+json", headers(("Retry-After" = i64, description = "Seconds until the next day begins in China"))),
        (status = 503, description = "`unavailable`: repeat it with the same Idempotency-Key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    owner: Owner,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<ReminderView>), Problem> {
    let key = idempotency_key(&headers)?;
    let registered =
        save::register(&app, &owner.login, key, &body).await.map_err(|error| owner.problem(error))?;
    Ok((StatusCode::CREATED, Json(ReminderView::covered(&registered, app.now()))))
}
