//! What WeChat calls back about: acted on once, answered within the deadline; forgeries do nothing.

use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, Call, Event, refusal};
use serde_json::Value;
use simulator::faults::Fault;
use simulator::logs::capture;
use simulator::people::{Person, answer, client};
use wechat::ErrCode;

use crate::scene::{self, SUBSCRIPTION, Scene, play};
use crate::verbs::Verbs;

async fn session(person: &Person) -> Vec<String> {
    let replies = scene::session(person).await;
    replies.iter().map(|body| body["msgtype"].as_str().unwrap_or("?").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_session_is_answered_by_its_session_from() {
    play(async |scene| {
        let person = scene.user("小明").await;
        person.enters_session("follow").await;
        assert_eq!(session(&person).await, ["text", "link"]);
        person.enters_session("something else").await;
        assert_eq!(session(&person).await, ["text", "link", "text"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callback_delivered_three_times_is_answered_once() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Event::UserEnterTempsession, Fault::Repeat(2));
        person.enters_session("other").await;
        scene.advance(SignedDuration::from_secs(30)).await;
        assert_eq!(session(&person).await, ["text"]);
        scene.plan(Event::SubscribeMsgPopup, Fault::Repeat(2));
        person.accepts(&[SUBSCRIPTION]).await;
        scene.advance(SignedDuration::from_secs(300)).await;
        assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_whose_answer_was_lost_is_not_repeated() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Call::CustomSend, ANSWER_LOST);
        person.enters_session("other").await;
        scene.advance(SignedDuration::from_secs(30)).await;
        assert_eq!(session(&person).await, ["text"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_that_was_definitely_not_sent_is_tried_once_more() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Call::CustomSend, refusal(ErrCode::MINUTE_QUOTA_REACHED));
        person.enters_session("other").await;
        assert_eq!(session(&person).await, ["text"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_is_welcomed_and_a_text_answered_in_the_answer_itself() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        person.says("service_account", "在吗 ]]> <b>").await;
        let inbox = person.inbox().await;
        let replies: Vec<&Value> = inbox.iter().filter(|item| item["kind"] == "reply").collect();
        assert_eq!(replies.len(), 2, "{inbox:?}");
    })
    .await;
}

/// Posts to the callback as a forger would, and says how it was answered.
async fn forge(scene: &Scene, path: &str, body: impl Into<String>) -> u16 {
    let addresses = scene.world.addresses();
    let url = format!("{}{path}", addresses.url(addresses.wechat_callback));
    answer(client().post(url).body(body.into())).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn forgeries_get_403_and_change_nothing() {
    play(async |scene| {
        let now = scene.world.now().as_second();
        let plain =
            "<xml><FromUserName>o1</FromUserName><MsgType>event</MsgType><Event>subscribe</Event></xml>";
        let before = scene.world.dynamodb().items().expect("a table").len();
        for (path, body) in [
            ("/service-account".to_owned(), plain.to_owned()),
            (format!("/service-account?signature=0000&timestamp={now}&nonce=1"), plain.to_owned()),
            (
                format!("/service-account?msg_signature=0000&timestamp={now}&nonce=1&encrypt_type=aes"),
                "<xml><Encrypt>AAAA</Encrypt></xml>".to_owned(),
            ),
            (
                format!("/mini-program?msg_signature=00&timestamp={now}&nonce=1&encrypt_type=aes"),
                "{".to_owned(),
            ),
            ("/mini-program?timestamp=1".to_owned(), "x".repeat(300 * 1024)),
        ] {
            assert_eq!(forge(scene, &path, body).await, 403, "{path}");
        }
        let items = scene.world.dynamodb().items().expect("a table");
        let others =
            items.iter().filter(|item| !item["pk"]["S"].as_str().unwrap_or_default().starts_with("HEALTH#"));
        assert_eq!(others.count(), before);
        assert_eq!(forge(scene, "/nowhere", "").await, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flood_of_forgeries_is_counted_whole_noted_in_one_write_and_logged_once() {
    let captured = capture();
    play(async |scene| {
        // A moment that no other scene has.
        scene.advance(SignedDuration::from_millis(98_765_432)).await;
        let now = scene.world.now();
        let path = format!(
            "/service-account?signature={signature}&timestamp={}&nonce=1&encrypt_type=aes&msg_signature={signature}",
            now.as_second(),
            signature = "0".repeat(40),
        );
        let body = "<xml><Encrypt>AAAA</Encrypt></xml>";
        // Wakes one environment, whose secrets are fetched and whose minute begins.
        assert_eq!(forge(scene, &path, body).await, 403);
        scene.advance(SignedDuration::from_secs(61)).await;
        let path = path.replace(&now.as_second().to_string(), &scene.world.now().as_second().to_string());
        let since = scene.world.journal().last();
        let (before, mark) = captured.since(usize::MAX);
        assert!(before.is_empty());
        for _ in 0..20 {
            assert_eq!(forge(scene, &path, body).await, 403);
        }
        let asked: Vec<String> =
            scene.requests_since(since).into_iter().filter(|one| one.starts_with("dynamodb:")).collect();
        assert_eq!(asked, ["dynamodb:UpdateItem"]);
        let (log, _) = captured.since(mark);
        let at = scene.world.now().as_millisecond().to_string();
        assert_eq!(log.lines().filter(|line| line.contains("CallbacksRefused") && line.contains(&at)).count(), 20);
    })
    .await;
}
