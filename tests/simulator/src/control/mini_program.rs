//! What the page's phone needs of the world: the mini program's own files as they are, and its way to the API. A page may
//! ask its own address only, and the API is no server for pages (docs/design.md §5).

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Component, Path as FilePath};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use http_body_util::BodyExt;

use super::state::Control;
use crate::lambda::{FunctionName, FunctionUrl};

const PREFIX: &str = "/sim/api";
/// What a mini program is made of; nothing else of its folder is shown.
const TYPES: [(&str, &str); 8] = [
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("wxml", "text/plain; charset=utf-8"),
    ("wxss", "text/plain; charset=utf-8"),
    ("wxs", "text/plain; charset=utf-8"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("svg", "image/svg+xml"),
];

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route("/mini-program/", get(files))
        .route("/mini-program/{*file}", get(file))
        .route("/sim/api/{*path}", any(api))
}

/// What there is, so that nobody asks for what there is not.
async fn files(State(control): State<Control>) -> Json<Vec<String>> {
    let root = control.mini_program;
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(mut entries) = tokio::fs::read_dir(folder).await else { continue };
        while let Ok(Some(entry)) = entries.next_entry().await {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if kind(&path).is_some() {
                let below = path.strip_prefix(&root).unwrap_or(&path);
                found.push(below.to_string_lossy().into_owned());
            }
        }
    }
    found.sort_unstable();
    Json(found)
}

fn kind(file: &FilePath) -> Option<&'static str> {
    let extension = file.extension()?.to_str()?;
    TYPES.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
}

async fn file(State(control): State<Control>, Path(file): Path<String>) -> Response {
    let file = FilePath::new(&file);
    let is_inside = file.components().all(|part| matches!(part, Component::Normal(_)));
    let (Some(kind), true) = (kind(file), is_inside) else { return StatusCode::NOT_FOUND.into_response() };
    match tokio::fs::read(control.mini_program.join(file)).await {
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What a front before the API adds; and, where somebody looks at a user's reminders without being that user, the server's key.
fn adds_secrets(control: &Control, headers: &mut HeaderMap) {
    let secrets = control.ssm.secrets();
    let secret = |name: &str| secrets[name].as_str().map(str::to_owned);
    if let Some(Ok(value)) = secret("origin_secret").map(HeaderValue::try_from) {
        headers.insert("x-origin-secret", value);
    }
    if headers.contains_key("x-openid")
        && let Some(Ok(value)) =
            secret("server_key").map(|key| HeaderValue::try_from(format!("Bearer {key}")))
    {
        headers.entry(header::AUTHORIZATION).or_insert(value);
    }
}

/// The Function URL of `reminder-api`, at the page's own address.
async fn api(State(control): State<Control>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let whole = parts.uri.path_and_query().map(|whole| whole.as_str().to_owned()).unwrap_or_default();
    let rest = whole.strip_prefix(PREFIX).unwrap_or(&whole);
    let (Ok(uri), Ok(body)) = (rest.parse(), body.collect().await) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    parts.uri = uri;
    adds_secrets(&control, &mut parts.headers);
    let request: http::Request<Bytes> = http::Request::from_parts(parts, body.to_bytes());
    let url = FunctionUrl::new(control.lambda.clone(), FunctionName::ReminderApi);
    match url.answer(request, IpAddr::V4(Ipv4Addr::LOCALHOST)).await {
        Ok(response) => response.map(Body::from),
        Err(dropped) => (StatusCode::BAD_GATEWAY, dropped.to_string()).into_response(),
    }
}
