//! A world with fake functions, and a plain HTTP client to talk to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::lambda::{Factory, Functions, Hosted, factory};
use simulator::options::Options;
use simulator::timeline::{Pace, Timeline};
use simulator::world::World;

pub(crate) const START: &str = "2027-01-01T00:00:00Z";

/// What a fake function saw: when, and which event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<(Timestamp, Value)>>>);

impl Seen {
    pub(crate) fn all(&self) -> Vec<(Timestamp, Value)> {
        self.0.lock().expect("not poisoned").clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().expect("not poisoned").len()
    }

    pub(crate) fn times(&self) -> Vec<String> {
        self.all().iter().map(|(at, _)| at.to_string()).collect()
    }
}

/// Does what its event says: `{"do": [{"service", "path", "target", "body"}], "end": "error" | "panic"}`.
struct Doer {
    environment: BTreeMap<String, String>,
    timeline: Timeline,
    seen: Seen,
}

impl Hosted for Doer {
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>> {
        self.seen.0.lock().expect("not poisoned").push((self.timeline.now(), event.clone()));
        let environment = self.environment.clone();
        Box::pin(async move {
            let mut statuses = Vec::new();
            for step in event["do"].as_array().into_iter().flatten() {
                let base = match step["service"].as_str() {
                    Some("wechat") => &environment["WECHAT_API_URL"],
                    Some("dynamodb") => &environment["AWS_ENDPOINT_URL_DYNAMODB"],
                    Some("scheduler") => &environment["AWS_ENDPOINT_URL_SCHEDULER"],
                    _ => &environment["AWS_ENDPOINT_URL_SSM"],
                };
                let url = format!("{base}{}", step["path"].as_str().unwrap_or("/"));
                let headers: Vec<(&str, &str)> =
                    step["target"].as_str().map(|target| ("x-amz-target", target)).into_iter().collect();
                let answer = send(Method::POST, &url, &headers, step["body"].to_string()).await;
                statuses.push(answer.map_or(0, |answer| answer.status.as_u16()));
            }
            match event["end"].as_str() {
                Some("error") => Err("as told".to_owned()),
                Some("panic") => panic!("as told"),
                _ => Ok(json!({ "statuses": statuses })),
            }
        })
    }
}

pub(crate) fn doer(seen: &Seen) -> Factory {
    let seen = seen.clone();
    factory(move |environment, timeline| Ok(Doer { environment, timeline, seen: seen.clone() }))
}

/// Every function is a [`Doer`]; only what dispatch sees is kept.
pub(crate) fn fakes(dispatch: &Seen) -> Functions {
    let other = Seen::default();
    Functions {
        wechat_callback: doer(&other),
        reminder_api: doer(&other),
        reminder_dispatch: doer(dispatch),
        operations: doer(&other),
    }
}

/// At explicit pace, without a sweep and without settings.
pub(crate) fn bare() -> Options {
    Options {
        pace: Pace::Explicit { now: START.parse().expect("an instant") },
        template: simulator::template::TEMPLATE.replace("AWS::Scheduler::Schedule\n", "Left::Out\n"),
        settings: None,
        ..Options::default()
    }
}

pub(crate) async fn world() -> (World, Seen) {
    let seen = Seen::default();
    let world = World::start(bare(), fakes(&seen)).await.expect("a world");
    (world, seen)
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON answer")
    }

    pub(crate) fn exception(&self) -> &str {
        self.headers.get("x-amzn-errortype").map_or("", |value| value.to_str().expect("text"))
    }
}

/// One request on a connection of its own; an error when the connection closes without an answer.
pub(crate) async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Result<Answer, hyper::Error> {
    let rest = url.strip_prefix("http://").expect("plain HTTP");
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let stream = tokio::net::TcpStream::connect(host).await.expect("something listens");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header("host", host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::new(body.into())).expect("a request")).await?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

/// A control call, with a JSON body unless it is `null`.
pub(crate) async fn control(world: &World, method: Method, path: &str, body: Value) -> Answer {
    let url = format!("http://{}{path}", world.addresses().control);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(method, &url, &[("content-type", "application/json")], body).await.expect("an answer")
}
