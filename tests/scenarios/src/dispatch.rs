//! What is due is sent: once, at the right minute, through a channel that reaches the user.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Event};
use serde_json::{Value, json};
use simulator::scheduler::Misfire;

use crate::scene::{AT, SUBSCRIPTION, TEMPLATE, passport, path, play, registered, states, timeline, told};
use crate::verbs::Verbs;

const DAYS: SignedDuration = SignedDuration::from_hours(24 * 3);

#[tokio::test(flavor = "multi_thread")]
async fn follower_is_told_by_template_message_at_the_minute_asked_for() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await, ["01-12 09:00 template in service_account"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
        assert_eq!(
            timeline(&person, &reminder.body["id"]).await,
            ["registered", "planned", "claimed", "sent", "delivered"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_prompt_is_one_message_and_the_rest_is_honestly_undeliverable() {
    play(async |scene| {
        let person = scene.user("小红").await;
        person.accepts(&[SUBSCRIPTION]).await;
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([{"at": AT}, {"at": "2027-01-12T10:00:00+08:00"}]);
        let reminder = person.registers(reminder).await;
        assert_eq!(reminder.body["coverage"]["covered"], 1, "{reminder}");
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(
            states(&person, &reminder.body["id"]).await,
            ["delivered mini_subscription", "undeliverable  not_following, no_credit, not_linked"]
        );
        assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_notification_reaches_who_unfollowed() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        person.accepts_notification().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        person.unfollows().await;
        let reminder = person.registers(passport(AT)).await;
        assert_eq!(reminder.body["coverage"]["covered"], 1, "{reminder}");
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await, ["01-12 09:00 notification in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_notification"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_who_blocks_the_service_account_is_told_by_the_next_channel() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        person.accepts(&[SUBSCRIPTION]).await;
        let reminder = person.registers(passport(AT)).await;
        person.blocks().await;
        scene.advance(DAYS).await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        assert_eq!(told(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn block_is_learnt_from_a_receipt_and_forgotten_when_a_message_arrives() {
    refusal_is_learnt_and_forgotten("block", "unblock", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn template_that_was_switched_off_is_learnt_from_43101_and_forgotten_when_a_message_arrives() {
    let template = json!({"template_id": TEMPLATE});
    refusal_is_learnt_and_forgotten("refuse-template", "allow-template", template).await;
}

async fn refusal_is_learnt_and_forgotten(refuse: &str, allow: &str, what: Value) {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        let mut reminder = passport(AT);
        let days = ["12", "13", "14"].map(|day| json!({"at": format!("2027-01-{day}T09:00:00+08:00")}));
        reminder["pushes"] = json!(days);
        let id = registered(&person, reminder).await.body["id"].clone();
        person.does(refuse, what.clone()).await;
        let blocked = async || person.gets("/me").await.body.get("blocked").cloned();
        let coverage = async || {
            let coverage = person.gets(&path(&id)).await.body["coverage"].clone();
            (coverage["pushes"].clone(), coverage["covered"].clone(), coverage["ask"].clone())
        };
        assert_eq!(blocked().await, None);
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(blocked().await, Some(json!(true)));
        assert_eq!(coverage().await, (json!(2), json!(0), json!(["subscribe"])), "following helps no more");
        scene.accepts(&person, 1).await;
        assert_eq!(coverage().await, (json!(2), json!(1), json!(["subscribe"])));
        scene.advance_to("2027-01-13T10:00:00+08:00").await;
        let told_of = |day: &str| format!("01-{day} 09:00 subscription in service_notifications");
        assert_eq!(
            told(&person).await.last(),
            Some(&told_of("13")),
            "at once: the account is not asked first"
        );
        person.does(allow, what).await;
        scene.advance_to("2027-01-14T10:00:00+08:00").await;
        assert_eq!(
            told(&person).await.last().map(String::as_str),
            Some("01-14 09:00 template in service_account")
        );
        assert_eq!(blocked().await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_anew_refuses_nothing_yet() {
    play(async |scene| {
        let (person, _) = scene.follower_with_passport().await;
        person.blocks().await;
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(person.gets("/me").await.body["blocked"], true);
        person.unfollows().await;
        scene.advance(SignedDuration::from_secs(60)).await;
        person.follows().await;
        assert_eq!(person.gets("/me").await.body.get("blocked"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_goes_to_the_next_channel_at_once_after_a_definite_refusal() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        person.accepts(&[SUBSCRIPTION]).await;
        let reminder = person.registers(passport(AT)).await;
        // They stop following, and WeChat's callback about it never leaves.
        scene.plan(Event::Unsubscribe, CALLBACK_LOST);
        person.unfollows().await;
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        assert_eq!(person.gets("/me").await.body["followed"], false, "43004 clears the flag");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_is_sent_once_when_scheduler_fires_twice() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        let id = reminder.body["id"].as_str().expect("an id").to_owned();
        scene.world.scheduler().misfire(&id, Misfire::Twice);
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await, ["01-12 09:00 template in service_account"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_that_is_done_or_deleted_is_not_told_any_more() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let done = person.registers(passport(AT)).await.body["id"].clone();
        let deleted = person.registers(passport(AT)).await.body["id"].clone();
        let done_path = format!("{}/done", path(&done));
        assert_eq!(person.calls(Method::POST, &done_path, json!(null)).await.status, 200);
        assert_eq!(person.calls(Method::DELETE, &path(&deleted), json!(null)).await.status, 204);
        scene.advance(DAYS).await;
        assert!(told(&person).await.is_empty());
        assert_eq!(states(&person, &done).await, ["cancelled  done"]);
        assert_eq!(person.gets(&path(&deleted)).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_that_was_lost_is_found_by_the_sweep_within_the_hour() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        let schedules = scene.world.scheduler().schedules();
        let id = reminder.body["id"].as_str().expect("an id");
        let lost = schedules.iter().find(|schedule| schedule.name.contains(id)).expect("a schedule");
        assert!(scene.world.scheduler().lose(&lost.group, &lost.name));
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1, "late, never silent");
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_content_is_told_and_the_old_is_not() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        let path = path(&reminder.body["id"]);
        let mut renewed = passport("2027-01-13T09:00:00+08:00");
        renewed["title"] = json!("新护照");
        let headers = [("if-match", "\"1\"")];
        let answer = person.calls_with(Method::PUT, &path, &headers, renewed.clone()).await;
        assert_eq!((answer.status, &answer.body["revision"]), (200, &json!(2)), "{answer}");
        let again = person.calls_with(Method::PUT, &path, &headers, renewed).await;
        assert_eq!((again.status, &again.body["code"]), (412, &json!("revision_mismatch")));
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await, ["01-13 09:00 template in service_account"]);
        let inbox = person.inbox().await;
        let template = inbox.iter().find(|item| item["kind"] == "template").expect("one");
        assert_eq!(template["body"]["data"]["thing1"]["value"], "新护照");
    })
    .await;
}
