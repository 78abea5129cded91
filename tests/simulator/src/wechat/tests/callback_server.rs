//! A small callback that answers what it is told to and keeps what it was sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

#[derive(Debug, Clone)]
pub(super) struct Delivered {
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: String,
}

impl Delivered {
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Answers from the front of the queue, `200 success` once it is empty.
#[derive(Clone, Default)]
pub(super) struct CallbackServer {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    answers: VecDeque<(u16, String)>,
    delivered: Vec<Delivered>,
}

impl CallbackServer {
    /// Starts serving; answers the base URL.
    pub(super) async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(receive).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    pub(super) fn answers(&self, status: u16, body: impl Into<String>) {
        self.shared.lock().unwrap().answers.push_back((status, body.into()));
    }

    pub(super) fn delivered(&self) -> Vec<Delivered> {
        self.shared.lock().unwrap().delivered.clone()
    }
}

async fn receive(State(server): State<CallbackServer>, request: Request) -> (StatusCode, Bytes) {
    let (parts, body) = request.into_parts();
    let query = axum::extract::Query::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
    let body = body.collect().await.expect("a whole body").to_bytes();
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    let mut shared = server.shared.lock().unwrap();
    let delivered = Delivered { path: parts.uri.path().to_owned(), query, body };
    let echo = delivered.parameter("echostr").to_owned();
    shared.delivered.push(delivered);
    if !echo.is_empty() {
        return (StatusCode::OK, Bytes::from(echo));
    }
    let (status, answer) = shared.answers.pop_front().unwrap_or((200, "success".to_owned()));
    (StatusCode::from_u16(status).expect("a status"), Bytes::from(answer))
}
