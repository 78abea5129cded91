//! Disturbances: at an endpoint, at all sends of an account, or at what WeChat calls back about, for a while.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::world::World;

use crate::support::{self, control, send};

const TOKEN: &str = "/cgi-bin/stable_token";
const TEMPLATE_SEND: &str = "/cgi-bin/message/template/send";
const CUSTOM_SEND: &str = "/cgi-bin/message/custom/send";

async fn asked(world: &World, disturbance: Value) -> (u16, Value) {
    let answer = control(world, Method::POST, "/sim/faults", disturbance).await;
    (answer.status.as_u16(), answer.json())
}

async fn call(world: &World, path: &str, body: Value) -> Option<(u16, Value)> {
    let url = format!("http://{}{path}", world.addresses().wechat);
    let answer = send(Method::POST, &url, &[], body.to_string()).await.ok()?;
    Some((answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default()))
}

/// A path with a token of the account.
async fn with_token(world: &World, account: &str, path: &str) -> String {
    let secrets = world.ssm().secrets();
    let body = json!({
        "grant_type": "client_credential",
        "appid": secrets[account]["appid"], "secret": secrets[account]["app_secret"],
    });
    let (_, answer) = call(world, TOKEN, body).await.expect("an answer");
    format!("{path}?access_token={}", answer["access_token"].as_str().expect("a token"))
}

/// How a call ended, in a word.
async fn outcome(world: &World, path: &str) -> String {
    match call(world, path, json!({})).await {
        None => "nothing".to_owned(),
        Some((200, body)) => body["errcode"].to_string(),
        Some((status, _)) => format!("status {status}"),
    }
}

#[tokio::test]
async fn a_disturbance_lasts_as_long_as_it_was_told_to() {
    let (world, _) = support::world().await;
    let path = with_token(&world, "service_account", TEMPLATE_SEND).await;
    let (at_once, later) = ("2027-01-01T00:00:00Z", "2027-01-01T03:00:00Z");
    let planned =
        asked(&world, json!({ "endpoint": TEMPLATE_SEND, "fault": { "errcode": -1 }, "for": "PT12M" }));
    let first = json!({
        "endpoint": TEMPLATE_SEND, "fault": { "errcode": -1 }, "from": at_once, "until": "2027-01-01T00:12:00Z",
    });
    assert_eq!(planned.await, (201, first.clone()));
    let second = json!({
        "endpoint": TEMPLATE_SEND, "fault": { "http_status": 502 },
        "from": "2027-01-01T02:00:00Z", "until": later,
    });
    assert_eq!(asked(&world, second.clone()).await, (201, second.clone()));
    let listed = control(&world, Method::GET, "/sim/faults", Value::Null).await.json();
    assert_eq!(listed, json!([first, second]));
    let mut seen = Vec::new();
    for minutes in [0, 11, 1, 107, 1, 59, 1] {
        world.advance(SignedDuration::from_mins(minutes)).await;
        seen.push(outcome(&world, &path).await);
    }
    // 40003: nobody is written to, which is WeChat's own answer.
    assert_eq!(seen, ["-1", "-1", "40003", "40003", "status 502", "status 502", "42001"]);
    assert_eq!(control(&world, Method::GET, "/sim/faults", Value::Null).await.json(), json!([]));
    assert_eq!(world.not_met(), (0, vec![]));
}

#[tokio::test]
async fn sends_of_one_account_are_disturbed_and_those_of_the_other_are_not() {
    let (world, _) = support::world().await;
    let service = with_token(&world, "service_account", CUSTOM_SEND).await;
    let template = with_token(&world, "service_account", TEMPLATE_SEND).await;
    let mini = with_token(&world, "mini_program", CUSTOM_SEND).await;
    let disturbance =
        json!({ "endpoint": "sends:service_account", "fault": { "drop_request": true }, "for": "PT1H" });
    assert_eq!(asked(&world, disturbance).await.0, 201);
    let from = world.journal().last();
    for (path, expected) in [(&service, "nothing"), (&template, "nothing"), (&mini, "40003")] {
        assert_eq!(outcome(&world, path).await, expected, "{path}");
    }
    let outcomes: Vec<String> = world.journal().since(from).into_iter().map(|entry| entry.outcome).collect();
    assert_eq!(outcomes, ["not done (request dropped)", "not done (request dropped)", "errcode 40003"]);
    assert!(with_token(&world, "service_account", "").await.len() > 20, "tokens are not sends");
    assert_eq!(control(&world, Method::DELETE, "/sim/faults", Value::Null).await.status, 204);
    assert_eq!(outcome(&world, &service).await, "40003");
}

#[tokio::test]
async fn what_wechat_calls_back_about_is_lost_for_a_while() {
    let (world, _) = support::world().await;
    control(&world, Method::POST, "/sim/users", json!({ "name": "alice" })).await;
    let lost = json!({ "endpoint": "push:CLICK", "fault": { "drop": true }, "for": "PT1M" });
    assert_eq!(asked(&world, lost).await.0, 201);
    for _ in 0..3 {
        control(&world, Method::POST, "/sim/users/alice/click", json!({ "key": "help" })).await;
        world.advance(SignedDuration::from_secs(30)).await;
    }
    let lost: Vec<bool> =
        world.platform().callbacks().iter().map(|callback| callback.lost.is_some()).collect();
    assert_eq!(lost, [true, true, false]);
    assert_eq!(world.not_met(), (0, vec![]));
}

#[tokio::test]
async fn a_disturbance_that_says_too_much_or_too_little_is_named() {
    let (world, _) = support::world().await;
    for (window, error) in [
        (json!({ "for": "PT1M", "until": "2027-01-01T01:00:00Z" }), "time_invalid"),
        (json!({ "for": "PT1M", "times": 2 }), "time_invalid"),
        (json!({ "for": "-PT1M" }), "time_invalid"),
        (json!({ "until": "2026-01-01T01:00:00Z" }), "time_invalid"),
        (json!({ "from": "2027-01-01T01:00:00Z" }), "time_invalid"),
        (json!({ "for": "a while" }), "fault_invalid"),
        (json!({ "lasts": "PT1M" }), "fault_invalid"),
        (json!({ "times": 0 }), "times_invalid"),
    ] {
        let mut disturbance = window.clone();
        disturbance["endpoint"] = json!(TOKEN);
        disturbance["fault"] = json!({ "errcode": -1 });
        let (status, answer) = asked(&world, disturbance).await;
        assert_eq!((status, answer["error"].as_str()), (422, Some(error)), "{window}");
    }
}
