//! What the journal says that a request to DynamoDB cost; beside it what the embedded database reckons by itself, which
//! knows nothing of ours.

use http::Method;
use serde_json::{Value, json};
use simulator::world::World;

use crate::support::{self, control, send};

struct Cost {
    status: u16,
    read: f64,
    write: f64,
    /// What the embedded database says, if it did anything.
    told: Option<f64>,
}

async fn request(world: &World, operation: &str, mut body: Value) -> Cost {
    if operation != "BatchGetItem" && !operation.starts_with("Transact") {
        body["TableName"] = "reminders".into();
    }
    body["ReturnConsumedCapacity"] = "INDEXES".into();
    let from = world.journal().last();
    let target = format!("DynamoDB_20120810.{operation}");
    let url = format!("http://{}/", world.addresses().dynamodb);
    let answer =
        send(Method::POST, &url, &[("x-amz-target", &target)], body.to_string()).await.expect("an answer");
    let entries =
        control(world, Method::GET, &format!("/sim/requests?since={from}"), Value::Null).await.json();
    assert_eq!(entries.as_array().map(Vec::len), Some(1), "only what was asked for is in the journal");
    let number = |name: &str| entries[0][name].as_f64().expect("a number");
    let told = &answer.json()["ConsumedCapacity"];
    let told = if told.is_array() { &told[0] } else { told };
    Cost {
        status: answer.status.as_u16(),
        read: number("read_units"),
        write: number("write_units"),
        told: told["CapacityUnits"].as_f64(),
    }
}

/// A reminder that stands in `due` and in `by_expiry`.
fn reminder(id: u32, look: u32, kilobytes: usize) -> Value {
    json!({
        "pk": {"S": "USER#a"}, "sk": {"S": format!("REMINDER#{id}")},
        "due_shard": {"S": "1"}, "next_look_at": {"N": look.to_string()},
        "state_expiry": {"S": format!("active#{id}")},
        "text": {"S": "x".repeat(kilobytes * 1024 - 200)},
    })
}

fn key(id: u32) -> Value {
    json!({"pk": {"S": "USER#a"}, "sk": {"S": format!("REMINDER#{id}")}})
}

fn update(id: u32, expression: &str, value: Value) -> Value {
    json!({"Key": key(id), "UpdateExpression": expression, "ExpressionAttributeValues": {":v": value}})
}

fn query(index: Option<&str>, condition: &str, of: &str, filter: Option<&str>) -> Value {
    let mut query =
        json!({"KeyConditionExpression": condition, "ExpressionAttributeValues": {":of": {"S": of}}});
    if let Some(index) = index {
        query["IndexName"] = index.into();
    }
    if let Some(filter) = filter {
        query["FilterExpression"] = filter.into();
        query["ExpressionAttributeValues"][":v"] = json!({"S": "nobody"});
    }
    query
}

fn consistent(mut read: Value) -> Value {
    read["ConsistentRead"] = true.into();
    read
}

fn transaction(token: &str, actions: Value) -> Value {
    json!({"TransactItems": actions, "ClientRequestToken": token})
}

#[tokio::test]
async fn every_request_is_charged_by_what_it_touched() {
    let (world, _) = support::world().await;
    let checked = json!({"ConditionCheck": {
        "TableName": "reminders", "Key": key(1), "ConditionExpression": "attribute_exists(pk)",
    }});
    let refused = json!({"ConditionCheck": {
        "TableName": "reminders", "Key": key(9), "ConditionExpression": "attribute_exists(pk)",
    }});
    let put = json!({"Put": {"TableName": "reminders", "Item": reminder(2, 50, 3)}});
    let again = |id, kilobytes| json!({"Item": reminder(id, 50, kilobytes), "ConditionExpression": "attribute_not_exists(pk)"});
    let batch = json!({"RequestItems": {"reminders": {"Keys": [key(1), key(9)]}}});
    let get = |id| json!({"Get": {"TableName": "reminders", "Key": key(id)}});
    let gets = json!({"TransactItems": [get(1), get(9)]});
    let of_user = |filter| query(None, "pk = :of", "USER#a", filter);
    let by_expiry = query(Some("by_expiry"), "pk = :of", "USER#a", None);
    let due = |shard| query(Some("due"), "due_shard = :of", shard, None);
    for (situation, operation, body, read, write) in [
        ("nothing is there", "GetItem", json!({"Key": key(1)}), 0.5, 0.0),
        ("one comes: table 2, due 1, by_expiry 1", "PutItem", json!({"Item": reminder(1, 10, 2)}), 0.0, 4.0),
        ("the same again: table 2", "PutItem", json!({"Item": reminder(1, 10, 2)}), 0.0, 2.0),
        (
            "its place in due: table 2, due 2",
            "UpdateItem",
            update(1, "SET next_look_at = :v", json!({"N": "20"})),
            0.0,
            4.0,
        ),
        (
            "its place in by_expiry: table 2, by_expiry 2",
            "UpdateItem",
            update(1, "SET state_expiry = :v", json!({"S": "done#1"})),
            0.0,
            4.0,
        ),
        (
            "what no index holds: table 2",
            "UpdateItem",
            update(1, "SET note = :v", json!({"S": "note"})),
            0.0,
            2.0,
        ),
        (
            "out of due: table 2, due 1",
            "UpdateItem",
            json!({"Key": key(1), "UpdateExpression": "REMOVE due_shard, next_look_at"}),
            0.0,
            3.0,
        ),
        ("refused, by what is there", "PutItem", again(1, 1), 0.0, 2.0),
        ("refused, by what was to be put", "PutItem", again(1, 3), 0.0, 3.0),
        ("not understood", "PutItem", json!({"Item": {"pk": {"S": "USER#a"}}}), 0.0, 0.0),
        (
            "in a transaction: table 6 and 4, due 1, by_expiry 1",
            "TransactWriteItems",
            transaction("one", json!([put, checked])),
            0.0,
            12.0,
        ),
        (
            "the same once more is read",
            "TransactWriteItems",
            transaction("one", json!([put, checked])),
            4.0,
            0.0,
        ),
        (
            "cancelled: table 6 and 2",
            "TransactWriteItems",
            transaction("two", json!([put, refused])),
            0.0,
            8.0,
        ),
        ("one of two", "BatchGetItem", batch, 1.0, 0.0),
        ("a part of one", "GetItem", json!({"Key": key(2), "ProjectionExpression": "pk"}), 0.5, 0.0),
        ("two at once", "TransactGetItems", gets, 4.0, 0.0),
        ("a partition of 5 KB", "Query", of_user(None), 1.0, 0.0),
        ("strongly", "Query", consistent(of_user(None)), 2.0, 0.0),
        ("nothing passes", "Query", consistent(of_user(Some("note = :v"))), 2.0, 0.0),
        ("the local index", "Query", consistent(by_expiry), 1.0, 0.0),
        ("keys only", "Query", due("1"), 0.5, 0.0),
        ("no keys", "Query", due("7"), 0.5, 0.0),
        ("all", "Scan", json!({}), 1.0, 0.0),
        ("gone: table 3, due 1, by_expiry 1", "DeleteItem", json!({"Key": key(2)}), 0.0, 5.0),
        ("not there", "DeleteItem", json!({"Key": key(2)}), 0.0, 1.0),
        ("no data", "DescribeTable", json!({}), 0.0, 0.0),
    ] {
        let cost = request(&world, operation, body).await;
        assert_eq!((cost.read, cost.write), (read, write), "{situation}");
        if let Some(told) = cost.told {
            assert!((told - read - write).abs() < 0.1, "{situation}: the database says {told}");
        } else {
            assert!(cost.status != 200 || operation == "DescribeTable", "{situation}");
        }
    }
}

#[tokio::test]
async fn what_was_not_done_costs_nothing() {
    let (world, _) = support::world().await;
    let planned = json!({"endpoint": "dynamodb:PutItem", "fault": {"http_status": 500}, "times": 1});
    assert_eq!(control(&world, Method::POST, "/sim/faults", planned).await.status, 201);
    let cost = request(&world, "PutItem", json!({"Item": reminder(1, 10, 2)})).await;
    assert_eq!((cost.status, cost.read, cost.write), (500, 0.0, 0.0));
}

#[tokio::test]
async fn requests_at_once_are_charged_as_if_one_by_one() {
    let (world, _) = support::world().await;
    let all = (0..20).map(|look| {
        let world = &world;
        async move { request_alone(world, reminder(1, look, 1)).await }
    });
    futures::future::join_all(all).await;
    // The first comes into both indexes, all others move in `due`: table 1, due 2.
    let entries = world.journal().since(0);
    let spent: Vec<u64> = entries
        .iter()
        .filter_map(|entry| entry.spent.as_ref())
        .map(|spent| spent.write_units.in_halves() / 2)
        .collect();
    assert_eq!(spent, [3; 20]);
}

async fn request_alone(world: &World, item: Value) {
    let url = format!("http://{}/", world.addresses().dynamodb);
    let body = json!({"TableName": "reminders", "Item": item}).to_string();
    let headers = [("x-amz-target", "DynamoDB_20120810.PutItem")];
    assert_eq!(send(Method::POST, &url, &headers, body).await.expect("an answer").status, 200);
}
