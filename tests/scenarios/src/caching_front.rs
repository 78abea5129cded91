//! Two people behind a proxy that keeps what it may, as a CDN does by default: neither sees what is the other's.

use std::collections::HashMap;

use http::Method;
use simulator::people::{Answer, Person, answer, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::scene::{AT, Scene, passport, path, play, registered};

/// What a front does with `Cache-Control`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Everything that does not forbid it, for whoever asks next: tokens are not looked at.
    WhatItMay,
    /// Everything, as a rule in its console may have it.
    Everything,
}

/// Starts one before the API; answers where it is. It ends with the runtime of the test.
async fn front(scene: &Scene, keeps: Keeps) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let addresses = scene.world.addresses();
    let origin = addresses.url(addresses.reminder_api);
    tokio::spawn(async move {
        let mut kept = HashMap::new();
        while let Ok((stream, _)) = listener.accept().await {
            pass_on(stream, &origin, keeps, &mut kept).await;
        }
    });
    format!("http://{address}")
}

/// One request without a body.
async fn pass_on(mut stream: TcpStream, origin: &str, keeps: Keeps, kept: &mut HashMap<String, String>) {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.expect("a request"));
    }
    let request = String::from_utf8(read).expect("text");
    let (line, headers) = request.split_once("\r\n").expect("a line");
    let (asked, _) = line.rsplit_once(' ').expect("a version");
    if !kept.contains_key(asked) {
        let (method, target) = asked.split_once(' ').expect("a target");
        let mut onward = client().request(method.parse().expect("a method"), format!("{origin}{target}"));
        for (name, value) in headers.lines().filter_map(|header| header.split_once(": ")) {
            if name.eq_ignore_ascii_case("authorization") {
                onward = onward.header(name, value);
            }
        }
        let answer = answer(onward).await;
        let may = answer.headers.get("cache-control").is_none_or(|said| said != "no-store");
        let whole = written(&answer);
        if method == "GET" && (may || keeps == Keeps::Everything) {
            kept.insert(asked.to_owned(), whole.clone());
        }
        stream.write_all(whole.as_bytes()).await.expect("a reader");
        return;
    }
    stream.write_all(kept[asked].as_bytes()).await.expect("a reader");
}

fn written(answer: &Answer) -> String {
    let body = answer.body.to_string();
    let length = body.len();
    format!("HTTP/1.1 {} .\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}", answer.status)
}

async fn asks(front: &str, path: &str, token: Option<&str>) -> Answer {
    let mut request = client().request(Method::GET, format!("{front}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    answer(request).await
}

/// How many reminders this person sees; nothing if they are refused.
async fn sees(front: &str, person: Option<&Person>) -> Option<usize> {
    let answer = asks(front, "/reminders", person.and_then(Person::token)).await;
    answer.body["reminders"].as_array().map(Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_that_keeps_what_it_may_tells_nobody_what_is_another_s() {
    play(async |scene| {
        let alice = scene.user("小红").await;
        let bob = scene.user("小刚").await;
        let id = registered(&alice, passport(AT)).await.body["id"].clone();
        let front = front(scene, Keeps::WhatItMay).await;
        // Neither what is alice's nor a refusal is there for the next.
        assert_eq!(asks(&front, &path(&id), bob.token()).await.status, 404);
        assert_eq!(asks(&front, &path(&id), None).await.status, 401);
        assert_eq!(asks(&front, &path(&id), alice.token()).await.status, 200);
        assert_eq!(sees(&front, Some(&alice)).await, Some(1));
        assert_eq!(sees(&front, Some(&bob)).await, Some(0));
        assert_eq!(sees(&front, None).await, None);
        registered(&alice, passport("2027-01-20T09:00:00+08:00")).await;
        assert_eq!(sees(&front, Some(&alice)).await, Some(2));
    })
    .await;
}

/// Why docs/deploy.md wants caching off besides: nothing that we answer helps against such a rule.
#[tokio::test(flavor = "multi_thread")]
async fn proxy_that_keeps_everything_shows_alice_s_reminders_to_bob() {
    play(async |scene| {
        let alice = scene.user("小红").await;
        let bob = scene.user("小刚").await;
        registered(&alice, passport(AT)).await;
        let front = front(scene, Keeps::Everything).await;
        assert_eq!(sees(&front, Some(&alice)).await, Some(1));
        assert_eq!(sees(&front, Some(&bob)).await, Some(1));
        assert_eq!(sees(&front, None).await, Some(1));
    })
    .await;
}
