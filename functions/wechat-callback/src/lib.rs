//! Function URL: WeChat's callbacks for both accounts, in any mode and format, answered once.
//!
//! Thin: it opens the envelope, lets [`reminder_core`] act, and seals the answer. Everything known to come from WeChat,
//! readable or not, is answered `success`, whatever went wrong behind it, because failing answers make WeChat stop its callbacks for a minute;
//! only forgeries (403) and state that could not be written (500) get anything else.

mod act;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use reminder_core::account::Account;
use reminder_core::app::health::Kind;
use reminder_core::app::minutes::Sign;
use reminder_core::app::secrets::AccountSecrets;
use reminder_core::{App, AppError, random};
use tokio::time::Instant;
use wechat::{Answer, CallbackError, CallbackQuery, MAX_CALLBACK_BYTES};

/// WeChat waits five seconds; a second is left for the way there and back.
const ANSWERS_WITHIN: Duration = Duration::from_millis(3_700);

/// `GET` verifies the URL, `POST` is a callback; one path per account, with a trailing slash or without: consoles take
/// what was pasted.
pub fn router(app: Arc<App>) -> Router {
    let mini_program = get(verify_mini_program).post(receive_mini_program);
    let service_account = get(verify_service_account).post(receive_service_account);
    Router::new()
        .route("/mini-program", mini_program.clone())
        .route("/mini-program/", mini_program)
        .route("/service-account", service_account.clone())
        .route("/service-account/", service_account)
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

async fn verify_mini_program(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    verify(&app, Account::MiniProgram, query).await
}

async fn verify_service_account(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    verify(&app, Account::ServiceAccount, query).await
}

async fn receive_mini_program(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    receive(&app, Account::MiniProgram, query, body).await
}

async fn receive_service_account(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    receive(&app, Account::ServiceAccount, query, body).await
}

/// WeChat's console asks whether this URL is ours.
async fn verify(app: &App, account: Account, query: Option<String>) -> Response {
    let query = CallbackQuery::parse(query.as_deref().unwrap_or_default());
    let outcome = with_secrets(app, account, |secrets| secrets.callback.verify_url(&query, app.now())).await;
    match outcome {
        Ok(Ok(echostr)) => {
            app.health.note(account, Kind::CallbackAccepted, "URL verification", app.now()).await;
            plain(StatusCode::OK, echostr)
        }
        Ok(Err(forgery)) => refuse(app, account, kind_of(&query, &forgery), &forgery.to_string()).await,
        Err(error) => fail(app, account, &error).await,
    }
}

async fn receive(app: &App, account: Account, query: Option<String>, body: Body) -> Response {
    let deadline = Instant::now() + ANSWERS_WITHIN;
    let Ok(body) = axum::body::to_bytes(body, MAX_CALLBACK_BYTES).await else {
        return refuse(app, account, Kind::StrangerRefused, "the body is over 256 KiB").await;
    };
    let query = CallbackQuery::parse(query.as_deref().unwrap_or_default());
    let opened = with_secrets(app, account, |secrets| secrets.callback.open(&query, &body, app.now())).await;
    let opened = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(unreadable)) if unreadable.is_wechats() => {
            return pass_over(app, account, &unreadable.to_string()).await;
        }
        Ok(Err(forgery)) => {
            return refuse(app, account, kind_of(&query, &forgery), &forgery.to_string()).await;
        }
        Err(error) => return fail(app, account, &error).await,
    };
    let reply = match act::act(app, account, &opened.callback, deadline).await {
        Ok(reply) => reply,
        Err(error) => return fail(app, account, &error).await,
    };
    let now = app.now();
    app.health.note(account, Kind::CallbackAccepted, "", now).await;
    app.minutes.note(account, Sign::Accepted, now, now).await;
    answered(opened.answer(reply.as_ref(), app.now(), random::bytes()))
}

fn answered(answer: Answer) -> Response {
    ([(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
}

/// Opens with the secrets at hand; where the refusal says that they may be old, once more with new ones. An account that
/// they do not have may have been added since.
async fn with_secrets<R>(
    app: &App,
    account: Account,
    open: impl Fn(&AccountSecrets) -> Result<R, CallbackError>,
) -> Result<Result<R, CallbackError>, AppError> {
    let secrets = app.secrets.get(app.now()).await?;
    let outcome = secrets.of(account).map_or(Err(CallbackError::BadSignature), &open);
    match &outcome {
        Err(forgery) if forgery.may_come_of_old_secrets() => {}
        _ => return Ok(outcome),
    }
    match app.secrets.get_newer(app.now()).await? {
        Some(newer) => Ok(newer.of(account).map_or(outcome, &open)),
        None => Ok(outcome),
    }
}

/// Whoever scans the internet for open doors must not look like a wrong key.
fn kind_of(query: &CallbackQuery, forgery: &CallbackError) -> Kind {
    match query.looks_like_wechats() && !forgery.is_a_strangers() {
        true => Kind::CallbackRefused,
        false => Kind::StrangerRefused,
    }
}

/// 403, and nothing changed but the health item. All are counted; the log has a sample, one a minute of each kind: who
/// floods us shall not fill it.
async fn refuse(app: &App, account: Account, kind: Kind, reason: &str) -> Response {
    let now = app.now();
    app.metrics.callback_refused(account, now);
    if app.health.note(account, kind, reason, now).await {
        tracing::warn!(%account, reason, "a callback was refused; others of this minute are only counted");
    }
    StatusCode::FORBIDDEN.into_response()
}

/// It is WeChat's, and nothing can be read in it: a repeat would say the same, and refusals bring its one-minute silence.
async fn pass_over(app: &App, account: Account, reason: &str) -> Response {
    tracing::error!(%account, reason, "a callback of WeChat's could not be read; it is passed over");
    app.health.note(account, Kind::CallbackUnreadable, reason, app.now()).await;
    answered(Answer::success())
}

/// Our own state could not be read or written: WeChat should call again. What it tells us in this minute may be lost.
async fn fail(app: &App, account: Account, error: &AppError) -> Response {
    let now = app.now();
    app.minutes.note(account, Sign::Trouble, now, now).await;
    tracing::error!(%account, %error, "a callback could not be acted on; WeChat will repeat it");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn plain(status: StatusCode, body: impl Into<Bytes>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body.into()).into_response()
}
