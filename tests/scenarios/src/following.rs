//! Who is who: two accounts of one person, met in any order.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Call, Event};
use serde_json::json;
use simulator::faults::Fault;
use simulator::people::Person;

use crate::scene::{NOTIFICATION, followed, path, play, told};
use crate::verbs::Verbs;

#[tokio::test(flavor = "multi_thread")]
async fn login_then_follow_and_follow_then_login_end_alike() {
    play(async |scene| {
        let first = scene.user("先登录").await;
        first.does("follow", json!({"via": "mini_program"})).await;
        let mut second = Person::arrives(&scene.world, "先关注", true).await;
        second.follows().await;
        assert_eq!(second.logs_in().await.body["followed"], true);
        assert!(followed(&first).await && followed(&second).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unfollow_and_refollow_are_seen_whatever_their_order_of_arrival() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.advance(SignedDuration::from_secs(60)).await;
        scene.plan(Event::Unsubscribe, Fault::AfterS(30));
        person.unfollows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        person.follows().await;
        scene.advance(SignedDuration::from_secs(60)).await;
        assert!(followed(&person).await, "the unfollow came last, but it is older");
        person.unfollows().await;
        assert!(!followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_is_scanned_binds_without_any_unionid() {
    play(async |scene| {
        let person = scene.nameless("无名").await;
        let code = person.asks_for_code().await;
        person.follows_by_code(&code).await;
        assert!(followed(&person).await);

        let stranger = scene.nameless("路人").await;
        stranger.follows_by_code(&code).await;
        assert!(!followed(&stranger).await, "a ticket is good once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_who_scans_another_users_code_stays_who_they_are() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let other = scene.follower("别人").await;
        let code = owner.asks_for_code().await;
        other.does("scan", json!({"image_url": code})).await;
        assert!(!followed(&owner).await);
        assert!(followed(&other).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn look_up_that_wechat_did_not_answer_is_finished_later() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Call::UserInfo, Fault::DelayMs(1_500));
        person.follows().await;
        assert!(!followed(&person).await);
        scene.advance(SignedDuration::from_mins(5)).await;
        assert!(followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_asks_to_be_forgotten_is_forgotten() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        for _ in 0..2 {
            assert_eq!(person.calls(Method::DELETE, "/me", json!(null)).await.status, 204);
        }
        let path = path(&reminder.body["id"]);
        for call in [path.as_str(), "/reminders", "/me"] {
            assert_eq!(person.gets(call).await.status, 401, "{call}");
        }
        scene.advance(SignedDuration::from_mins(2)).await;
        let left = scene.world.scheduler().schedules();
        assert!(left.iter().all(|schedule| !schedule.name.contains(&path[11..])), "{left:?}");
        scene.advance(SignedDuration::from_hours(72)).await;
        assert!(told(&person).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_scanned_by_somebody_known_to_be_another_links_nobody() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let code = owner.asks_for_code().await;
        let mut other = Person::arrives(&scene.world, "别人", true).await;
        other.follows_by_code(&code).await;
        assert!(!followed(&owner).await, "their unionids differ");
        assert_eq!(other.logs_in().await.body["followed"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_follows_is_not_mistaken_for_whoever_scanned_their_code() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let code = owner.asks_for_code().await;
        let other = Person::arrives(&scene.world, "无名", false).await;
        other.follows_by_code(&code).await;
        assert!(followed(&owner).await, "nobody can know better");
        scene.advance(SignedDuration::from_secs(60)).await;
        owner.follows().await;
        other.does("subscribe", json!({"template_ids": NOTIFICATION})).await;
        assert_eq!(owner.gets("/me").await.body["credits"][NOTIFICATION], json!(0));
        scene.advance(SignedDuration::from_secs(60)).await;
        other.unfollows().await;
        assert!(followed(&owner).await, "the other one left, not the owner");
    })
    .await;
}
