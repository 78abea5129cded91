//! `POST /me/qrcode`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use jiff::tz::TimeZone;
use reminder_core::following::code::{self, BindError};
use reminder_core::following::profile::Occasion;
use reminder_core::person::login::ProfileGone;
use reminder_core::{App, AppError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::me::show::profile;
use crate::problem::{Code, Problem};
use crate::view;

#[derive(Debug, Serialize, ToSchema)]
pub struct QrcodeAnswer {
    /// A picture of the code, to be shown with `show-menu-by-longpress`.
    #[schema(example = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQH47j…")]
    pub image_url: String,
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// Makes a code that, scanned, follows the service account **and** says who scanned it.
#[utoipa::path(
    post, path = "/me/qrcode", operation_id = "createQrcode", tag = "users",
    responses(
        (status = 201, description = "A code, good for one person, once: the last one, if nobody has used it and it is good for fifteen minutes more, else a new one", body = QrcodeAnswer),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`not_for_servers`, `forbidden_origin`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`no_service_account`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`: 20 were made today", body = Problem, content_type = "application/problem+json", headers(("Retry-After" = i64, description = "Seconds until the next day begins in China"))),
        (status = 503, description = "`wechat_unavailable`, `unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn qrcode(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
) -> Result<(StatusCode, Json<QrcodeAnswer>), Problem> {
    let secrets = app.secrets.get(app.now()).await.map_err(AppError::from)?;
    if secrets.service_account.is_none() {
        return Err(Problem::new(Code::NoServiceAccount, "there is no service account to follow"));
    }
    profile(&app, &login).await?;
    // As who logged in then: nobody is made known by it.
    let occasion = Occasion::Event(login.profile / 1000);
    let code = code::create(&app, &login.openid, occasion).await.map_err(|error| match error {
        BindError::Forgotten => ProfileGone.into(),
        BindError::App(error) => error.into(),
        BindError::OverAllowance(until_midnight) => {
            Problem::over_allowance(error.to_string(), until_midnight)
        }
        BindError::Wechat(error) => {
            tracing::error!(%error, "WeChat made no code");
            Problem::new(Code::WechatUnavailable, "WeChat made no code; try again in a moment")
        }
    })?;
    let expires_at = view::instant(code.expires_at, &TimeZone::UTC);
    Ok((StatusCode::CREATED, Json(QrcodeAnswer { image_url: code.image_url, expires_at })))
}
