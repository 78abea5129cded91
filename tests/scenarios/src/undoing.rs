//! Whoever scanned a code is told what it does, and one word undoes it.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::faults::Crash;
use simulator::lambda::FunctionName;
use simulator::options::Options;

use crate::rebinding::{UNDO, answers, flags, follows_by, scans, undoes};
use crate::scene::{NOTIFICATION, Scene, followed, play};
use crate::verbs::Verbs;
use crate::wire::set_replies;

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
