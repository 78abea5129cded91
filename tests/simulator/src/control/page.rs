//! The page, from `page/` beside `src/`: plain modules and style sheets, as they are. What it shows comes from `/sim`.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::state::Control;

/// Nothing but this page's own files, and no word of anybody's is ever a script.
const OF_THE_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The mini program's frame also compiles templates (WebAssembly) and runs what it read as modules (`blob:`).
const OF_THE_FRAME: &str = "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'";

/// Path and content of the files below `page/`.
macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/page/", $path)))),*]
    };
}

const FILES: &[(&str, &[u8])] = files! {
    "app/backend.mjs"
    "app/boot.mjs"
    "app/elements.css"
    "app/elements.mjs"
    "app/fields.mjs"
    "app/picture.mjs"
    "app/program.mjs"
    "app/stack.mjs"
    "app/tap.mjs"
    "app/wx.mjs"
    "app/wxss.mjs"
    "engine/adapter.js"
    "engine/compiler.js"
    "engine/compiler.wasm.gz"
    "engine/glass-easel.js"
    "icon.svg"
    "index.html"
    "js/bar.mjs"
    "js/behind.mjs"
    "js/dom.mjs"
    "js/main.mjs"
    "js/mischief.mjs"
    "js/people.mjs"
    "js/phone/account.mjs"
    "js/phone/chats.mjs"
    "js/phone/host.mjs"
    "js/phone/message.mjs"
    "js/phone/phone.mjs"
    "js/phone/settings.mjs"
    "js/phone/sheets.mjs"
    "js/phone/welcome.mjs"
    "js/scenes/acts.mjs"
    "js/scenes/list.mjs"
    "js/scenes/scenes.mjs"
    "js/scenes/tour.mjs"
    "js/state.mjs"
    "js/times.mjs"
    "js/why/reminder.mjs"
    "js/why/sequence.mjs"
    "js/why/why.mjs"
    "js/words.mjs"
    "js/words/en.mjs"
    "js/words/zh.mjs"
    "js/world.mjs"
    "phone.html"
    "style/bar.css"
    "style/base.css"
    "style/panels.css"
    "style/phone.css"
};

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route("/", get(async || document("index.html", OF_THE_PAGE)))
        .route("/phone", get(async || document("phone.html", OF_THE_FRAME)))
        .route("/page/{*file}", get(async |Path(path): Path<String>| file(&path)))
}

fn document(path: &str, policy: &'static str) -> Response {
    let mut response = file(path);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    response
}

fn file(path: &str) -> Response {
    let stored = FILES.iter().find(|(known, _)| *known == path || *known == format!("{path}.gz"));
    let Some((known, bytes)) = stored else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, kind(path)),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    match known.ends_with(".gz") {
        true => (headers, [(header::CONTENT_ENCODING, "gzip")], *bytes).into_response(),
        false => (headers, *bytes).into_response(),
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "text/javascript; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const SHOWN: [&str; 6] = ["html", "css", "mjs", "js", "svg", "gz"];

    #[test]
    fn every_file_of_the_page_is_served_and_no_other() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("page");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() && !path.ends_with("node_modules") {
                    folders.push(path);
                } else if SHOWN.iter().any(|kind| path.extension().is_some_and(|found| found == *kind)) {
                    found.push(path.strip_prefix(&root).expect("below it").to_string_lossy().into_owned());
                }
            }
        }
        // What is for `npm`, and for the operator's console alone.
        found.retain(|path| !["engine/build.mjs", "console.html", "js/console.mjs"].contains(&path.as_str()));
        let mut served: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        found.sort();
        served.sort_unstable();
        assert_eq!(served, found);
    }
}
