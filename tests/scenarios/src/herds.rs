//! A small herd; the example drives a large one.

use scenarios::herd::{Herd, run};

#[tokio::test(flavor = "multi_thread")]
async fn herd_of_pushes_due_in_one_minute_is_told_once_each() {
    let numbers = run(&Herd { pushes: 200, sandboxes: 20, answers_after_ms: 20 }).await;
    assert!(numbers.all_well(), "{numbers}");
    assert!(numbers.faults_met > 0 && numbers.sandboxes <= 20, "{numbers}");
}
