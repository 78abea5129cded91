//! The control API beside the simulated WeChat's own calls.

use http::Method;
use serde_json::{Value, json};
use simulator::failure::Failure;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::timeline::Pace;
use simulator::world::World;

use crate::support::{self, Seen, control};

#[tokio::test]
async fn the_clock_moves_when_told_and_says_what_ran() {
    let (world, seen) = support::world().await;
    let clock = async |body: Value| {
        let answer = control(&world, Method::POST, "/sim/clock", body).await;
        (answer.status.as_u16(), answer.json())
    };
    world.lambda().accept(FunctionName::ReminderDispatch, json!({ "end": "error" }));
    let advanced = clock(json!({ "advance": "PT24H" })).await;
    assert_eq!(advanced, (200, json!({ "now": "2027-01-02T00:00:00Z", "fired": 3 })));
    let advanced = clock(json!({ "advance_to": "2027-01-03T08:00:00+08:00" })).await;
    assert_eq!(advanced, (200, json!({ "now": "2027-01-03T00:00:00Z", "fired": 0 })));
    assert_eq!(clock(json!({ "advance": "P1D" })).await.1["now"], "2027-01-04T00:00:00Z");
    for (body, error) in [
        (json!({ "advance": "a day" }), "advance_invalid"),
        (json!({}), "advance_invalid"),
        (json!({ "advance": "PT1H", "advance_to": "2028-01-01T00:00:00Z" }), "advance_invalid"),
        (json!({ "forward": "PT1H" }), "advance_invalid"),
        (json!({ "advance": "-PT1H" }), "backwards"),
        (json!({ "advance_to": "2026-01-01T00:00:00Z" }), "backwards"),
        (json!({ "advance": "P100Y" }), "advance_invalid"),
        (json!({ "advance": "P9999D" }), "too_far"),
    ] {
        let (status, answer) = clock(body.clone()).await;
        assert_eq!((status, answer["error"].as_str()), (422, Some(error)), "{body}");
    }
    let read = control(&world, Method::GET, "/sim/clock", Value::Null).await.json();
    assert_eq!(read, json!({ "now": "2027-01-04T00:00:00Z" }));
    assert_eq!(seen.count(), 3);
}

#[tokio::test]
async fn nobody_moves_the_wall_clock() {
    let options = Options { pace: Pace::Real, ..support::bare() };
    let world = World::start(options, support::fakes(&Seen::default())).await.expect("a world");
    let answer = control(&world, Method::POST, "/sim/clock", json!({ "advance": "PT1H" })).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (409, Some("real_pace")));
}

#[tokio::test]
async fn at_real_pace_what_is_due_runs_by_itself() {
    let seen = Seen::default();
    let options = Options { pace: Pace::Real, ..support::bare() };
    let world = World::start(options, support::fakes(&seen)).await.expect("a world");
    world.lambda().accept(FunctionName::ReminderDispatch, json!({}));
    while seen.count() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_control_call_answers_after_what_is_due_now() {
    let (world, seen) = support::world().await;
    world.lambda().accept(FunctionName::ReminderDispatch, json!({}));
    control(&world, Method::DELETE, "/sim/faults", Value::Null).await;
    assert_eq!(seen.count(), 1);
}

#[tokio::test]
async fn new_settings_meet_cold_functions() {
    let (world, _) = support::world().await;
    world.lambda().invoke(FunctionName::ReminderDispatch, json!({})).await.expect("an answer");
    let operate = async |body: Value| {
        let answer = control(&world, Method::POST, "/sim/operations", body).await;
        (answer.status.as_u16(), world.lambda().sandboxes(FunctionName::ReminderDispatch))
    };
    assert_eq!(operate(json!({ "operation": "settings.get" })).await, (200, 1));
    assert_eq!(
        operate(json!({ "operation": "settings.put", "settings": {}, "end": "error" })).await,
        (502, 1)
    );
    assert_eq!(operate(json!({ "operation": "settings.put", "settings": {} })).await, (200, 0));
}

#[tokio::test]
async fn settings_are_in_force_from_the_start() {
    let seen = Seen::default();
    let mut functions = support::fakes(&Seen::default());
    functions.operations = support::doer(&seen);
    let settings = simulator::settings::SETTINGS.to_owned();
    let options = Options { settings: Some(settings), ..support::bare() };
    let _world = World::start(options, functions).await.expect("a world");
    assert_eq!(seen.count(), 1);
    assert_eq!(seen.all()[0].1["operation"], "settings.put");
    assert_eq!(seen.all()[0].1["settings"]["timezone"], "Asia/Shanghai");
}

#[tokio::test]
async fn a_page_and_its_files_are_served_under_strict_policies() {
    let (world, _) = support::world().await;
    for (path, contains, policy) in [
        ("/", "/page/js/main.mjs", "script-src 'self';"),
        ("/phone", "/page/app/boot.mjs", "script-src 'self' blob: 'wasm-unsafe-eval';"),
    ] {
        let page = control(&world, Method::GET, path, Value::Null).await;
        assert!(String::from_utf8_lossy(&page.body).contains(contains), "{path}");
        let said = page.headers["content-security-policy"].to_str().expect("a policy").to_owned();
        assert!(said.contains(policy) && said.starts_with("default-src 'none';"), "{said}");
    }
    let compiler = control(&world, Method::GET, "/page/engine/compiler.wasm", Value::Null).await;
    assert_eq!(compiler.headers["content-type"], "application/wasm");
    assert_eq!(compiler.headers["content-encoding"], "gzip");
    for (path, status) in [
        ("/mini-program/", 200),
        ("/mini-program/app.json", 200),
        ("/mini-program/pages/list/list.wxml", 200),
        ("/mini-program/check", 404),
        ("/mini-program/..%2F..%2FCargo.toml", 404),
        ("/page/engine/build.mjs", 404),
        ("/page/nothing.mjs", 404),
    ] {
        let answer = control(&world, Method::GET, path, Value::Null).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }
    assert_eq!(control(&world, Method::GET, "/sim/schedules", Value::Null).await.json(), json!([]));
    assert_eq!(control(&world, Method::GET, "/sim/dead-letters", Value::Null).await.json(), json!([]));
}

/// What the next server-sent event says.
async fn heard(events: &mut reqwest::Response) -> Value {
    loop {
        let chunk = events.chunk().await.expect("a connection").expect("it goes on for ever");
        let text = String::from_utf8(chunk.to_vec()).expect("text");
        if let Some(data) = text.strip_prefix("data: ") {
            return serde_json::from_str(data.trim()).expect("JSON");
        }
    }
}

#[tokio::test]
async fn whoever_looks_on_hears_of_what_changed_and_of_nothing_twice() {
    let (world, _) = support::world().await;
    control(&world, Method::POST, "/sim/users", json!({ "name": "alice" })).await;
    let url = world.addresses().url(world.addresses().control);
    let asked = simulator::people::client().get(format!("{url}/sim/events")).send().await;
    let mut events = asked.expect("events");
    let first = heard(&mut events).await;
    assert_eq!((&first["now"], &first["pace"]), (&json!("2027-01-01T00:00:00Z"), &json!("explicit")));
    assert_eq!((&first["play"], &first["people"][0]["name"]), (&json!(0), &json!("alice")));
    control(&world, Method::POST, "/sim/users", json!({ "name": "bob" })).await;
    let second = heard(&mut events).await;
    assert_eq!(
        (second["people"].as_array().map(Vec::len), &second["people"][0]["name"]),
        (Some(1), &json!("bob"))
    );
    assert_eq!(second.get("now"), None);
    control(&world, Method::POST, "/sim/clock", json!({ "advance": "PT1H" })).await;
    assert_eq!(heard(&mut events).await["now"], "2027-01-01T01:00:00Z");
}

#[tokio::test]
async fn nobody_waits_for_somebody_who_looks_on_and_does_not_read() {
    let (world, _) = support::world().await;
    let url = world.addresses().url(world.addresses().control);
    let _deaf = simulator::people::client().get(format!("{url}/sim/events")).send().await.expect("events");
    for n in 0..300 {
        let answer =
            control(&world, Method::POST, "/sim/users", json!({ "name": format!("user {n}") })).await;
        assert_eq!(answer.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn a_standing_clock_can_be_made_to_run_and_stopped_again() {
    let (world, _) = support::world().await;
    let clock = async |body: Value| control(&world, Method::POST, "/sim/clock", body).await.json();
    assert_eq!(clock(json!({ "play": 86_401 })).await["error"], "too_fast");
    assert_eq!(clock(json!({ "play": 3600 })).await["play"], 3600);
    let begun = world.now();
    while world.now() == begun {
        tokio::task::yield_now().await;
    }
    // Moved on meanwhile, it runs on from there.
    clock(json!({ "advance": "P30D" })).await;
    let moved = world.now();
    while world.now() == moved {
        tokio::task::yield_now().await;
    }
    assert_eq!(clock(json!({ "play": 0 })).await["play"], 0);
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_option() {
    let (taken, base) = loop {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        if port > 2000 {
            break (listener, port);
        }
    };
    let options = Options { base_port: base, ..support::bare() };
    let failure =
        World::start(options, support::fakes(&Seen::default())).await.expect_err("the port is taken");
    drop(taken);
    let text = failure.to_string();
    assert!(text.contains(&format!("port {base} (console and control API)")), "{text}");
    assert!(text.contains("--base-port"), "{text}");
}

#[tokio::test]
async fn processes_see_no_simulated_clock() {
    let options = Options { processes: Some(std::env::temp_dir()), ..support::bare() };
    let failure = World::start(options, support::fakes(&Seen::default())).await.expect_err("a contradiction");
    assert!(matches!(failure, Failure::ProcessesNeedRealPace));
}
