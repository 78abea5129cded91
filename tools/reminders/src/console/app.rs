//! The page of the local world without its phone, and the answers of operations that change nothing, as JSON. What it says
//! and how it looks is in `tests/simulator/page`; a browser does the rest.

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::language::Language;
use crate::operations::Operations;

/// Nothing but this page's own files, and no word of anybody's is ever a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is answered here. Whatever changes something is asked for at the terminal, where it can be thought over.
const ASKED: [&str; 9] = [
    "doctor",
    "quota.show",
    "reminder.show",
    "settings.get",
    "stats",
    "templates.list",
    "user.export",
    "user.find",
    "user.show",
];
pub(super) const STATS_DAYS: u64 = 7;

/// Path and content of the files it is made of.
macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/simulator/page/", $path)))),*]
    };
}

const FILES: &[(&str, &[u8])] = files! {
    "console.html"
    "icon.svg"
    "js/bar.mjs"
    "js/behind.mjs"
    "js/console.mjs"
    "js/dom.mjs"
    "js/state.mjs"
    "js/times.mjs"
    "js/why/reminder.mjs"
    "js/why/sequence.mjs"
    "js/words.mjs"
    "js/words/en.mjs"
    "js/words/zh.mjs"
    "js/world.mjs"
    "style/bar.css"
    "style/base.css"
    "style/panels.css"
};

/// Whether this is the one to answer.
pub(super) fn has(path: &str) -> bool {
    matches!(path, "" | "ask") || path.starts_with("page/")
}

pub(super) async fn of(path: &str, query: &str, operations: &Operations, language: Language) -> Response {
    match path {
        "" => file("console.html"),
        "ask" => answer(query, operations, language).await,
        path => path.strip_prefix("page/").map_or_else(|| StatusCode::NOT_FOUND.into_response(), file),
    }
}

fn file(path: &str) -> Response {
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    match FILES.iter().find(|(known, _)| *known == path) {
        Some((_, bytes)) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)];
            (headers, Bytes::from_static(bytes)).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn answer(query: &str, operations: &Operations, language: Language) -> Response {
    let mut event: Map<String, Value> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| matches!(name.as_ref(), "operation" | "language" | "openid" | "id" | "reminder"))
        .map(|(name, value)| (name.into_owned(), value.trim().into()))
        .collect();
    let operation = event.get("operation").and_then(Value::as_str).unwrap_or_default();
    if !ASKED.contains(&operation) {
        return (StatusCode::FORBIDDEN, axum::Json(json!({ "error": "this is not asked here" })))
            .into_response();
    }
    if operation == "stats" {
        event.insert("days".to_owned(), STATS_DAYS.into());
    }
    let (status, found) = match operations.ask(&Value::Object(event), language).await {
        Ok(found) | Err(Failure::Answer(found)) => (StatusCode::OK, found),
        Err(failure) => (StatusCode::BAD_GATEWAY, json!({ "error": failure.text(language) })),
    };
    (status, axum::Json(found)).into_response()
}
