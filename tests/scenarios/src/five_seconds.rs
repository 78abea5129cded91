//! WeChat waits five seconds for an answer (docs/wechat.md §1.7), whatever its own API does meanwhile. These scenes take
//! real time, as little as shows it.

use std::time::Duration;

use jiff::SignedDuration;
use scenarios::mishap::{Call, refusal};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;
use tokio::time::Instant;
use wechat::ErrCode;

use crate::scene::{self, Scene, play};
use crate::verbs::Verbs;
use crate::wire::{Pictures, set_replies};

async fn session(person: &Person) -> Vec<String> {
    let replies = scene::session(person).await;
    replies.iter().map(|body| body["text"]["content"].as_str().unwrap_or("?").to_owned()).collect()
}

fn sends(scene: &Scene) -> usize {
    scene.requests_since(0).iter().filter(|request| request.ends_with(Call::CustomSend.path())).count()
}

/// How long the callback took for what `act` caused, and that WeChat was content at once.
async fn answered_in_time(scene: &Scene, act: impl AsyncFnOnce()) {
    let before = scene.world.platform().callbacks().len();
    let began = Instant::now();
    act().await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    for callback in &scene.world.platform().callbacks()[before..] {
        let attempts: Vec<_> = callback.attempts.iter().map(|one| (one.status, &one.refused)).collect();
        assert_eq!(attempts, [(Some(200), &None)], "{}", callback.event);
    }
}

async fn says(person: &Person, to: &str) {
    assert_eq!(person.says(to, "在吗").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_is_answered_in_time_however_slow_everything_is() {
    play(async |scene| {
        let pictures = Pictures::silent().await;
        let rule =
            json!([{"account": "service_account", "on": "follow", "reply": [{"image": pictures.url}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        scene.plan_times(Call::StableToken, Fault::DelayMs(900), 2);
        scene.plan(Call::UserInfo, refusal(ErrCode::INVALID_CREDENTIAL));
        scene.plan(Call::UserInfo, Fault::DelayMs(1_500));
        answered_in_time(scene, async || drop(person.follows().await)).await;
        assert_eq!(person.gets("/me").await.body["followed"], false);
        scene.advance(SignedDuration::from_mins(5)).await;
        assert_eq!(person.gets("/me").await.body["followed"], true, "asked again later");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_that_hang_are_cut_off_in_time_and_none_is_sent_twice() {
    play(async |scene| {
        let texts: Vec<Value> = (1..=5).map(|n| json!({"text": n.to_string()})).collect();
        let rule = json!([{"account": "mini_program", "on": "message", "reply": texts}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        scene.plan_times(Call::CustomSend, Fault::DelayMs(1_200), 4);
        answered_in_time(scene, async || says(&person, "mini_program").await).await;
        scene.advance(SignedDuration::from_secs(30)).await;
        assert_eq!(session(&person).await, ["1", "2", "3", "4"]);
        assert_eq!(sends(scene), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_answered_with_busy_is_not_repeated() {
    play(async |scene| {
        let rule = json!([{"account": "mini_program", "on": "message", "reply": [{"text": "在"}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        for fault in [refusal(ErrCode::SYSTEM_ERROR), Fault::HttpStatus(502)] {
            scene.plan(Call::CustomSend, fault);
            says(&person, "mini_program").await;
            scene.advance(SignedDuration::from_secs(30)).await;
        }
        assert_eq!((session(&person).await.len(), sends(scene)), (0, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_that_had_no_token_is_tried_once_more() {
    play(async |scene| {
        let rule = json!([{"account": "mini_program", "on": "message", "reply": [{"text": "在"}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        scene.plan(Call::StableToken, Fault::DelayMs(1_200));
        answered_in_time(scene, async || says(&person, "mini_program").await).await;
        assert_eq!(session(&person).await, ["在"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_that_is_refused_is_tried_once_more_and_not_twice() {
    play(async |scene| {
        let rule =
            json!([{"account": "mini_program", "on": "message", "reply": [{"text": "1"}, {"text": "2"}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        scene.plan_times(Call::CustomSend, refusal(ErrCode::MINUTE_QUOTA_REACHED), 2);
        answered_in_time(scene, async || says(&person, "mini_program").await).await;
        scene.advance(SignedDuration::from_secs(30)).await;
        assert_eq!((session(&person).await, sends(scene)), (vec!["2".to_owned()], 3));
    })
    .await;
}
