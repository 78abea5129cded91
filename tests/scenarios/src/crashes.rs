//! A function dies at every single request it makes, before and after the request took effect: the user is told once
//! all the same, and an accepted reminder is never lost.

use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use simulator::faults::Crash;
use simulator::lambda::FunctionName;
use simulator::options::Options;

use crate::scene::{AT, SUBSCRIPTION, Scene, passport, states, told};
use crate::verbs::Verbs;

/// More requests than any run of a function makes; the walk ends by itself when a crash is not met any more.
const REQUESTS_MAX: usize = 40;
/// Longer than any lease of an attempt.
const STANDS_STILL_S: u32 = 70;

/// Plays `scene` with a crash at the first, second, … request of `function`, until one is not met.
async fn walk(function: FunctionName, scene: impl AsyncFn(&Scene, usize)) {
    for kth in 1..=REQUESTS_MAX {
        let played = Scene::begin(Options::default()).await;
        scene(&played, kth).await;
        let (crashes, _) = played.world.not_met();
        if crashes > 0 {
            assert!(kth > 3, "{function:?} made hardly any request");
            return;
        }
    }
    panic!("{function:?} makes more than {REQUESTS_MAX} requests");
}

/// Long enough for whatever was cut off to be found; what is not met in the first part of it is not met by what tells the
/// message: the sweeps that follow ask each key of `due`, one by one.
async fn it_is_told(scene: &Scene) {
    scene.advance(SignedDuration::from_mins(20)).await;
    if scene.world.not_met().0 == 0 {
        scene.advance(SignedDuration::from_hours(3)).await;
    }
}

async fn dispatch_dies(crash: Crash, follows: bool) {
    walk(FunctionName::ReminderDispatch, async |scene, kth| {
        let person = if follows { scene.follower("小明").await } else { scene.user("小明").await };
        person.accepts(&[SUBSCRIPTION]).await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        scene.world.crash_at(FunctionName::ReminderDispatch, kth, crash);
        it_is_told(scene).await;
        let (told, states) = (told(&person).await, states(&person, &reminder.body["id"]).await);
        assert_eq!(told.len(), 1, "crash {crash:?} at request {kth}: {told:?} {states:?}");
        assert!(states[0].starts_with("delivered") || states[0].starts_with("sent"), "{kth}: {states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatch_may_die_before_any_request_of_a_template_message() {
    dispatch_dies(Crash::Before, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatch_may_die_after_any_request_of_a_template_message() {
    dispatch_dies(Crash::After, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatch_may_die_before_any_request_of_a_subscription_message() {
    dispatch_dies(Crash::Before, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatch_may_die_after_any_request_of_a_subscription_message() {
    dispatch_dies(Crash::After, false).await;
}

/// The run stands still at every single request it makes, until after its lease and after others have looked at the
/// same push; then it goes on as if nothing had been.
async fn dispatch_stands_still(follows: bool) {
    walk(FunctionName::ReminderDispatch, async |scene, kth| {
        let person = if follows { scene.follower("小明").await } else { scene.user("小明").await };
        scene.accepts(&person, 2).await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        scene.world.freeze_at(FunctionName::ReminderDispatch, kth, STANDS_STILL_S);
        scene.advance(SignedDuration::from_secs(50)).await;
        let wake_up = json!({"openid": person.mini_program_openid, "id": reminder.body["id"]});
        scene.world.lambda().accept(FunctionName::ReminderDispatch, wake_up);
        it_is_told(scene).await;
        let (told, states) = (told(&person).await, states(&person, &reminder.body["id"]).await);
        assert_eq!(told.len(), 1, "stood still at request {kth}: {told:?} {states:?}");
        assert!(states[0].starts_with("delivered") || states[0].starts_with("sent"), "{kth}: {states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatch_may_stand_still_at_any_request_of_a_template_message() {
    dispatch_stands_still(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatch_may_stand_still_at_any_request_of_a_subscription_message() {
    dispatch_stands_still(false).await;
}

async fn registration_dies(crash: Crash) {
    walk(FunctionName::ReminderApi, async |scene, kth| {
        let person = scene.follower("小明").await;
        scene.world.crash_at(FunctionName::ReminderApi, kth, crash);
        let key = [("idempotency-key", "the-one")];
        let first = person.calls_with(Method::POST, "/reminders", &key, passport(AT)).await;
        let answer = match first.status {
            201 => first,
            // What a mini program does when no answer came.
            _ => person.calls_with(Method::POST, "/reminders", &key, passport(AT)).await,
        };
        assert_eq!(answer.status, 201, "crash {crash:?} at request {kth}: {answer}");
        scene.advance(SignedDuration::from_hours(72)).await;
        assert_eq!(told(&person).await, ["01-12 09:00 template in service_account"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_repeated_after_any_crash_is_one_reminder() {
    registration_dies(Crash::Before).await;
    registration_dies(Crash::After).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_is_known_whatever_request_of_the_callback_dies() {
    for crash in [Crash::Before, Crash::After] {
        walk(FunctionName::WechatCallback, async |scene, kth| {
            let person = scene.user("小明").await;
            scene.world.crash_at(FunctionName::WechatCallback, kth, crash);
            person.follows().await;
            scene.advance(SignedDuration::from_mins(3)).await;
            assert_eq!(person.gets("/me").await.body["followed"], true, "crash {crash:?} at request {kth}");
        })
        .await;
    }
}
