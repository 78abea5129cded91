//! The owner's own backend, as far as it is told of events: a server of this machine that keeps what comes, and answers as
//! it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request, and what it was answered.
#[derive(Debug, Clone)]
pub struct Received {
    pub line: String,
    /// By their names in small letters.
    pub headers: HashMap<String, String>,
    pub text: String,
    pub body: Value,
    /// 0: not at all.
    pub answered: u16,
    /// How long it was waited for in vain, or not.
    pub after: Duration,
}

impl Received {
    /// By the standard's words, not by the product's code. `secret`: `whsec_…`.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let named = |name: &str| self.headers.get(name).map(String::as_str).unwrap_or_default();
        let key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok()).expect("a secret");
        let signed = format!("{}.{}.{}", named("webhook-id"), named("webhook-timestamp"), self.text);
        let mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key").chain_update(signed).finalize();
        let expected = format!("v1,{}", STANDARD.encode(mac.into_bytes()));
        named("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

#[derive(Debug, Clone)]
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    manner: Arc<Mutex<Manner>>,
}

/// How it answers.
#[derive(Debug)]
struct Manner {
    /// None: it reads and hangs up.
    status: Option<u16>,
    after: Duration,
    /// The next one only.
    next_after: Option<Duration>,
}

impl Receiver {
    pub async fn starts() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let manner = Manner { status: Some(204), after: Duration::ZERO, next_after: None };
        let receiver = Self { url, received: Arc::default(), manner: Arc::new(Mutex::new(manner)) };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        receiver
    }

    /// From now on; none: not at all.
    pub fn answers(&self, status: Option<u16>) {
        self.manner().status = status;
    }

    /// So long after it was asked, by the clock on the wall: no world's time passes meanwhile.
    pub fn takes(&self, after: Duration) {
        self.manner().after = after;
    }

    /// The same for the next request only.
    pub fn takes_once(&self, after: Duration) {
        self.manner().next_after = Some(after);
    }

    fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().expect("nobody panicked")
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("nobody panicked").clone()
    }

    /// The types of what it took, in order.
    pub fn took(&self) -> Vec<String> {
        let received = self.received();
        let taken = received.iter().filter(|one| one.answered == 204);
        taken.map(|one| one.body["type"].as_str().expect("a type").to_owned()).collect()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).expect("text");
        let (line, headers) = head.split_once("\r\n").expect("a line");
        let headers: HashMap<String, String> = headers
            .lines()
            .filter_map(|header| header.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers["content-length"].parse().expect("a number");
        let mut text = vec![0; length];
        stream.read_exact(&mut text).await.expect("a body");
        let text = String::from_utf8(text).expect("text");
        let body = serde_json::from_str(&text).expect("JSON");
        let (status, after) = {
            let mut manner = self.manner();
            (manner.status, manner.next_after.take().unwrap_or(manner.after))
        };
        let answered = status.unwrap_or_default();
        let received = Received { line: line.to_owned(), headers, text, body, answered, after };
        self.received.lock().expect("nobody panicked").push(received);
        pause(after).await;
        if let Some(status) = status {
            let answer = format!(
                "HTTP/1.1 {status} .\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            // Who waited too long may have gone.
            drop(stream.write_all(answer.as_bytes()).await);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a slow receiver does wait")]
async fn pause(span: Duration) {
    if !span.is_zero() {
        tokio::time::sleep(span).await;
    }
}
