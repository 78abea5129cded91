//! Who is who: two accounts of one person, met in any order.

use http::Method;
use scenarios::mishap::{Call, Event};
use serde_json::json;
use simulator::faults::Fault;
use simulator::people::Person;

use crate::scene::play;

async fn followed(person: &Person) -> bool {
    person.gets("/me").await.body["followed"].as_bool().expect("a flag")
}

#[tokio::test(flavor = "multi_thread")]
async fn login_then_follow_and_follow_then_login_end_alike() {
    play(async |scene| {
        let first = scene.user("先登录").await;
        first.does("follow", json!({"via": "mini_program"})).await;
        let mut second = Person::arrives(&scene.world, "先关注", true).await;
        second.does("follow", json!({"via": "search"})).await;
        assert_eq!(second.logs_in().await.body["followed"], true);
        assert!(followed(&first).await && followed(&second).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unfollow_and_refollow_are_seen_whatever_their_order_of_arrival() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.advance(jiff::SignedDuration::from_secs(60)).await;
        scene.plan(Event::Unsubscribe, Fault::AfterS(30));
        person.does("unfollow", json!({})).await;
        scene.advance(jiff::SignedDuration::from_secs(10)).await;
        person.does("follow", json!({"via": "search"})).await;
        scene.advance(jiff::SignedDuration::from_secs(60)).await;
        assert!(followed(&person).await, "the unfollow came last, but it is older");
        person.does("unfollow", json!({})).await;
        assert!(!followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_code_binds_without_any_unionid() {
    play(async |scene| {
        let mut person = Person::arrives(&scene.world, "无名", false).await;
        person.logs_in().await;
        let code = person.calls(Method::POST, "/me/qrcode", json!(null)).await;
        assert_eq!(code.status, 201, "{code}");
        person.does("follow", json!({"via": "qrcode", "image_url": code.body["image_url"]})).await;
        assert!(followed(&person).await);

        let mut stranger = Person::arrives(&scene.world, "路人", false).await;
        stranger.logs_in().await;
        stranger.does("follow", json!({"via": "qrcode", "image_url": code.body["image_url"]})).await;
        assert!(!followed(&stranger).await, "a ticket is good once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_who_scans_another_users_code_stays_who_they_are() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let other = scene.follower("别人").await;
        let code = owner.calls(Method::POST, "/me/qrcode", json!(null)).await;
        other.does("scan", json!({"image_url": code.body["image_url"]})).await;
        assert!(!followed(&owner).await);
        assert!(followed(&other).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_wechat_did_not_answer_is_finished_later() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Call::UserInfo, Fault::DelayMs(1_500));
        person.does("follow", json!({"via": "search"})).await;
        assert!(!followed(&person).await);
        scene.advance(jiff::SignedDuration::from_mins(5)).await;
        assert!(followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_to_be_forgotten_is_forgotten() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let reminder = person.registers(crate::scene::passport("2027-01-12T09:00:00+08:00")).await;
        for _ in 0..2 {
            assert_eq!(person.calls(Method::DELETE, "/me", json!(null)).await.status, 204);
        }
        let path = format!("/reminders/{}", reminder.body["id"].as_str().expect("an id"));
        assert_eq!(person.gets(&path).await.status, 404);
        assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
        let left = scene.world.scheduler().schedules();
        assert!(left.iter().all(|schedule| !schedule.name.contains(&path[11..])), "{left:?}");
        scene.advance(jiff::SignedDuration::from_hours(72)).await;
        assert!(crate::scene::told(&person).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_scanned_by_somebody_known_to_be_another_links_nobody() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let code = owner.calls(Method::POST, "/me/qrcode", json!(null)).await;
        let mut other = Person::arrives(&scene.world, "别人", true).await;
        other.does("follow", json!({"via": "qrcode", "image_url": code.body["image_url"]})).await;
        assert!(!followed(&owner).await, "their unionids differ");
        assert_eq!(other.logs_in().await.body["followed"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_themselves_is_not_mistaken_for_whoever_scanned_their_code() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let code = owner.calls(Method::POST, "/me/qrcode", json!(null)).await;
        let other = Person::arrives(&scene.world, "无名", false).await;
        other.does("follow", json!({"via": "qrcode", "image_url": code.body["image_url"]})).await;
        assert!(followed(&owner).await, "nobody can know better");
        scene.advance(jiff::SignedDuration::from_secs(60)).await;
        owner.does("follow", json!({"via": "search"})).await;
        other.does("subscribe", json!({"template_ids": crate::scene::NOTIFICATION})).await;
        assert_eq!(owner.gets("/me").await.body["credits"][crate::scene::NOTIFICATION], json!(0));
        scene.advance(jiff::SignedDuration::from_secs(60)).await;
        other.does("unfollow", json!({})).await;
        assert!(followed(&owner).await, "the other one left, not the owner");
    })
    .await;
}
