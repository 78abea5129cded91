//! `console`: the same answers as a page on loopback, as pages that need no script, and the settings in a form: nothing
//! else here changes anything.
//!
//! Whoever has the address has what the owner's credentials may see, so it carries a random word, is answered to this
//! machine's own names only (another site's page cannot have its name resolve to here and read on), lets no other page
//! read or frame it, and goes when nobody asks any more.

mod app;
mod form;
mod html;
mod page;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::language::Language;
use crate::operations::Operations;
use crate::session::Session;
use crate::words::Word;

/// 130 random bits.
const TOKEN_CHARS: usize = 26;

/// More than settings have, every character of theirs escaped.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What no page of ours needs is forbidden to all of them.
const HEADERS: [(header::HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

struct Site {
    operations: Arc<Operations>,
    language: Language,
    token: String,
    port: u16,
    asked: Notify,
}

/// Until so many minutes have passed without a request.
pub(crate) async fn serve(port: u16, idle: u16, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let language = session.language;
    let failed = |error: std::io::Error| Failure::Broke(language.say(Word::PortTaken, &[&port, &error]));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let token = reminder_core::random::base32(&reminder_core::random::bytes::<17>(), TOKEN_CHARS);
    let address = format!("http://127.0.0.1:{port}/{token}/");
    session.terminal.print(&language.say(Word::ConsoleAt, &[&address, &idle]));
    let site =
        Arc::new(Site { operations: session.operations(), language, token, port, asked: Notify::new() });
    let router = Router::new().fallback(answer).with_state(site.clone());
    let idle = Duration::from_secs(u64::from(idle) * 60);
    let nobody_asks = async move { while timeout(idle, site.asked.notified()).await.is_ok() {} };
    axum::serve(listener, router).with_graceful_shutdown(nobody_asks).await.map_err(failed)
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    let mut response = match admitted(&site, &request).map(str::to_owned) {
        Ok(path) => {
            site.asked.notify_one();
            shown(&site, &path, request).await
        }
        Err(status) => status.into_response(),
    };
    // What a response says of itself stays: the page with a script has a policy of its own.
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn shown(site: &Site, path: &str, request: Request) -> Response {
    let (operations, language) = (&site.operations, site.language);
    if request.method() == Method::POST {
        return match to_bytes(request.into_body(), BODY_BYTES_MAX).await {
            Ok(body) => {
                let (status, shown) = form::put(&body, operations, language).await;
                (status, Html(page::around(&shown, operations.place(), language))).into_response()
            }
            Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        };
    }
    let query = request.uri().query().unwrap_or_default();
    if app::has(path) {
        return app::of(path, query, operations, language).await;
    }
    let (status, html) = page::of(path, query, operations, language).await;
    (status, Html(html)).into_response()
}

/// The path behind the token, of whoever may ask.
fn admitted<'a>(site: &Site, request: &'a Request) -> Result<&'a str, StatusCode> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| is_ours(site, host)) {
        return Err(StatusCode::MISDIRECTED_REQUEST);
    }
    let path = request.uri().path().trim_start_matches('/');
    let (token, rest) = path.split_once('/').ok_or(StatusCode::NOT_FOUND)?;
    if !bool::from(token.as_bytes().ct_eq(site.token.as_bytes())) {
        return Err(StatusCode::NOT_FOUND);
    }
    match *request.method() {
        Method::GET => Ok(rest),
        Method::POST if rest == form::PATH => match is_from_elsewhere(site, request) {
            true => Err(StatusCode::FORBIDDEN),
            false => Ok(rest),
        },
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn is_ours(site: &Site, host: &str) -> bool {
    ["127.0.0.1", "localhost"].iter().any(|name| format!("{name}:{}", site.port) == host)
}

/// Another site's page would have to know the address; should it, its browser says where it comes from. Ours says nothing
/// or `null`, for it has no referrer.
fn is_from_elsewhere(site: &Site, request: &Request) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return false };
    let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    origin != "null" && !host.is_some_and(|host| is_ours(site, host))
}
