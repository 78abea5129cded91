//! The gate: what a planned fault does to a request, and what the journal says of it.

use http::Method;
use serde_json::{Value, json};
use simulator::lambda::FunctionName;
use simulator::world::World;

use crate::support::{self, control, send};

fn put() -> Value {
    let item = json!({ "pk": { "S": "USER#a" }, "sk": { "S": "PROFILE" } });
    json!({
        "service": "dynamodb",
        "target": "DynamoDB_20120810.PutItem",
        "body": { "TableName": "reminders", "Item": item },
    })
}

async fn plan(world: &World, endpoint: &str, fault: Value) {
    let planned = json!({ "endpoint": endpoint, "fault": fault, "times": 1 });
    let answer = control(world, Method::POST, "/sim/faults", planned).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
}

/// One write by the function, under `fault`: the status it saw (0: none), what was written, the journal.
async fn write_under(fault: Value) -> (Option<u64>, usize, String) {
    let (world, _) = support::world().await;
    plan(&world, "dynamodb:PutItem", fault).await;
    let answer = world.lambda().invoke(FunctionName::ReminderDispatch, json!({ "do": [put()] })).await;
    let status = answer.ok().and_then(|answer| answer["statuses"][0].as_u64());
    let entries = world.journal().since(0);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].function, Some(FunctionName::ReminderDispatch));
    (status, world.dynamodb().items().expect("items").len(), entries[0].outcome.clone())
}

#[tokio::test]
async fn a_fault_is_done_or_not_done_as_it_says() {
    for (fault, status, written, outcome) in [
        (json!({ "http_status": 500 }), Some(500), 0, "InternalServerError (planned)"),
        (json!({ "http_status": 400 }), Some(400), 0, "ProvisionedThroughputExceededException (planned)"),
        (json!({ "http_status": 429 }), Some(429), 0, "ThrottlingException (planned)"),
        (json!({ "drop_request": true }), Some(0), 0, "not done (request dropped)"),
        (json!({ "drop_reply": true }), Some(0), 1, "ok (reply dropped)"),
        (json!({ "delay_ms": 5 }), Some(200), 1, "ok (answered 5 ms late)"),
        (json!({ "crash": "before" }), None, 0, "not done (crash before)"),
        (json!({ "crash": "after" }), None, 1, "ok (crash after)"),
    ] {
        let expected = (status, written, outcome.to_owned());
        assert_eq!(write_under(fault.clone()).await, expected, "{fault}");
    }
}

#[tokio::test]
async fn wechat_refuses_in_its_own_words() {
    let (world, _) = support::world().await;
    plan(&world, "/cgi-bin/message/subscribe/send", json!({ "errcode": 43101 })).await;
    let url = format!("http://{}/cgi-bin/message/subscribe/send?access_token=x", world.addresses().wechat);
    let answer = send(Method::POST, &url, &[], "{}").await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.json()["errcode"].as_i64()), (200, Some(43101)));
    let journal = control(&world, Method::GET, "/sim/requests?since=0", Value::Null).await.json();
    assert_eq!(
        journal,
        json!([{
            "n": 1, "at": "2027-01-01T00:00:00Z", "service": "wechat",
            "operation": "/cgi-bin/message/subscribe/send", "outcome": "errcode 43101 (planned)",
        }])
    );
    assert_eq!(control(&world, Method::GET, "/sim/requests?since=1", Value::Null).await.json(), json!([]));
}

#[tokio::test]
async fn a_fault_that_does_not_fit_is_named() {
    let (world, _) = support::world().await;
    for (endpoint, fault, error) in [
        ("dynamodb:Putitem", json!({ "http_status": 500 }), "endpoint_unknown"),
        ("scheduler:Create", json!({ "http_status": 500 }), "endpoint_unknown"),
        ("sqs:SendMessage", json!({ "http_status": 500 }), "endpoint_unknown"),
        ("cgi-bin/token", json!({ "errcode": -1 }), "endpoint_unknown"),
        ("dynamodb:PutItem", json!({ "errcode": -1 }), "fault_does_not_fit"),
        ("dynamodb:PutItem", json!({ "http_status": 200 }), "fault_does_not_fit"),
        ("/cgi-bin/token", json!({ "drop": true }), "fault_does_not_fit"),
        ("/cgi-bin/token", json!({ "drop_reply": false }), "fault_does_not_fit"),
        ("/cgi-bin/token", json!({ "drop_request": false }), "fault_does_not_fit"),
        ("push:subscribe", json!({ "drop_request": true }), "fault_does_not_fit"),
        ("sends:nobody", json!({ "errcode": -1 }), "endpoint_unknown"),
        ("push:subscribe", json!({ "crash": "before" }), "fault_does_not_fit"),
        ("push:subscribe", json!({ "freeze_s": 60 }), "fault_does_not_fit"),
        ("dynamodb:PutItem", json!({ "freeze_s": 0 }), "fault_does_not_fit"),
        ("dynamodb:PutItem", json!({ "zero_msgid": true }), "fault_does_not_fit"),
        ("push:subscribe", json!({ "repeat": 0 }), "fault_does_not_fit"),
        ("push:subscribe", json!({ "crash": "between" }), "fault_invalid"),
        ("push:subscribe", json!({ "explode": true }), "fault_invalid"),
    ] {
        let planned = json!({ "endpoint": endpoint, "fault": fault });
        let answer = control(&world, Method::POST, "/sim/faults", planned).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["error"].as_str()),
            (422, Some(error)),
            "{endpoint} {fault}"
        );
    }
    plan(&world, "push:subscribe", json!({ "repeat": 2 })).await;
    let waiting = control(&world, Method::GET, "/sim/faults", Value::Null).await.json();
    assert_eq!(waiting, json!([{ "endpoint": "push:subscribe", "fault": { "repeat": 2 }, "times": 1 }]));
    assert_eq!(control(&world, Method::DELETE, "/sim/faults", Value::Null).await.status, 204);
    assert_eq!(world.faults().not_met(), vec![]);
}
