//! `POST /login`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use reminder_core::app::wechat::CodeError;
use reminder_core::following::login::LoginError;
use reminder_core::json::error::FieldErrors;
use reminder_core::json::fields::Field;
use reminder_core::person::login::Login;
use reminder_core::{App, AppError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use crate::request::JsonBody;
use crate::{login_token, view};

/// WeChat's codes are 32 letters and digits today. Whatever it makes of them, no code is near this long, and none has
/// spaces, control characters or characters beyond ASCII: what has is not passed on to WeChat.
const CODE_CHARS_MAX: usize = 512;

#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct LoginRequest {
    /// What `wx.login` gave.
    #[schema(min_length = 1, max_length = 512, example = "0a3Xyz…")]
    code: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LoginAnswer {
    /// Goes into `Authorization: Bearer <token>`.
    pub token: String,
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// Whether the user follows the service account, as far as we know.
    pub followed: bool,
}

/// Logs a user in with the one-time code of `wx.login`.
#[utoipa::path(
    post, path = "/login", operation_id = "login", tag = "users", security(()),
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Logged in", body = LoginAnswer),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`code_rejected`: ask `wx.login` for another code", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`user_blocked`, `forbidden_origin`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`wechat_unavailable`, `unavailable`: again in a moment, with another code", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn login(
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody,
) -> Result<Json<LoginAnswer>, Problem> {
    let code = read(&body)?;
    if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
        app.metrics.login_rejected(app.now());
        return Err(Problem::new(Code::CodeRejected, "this is no code of wx.login; ask it for another one"));
    }
    let user = reminder_core::following::login::login(&app, code).await.map_err(|error| match error {
        LoginError::Code(CodeError::Rejected(_)) => {
            app.metrics.login_rejected(app.now());
            Problem::new(Code::CodeRejected, error.to_string())
        }
        LoginError::Code(CodeError::Blocked) => {
            app.metrics.login_rejected(app.now());
            Problem::new(Code::UserBlocked, error.to_string())
        }
        LoginError::Code(CodeError::Unavailable(reason)) => {
            tracing::error!(%reason, "WeChat could not be asked who logs in");
            Problem::new(Code::WechatUnavailable, "WeChat could not be asked; ask wx.login again in a moment")
        }
        LoginError::App(error) => error.into(),
    })?;
    let secrets = app.secrets.get(app.now()).await.map_err(AppError::from)?;
    let (token, expires_at) = login_token::issue(&app, &secrets, Login::of(&user));
    Ok(Json(LoginAnswer {
        token,
        expires_at: view::instant(expires_at, &TimeZone::UTC),
        followed: user.follow.followed,
    }))
}

/// Fields beside the code are a client's own business.
fn read(body: &Value) -> Result<&str, Problem> {
    let mut errors = FieldErrors::default();
    let code = Field::document(body).object(&mut errors).and_then(|mut fields| {
        fields.required("code", &mut errors)?.text_of(1..=CODE_CHARS_MAX, &mut errors)
    });
    errors.into_result(code).map_err(Problem::invalid)
}
