//! `PATCH /me`, and `POST /me` for `wx.request`, which knows no PATCH (docs/wechat.md §12).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use reminder_core::registration::preferences;
use reminder_core::{App, AppError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::preferences::QuietHoursView;
use super::show::{MeAnswer, Opened, answer};
use crate::caller::Caller;
use crate::names::ChannelName;
use crate::problem::Problem;
use crate::reminders::register::LeadRequest;
use crate::request::JsonBody;

/// What is left out stays, null takes it back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct PreferencesRequest {
    /// An IANA name.
    #[schema(required = false, example = "America/Vancouver")]
    timezone: Option<String>,
    #[schema(required = false)]
    quiet_hours: Option<QuietHoursView>,
    /// Before the day of expiry, at different times.
    #[schema(required = false, min_items = 1, max_items = 3)]
    default_pushes: Option<Vec<LeadRequest>>,
    /// Different channels.
    #[schema(required = false, max_items = 3, value_type = Option<Vec<ChannelName>>, example = json!(["mini_subscription"]))]
    prefer: Option<Vec<String>>,
}

/// Changes how the user wants to be told: what is saved from now on, and moments that the service chooses.
#[utoipa::path(
    patch, path = "/me", operation_id = "changeMe", tag = "users",
    request_body = PreferencesRequest,
    responses(
        (status = 200, description = "The user, as `GET /me` shows them without a scene", body = MeAnswer),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<MeAnswer>, Problem> {
    let now = app.now();
    let settings = app.settings.get(now).await.map_err(AppError::from)?;
    let secrets = app.secrets.get(now).await.map_err(AppError::from)?;
    let user = preferences::change(&app, &login, &body).await?;
    Ok(Json(answer(&user, &settings, secrets.service_account.as_ref(), Opened::default())))
}

/// The same as `PATCH`, for mini programs: `wx.request` knows no `PATCH`.
#[utoipa::path(
    post, path = "/me", operation_id = "changeMeByPost", tag = "users",
    request_body = PreferencesRequest,
    responses(
        (status = 200, description = "The user, as `GET /me` shows them without a scene", body = MeAnswer),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_by_post(
    state: State<Arc<App>>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<MeAnswer>, Problem> {
    change(state, caller, body).await
}
