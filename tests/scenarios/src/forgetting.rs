//! Who asks to be forgotten, or closes their account, is; who takes one permission back is not.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::logs::capture;
use simulator::wechat::Format;

use crate::scene::{NOTIFICATION, Scene, followed, passport, path, play, service_openid, told};
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
        assert_eq!(person.gets(&path).await.status, 404);
        assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
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
        let nobody = scene.user("新人").await.gets("/me").await.body;
        let event = "user_authorization_cancellation";
        for (n, account) in ["mini_program", "service_account"].into_iter().enumerate() {
            let person = scene.follower(&format!("小明{n}")).await;
            scene.accepts(&person, 1).await;
            assert_eq!(person.registers(passport("2027-02-12T09:00:00+08:00")).await.status, 201);
            let schedules = scene.world.scheduler().schedules().len();
            let cancelled = json!({"account": account, "event": event});
            assert_eq!(person.does("cancel-authorization", cancelled).await.status, 200);
            assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
            let me = person.gets("/me").await.body;
            assert_eq!(
                (&me["followed"], &me["credits"]),
                (&json!(false), &nobody["credits"]),
                "{account} {event}"
            );
            assert_eq!(scene.world.scheduler().schedules().len(), schedules - 1, "{account} {event}");
            let left = holds(scene, &person.mini_program_openid);
            let live: Vec<&Value> = left.iter().filter(|item| item.to_string().contains("护照")).collect();
            assert!(live.is_empty(), "{live:?}");
            assert!(!left.iter().any(|item| item["sk"]["S"] == "PROFILE"), "{left:?}");
            let log = captured.text();
            let mut lines = log.lines().filter(|line| line.contains("somebody closed their account"));
            let said = format!("account={account} reminders=1");
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
        assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
    })
    .await;
}
