//! A few seeds of the random walk, and each checker shown able to fail: a world with a bug planted in it is caught.

use scenarios::walk::{BrokenPromise, Checks, Plan, walk};
use simulator::sabotage::Sabotage;

/// As many as fit a test run; the example runs as many as one likes.
const SEEDS: u64 = 10;
const ROUGH_SEEDS: u64 = 4;

async fn walks(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        if let Err(broken) = walk(&Plan::of(seed), &mut |_| {}).await {
            panic!("{broken}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_are_kept_on_random_walks_through_a_world_of_faults() {
    walks((0..SEEDS).step_by(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_are_kept_on_other_walks_as_well() {
    walks((1..SEEDS).step_by(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_are_kept_on_rough_walks() {
    for seed in 0..ROUGH_SEEDS {
        if let Err(broken) = walk(&Plan { rough: true, ..Plan::of(seed) }, &mut |_| {}).await {
            panic!("{broken}");
        }
    }
}

/// Some walks do not come by the broken promise; the first that does must be caught by this checker.
/// `from`: seeds of its own, because all worlds of this process log into one capture.
async fn is_caught(sabotage: Sabotage, checker: &str, from: u64) {
    is_caught_by(sabotage, Checks::default(), checker, from).await;
}

/// The same with checkers that are only there if asked for.
async fn is_caught_by(sabotage: Sabotage, checks: Checks, checker: &str, from: u64) {
    for seed in from..from + 12 {
        let plan = Plan { sabotage: Some(sabotage), checks, ..Plan::of(seed) };
        match walk(&plan, &mut |_| {}).await {
            Ok(_) => {}
            Err(broken) => {
                let BrokenPromise { violation, story, .. } = *broken;
                assert_eq!(violation.checker, checker, "{violation}\n{story}");
                return;
            }
        }
    }
    panic!("{sabotage:?} was not noticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn message_told_twice_is_caught() {
    is_caught(Sabotage::TellsTwice, "told_once", 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_told_early_is_caught() {
    is_caught(Sabotage::TellsEarly, "in_time", 2_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_told_although_it_is_done_is_caught() {
    is_caught(Sabotage::SwallowsWrites(r#"\"r\":1,\"s\":{\"d\""#), "in_time", 3_300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_that_was_never_kept_is_caught() {
    is_caught(Sabotage::SwallowsWrites(r#"\"r\":1,\"c\":"#), "nothing_lost", 4_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_vanish_are_caught() {
    is_caught(Sabotage::ForgetsCredits, "ledger", 5_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn door_open_to_strangers_is_caught() {
    is_caught(Sabotage::OpensDoors, "strangers", 6_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logged_token_is_caught() {
    is_caught(Sabotage::LogsTokens, "secrets", 7_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_that_rests_though_a_way_is_open_is_caught() {
    let checks = Checks { owed: true, ..Checks::default() };
    is_caught_by(Sabotage::RefusesMessages, checks, "owed", 8_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn covered_push_that_is_not_told_is_caught() {
    let checks = Checks { coverage: true, ..Checks::default() };
    is_caught_by(Sabotage::RefusesMessages, checks, "coverage", 9_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_that_never_get_into_the_ledger_are_caught() {
    let checks = Checks { ledger_in_the_end: true, ..Checks::default() };
    is_caught_by(Sabotage::HidesAccepts, checks, "ledger_in_the_end", 10_000).await;
}
