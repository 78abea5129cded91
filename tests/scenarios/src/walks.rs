//! A few seeds of the random walk, and each checker shown able to fail: a world with a bug planted in it is caught.

use scenarios::walk::{BrokenPromise, Checks, Plan, Webhook, walk};
use simulator::sabotage::Sabotage;

/// As many as fit a test run; the example runs as many as one likes.
const SEEDS: u64 = 10;
const ROUGH_SEEDS: u64 = 4;
/// Nothing goes wrong there, and schedules fire to the second.
const CALM_SEEDS: [u64; 2] = [45, 81];

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
        // What is done and not kept is no event either, and another checker may see that first.
        let webhook = if checker == "events" { Webhook::BySeed } else { Webhook::None };
        let plan = Plan { sabotage: Some(sabotage), checks, webhook, ..Plan::of(seed) };
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

#[tokio::test(flavor = "multi_thread")]
async fn event_that_is_never_told_is_caught() {
    is_caught(Sabotage::LosesEvents, "events", 11_001).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_told_again_though_it_was_taken_is_caught() {
    is_caught(Sabotage::KeepsEvents, "events", 12_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_of_what_did_not_happen_is_caught() {
    is_caught(Sabotage::TwistsEvents, "events", 13_002).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn move_to_another_zone_that_is_ignored_is_caught() {
    is_caught(Sabotage::SwallowsWrites(r#"\"prefs\":{\"z\""#), "zones", 14_002).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_that_stay_behind_when_their_user_moves_are_caught() {
    is_caught(Sabotage::SwallowsWrites("xrenewed revision"), "zones", 15_002).await;
}

/// The same walk without a receiver, and with one that refuses everything: to the same moments.
#[tokio::test(flavor = "multi_thread")]
async fn receiver_that_is_down_puts_off_no_message() {
    for seed in CALM_SEEDS {
        let with = async |webhook| {
            let walked = walk(&Plan { webhook, ..Plan::of(seed) }, &mut |_| {}).await;
            walked.unwrap_or_else(|broken| panic!("{broken}"))
        };
        let (without, down) = (with(Webhook::None).await, with(Webhook::Down).await);
        assert_eq!((without.planned, down.planned), (0, 0), "seed {seed}");
        assert!(down.events_refused > 0 && !without.told.is_empty(), "seed {seed}");
        assert_eq!(without.told, down.told, "seed {seed}");
    }
}
