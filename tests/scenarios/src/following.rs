//! Who is who: two accounts of one person, met in any order.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Event, refusal};
use scenarios::walk::Chance;
use serde_json::json;
use simulator::faults::Fault;
use simulator::people::Person;
use wechat::ErrCode;

use crate::scene::{NOTIFICATION, followed, play};
use crate::verbs::Verbs;
use crate::wire::SERVICE;

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
async fn user_info_that_lags_undoes_no_follow_and_is_asked_again() {
    play(async |scene| {
        scene.change_account(SERVICE, |account| account.user_info_lag_s = 45);
        let (person, owner) = (scene.user("小明").await, scene.nameless("主人").await);
        let phone = scene.nameless("手机").await;
        phone.follows_by_code(&owner.asks_for_code().await).await;
        assert!(followed(&owner).await, "WeChat's event says that they follow");
        person.follows().await;
        scene.advance(SignedDuration::from_mins(5)).await;
        assert!(followed(&person).await, "whose follower it is was learnt later");
        person.unfollows().await;
        scene.advance(SignedDuration::from_mins(5)).await;
        assert!(!followed(&person).await);
        scene.advance(SignedDuration::from_hours(24)).await;
        assert!(followed(&owner).await && !followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unfollow_that_was_never_told_of_is_learnt_from_user_info_in_time() {
    play(async |scene| {
        let owner = scene.nameless("主人").await;
        let phone = scene.nameless("手机").await;
        scene.plan(Call::UserInfo, refusal(ErrCode::SYSTEM_ERROR));
        phone.follows_by_code(&owner.asks_for_code().await).await;
        scene.plan(Event::Unsubscribe, CALLBACK_LOST);
        phone.unfollows().await;
        scene.advance(SignedDuration::from_mins(5)).await;
        assert!(followed(&owner).await, "it may lag");
        scene.advance(SignedDuration::from_mins(15)).await;
        assert!(!followed(&owner).await, "so long it does not lag");
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

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_second_count_as_wechat_knows_which_came_last() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Event::Subscribe, Fault::AfterS(3));
        person.follows().await;
        person.unfollows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        assert!(!followed(&person).await, "the follow arrived last, and was first");

        person.follows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        scene.plan(Event::Unsubscribe, Fault::AfterS(3));
        person.unfollows().await;
        person.follows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        assert!(followed(&person).await, "the unfollow arrived last, and was first");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn followed_flag_ends_as_wechat_knows_it_whatever_the_interleaving() {
    play(async |scene| {
        for seed in 0..20 {
            let mut chance = Chance::new(seed);
            let name = format!("第{seed}个");
            let mut person = Person::arrives(&scene.world, &name, true).await;
            let mut taken = Vec::new();
            for _ in 0..8 {
                let step = chance.below(10);
                taken.push(step);
                match step {
                    0 | 1 => drop(person.logs_in().await),
                    2 | 3 => drop(person.follows().await),
                    4 => drop(person.unfollows().await),
                    5 if person.token().is_some() => {
                        person.follows_by_code(&person.asks_for_code().await).await;
                    }
                    6 => scene.plan(Call::UserInfo, refusal(ErrCode::SYSTEM_ERROR)),
                    7 => scene.plan(Event::Subscribe, Fault::AfterS(7)),
                    8 => scene.plan(Event::Unsubscribe, Fault::AfterS(4)),
                    _ => scene.advance(SignedDuration::from_secs(5)).await,
                }
            }
            scene.world.clear_faults();
            scene.advance(SignedDuration::from_mins(30)).await;
            person.logs_in().await;
            let users = scene.world.platform().users();
            let truth = users.iter().find(|user| user.name == name).expect("they are there").followed;
            assert_eq!(followed(&person).await, truth, "seed {seed}: {taken:?}");
        }
    })
    .await;
}
