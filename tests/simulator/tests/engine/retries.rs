//! Events that fail, and environments that die.

use std::sync::Arc;

use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::faults::Crash;
use simulator::lambda::{Factory, FunctionName, Functions, InvokeError, SANDBOXES_MAX, factory};
use simulator::world::World;

use crate::support::{self, Seen, send};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn put(id: &str) -> serde_json::Value {
    let item = json!({ "pk": { "S": id }, "sk": { "S": "PROFILE" } });
    json!({
        "service": "dynamodb",
        "target": "DynamoDB_20120810.PutItem",
        "body": { "TableName": "reminders", "Item": item },
    })
}

#[tokio::test]
async fn a_failing_event_is_tried_after_one_and_two_more_minutes_and_then_buried() {
    for end in ["error", "panic"] {
        let (world, seen) = support::world().await;
        world.lambda().accept(FunctionName::ReminderDispatch, json!({ "end": end }));
        assert_eq!(world.settle().await, 1);
        assert_eq!(world.advance(HOUR).await, 2);
        assert_eq!(seen.times(), ["2027-01-01T00:00:00Z", "2027-01-01T00:01:00Z", "2027-01-01T00:03:00Z"]);
        let letters = world.dead_letters();
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].attempts, &letters[0].event), (3, &json!({ "end": end })));
        assert_eq!(letters[0].source, FunctionName::ReminderDispatch.arn());
    }
}

#[tokio::test]
async fn a_function_dies_at_its_second_request_and_its_event_is_tried_again() {
    for (crash, written) in [(Crash::Before, 1), (Crash::After, 2)] {
        let (world, seen) = support::world().await;
        world.crash_at(FunctionName::ReminderDispatch, 2, crash);
        let event = json!({ "do": [put("first"), put("second"), put("third")] });
        world.lambda().accept(FunctionName::ReminderDispatch, event);
        world.settle().await;
        assert_eq!(world.dynamodb().items().expect("items").len(), written, "{crash:?}");
        assert_eq!(world.lambda().sandboxes(FunctionName::ReminderDispatch), 0, "{crash:?}");
        world.advance(HOUR).await;
        assert_eq!(world.dynamodb().items().expect("items").len(), 3);
        assert_eq!(seen.times(), ["2027-01-01T00:00:00Z", "2027-01-01T00:01:00Z"]);
        assert_eq!((world.dead_letters().len(), world.not_met()), (0, (0, vec![])));
    }
}

#[tokio::test]
async fn a_function_url_answers_502_when_its_function_fails_or_dies() {
    let fails: Factory = factory(|_, _| Ok(|_: Value| async { Err("as told".to_owned()) }));
    let panics: Factory = factory(|_, _| {
        Ok(|event: Value| async move {
            event["noSuchNumber"].as_u64().map(Value::from).ok_or_else(|| panic!("as told"))
        })
    });
    let does_not_start: Factory = factory(|_, _| match Err("as told".to_owned()) {
        Ok(()) => Ok(|_: Value| async { Ok(json!({})) }),
        Err(why) => Err(why),
    });
    for (function, sandboxes_left) in [(fails, 1), (panics, 0), (does_not_start, 0)] {
        let functions = Functions { reminder_api: function, ..support::fakes(&Seen::default()) };
        let world = World::start(support::bare(), functions).await.expect("a world");
        let url = format!("http://{}/anything", world.addresses().reminder_api);
        let answer = send(Method::GET, &url, &[], "").await.expect("an answer");
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
        assert_eq!(world.lambda().sandboxes(FunctionName::ReminderApi), sandboxes_left);
    }
}

#[tokio::test]
async fn one_event_too_many_at_once_is_throttled() {
    let (gate, seen) = (Arc::new(tokio::sync::Semaphore::new(0)), Seen::default());
    let opens = gate.clone();
    let waits: Factory = factory(move |_, _| {
        let gate = gate.clone();
        Ok(move |_: Value| {
            let gate = gate.clone();
            async move { gate.acquire().await.map(|_| json!({})).map_err(|error| error.to_string()) }
        })
    });
    let functions = Functions { reminder_dispatch: waits, ..support::fakes(&seen) };
    let world = World::start(support::bare(), functions).await.expect("a world");
    let event = || world.lambda().invoke(FunctionName::ReminderDispatch, json!({}));
    let busy = futures::future::join_all((0..SANDBOXES_MAX).map(|_| event()));
    let one_more = async {
        let outcome = event().await;
        opens.add_permits(1);
        outcome
    };
    let (busy, one_more) = futures::join!(busy, one_more);
    assert!(busy.iter().all(Result::is_ok));
    assert_eq!(one_more, Err(InvokeError::Throttled));
    assert_eq!(world.lambda().sandboxes(FunctionName::ReminderDispatch), SANDBOXES_MAX);
}

#[tokio::test]
async fn the_invoke_api_speaks_as_lambda_does() {
    let (world, seen) = support::world().await;
    let base = format!("http://{}/2015-03-31/functions", world.addresses().lambda);
    let call = async |name: &str, kind: &str, body: &str| {
        let url = format!("{base}/{name}/invocations");
        let answer = send(Method::POST, &url, &[("x-amz-invocation-type", kind)], body.to_owned()).await;
        let answer = answer.expect("an answer");
        let error = answer.headers.get("x-amz-function-error").map(|_| "function error").unwrap_or_default();
        (answer.status.as_u16(), error)
    };
    let arn = FunctionName::ReminderDispatch.arn();
    for (name, kind, body, expected) in [
        ("reminder-dispatch", "RequestResponse", "{}", (200, "")),
        (arn.as_str(), "RequestResponse", "{}", (200, "")),
        ("reminder-dispatch:live", "RequestResponse", "", (200, "")),
        ("reminder-dispatch", "RequestResponse", r#"{"end":"error"}"#, (200, "function error")),
        ("reminder-dispatch", "RequestResponse", r#"{"end":"panic"}"#, (200, "function error")),
        ("reminder-dispatch", "Event", "{}", (202, "")),
        ("reminder-dispatch", "DryRun", "{}", (204, "")),
        ("reminder-dispatch", "Later", "{}", (400, "")),
        ("reminder-dispatch", "RequestResponse", "{", (400, "")),
        ("elsewhere", "RequestResponse", "{}", (404, "")),
    ] {
        assert_eq!(call(name, kind, body).await, expected, "{name} {kind} {body}");
    }
    world.settle().await;
    assert_eq!(seen.count(), 6);
}
