//! Two messages to one user at the same moment (docs/wechat.md §9.3).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use http::Request;
use serde_json::{Value, json};

use super::{MINI, Options, World};

const SUBSCRIBE_SEND: &str = "/cgi-bin/message/subscribe/send";

async fn errcode(world: &World, message: Value) -> i64 {
    let path = world.with_token(MINI, SUBSCRIBE_SEND);
    let request = Request::post(path).body(message.to_string().into()).expect("a valid request");
    let answer = world.platform.answer(request, IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
    let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
    answer["errcode"].as_i64().expect("a number")
}

#[tokio::test]
async fn of_two_messages_to_one_user_at_the_same_moment_one_is_refused() {
    let options = Options { sends_take: Duration::from_millis(20), ..Options::default() };
    let world = World::of(options).await;
    world.does("", json!({ "name": "bob" })).await;
    for name in ["alice", "alice", "alice", "bob"] {
        world.does(&format!("{name}/subscribe"), json!({ "template_ids": "ONE_TIME" })).await;
    }
    let to_alice = || errcode(&world, world.subscription(json!({})));
    let to_bob = || errcode(&world, world.subscription(json!({ "touser": world.openid("bob", MINI) })));
    assert_eq!(tokio::join!(to_alice(), to_alice(), to_bob()), (0, 43108, 0));
    assert_eq!(to_alice().await, 0, "one after the other");
    assert_eq!(world.inbox("alice").await.len(), 2, "what was refused cost nothing and told nothing");
    assert_eq!(to_alice().await, 0);
    assert_eq!(to_alice().await, 43101);
}

#[tokio::test]
async fn messages_that_take_no_time_never_overlap() {
    let world = World::new().await;
    for _ in 0..2 {
        world.does("alice/subscribe", json!({ "template_ids": "ONE_TIME" })).await;
    }
    let send = || errcode(&world, world.subscription(json!({})));
    assert_eq!(tokio::join!(send(), send()), (0, 0));
}
