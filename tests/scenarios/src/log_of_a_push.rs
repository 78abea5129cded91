//! What the log has of a push to which nothing happens: what its metrics say, and no more, for every byte is paid for. Why
//! it came as it came is in its timeline.

use jiff::SignedDuration;
use serde_json::Value;
use simulator::logs::capture;

use crate::scene::{instant, passport, play, registered, states};

/// All functions together, from dispatch to receipt.
const BYTES_MAX: usize = 400;
/// WeChat's receipt comes after a second.
const OVER_AFTER: SignedDuration = SignedDuration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn delivered_push_is_two_short_lines() {
    let captured = capture();
    play(async |scene| {
        let (follower, subscriber) = (scene.follower("关注者").await, scene.subscriber("订阅者", 1).await);
        // All scenes write into one log: at these moments no other one does.
        for (person, at, channel) in [
            (&follower, "2027-01-12T09:17:43+08:00", "service_template"),
            (&subscriber, "2027-01-12T09:27:37+08:00", "mini_subscription"),
        ] {
            let id = registered(person, passport(at)).await.body["id"].clone();
            let due = instant(at);
            scene.world.advance_to(due - SignedDuration::from_secs(1)).await;
            let (_, mark) = captured.since(usize::MAX);
            scene.world.advance_to(due + OVER_AFTER).await;
            assert_eq!(states(person, &id).await, [format!("delivered {channel}")]);
            let (log, _) = captured.since(mark);
            let id = id.as_str().expect("an id");
            let is_said =
                |line: &&str| [" INFO ", " WARN ", "ERROR "].iter().any(|level| line.contains(level));
            let said: Vec<&str> = log.lines().filter(is_said).filter(|line| line.contains(id)).collect();
            assert_eq!(said, [""; 0]);
            let counted = counted(&log, due.as_millisecond()..(due + OVER_AFTER).as_millisecond());
            assert_eq!(counted.len(), 2, "{counted:#?}");
            assert!(counted[0].contains(id) && counted[0].contains(channel), "{counted:#?}");
            let bytes: usize = counted.iter().map(String::len).sum();
            assert!(bytes <= BYTES_MAX, "{bytes} bytes: {counted:#?}");
        }
    })
    .await;
}

/// The lines of metrics of this time, as they are written, but for the token that is fetched every two hours.
fn counted(log: &str, time: std::ops::Range<i64>) -> Vec<String> {
    let lines = log.lines().filter_map(|line| line.find(r#"{"_aws""#).map(|at| &line[at..]));
    let is_of_that_time = |line: &&str| {
        let metric: Value = serde_json::from_str(line).expect("a metric is JSON");
        time.contains(&metric["_aws"]["Timestamp"].as_i64().expect("a time"))
    };
    let is_of_a_push = |line: &&str| !line.contains("TokenRefreshes");
    lines.filter(is_of_that_time).filter(is_of_a_push).map(str::to_owned).collect()
}
