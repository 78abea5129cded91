//! Receipts that name their message badly, or not at all (docs/wechat.md §10.4): none is repeated by WeChat for it, and none
//! is taken for another message's.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Event};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;
use simulator::wechat::Format;

use crate::scene::{AT, Scene, passport, play, registered, service_openid, states};
use crate::wire::{MINI, SERVICE, call_back, items};

/// A template message was taken by WeChat at [`AT`], and its receipt is still to come.
async fn follower_awaiting_a_receipt(scene: &Scene, pushes: usize) -> (Person, Vec<Value>) {
    let person = scene.follower("小明").await;
    let mut ids = Vec::new();
    for _ in 0..pushes {
        ids.push(registered(&person, passport(AT)).await.body["id"].clone());
    }
    scene.plan_times(Event::TemplateSendJobFinish, CALLBACK_LOST, u32::try_from(pushes).expect("a few"));
    scene.advance_to("2027-01-12T09:00:02+08:00").await;
    (person, ids)
}

pub(crate) async fn finishes(scene: &Scene, person: &Person, msgid: Value, status: &str) -> bool {
    let fields =
        json!({"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": msgid, "Status": status});
    call_back(scene, SERVICE, Format::Xml, &service_openid(person), &fields).await.is_success()
}

/// WeChat took it, and its receipt is here before the run that sent it hears the answer.
#[tokio::test(flavor = "multi_thread")]
async fn receipt_that_comes_before_the_answer_is_joined() {
    play(async |scene| {
        let (follower, template) = scene.follower_with_passport().await;
        scene.plan(Call::TemplateSend, Fault::FreezeS(20));
        let subscriber = scene.subscriber("小红", 1).await;
        let subscription = registered(&subscriber, passport("2027-01-12T10:00:00+08:00")).await;
        scene.plan(Call::SubscribeSend, Fault::FreezeS(20));
        scene.advance_to("2027-01-12T09:00:10+08:00").await;
        assert_eq!(states(&follower, &template.body["id"]).await, ["sending service_template"]);
        scene.advance_to("2027-01-12T10:01:00+08:00").await;
        assert_eq!(states(&follower, &template.body["id"]).await, ["delivered service_template"]);
        assert_eq!(states(&subscriber, &subscription.body["id"]).await, ["delivered mini_subscription"]);
    })
    .await;
}

/// Reads of a receipt are eventually consistent ones.
#[tokio::test(flavor = "multi_thread")]
async fn receipt_is_joined_although_the_table_still_shows_what_was_there_before() {
    play(async |scene| {
        scene.world.dynamodb().lag(SignedDuration::from_secs(30));
        let (person, reminder) = scene.follower_with_passport().await;
        scene.advance_to("2027-01-12T09:00:10+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
        // What WeChat repeats is known.
        let msgid = scene.world.platform().sends().last().and_then(|send| send.msgid);
        assert!(finishes(scene, &person, json!(msgid), "success").await);
        scene.advance(SignedDuration::from_mins(5)).await;
        assert!(finishes(scene, &person, json!(msgid), "success").await);
        let unmatched = |item: &&Value| {
            item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("RECEIPT#"))
                && item.get("push").is_none()
        };
        assert_eq!(items(scene, &[]).iter().filter(unmatched).count(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_with_msgid_0_is_of_the_one_message_sent_just_before() {
    play(async |scene| {
        let (person, ids) = follower_awaiting_a_receipt(scene, 1).await;
        assert_eq!(states(&person, &ids[0]).await, ["sent service_template"]);
        assert!(finishes(scene, &person, json!(0), "success").await);
        assert_eq!(states(&person, &ids[0]).await, ["delivered service_template"]);
        let before = items(scene, &["HEALTH#", "MINUTES#"]);
        assert!(finishes(scene, &person, json!(0), "failed:user block").await, "what was said first counts");
        assert!(items(scene, &["HEALTH#", "MINUTES#"]) == before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_with_msgid_0_is_of_none_when_it_may_be_of_two() {
    play(async |scene| {
        let (person, ids) = follower_awaiting_a_receipt(scene, 2).await;
        assert!(finishes(scene, &person, json!("0"), "success").await);
        for id in &ids {
            assert_eq!(states(&person, id).await, ["sent service_template"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_with_msgid_0_is_not_of_a_message_sent_long_before() {
    play(async |scene| {
        let (person, ids) = follower_awaiting_a_receipt(scene, 1).await;
        scene.advance(SignedDuration::from_secs(121)).await;
        assert!(finishes(scene, &person, json!(0), "success").await);
        assert_eq!(states(&person, &ids[0]).await, ["sent service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_that_names_no_message_is_taken_and_changes_nothing() {
    play(async |scene| {
        let (person, _) = follower_awaiting_a_receipt(scene, 1).await;
        let before = items(scene, &["HEALTH#", "MINUTES#"]);
        let unusable = [json!(""), json!(" "), json!("9".repeat(2_000)), json!({"a": 1})];
        for msgid in unusable {
            assert!(finishes(scene, &person, msgid.clone(), "success").await, "{msgid}");
            let entry =
                json!({"TemplateId": "T1", "MsgID": msgid, "ErrorCode": "0", "ErrorStatus": "success"});
            let fields = json!({"MsgType": "event", "Event": "subscribe_msg_sent_event", "List": entry});
            let answer = call_back(scene, MINI, Format::Json, &person.mini_program_openid, &fields).await;
            assert!(answer.is_success(), "{msgid}: {answer:?}");
        }
        assert!(items(scene, &["HEALTH#", "MINUTES#"]) == before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_nothing_is_longer_than_wechats_identifiers() {
    play(async |scene| {
        let before = items(scene, &["HEALTH#", "MINUTES#", "SEEN#", "TOKEN#", "FOLLOWER#oFan"]);
        let long = "x".repeat(3_000);
        for fields in [
            json!({"MsgType": "event", "Event": "subscribe"}),
            json!({"MsgType": "event", "Event": "unsubscribe"}),
            json!({"MsgType": "text", "Content": "x", "MsgId": 1}),
        ] {
            for to in [MINI, SERVICE] {
                assert!(call_back(scene, to, Format::Xml, &long, &fields).await.is_success(), "{fields}");
            }
        }
        for event in ["subscribe", "SCAN"] {
            let key = format!("{}{long}", if event == "SCAN" { "" } else { "qrscene_" });
            let fields = json!({"MsgType": "event", "Event": event, "EventKey": key, "Ticket": long});
            assert_eq!(call_back(scene, SERVICE, Format::Xml, "oFan", &fields).await.status, 200, "{event}");
        }
        let closed = json!({"MsgType": "event", "Event": "user_authorization_cancellation", "OpenID": long});
        assert!(call_back(scene, MINI, Format::Xml, "oPlatform", &closed).await.is_success());
        assert!(items(scene, &["HEALTH#", "MINUTES#", "SEEN#", "TOKEN#", "FOLLOWER#oFan"]) == before);
    })
    .await;
}
