//! Replies that WeChat refuses, and pictures that cannot be had: what is repeated, what is passed over, and what ends the
//! rest.

use jiff::SignedDuration;
use scenarios::mishap::{Call, refusal};
use serde_json::json;
use simulator::people::Person;
use wechat::ErrCode;

use crate::scene::{self, Scene, play};
use crate::verbs::Verbs;
use crate::wire::{Pictures, set_replies};

fn calls(scene: &Scene, call: Call) -> usize {
    scene.requests_since(0).iter().filter(|request| request.ends_with(call.path())).count()
}

/// The texts in the session; a picture is `?`.
async fn session(person: &Person) -> Vec<String> {
    let replies = scene::session(person).await;
    replies.iter().map(|body| body["text"]["content"].as_str().unwrap_or("?").to_owned()).collect()
}

async fn says(person: &Person) {
    assert_eq!(person.says("mini_program", "在吗").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_of_window_user_or_account_ends_the_rest_and_one_of_a_message_does_not() {
    play(async |scene| {
        let rule = json!([{"account": "mini_program", "on": "message",
            "reply": [{"text": "1"}, {"text": "2"}, {"text": "3"}]}]);
        set_replies(scene, rule).await;
        let of_all = [45015, 45047, 40003, 48001, 45009].map(|errcode| (errcode, 1, vec![]));
        let of_one = [45002, 45168, 99_999].map(|errcode| (errcode, 3, vec!["2", "3"]));
        for (errcode, sends, arrive) in of_all.into_iter().chain(of_one) {
            let person = scene.user(&errcode.to_string()).await;
            let before = calls(scene, Call::CustomSend);
            scene.plan(Call::CustomSend, refusal(ErrCode(errcode)));
            says(&person).await;
            scene.advance(SignedDuration::from_secs(30)).await;
            assert_eq!(calls(scene, Call::CustomSend) - before, sends, "{errcode}");
            assert_eq!(session(&person).await, arrive, "{errcode}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_that_cannot_be_fetched_is_not_fetched_for_every_message_of_a_burst() {
    play(async |scene| {
        let pictures = Pictures::missing().await;
        let rules = json!([
            {"account": "mini_program", "on": "message", "reply": [{"image": pictures.url}, {"text": "在"}]},
            {"account": "service_account", "on": "message", "reply": [{"image": pictures.url}]},
        ]);
        set_replies(scene, rules).await;
        let person = scene.follower("小明").await;
        // (seconds to the next message, fetches by then: a message tries twice)
        for (n, (seconds, fetches)) in [(0, 2), (1, 2), (30, 2), (28, 2), (1, 4)].into_iter().enumerate() {
            scene.advance(SignedDuration::from_secs(seconds)).await;
            says(&person).await;
            assert_eq!((session(&person).await.len(), pictures.fetched()), (n + 1, fetches), "{n}");
        }
        for _ in 0..3 {
            person.says("service_account", "在吗").await;
        }
        assert_eq!(pictures.fetched(), 5, "the other account tries by itself, and once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_that_cannot_be_uploaded_is_uploaded_a_minute_later() {
    play(async |scene| {
        let pictures = Pictures::served().await;
        let rule = json!([{"account": "mini_program", "on": "message",
            "reply": [{"image": pictures.url}, {"text": "在"}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        scene.plan(Call::MediaUpload, refusal(ErrCode::DAILY_QUOTA_REACHED));
        for seconds in [0, 59, 1] {
            scene.advance(SignedDuration::from_secs(seconds)).await;
            says(&person).await;
        }
        assert_eq!(session(&person).await, ["在", "在", "?", "在"]);
        assert_eq!(calls(scene, Call::MediaUpload), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_whose_first_upload_failed_by_chance_is_sent_all_the_same() {
    play(async |scene| {
        let pictures = Pictures::served().await;
        let rule = json!([{"account": "mini_program", "on": "message", "reply": [{"image": pictures.url}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        scene.plan(Call::MediaUpload, refusal(ErrCode::SYSTEM_ERROR));
        says(&person).await;
        assert_eq!((session(&person).await, calls(scene, Call::MediaUpload)), (vec!["?".to_owned()], 2));
    })
    .await;
}
