//! Who calls, and about whose reminders: a user by the token of their login, or the owner's own server by its key, for any
//! user who is known.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, header};
use reminder_core::app::secrets::Secrets;
use reminder_core::json::error::{Rule, RuleCode};
use reminder_core::person::login::Login;
use reminder_core::person::user::User;
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use wechat::OpenId;

use crate::login_token;
use crate::problem::{Code, Problem};

/// Of whom the server speaks: their openid in the mini program.
pub(crate) const X_OPENID: HeaderName = HeaderName::from_static("x-openid");

/// Who is behind a bearer token.
enum Bearer {
    User(Login),
    Server,
}

/// Who calls, by their token: a user themselves. Whether their profile is there still, whoever reads it says.
pub(crate) struct Caller(pub(crate) Login);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match bearer(app, &parts.headers).await? {
            Bearer::User(login) => Ok(Self(login)),
            Bearer::Server => Err(Problem::new(
                Code::NotForServers,
                "this call is a user's own: it takes the token of their login, not the server's key",
            )),
        }
    }
}

/// Whose reminders a call is about: the caller's own or, where a server calls, those of the user whom it names.
pub(crate) struct Owner {
    pub(crate) login: Login,
    is_named: bool,
}

impl FromRequestParts<Arc<App>> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match bearer(app, &parts.headers).await? {
            // It would say two things about whose reminders these are.
            Bearer::User(_) if parts.headers.contains_key(X_OPENID) => Err(Problem::bad_field(
                "X-Openid",
                RuleCode::Misplaced.says("goes with the server's key; a login token says whose it is"),
            )),
            Bearer::User(login) => Ok(Self { login, is_named: false }),
            Bearer::Server => {
                let openid = named(&parts.headers)?;
                let user = app.table.get::<User>(keys::user(&openid)).await.map_err(AppError::from)?;
                let user = user.ok_or_else(user_unknown)?;
                Ok(Self { login: Login::of(&user.item), is_named: true })
            }
        }
    }
}

impl Owner {
    /// A server cannot log anybody in again: to it, a user who is forgotten meanwhile is unknown.
    pub(crate) fn problem(&self, problem: impl Into<Problem>) -> Problem {
        match problem.into() {
            Problem { code: Code::Unauthorized, .. } if self.is_named => user_unknown(),
            problem => problem,
        }
    }
}

fn user_unknown() -> Problem {
    Problem::new(Code::UserUnknown, "there is no user with this openid: they have to log in first")
}

/// The openid that a server names. Of letters, digits, `-` and `_`, as all of WeChat's are: two headers arrive as one, with a
/// comma between.
fn named(headers: &HeaderMap) -> Result<OpenId, Problem> {
    let given = headers.get(X_OPENID).ok_or_else(|| {
        Problem::bad_field(
            "X-Openid",
            RuleCode::Required.says("is missing: with the server's key it says of whom"),
        )
    })?;
    let is_of_an_openid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let openid = given.to_str().ok().filter(|text| text.bytes().all(is_of_an_openid));
    openid.and_then(|text| OpenId::of_wechats(text.to_owned())).ok_or_else(|| {
        Problem::bad_field(
            "X-Openid",
            Rule::format("openid", "must be one openid of the mini program, as WeChat writes it"),
        )
    })
}

async fn bearer(app: &App, headers: &HeaderMap) -> Result<Bearer, Problem> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Problem::new(Code::Unauthorized, "the Authorization header has no bearer token"))?;
    let secrets = app.secrets.get(app.now()).await.map_err(AppError::from)?;
    let mut known = recognized(app, &secrets, token);
    if known.is_none()
        // Perhaps a key was rotated since ours were fetched; asked at most once a minute.
        && let Ok(Some(newer)) = app.secrets.get_newer(app.now()).await
    {
        known = recognized(app, &newer, token);
    }
    known.ok_or_else(|| {
        Problem::new(Code::Unauthorized, "the token is not valid or has expired: log in again")
    })
}

fn recognized(app: &App, secrets: &Secrets, token: &str) -> Option<Bearer> {
    match &secrets.server_key {
        Some(key) if key.is(token.as_bytes()) => Some(Bearer::Server),
        _ => login_token::verify(app, secrets, token).map(Bearer::User),
    }
}
