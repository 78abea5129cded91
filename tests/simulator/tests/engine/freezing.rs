//! An environment that stands still in the middle of its work, while the world and another environment go on.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::faults::{Fault, Planned};
use simulator::lambda::FunctionName;
use simulator::world::World;

use crate::support::{self, Seen};

const DISPATCH: FunctionName = FunctionName::ReminderDispatch;

fn put() -> Value {
    json!({
        "service": "dynamodb",
        "target": "DynamoDB_20120810.PutItem",
        "body": { "TableName": "reminders", "Item": { "pk": { "S": "USER#a" }, "sk": { "S": "PROFILE" } } },
    })
}

fn get() -> Value {
    let key = json!({ "pk": { "S": "USER#a" }, "sk": { "S": "PROFILE" } });
    json!({
        "service": "dynamodb",
        "target": "DynamoDB_20120810.GetItem",
        "body": { "TableName": "reminders", "Key": key },
    })
}

/// The next write is done, and its maker stands still for so long.
fn freeze(world: &World, seconds: u32) {
    let endpoint = "dynamodb:PutItem".to_owned();
    world.faults().plan(Planned { endpoint, fault: Fault::FreezeS(seconds), times: 1 });
}

/// Every request so far, with the second at which it was made.
fn requests(world: &World) -> Vec<String> {
    let entries = world.journal().since(0);
    let line = |entry: &simulator::journal::Entry| {
        format!("{} {} {}", entry.at.strftime("%M:%S"), entry.operation, entry.outcome)
    };
    entries.iter().map(line).collect()
}

#[tokio::test]
async fn another_environment_runs_while_one_stands_still_between_two_requests() {
    let (world, seen): (World, Seen) = support::world().await;
    freeze(&world, 60);
    world.lambda().accept(DISPATCH, json!({ "do": [put(), get()] }));
    world.settle().await;
    assert_eq!(world.lambda().sandboxes(DISPATCH), 1);
    world.advance(SignedDuration::from_secs(50)).await;
    world.lambda().accept(DISPATCH, json!({ "do": [put()] }));
    world.settle().await;
    assert_eq!(world.lambda().sandboxes(DISPATCH), 2);
    world.advance(SignedDuration::from_secs(20)).await;
    assert_eq!(
        requests(&world),
        ["00:00 PutItem ok (frozen for 60 s)", "00:50 PutItem ok", "01:00 GetItem ok",]
    );
    assert_eq!(seen.count(), 2, "nothing was tried again");
    assert_eq!((world.not_met(), world.dead_letters()), ((0, vec![]), vec![]));
}

#[tokio::test]
async fn what_stood_still_and_then_fails_is_tried_again_from_then_on() {
    let (world, seen) = support::world().await;
    freeze(&world, 60);
    freeze(&world, 30);
    world.lambda().accept(DISPATCH, json!({ "do": [put(), put()], "end": "error" }));
    world.advance(SignedDuration::from_mins(10)).await;
    let times = ["2027-01-01T00:00:00Z", "2027-01-01T00:02:30Z", "2027-01-01T00:04:30Z"];
    assert_eq!(seen.times(), times);
    assert_eq!(world.dead_letters().len(), 1);
}
