//! What could not be told rests, and is told when what made it rest has changed: never twice, and never what was sent.

use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event};
use serde_json::json;

use crate::operations::{ask, wants_no_repeats};
use crate::scene::{AT, SUBSCRIPTION, passport, play, registered, states, timeline, told};
use crate::verbs::Verbs;

const HOURS: SignedDuration = SignedDuration::from_hours(3);

#[tokio::test(flavor = "multi_thread")]
async fn push_that_reached_nobody_is_told_when_its_user_follows() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        person.follows().await;
        assert_eq!(told(&person).await.len(), 0, "not in the callback");
        scene.advance(HOURS).await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
        let events = timeline(&person, &id).await;
        assert!(events.iter().any(|event| event == "armed"), "{events:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_arms_as_many_pushes_as_it_is_good_for_soonest_expiry_first() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let later = registered(&person, passport(AT)).await.body["id"].clone();
        let mut soon = passport(AT);
        soon["expires_at"] = json!("2027-02-01T00:00:00+08:00");
        let soon = registered(&person, soon).await.body["id"].clone();
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        person.accepts(&[SUBSCRIPTION]).await;
        scene.advance(HOURS).await;
        assert_eq!(states(&person, &soon).await, ["delivered mini_subscription"]);
        assert!(states(&person, &later).await[0].starts_with("undeliverable"));
        assert_eq!(told(&person).await.len(), 1);
        person.accepts(&[SUBSCRIPTION]).await;
        scene.advance(HOURS).await;
        assert_eq!(states(&person, &later).await, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_push_is_told_once_for_all_that_rested_with_it() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([{"at": AT}, {"at": "2027-01-12T10:00:00+08:00"}]);
        let id = registered(&person, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-12T11:00:00+08:00").await;
        person.follows().await;
        scene.advance(HOURS).await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &id).await, ["skipped  told_already", "delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cause_looks_no_further_where_nothing_rests_and_arms_nothing_that_has_expired() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let mut reminder = passport(AT);
        reminder["expires_at"] = json!("2027-01-12T10:00:00+08:00");
        let id = registered(&person, reminder).await.body["id"].clone();
        let schedules =
            || scene.world.scheduler().schedules().iter().filter(|one| one.name.starts_with("rest-")).count();
        person.accepts(&["x"]).await;
        assert_eq!(schedules(), 0);
        scene.advance_to("2027-01-12T12:00:00+08:00").await;
        person.follows().await;
        scene.advance(HOURS).await;
        assert!(told(&person).await.is_empty());
        assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        person.accepts(&[SUBSCRIPTION]).await;
        assert_eq!(schedules(), 0, "the look before found that nothing is left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_arms_what_was_certainly_not_sent_and_the_rest_only_on_a_word() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 2).await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance(HOURS).await;
        assert!(states(&person, &id).await[0].starts_with("unknown"));
        let redrive = json!({"operation": "push.redrive", "openid": person.mini_program_openid, "id": id, "again": true});
        ask(scene, redrive.clone()).await;
        scene.advance(HOURS).await;
        assert_eq!(told(&person).await.len(), 1, "it may have been sent");
        let mut even = redrive;
        even["even_unknown"] = json!(true);
        ask(scene, even).await;
        scene.advance(HOURS).await;
        assert_eq!(told(&person).await.len(), 2, "the operator wanted it");
        assert_eq!(states(&person, &id).await, ["delivered mini_subscription"]);
    })
    .await;
}
