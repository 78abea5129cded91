//! Small herds; the example drives large ones.

use jiff::SignedDuration;
use scenarios::herd::{Herd, run};
use scenarios::nine::{self, Limits};
use serde_json::json;
use simulator::dynamodb::Throughput;
use simulator::stack::TABLE_NAME;

use crate::scene::play;

#[tokio::test(flavor = "multi_thread")]
async fn herd_of_pushes_due_in_one_minute_is_told_once_each() {
    let numbers = run(&Herd { pushes: 200, sandboxes: 20, answers_after_ms: 20 }).await;
    assert!(numbers.all_well(), "{numbers}");
    assert!(numbers.faults_met > 0 && numbers.sandboxes <= 20, "{numbers}");
}

const WIDE: Limits = Limits {
    firings_per_second: 1_000,
    environments: 1_000,
    table: Throughput::NEW_TABLE,
    parameter_reads_per_second: 40,
    dispatch_takes: SignedDuration::from_millis(400),
    messages_per_day: 1_000_000,
    messages_per_minute: None,
};

#[tokio::test(flavor = "multi_thread")]
async fn herd_is_told_once_each_and_says_which_limit_held_it_back() {
    for (limits, wall, last_s) in [
        (Limits { firings_per_second: 10, ..WIDE }, "Scheduler: firings a second", 3),
        (Limits { environments: 2, ..WIDE }, "Lambda: environments at a time", 300),
        (
            Limits { table: Throughput { writes: 60, reads: 180 }, ..WIDE },
            "DynamoDB: write units of the table",
            181,
        ),
        (Limits { messages_per_minute: Some(10), ..WIDE }, nine::WECHAT, 600),
    ] {
        let report = nine::run(&nine::Herd { pushes: 24, users: 8, limits, schedules_lost: false }).await;
        assert!(report.all_well(), "{report}");
        assert_eq!(report.wall(), Some(wall), "{report}");
        let last = report.late.last().copied().unwrap_or_default();
        assert!(last <= SignedDuration::from_secs(last_s), "{report}");
    }
}

/// One run of the sweep handles four hundred; each shard that has more gets a run of its own a minute later. What stands in
/// the index here is nothing that anybody knows, and looked at as fast as it is read.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_sweep_does_not_handle_is_swept_shard_by_shard() {
    play(async |scene| {
        let long_ago = scene.world.now() - SignedDuration::from_hours(1);
        for n in 0..500 {
            let item = json!({
                "pk": {"S": format!("NOBODY#{n}")}, "sk": {"S": "NOTHING"},
                "due_shard": {"S": (n % 16).to_string()}, "next_look_at": {"N": long_ago.as_second().to_string()},
            });
            let put = json!({"TableName": TABLE_NAME, "Item": item});
            scene.world.dynamodb().run("PutItem", &put).expect("a table");
        }
        let again = || {
            let schedules = scene.world.scheduler().schedules();
            schedules.iter().filter(|schedule| schedule.name.starts_with("sweep-")).count()
        };
        scene.advance(SignedDuration::from_mins(30)).await;
        assert_eq!(again(), 16, "each has twenty-five behind it and six or seven before it");
        scene.advance(SignedDuration::from_secs(61)).await;
        assert_eq!(again(), 0, "that was all");
    })
    .await;
}
