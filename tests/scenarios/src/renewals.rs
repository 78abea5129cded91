//! A reminder is changed while something of it is told, due, or under way.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event, refusal};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;
use simulator::scheduler::Misfire;
use wechat::ErrCode;

use crate::operations::wants_no_repeats;
use crate::scene::{AT, Scene, passport, path, play, states, told};

/// Pushes at nine, so many days before the first of March.
fn relative(days: &[u16]) -> Value {
    let mut reminder = passport(AT);
    reminder["pushes"] = days.iter().map(|days| json!({"days_before": days, "time": "09:00"})).collect();
    reminder
}

async fn renews(person: &Person, id: &Value, mut reminder: Value, title: &str) -> Vec<Value> {
    reminder["title"] = title.into();
    let renewed = person.calls(Method::PUT, &path(id), reminder).await;
    assert_eq!(renewed.status, 200, "{renewed}");
    renewed.body["pushes"].as_array().expect("pushes").iter().map(|push| push["n"].clone()).collect()
}

async fn until_march(scene: &Scene) {
    scene.advance_to("2027-03-02T00:00:00+08:00").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn corrected_title_tells_nobody_again() {
    play(async |scene| {
        let mut person = scene.follower("小明").await;
        let id = person.registers(relative(&[30, 7, 1])).await.body["id"].clone();
        scene.advance_to("2027-02-28T10:00:00+08:00").await;
        person.logs_in().await;
        assert_eq!(told(&person).await.len(), 3);
        for title in ["护照(新)", "护照"] {
            renews(&person, &id, relative(&[30, 7, 1]), title).await;
        }
        until_march(scene).await;
        assert_eq!(told(&person).await.len(), 3, "all had been told");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_that_waits_to_be_tried_again_still_does_after_a_renewal() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = person.registers(relative(&[30, 7, 1])).await.body["id"].clone();
        scene.advance_to("2027-01-30T08:59:00+08:00").await;
        scene.plan(Call::TemplateSend, refusal(ErrCode::DAILY_QUOTA_REACHED));
        scene.advance_to("2027-01-30T12:00:00+08:00").await;
        assert_eq!(states(&person, &id).await[0].split(' ').next(), Some("retrying"));
        renews(&person, &id, relative(&[30, 7, 1]), "新护照").await;
        until_march(scene).await;
        let told = told(&person).await;
        // Within the half hour after the quiet hours.
        assert!(("01-31 08:00".."01-31 08:31").contains(&&told[0][..11]), "{told:?}");
        assert_eq!(
            told[1..],
            ["02-22 09:00 template in service_account", "02-28 09:00 template in service_account"]
        );
        let inbox = person.inbox().await;
        let first = inbox.iter().find(|item| item["kind"] == "template").expect("a message");
        assert_eq!(first["body"]["data"]["thing1"]["value"], "新护照", "what it says is new");
    })
    .await;
}

/// An attempt nobody knows the outcome of is dropped by a renewal: WeChat may still have its credit.
#[tokio::test(flavor = "multi_thread")]
async fn dropped_attempt_leaves_its_credit_uncertain() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 2).await;
        let id = person.registers(passport(AT)).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, Fault::HttpStatus(502));
        scene.advance_to("2027-01-12T09:02:00+08:00").await;
        renews(&person, &id, passport("2027-01-12T10:00:00+08:00"), "护照").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await, ["01-12 10:00 subscription in service_notifications"]);
        assert!(states(&person, &id).await[0].starts_with("unknown mini_subscription"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_due_this_very_minute_survives_a_renewal() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = person.registers(relative(&[30, 1])).await.body["id"].clone();
        let name = id.as_str().expect("an id").to_owned();
        scene.world.scheduler().misfire(&name, Misfire::Late(SignedDuration::from_secs(40)));
        scene.advance_to("2027-01-30T09:00:20+08:00").await;
        renews(&person, &id, relative(&[30, 1]), "新护照").await;
        until_march(scene).await;
        assert_eq!(told(&person).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_under_way_keeps_its_name_when_the_list_is_shortened() {
    play(async |scene| {
        let mut person = scene.follower("小明").await;
        let id = person.registers(relative(&[30, 7, 1])).await.body["id"].clone();
        scene.advance_to("2027-02-22T08:59:00+08:00").await;
        person.logs_in().await;
        scene.plan(Call::TemplateSend, ANSWER_LOST);
        scene.plan(Event::TemplateSendJobFinish, CALLBACK_LOST);
        scene.advance_to("2027-02-22T09:00:01+08:00").await;
        assert_eq!(renews(&person, &id, relative(&[7, 1]), "新护照").await, [1, 2]);
        scene.advance_to("2027-02-22T12:00:00+08:00").await;
        assert_eq!(
            states(&person, &id).await,
            ["sent service_template", "scheduled"],
            "it is listed first now, and is still the same message for WeChat"
        );
        until_march(scene).await;
        assert_eq!(told(&person).await.len(), 3);
    })
    .await;
}
