//! Who asks to be forgotten, or closes their account, is, and whoever is linked with them as far as that is proved; who
//! takes one permission back is not.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::logs::capture;
use simulator::wechat::Format;

use crate::forgotten::{Way, goes, traces};
use crate::operations::put_settings;
use crate::rebinding::{follows_by, scans, undoes};
use crate::scene::{
    AT, NOTIFICATION, Scene, followed, passport, path, play, registered, service_openid, told,
};
use crate::verbs::Verbs;
use crate::wire::{MINI, SERVICE, call_back, items};

fn holds(scene: &Scene, text: &str) -> Vec<Value> {
    items(scene, &["SEEN#", "HEALTH#"]).into_iter().filter(|item| item.to_string().contains(text)).collect()
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
async fn user_who_closes_their_account_is_forgotten() {
    let captured = capture();
    play(async |scene| {
        let event = "user_authorization_cancellation";
        for (n, account) in ["mini_program", "service_account"].into_iter().enumerate() {
            let person = scene.follower(&format!("小明{n}")).await;
            scene.accepts(&person, 1).await;
            assert_eq!(person.registers(passport("2027-02-12T09:00:00+08:00")).await.status, 201);
            let schedules = scene.world.scheduler().schedules();
            let schedules = schedules.iter().filter(|schedule| !schedule.name.starts_with("erase-")).count();
            let cancelled = json!({"account": account, "event": event});
            assert_eq!(person.does("cancel-authorization", cancelled).await.status, 200);
            for path in ["/reminders", "/me"] {
                assert_eq!(person.gets(path).await.status, 401, "{account} {event}");
            }
            scene.advance(SignedDuration::from_mins(2)).await;
            let left: Vec<String> =
                scene.world.scheduler().schedules().into_iter().map(|schedule| schedule.name).collect();
            let pending = left.iter().filter(|name| !name.starts_with("erase-") && *name != "sweep").count();
            assert_eq!(pending, schedules - 2, "{account} {event}: {left:?}");
            let left = holds(scene, &person.mini_program_openid);
            let live: Vec<&Value> = left.iter().filter(|item| item.to_string().contains("护照")).collect();
            assert!(live.is_empty(), "{live:?}");
            assert!(!left.iter().any(|item| item["sk"]["S"] == "PROFILE"), "{left:?}");
            let log = captured.text();
            let mut lines = log.lines().filter(|line| line.contains("somebody closed their account"));
            let said = format!("account={account}");
            assert!(lines.any(|line| line.contains(&said)), "{said}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_code_links_is_not_forgotten_with_the_other() {
    play(async |scene| {
        let (mut owner, phone) = (scene.nameless("主人").await, scene.nameless("手机").await);
        phone.follows_by_code(&owner.asks_for_code().await).await;
        assert_eq!(owner.registers(passport("2027-02-12T09:00:00+08:00")).await.status, 201);
        let closed = json!({"account": "service_account", "event": "user_authorization_cancellation"});
        assert_eq!(phone.does("cancel-authorization", closed).await.status, 200);
        assert_eq!(owner.gets("/reminders").await.body["reminders"].as_array().map(Vec::len), Some(1));
        assert!(!followed(&owner).await);

        let (stranger, phone) = (scene.nameless("路人").await, scene.nameless("另一个").await);
        phone.accepts_notification().await;
        phone.follows_by_code(&stranger.asks_for_code().await).await;
        assert_eq!(stranger.gets("/me").await.body["credits"][NOTIFICATION], 1);
        assert_eq!(stranger.calls(Method::DELETE, "/me", json!(null)).await.status, 204);
        scene.advance(SignedDuration::from_secs(10)).await;
        owner.logs_in().await;
        phone.follows_by_code(&owner.asks_for_code().await).await;
        assert_eq!(owner.gets("/me").await.body["credits"][NOTIFICATION], 1, "accepted on this phone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_taken_back_changes_nothing_whatever_case_its_fields_have() {
    let captured = capture();
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        assert_eq!(person.registers(passport("2027-02-12T09:00:00+08:00")).await.status, 201);
        for account in ["mini_program", "service_account"] {
            assert_eq!(person.does("cancel-authorization", json!({"account": account})).await.status, 200);
        }
        let before = items(scene, &["HEALTH#"]);
        let follower = service_openid(&person);
        for (to, openid) in [(MINI, &person.mini_program_openid), (SERVICE, &follower)] {
            for name in ["OpenID", "openid", "OpenId"] {
                for more in [json!({"RevokeInfo": "7"}), json!({"revokeinfo": 7, "PluginID": "wx1", "OpenPID": "p"})] {
                    let mut fields = json!({"MsgType": "event", "Event": "user_authorization_revoke"});
                    fields[name] = json!(openid);
                    for (name, value) in more.as_object().expect("fields") {
                        fields[name] = value.clone();
                    }
                    let answer = call_back(scene, to, Format::Json, "oPlatform", &fields).await;
                    assert!(answer.is_success(), "{fields}");
                }
            }
        }
        assert_eq!(items(scene, &["HEALTH#"]), before);
        let log = captured.text();
        for said in ["permission=7 of_plugin=false", "permission=7 of_plugin=true"] {
            assert!(log.lines().any(|line| line.contains("a permission was taken back") && line.contains(said)));
        }
        let closed = json!({"MsgType": "event", "Event": "user_authorization_cancellation", "openid": person.mini_program_openid});
        assert!(call_back(scene, MINI, Format::Xml, "oPlatform", &closed).await.is_success());
        assert_eq!(person.gets("/reminders").await.status, 401);
    })
    .await;
}

/// What names this openid, but for the names of items that are answered for a while.
fn naming(scene: &Scene, openid: &str) -> Vec<String> {
    holds(scene, openid).iter().map(Value::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_links_name_nobody_who_was_forgotten() {
    play(async |scene| {
        let (owner, another) = (scene.nameless("主人").await, scene.nameless("另一个").await);
        let phones = [scene.nameless("一").await, scene.nameless("二").await, scene.nameless("三").await];
        follows_by(scene, &phones[0], &owner).await;
        scans(scene, &phones[0], &another.asks_for_code().await).await;
        // The owner is kept by the first phone, then by the second: there is one way back only.
        for phone in &phones[1..] {
            follows_by(scene, phone, &owner).await;
        }
        goes(&owner, Way::Asks).await;
        undoes(scene, &phones[1]).await;
        undoes(scene, &phones[2]).await;
        undoes(scene, &phones[0]).await;
        assert!(!followed(&another).await, "there was nobody to go back to");
        scene.advance(SignedDuration::from_hours(26)).await;
        assert_eq!(naming(scene, &owner.mini_program_openid), Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_name_no_phone_whose_owner_closed_their_account() {
    play(async |scene| {
        let (owner, another) = (scene.nameless("主人").await, scene.nameless("另一个").await);
        let phones = [scene.nameless("一").await, scene.nameless("二").await];
        follows_by(scene, &phones[0], &owner).await;
        // The first phone keeps the owner, and then the other one.
        scans(scene, &phones[0], &another.asks_for_code().await).await;
        follows_by(scene, &phones[1], &another).await;
        goes(&phones[0], Way::Closes("service_account")).await;
        undoes(scene, &phones[1]).await;
        assert!(!followed(&owner).await && !followed(&another).await);
        scene.advance(SignedDuration::from_hours(26)).await;
        assert_eq!(naming(scene, &service_openid(&phones[0])), Vec::<String>::new());
        assert_eq!(another.gets("/me").await.status, 200, "whoever is linked by a code stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_of_before_is_neither_shown_again_nor_kept() {
    play(async |scene| {
        let mut person = scene.nameless("小明").await;
        let before = person.asks_for_code().await;
        goes(&person, Way::Asks).await;
        person.logs_in().await;
        let after = person.asks_for_code().await;
        assert_ne!(after, before);
        goes(&person, Way::Asks).await;
        scene.advance(SignedDuration::from_mins(5)).await;
        let codes = || items(scene, &["SEEN#"]).into_iter().filter(|item| item.to_string().contains("bind:"));
        assert_eq!(codes().map(|item| item.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
        let allowance = items(scene, &[])
            .into_iter()
            .find(|item| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("ALLOWANCE#")));
        assert_eq!(allowance.expect("it stays")["codes"]["N"], "2");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rests_of_somebody_forgotten_is_armed_by_nothing() {
    play(async |scene| {
        let mut person = scene.user("小明").await;
        registered(&person, passport(AT)).await;
        scene.advance_to("2027-01-12T12:00:00+08:00").await;
        let resting = || items(scene, &[]).into_iter().filter(|item| item.get("rests").is_some()).count();
        assert_eq!(resting(), 1);
        // Nothing is deleted before the sweep.
        scene.world.scheduler().misfire("erase-", simulator::scheduler::Misfire::Lost);
        goes(&person, Way::Asks).await;
        person.logs_in().await;
        person.follows().await;
        scene.accepts(&person, 1).await;
        put_settings(scene, |settings| settings["neutral_title"] = json!("您有一项到期")).await;
        scene.advance(SignedDuration::from_mins(5)).await;
        assert_eq!(resting(), 1, "it rests as it did");
        scene.advance(SignedDuration::from_hours(1)).await;
        assert_eq!((resting(), told(&person).await.len()), (0, 0));
        assert_eq!(person.gets("/me").await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_code_linked_alone_leaves_no_trace_either() {
    play(async |scene| {
        let person = scene.nameless("小明").await;
        follows_by(scene, &person, &person).await;
        registered(&person, passport("2027-01-10T12:00:00+08:00")).await;
        scene.advance_to("2027-01-10T12:10:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
        goes(&person, Way::Asks).await;
        scene.advance(SignedDuration::from_hours(26)).await;
        assert_eq!(traces(scene, &person, &["护照"]), Vec::<String>::new());
    })
    .await;
}
