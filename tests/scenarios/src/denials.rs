//! WeChat says that there is no credit (43101), and is right or wrong about it.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Event, refusal};
use serde_json::json;
use simulator::faults::Fault;
use wechat::ErrCode;

use crate::scene::{SUBSCRIPTION, Scene, play, states, told};
use crate::verbs::Verbs;

#[tokio::test(flavor = "multi_thread")]
async fn ledger_is_emptied_by_a_second_43101_and_the_owner_reads_why() {
    play(async |scene| {
        let (person, reminder) = scene.subscriber_with_passport(2).await;
        // The user takes everything back, and WeChat's event about it never leaves.
        scene.plan(Event::SubscribeMsgChange, CALLBACK_LOST);
        person.does("refuse", json!({"template_ids": [SUBSCRIPTION]})).await;
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        let retrying = states(&person, &reminder.body["id"]).await;
        assert!(retrying[0].starts_with("retrying") && retrying[0].contains("43101"), "{retrying:?}");
        scene.advance_to("2027-01-12T13:00:00+08:00").await;
        assert!(told(&person).await.is_empty());
        let states = states(&person, &reminder.body["id"]).await;
        assert!(states[0].starts_with("undeliverable") && states[0].contains("43101"), "{states:?}");
        assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_wechat_denies_by_mistake_is_tried_once_more_hours_later() {
    play(async |scene| {
        let (person, reminder) = scene.subscriber_with_passport(1).await;
        scene.plan(Call::SubscribeSend, refusal(ErrCode::USER_REFUSES));
        scene.advance_to("2027-01-12T13:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-12 12:00 subscription in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
    })
    .await;
}

/// Of two credits denied in one breath each is worth its try.
#[tokio::test(flavor = "multi_thread")]
async fn pushes_of_one_minute_that_wechat_denies_by_mistake_are_all_told() {
    play(async |scene| {
        let (person, first) = scene.subscriber_with_passport(2).await;
        let second = person.registers(crate::scene::passport(crate::scene::AT)).await;
        scene.plan_times(Call::SubscribeSend, refusal(ErrCode::USER_REFUSES), 2);
        scene.advance_to("2027-01-12T14:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
        for reminder in [first, second] {
            assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        }
    })
    .await;
}

/// An answer that says nothing, then 43101: without a receipt where receipts come, the first was not sent either.
#[tokio::test(flavor = "multi_thread")]
async fn denial_of_a_repeat_settles_nothing_where_silence_speaks_against_it() {
    play(async |scene| {
        let (person, reminder) = scene.subscriber_with_passport(1).await;
        scene.plan(Call::SubscribeSend, Fault::HttpStatus(502));
        scene.plan(Call::SubscribeSend, refusal(ErrCode::USER_REFUSES));
        scene.advance_to("2027-01-12T08:58:00+08:00").await;
        callbacks_come_until(scene, "2027-01-12T10:00:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await[0].split(' ').next(), Some("retrying"));
        scene.advance_to("2027-01-12T15:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-12 12:35 subscription in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
    })
    .await;
}

async fn callbacks_come_until(scene: &Scene, end: &str) {
    let passer_by = scene.user("路人").await;
    while scene.world.now() < end.parse().expect("an instant") {
        assert_eq!(passer_by.enters_session("item:42").await.status, 200);
        scene.advance(SignedDuration::from_mins(2)).await;
    }
}
