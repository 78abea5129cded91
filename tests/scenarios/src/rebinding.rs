//! Somebody else's code in front of one's camera: the newest own scan wins, an undo brings back what it replaced, and no
//! order of arrival, repeat or crash changes that.

use jiff::SignedDuration;
use scenarios::mishap::Event;
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::Person;

use crate::scene::{AT, NOTIFICATION, Scene, followed, passport, play, told};
use crate::verbs::Verbs;
use crate::wire::set_replies;

const UNDO: &str = "解除";

async fn scans(scene: &Scene, phone: &Person, image_url: &Value) {
    assert_eq!(phone.does("scan", json!({"image_url": image_url})).await.status, 200);
    scene.advance(SignedDuration::from_secs(10)).await;
}

async fn follows_by(scene: &Scene, phone: &Person, owner: &Person) {
    phone.follows_by_code(&owner.asks_for_code().await).await;
    scene.advance(SignedDuration::from_secs(10)).await;
}

async fn undoes(scene: &Scene, phone: &Person) {
    phone.says("service_account", UNDO).await;
    scene.advance(SignedDuration::from_secs(10)).await;
}

/// Whether each is said to follow.
async fn flags(people: [&Person; 2]) -> [bool; 2] {
    [followed(people[0]).await, followed(people[1]).await]
}

/// What the service account answered them, oldest first.
async fn answers(phone: &Person) -> Vec<String> {
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
async fn undo_ends_the_last_scan_and_brings_back_what_it_replaced() {
    play(async |scene| {
        let (owner, stranger) = (scene.nameless("主人").await, scene.nameless("路人").await);
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &owner).await;
        scans(scene, &phone, &stranger.asks_for_code().await).await;
        assert_eq!(flags([&owner, &stranger]).await, [false, true]);
        scene.advance(SignedDuration::from_hours(24 * 29)).await;
        // People put blanks around words.
        phone.says("service_account", " 解除\n").await;
        scene.advance(SignedDuration::from_secs(10)).await;
        assert_eq!(flags([&owner, &stranger]).await, [true, false]);
        undoes(scene, &phone).await;
        assert_eq!(flags([&owner, &stranger]).await, [false, false], "undone twice: nothing is left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_link_is_forgotten_after_thirty_days_and_with_its_user() {
    play(async |scene| {
        let (owner, stranger) = (scene.nameless("主人").await, scene.nameless("路人").await);
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &owner).await;
        scans(scene, &phone, &stranger.asks_for_code().await).await;
        scene.advance(SignedDuration::from_hours(24 * 29 + 23)).await;
        scans(scene, &phone, &owner.asks_for_code().await).await;
        scene.advance(SignedDuration::from_hours(24 * 30)).await;
        undoes(scene, &phone).await;
        let mut people = [owner, stranger];
        for person in &mut people {
            person.logs_in().await;
            assert!(!followed(person).await);
        }
        let [owner, stranger] = people;
        follows_by(scene, &phone, &owner).await;
        scans(scene, &phone, &owner.asks_for_code().await).await;
        scans(scene, &phone, &stranger.asks_for_code().await).await;
        owner.calls(http::Method::DELETE, "/me", json!(null)).await;
        let left = scene.world.dynamodb().items().expect("a table");
        let naming = left.iter().filter(|item| item.to_string().contains(&owner.mini_program_openid));
        let naming: Vec<&str> = naming.filter_map(|item| item["pk"]["S"].as_str()).collect();
        assert!(naming.iter().all(|pk| !pk.starts_with("FOLLOWER#")), "{naming:?}");
        undoes(scene, &phone).await;
        assert!(!followed(&stranger).await);
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
async fn whoever_scans_a_code_is_told_what_it_does_and_how_to_undo_it() {
    play(async |scene| {
        let rules = json!([
            {"account": "service_account", "on": "follow", "reply": [{"text": "欢迎"}]},
            {"account": "service_account", "on": "scan", "reply": [{"text": "扫过了"}]},
            {"account": "service_account", "on": "message", "reply": [{"text": "在"}]},
        ]);
        set_replies(scene, rules).await;
        let owner = scene.nameless("主人").await;
        let phone = scene.nameless("手机").await;
        let code = owner.asks_for_code().await;
        follows_by(scene, &phone, &owner).await;
        scans(scene, &phone, &code).await;
        undoes(scene, &phone).await;
        // The same code was used, and its scan undone: another scan of it is another wish.
        scans(scene, &phone, &code).await;
        scene.advance(SignedDuration::from_hours(2)).await;
        let late = scene.nameless("后来").await;
        late.follows().await;
        scans(scene, &late, &code).await;
        for phone in [&late, &scene.follower("小明").await] {
            phone.says("service_account", UNDO).await;
        }
        let bound = |text: &String| text.contains("到期提醒") && text.contains(UNDO);
        let said = answers(&phone).await;
        assert_eq!(said.iter().map(bound).collect::<Vec<_>>(), [true, true, false, true], "{said:?}");
        assert_eq!(said[2], "已解除最近一次扫码的绑定。");
        assert_eq!(answers(&late).await, ["欢迎", "在"], "there was nothing to undo");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_may_word_what_a_bound_follower_is_told() {
    play(async |scene| {
        let mut settings: Value =
            serde_json::from_str(include_str!("../../../events/settings.json")).expect("JSON");
        settings["bind_reply"] = json!("提醒来这里了。回复解除就不来了。");
        let put = json!({"operation": "settings.put", "settings": settings});
        assert_eq!(scene.world.operations(put).await.expect("an answer")["errors"], Value::Null);
        let phone = scene.nameless("手机").await;
        follows_by(scene, &phone, &scene.nameless("主人").await).await;
        assert_eq!(answers(&phone).await, ["提醒来这里了。回复解除就不来了。"]);
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

/// A phone changes hands and back; whatever write dies meanwhile, it belongs to one of the two, and a repeat finishes it.
#[tokio::test(flavor = "multi_thread")]
async fn function_may_die_at_any_request_of_a_scan_and_of_its_undo() {
    for undo in [false, true] {
        for crash in [Crash::Before, Crash::After] {
            for kth in 1.. {
                let scene = Scene::begin(Options::default()).await;
                let (owner, stranger) = (scene.nameless("主人").await, scene.nameless("路人").await);
                let phone = scene.nameless("手机").await;
                follows_by(&scene, &phone, &owner).await;
                phone.accepts_notification().await;
                scene.advance(SignedDuration::from_secs(10)).await;
                let code = stranger.asks_for_code().await;
                if undo {
                    scans(&scene, &phone, &code).await;
                }
                scene.world.crash_at(FunctionName::WechatCallback, kth, crash);
                match undo {
                    true => undoes(&scene, &phone).await,
                    false => scans(&scene, &phone, &code).await,
                }
                scene.advance(SignedDuration::from_mins(2)).await;
                let (crashes, _) = scene.world.not_met();
                assert_eq!(flags([&owner, &stranger]).await, [undo, !undo], "{crash:?} at request {kth}");
                let holder = if undo { &owner } else { &stranger };
                let credits = holder.gets("/me").await.body["credits"][NOTIFICATION].clone();
                assert_eq!(credits, 1, "{crash:?} at request {kth}");
                if crashes > 0 {
                    assert!(kth > 3, "the callback made hardly any request");
                    break;
                }
            }
        }
    }
}
