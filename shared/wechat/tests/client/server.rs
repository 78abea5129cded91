//! A very small HTTP server that answers by a script and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What to do with the next request.
#[derive(Clone)]
pub(crate) enum Act {
    /// Answer 200 with this body.
    Say(String),
    /// Answer with this status line, these headers and this body.
    Answer(&'static str, &'static str, Vec<u8>),
    /// Answer 200, keep the connection, then close it all the same.
    SayAndClose(String),
    /// Take the request and close the connection.
    Close,
    /// Begin an answer and close the connection in the middle.
    BreakOff,
    /// Take the request and stay silent.
    StaySilent,
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<Notify>,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `POST /path?query HTTP/1.1`
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Server {
    pub(crate) async fn new(script: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let script: Arc<Mutex<VecDeque<Act>>> = Arc::new(Mutex::new(script.into_iter().collect()));
        let (requests, closed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let (seen, closing) = (requests.clone(), closed.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), seen.clone(), closing.clone()));
            }
        });
        Self { url, requests, closed }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("not poisoned").clone()
    }

    /// Returns once the server has closed a connection.
    pub(crate) async fn has_closed(&self) {
        self.closed.notified().await;
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Arc<Mutex<VecDeque<Act>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<Notify>,
) {
    while let Some(request) = receive(&mut stream).await {
        requests.lock().expect("not poisoned").push(request);
        let act = script.lock().expect("not poisoned").pop_front().unwrap_or(Act::Close);
        match act {
            Act::Say(body) => answer(&mut stream, "200 OK", "", body.as_bytes()).await,
            Act::Answer(status, headers, body) => answer(&mut stream, status, headers, &body).await,
            Act::SayAndClose(body) => {
                answer(&mut stream, "200 OK", "", body.as_bytes()).await;
                break;
            }
            Act::Close => break,
            Act::BreakOff => {
                let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{").await;
                break;
            }
            Act::StaySilent => std::future::pending().await,
        }
    }
    drop(stream);
    closed.notify_one();
}

/// The client may be gone already, when it does not want the whole of a long body.
async fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    let _sent = stream.write_all(&[head.as_bytes(), body].concat()).await;
}

async fn receive(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let total = head.len() + length.unwrap_or(0);
    while bytes.len() < total {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let line = head.lines().next().unwrap_or_default().to_owned();
    Some(Request { line, body: bytes[head.len()..].to_vec(), head })
}
