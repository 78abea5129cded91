//! WeChat refused a message because its user did not follow (43004), they followed since, and that event was lost: what
//! else tells of it heals it, and what rests is told.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Event, REQUEST_LOST};
use serde_json::{Value, json};
use simulator::people::Person;
use simulator::wechat::Format;

use crate::operations::ask;
use crate::scene::{AT, Scene, TEMPLATE, followed, passport, play, registered, service_openid, states, told};
use crate::verbs::Verbs;
use crate::wire::{SERVICE, call_back};

const MINUTES: SignedDuration = SignedDuration::from_mins(5);

/// Their unfollow was lost, a message was refused, and so was their new follow.
async fn follows_anew_unheard(scene: &Scene) -> (Person, Value) {
    let person = scene.follower("小明").await;
    let id = registered(&person, passport(AT)).await.body["id"].clone();
    scene.plan(Event::Unsubscribe, CALLBACK_LOST);
    person.unfollows().await;
    scene.advance_to("2027-01-12T09:01:00+08:00").await;
    assert!(states(&person, &id).await[0].starts_with("undeliverable"));
    scene.plan(Event::Subscribe, CALLBACK_LOST);
    person.follows().await;
    scene.advance(MINUTES).await;
    assert!(!followed(&person).await);
    (person, id)
}

async fn is_told(scene: &Scene, person: &Person, id: &Value) {
    assert!(followed(person).await);
    scene.advance(MINUTES).await;
    assert_eq!(states(person, id).await, ["delivered service_template"]);
    assert_eq!(told(person).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_learns_of_a_follow_that_was_lost_after_a_refusal() {
    play(async |scene| {
        let (person, id) = follows_anew_unheard(scene).await;
        assert_eq!(ask(scene, json!({"operation": "followers.sync"})).await, json!({"synced": 1}));
        is_told(scene, &person, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_believes_wechat_where_the_refusal_was_wrong() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.plan(Call::TemplateSend, scenarios::mishap::refusal(wechat::ErrCode::REQUIRE_SUBSCRIBE));
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        assert!(!followed(&person).await);
        ask(scene, json!({"operation": "followers.sync"})).await;
        is_told(scene, &person, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_learns_of_a_follow_that_was_lost_after_a_refusal() {
    play(async |scene| {
        let (mut person, id) = follows_anew_unheard(scene).await;
        assert_eq!(person.logs_in().await.body["followed"], true);
        is_told(scene, &person, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_is_answered_while_wechat_does_not_tell_and_learns_later() {
    play(async |scene| {
        let (mut person, id) = follows_anew_unheard(scene).await;
        scene.plan(Call::UserInfo, REQUEST_LOST);
        let login = person.logs_in().await;
        assert_eq!((login.status, &login.body["followed"]), (200, &json!(false)));
        scene.advance(MINUTES).await;
        is_told(scene, &person, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_of_somebody_who_left_learns_nothing_new() {
    play(async |scene| {
        let mut person = scene.follower("小明").await;
        scene.advance(MINUTES).await;
        person.unfollows().await;
        assert_eq!(person.logs_in().await.body["followed"], false);
        scene.advance(MINUTES).await;
        assert!(!followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_only_a_follower_can_do_tells_of_the_follow() {
    let tap = |event: &str| json!({"MsgType": "event", "Event": event, "EventKey": "help"});
    for fields in [tap("CLICK"), tap("VIEW"), json!({"MsgType": "text", "MsgId": 7, "Content": "你好"})] {
        play(async |scene| {
            let (person, id) = follows_anew_unheard(scene).await;
            call_back(scene, SERVICE, Format::Xml, &service_openid(&person), &fields).await;
            is_told(scene, &person, &id).await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_arrives_tells_of_the_follow() {
    play(async |scene| {
        let (person, id) = follows_anew_unheard(scene).await;
        person.does("told-by-others", json!({"template_id": TEMPLATE})).await;
        scene.advance(SignedDuration::from_secs(10)).await;
        assert!(followed(&person).await);
        scene.advance(MINUTES).await;
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_can_do_or_what_was_done_before_the_unfollow_tells_nothing() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let openid = service_openid(&person);
        let account = crate::wire::account(scene, SERVICE);
        let before = json!(scene.world.now().as_second());
        scene.advance(MINUTES).await;
        person.unfollows().await;
        let tap = json!({"MsgType": "event", "Event": "CLICK", "EventKey": "help"});
        let late = crate::wire::addressed(&account, &openid, before, &tap);
        let envelope = crate::wire::wrapped(scene, &account, Format::Xml, &late);
        assert_eq!(crate::wire::post(scene, SERVICE, &envelope).await.status, 200);
        assert!(!followed(&person).await, "it is older than the unfollow");
        scene.advance(MINUTES).await;
        person.accepts_notification().await;
        assert!(!followed(&person).await, "whoever does not follow may accept, too");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_nobody_heard_of_is_known_when_they_write() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Event::Subscribe, CALLBACK_LOST);
        person.follows().await;
        assert!(!followed(&person).await);
        person.says("service_account", "你好").await;
        assert!(followed(&person).await);
    })
    .await;
}
