//! Somebody else's code in front of one's camera: the newest own scan wins, in whatever order scans are told of, and what
//! unionids prove stays.

use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, Call, Event};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;

use crate::scene::{AT, NOTIFICATION, Scene, followed, passport, play, states, told};
use crate::verbs::Verbs;

pub(crate) const UNDO: &str = "解除";

pub(crate) async fn scans(scene: &Scene, phone: &Person, image_url: &Value) {
    assert_eq!(phone.does("scan", json!({"image_url": image_url})).await.status, 200);
    scene.advance(SignedDuration::from_secs(10)).await;
}

pub(crate) async fn follows_by(scene: &Scene, phone: &Person, owner: &Person) {
    phone.follows_by_code(&owner.asks_for_code().await).await;
    scene.advance(SignedDuration::from_secs(10)).await;
}

pub(crate) async fn undoes(scene: &Scene, phone: &Person) {
    phone.says("service_account", UNDO).await;
    scene.advance(SignedDuration::from_secs(10)).await;
}

/// Whether each is said to follow.
pub(crate) async fn flags(people: [&Person; 2]) -> [bool; 2] {
    [followed(people[0]).await, followed(people[1]).await]
}

/// What the service account answered them, oldest first.
pub(crate) async fn answers(phone: &Person) -> Vec<String> {
    let inbox = phone.inbox().await;
    let replies = inbox.iter().filter(|item| item["kind"] == "reply");
    replies.map(|item| item["body"]["Content"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_code_keeps_a_phone_only_until_its_owner_scans_their_own() {
    play(async |scene| {
        let (stranger, owner) = (scene.nameless("路人").await, scene.nameless("主人").await);
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &stranger).await;
        assert_eq!(flags([&stranger, &owner]).await, [true, false]);
        for owner in [&stranger, &owner] {
            assert_eq!(owner.registers(passport(AT)).await.status, 201);
        }
        scans(scene, &phone, &owner.asks_for_code().await).await;
        assert_eq!(flags([&stranger, &owner]).await, [false, true]);
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(told(&phone).await, ["01-12 09:00 template in service_account"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_scan_that_arrives_later_wins_nothing() {
    play(async |scene| {
        let (one, other) = (scene.nameless("甲").await, scene.nameless("乙").await);
        let (phone, another) = (scene.nameless("手机").await, scene.nameless("另一个").await);
        for phone in [&phone, &another] {
            phone.follows().await;
        }
        let codes = [one.asks_for_code().await, other.asks_for_code().await, other.asks_for_code().await];
        scene.plan(Event::Scan, Fault::AfterS(60));
        scans(scene, &phone, &codes[0]).await;
        scans(scene, &phone, &codes[1]).await;
        scene.advance(SignedDuration::from_mins(2)).await;
        assert_eq!(flags([&one, &other]).await, [false, true], "the first scan was told of last");

        scene.plan(Event::Scan, Fault::AfterS(60));
        scans(scene, &another, &codes[2]).await;
        scans(scene, &phone, &other.asks_for_code().await).await;
        scene.advance(SignedDuration::from_mins(2)).await;
        another.unfollows().await;
        assert!(followed(&other).await, "the other phone scanned first, and was told of last");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scan_that_arrives_after_its_undo_or_unfollow_links_nobody() {
    play(async |scene| {
        let owner = scene.nameless("主人").await;
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &owner).await;
        scene.plan(Event::Scan, Fault::AfterS(60));
        scans(scene, &phone, &owner.asks_for_code().await).await;
        undoes(scene, &phone).await;
        scene.advance(SignedDuration::from_mins(2)).await;
        assert!(!followed(&owner).await, "undone before it was told of");

        scene.plan(Event::Scan, Fault::AfterS(60));
        scans(scene, &phone, &owner.asks_for_code().await).await;
        phone.unfollows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        phone.follows().await;
        scene.advance(SignedDuration::from_mins(2)).await;
        assert!(!followed(&owner).await, "they had left meanwhile");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unfollow_ends_what_a_code_linked_and_not_what_unionids_prove() {
    play(async |scene| {
        let (person, owner) = (scene.follower("小明").await, scene.nameless("主人").await);
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &owner).await;
        for one in [&person, &phone] {
            one.unfollows().await;
            scene.advance(SignedDuration::from_secs(10)).await;
            one.follows().await;
            scene.advance(SignedDuration::from_secs(10)).await;
        }
        assert_eq!(flags([&person, &owner]).await, [true, false]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_unionids_prove_no_code_moves_and_no_undo_ends() {
    play(async |scene| {
        let (person, owner) = (scene.follower("小明").await, scene.nameless("主人").await);
        let other = scene.nameless("别人").await;
        scene.advance(SignedDuration::from_secs(10)).await;
        scans(scene, &person, &owner.asks_for_code().await).await;
        follows_by(scene, &other, &person).await;
        undoes(scene, &person).await;
        other.unfollows().await;
        assert_eq!(flags([&person, &owner]).await, [true, false]);
        assert_eq!(answers(&person).await.iter().filter(|text| text.contains(UNDO)).count(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_that_rests_is_told_once_a_scan_or_an_undo_brings_a_phone() {
    play(async |scene| {
        let (owner, stranger) = (scene.nameless("主人").await, scene.nameless("路人").await);
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &owner).await;
        scans(scene, &phone, &stranger.asks_for_code().await).await;
        assert_eq!(owner.registers(passport(AT)).await.status, 201);
        scene.advance_to("2027-01-12T09:10:00+08:00").await;
        undoes(scene, &phone).await;
        scene.advance(SignedDuration::from_mins(3)).await;
        assert_eq!(told(&phone).await.len(), 1, "undone");

        assert_eq!(stranger.registers(passport("2027-01-12T10:00:00+08:00")).await.status, 201);
        scene.advance_to("2027-01-12T10:10:00+08:00").await;
        scans(scene, &phone, &stranger.asks_for_code().await).await;
        scene.advance(SignedDuration::from_mins(3)).await;
        assert_eq!(told(&phone).await.len(), 2, "scanned");
    })
    .await;
}

/// The receipt of a message goes by the phone it was sent to, not by the one that is theirs by then.
#[tokio::test(flavor = "multi_thread")]
async fn message_whose_phone_left_before_its_answer_was_known_is_told_once() {
    play(async |scene| {
        let owner = scene.nameless("主人").await;
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &owner).await;
        scene.accepts(&owner, 1).await;
        let reminder = owner.registers(passport(AT)).await;
        scene.plan(Call::TemplateSend, ANSWER_LOST);
        scene.advance_to("2027-01-12T09:00:05+08:00").await;
        phone.unfollows().await;
        // Callbacks work all the while: silence would say that nothing was sent.
        let others = scene.follower("别人").await;
        for _ in 0..20 {
            scene.advance(SignedDuration::from_mins(5)).await;
            others.says("service_account", "在吗").await;
        }
        assert_eq!([told(&phone).await.len(), told(&owner).await.len()], [1, 0]);
        assert_eq!(states(&owner, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_go_with_the_phone_that_accepted_them() {
    play(async |scene| {
        let (owner, stranger) = (scene.nameless("主人").await, scene.nameless("路人").await);
        let (phone, other) = (scene.nameless("手机").await, scene.nameless("另一个").await);
        let credits = async || {
            let mut shown = Vec::new();
            for person in [&owner, &stranger] {
                let me = person.gets("/me").await;
                shown.push(me.body["credits"][NOTIFICATION].as_u64().expect("a number"));
            }
            shown
        };
        follows_by(scene, &phone, &stranger).await;
        follows_by(scene, &other, &owner).await;
        for (phone, accepts) in [(&phone, 2), (&other, 1)] {
            for _ in 0..accepts {
                phone.accepts_notification().await;
                scene.advance(SignedDuration::from_secs(10)).await;
            }
        }
        assert_eq!(credits().await, [1, 2]);
        scans(scene, &phone, &owner.asks_for_code().await).await;
        assert_eq!(credits().await, [2, 0], "the phone's own, and nobody else's");
        other.accepts_notification().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        assert_eq!(credits().await, [2, 0], "the other phone is nobody's now");
        undoes(scene, &phone).await;
        assert_eq!(credits().await, [2, 2], "what was accepted meanwhile waited");
        phone.unfollows().await;
        assert_eq!(credits().await, [2, 0]);
    })
    .await;
}
