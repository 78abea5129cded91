//! Events that fail, and environments that die.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::json;
use simulator::faults::Crash;
use simulator::lambda::FunctionName;

use crate::support::{self, send};

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
async fn a_function_url_answers_502_when_its_function_dies() {
    let (world, _) = support::world().await;
    let url = format!("http://{}/anything", world.addresses().reminder_api);
    // The fake function finds nothing to do in such an event, and answers something that is a body.
    assert_eq!(send(Method::GET, &url, &[], "").await.expect("an answer").status, StatusCode::OK);
    assert_eq!(world.lambda().sandboxes(FunctionName::ReminderApi), 1);
    world.recycle();
    assert_eq!(world.lambda().sandboxes(FunctionName::ReminderApi), 0);
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
