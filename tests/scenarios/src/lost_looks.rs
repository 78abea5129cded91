//! A wake-up of dispatch that is lost, or fails for good, is found again by the sweep: looks at what rests, and questions
//! to WeChat about a follower.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Endpoint, Event, REQUEST_LOST, Scheduler, Table};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::options::Options;
use simulator::people::Person;

use crate::operations::{ask, lose_schedules};
use crate::scene::{AT, SUBSCRIPTION, Scene, TEMPLATE, followed, passport, play, registered, states, told};
use crate::verbs::Verbs;

/// The sweep comes every half hour, and looks for what is five minutes overdue.
const SWEPT: SignedDuration = SignedDuration::from_mins(40);

/// Somebody whose passport could not be told of, for they neither follow nor accepted.
pub(crate) async fn told_of_nothing(scene: &Scene, person: &Person) -> Value {
    let id = registered(person, passport(AT)).await.body["id"].clone();
    scene.advance_to("2027-01-12T10:00:00+08:00").await;
    assert!(states(person, &id).await[0].starts_with("undeliverable"));
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn look_at_rest_whose_schedule_is_lost_is_made_by_the_sweep() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let id = told_of_nothing(scene, &person).await;
        person.accepts(&[SUBSCRIPTION]).await;
        assert_eq!(lose_schedules(scene), 1, "that of the look");
        scene.advance(SWEPT).await;
        assert_eq!(states(&person, &id).await, ["delivered mini_subscription"]);
        assert_eq!(told(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn look_at_rest_is_not_lost_with_a_callback_that_could_make_no_schedule() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let id = told_of_nothing(scene, &person).await;
        // WeChat repeats it twice; the accept is counted once.
        let (now, a_minute) = (scene.world.now(), SignedDuration::from_secs(60));
        let fails = Endpoint::from(Scheduler::CreateSchedule);
        scene.world.faults().disturb(fails.disturbed(Fault::HttpStatus(503), now, now + a_minute));
        person.accepts(&[SUBSCRIPTION]).await;
        scene.advance(SignedDuration::from_secs(30)).await;
        assert_eq!(lose_schedules(scene), 0);
        scene.advance(SWEPT).await;
        assert_eq!(states(&person, &id).await, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn look_at_rest_that_fails_for_good_is_made_by_the_sweep() {
    let scene = Scene::begin(Options::default()).await;
    let person = scene.user("小红").await;
    let id = told_of_nothing(&scene, &person).await;
    person.follows().await;
    // Lambda repeats twice, and the SDK each time.
    let until = scene.world.now() + SignedDuration::from_mins(8);
    let fails = Endpoint::from(Table::Query).disturbed(Fault::HttpStatus(500), scene.world.now(), until);
    scene.world.faults().disturb(fails);
    scene.advance(SignedDuration::from_mins(8)).await;
    assert_eq!(scene.world.dead_letters().len(), 1, "an alarm rings");
    assert!(told(&person).await.is_empty());
    scene.advance(SWEPT).await;
    assert_eq!(states(&person, &id).await, ["delivered service_template"]);
    assert_eq!(told(&person).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn question_about_a_follower_whose_schedule_is_lost_is_asked_by_the_sweep() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Call::UserInfo, REQUEST_LOST);
        person.follows().await;
        assert!(!followed(&person).await);
        assert_eq!(lose_schedules(scene), 1, "that of the question");
        scene.advance(SWEPT).await;
        assert!(followed(&person).await);
        assert_eq!(lose_schedules(scene), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_since_makes_looks_that_were_lost() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Call::UserInfo, REQUEST_LOST);
        person.follows().await;
        lose_schedules(scene);
        scene.advance(SignedDuration::from_mins(3)).await;
        assert!(!followed(&person).await);
        ask(scene, json!({"operation": "push.redrive", "since": "2027-01-10T00:00:00+08:00"})).await;
        assert!(followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_while_the_push_comes_to_rest_is_not_overlooked() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.plan(Event::Unsubscribe, CALLBACK_LOST);
        person.unfollows().await;
        scene.advance_to("2027-01-12T08:59:50+08:00").await;
        scene.plan(Call::TemplateSend, Fault::FreezeS(20));
        scene.advance(SignedDuration::from_secs(15)).await;
        person.accepts(&[SUBSCRIPTION]).await;
        scene.advance(SignedDuration::from_secs(20)).await;
        assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        scene.advance(SignedDuration::from_mins(5)).await;
        assert_eq!(states(&person, &id).await, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_arrives_again_after_a_block_arms_what_rests() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        person.blocks().await;
        scene.advance_to("2027-01-12T12:00:00+08:00").await;
        assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        person.does("unblock", json!({})).await;
        scene.advance(SWEPT).await;
        assert!(told(&person).await.is_empty(), "WeChat does not tell of an unblocking");
        // Nor is an older receipt a cause, and one that is lost is none.
        let template = json!({"template_id": TEMPLATE});
        scene.plan(Event::TemplateSendJobFinish, CALLBACK_LOST);
        person.does("told-by-others", template.clone()).await;
        scene.advance(SWEPT).await;
        assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        person.does("told-by-others", template.clone()).await;
        scene.advance(SWEPT).await;
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scan_of_the_own_code_arms_what_rests_of_somebody_without_unionid() {
    play(async |scene| {
        let person = scene.nameless("无名").await;
        let id = told_of_nothing(scene, &person).await;
        let code = person.asks_for_code().await;
        person.follows_by_code(&code).await;
        scene.advance(SignedDuration::from_mins(5)).await;
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
    })
    .await;
}
