//! Which follower is which user: by unionid or by a scanned code, learned in any order, and never the wrong one.

use jiff::SignedDuration;
use scenarios::mishap::{Call, Event, refusal};
use scenarios::walk::Chance;
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use simulator::lambda::FunctionName;
use simulator::logs::capture;
use simulator::options::Options;
use simulator::people::Person;
use simulator::wechat::Format;
use wechat::ErrCode;

use crate::scene::{AT, NOTIFICATION, Scene, followed, passport, play, service_openid, told};
use crate::verbs::Verbs;
use crate::wire::{MINI, SERVICE, call_back, items};

fn holds(scene: &Scene, text: &str) -> Vec<Value> {
    items(scene, &["SEEN#", "HEALTH#"]).into_iter().filter(|item| item.to_string().contains(text)).collect()
}

/// The `scene_str` of the only ticket there is.
fn ticket(scene: &Scene) -> String {
    let items = scene.world.dynamodb().items().expect("a table");
    let partition = items.iter().find_map(|item| item["pk"]["S"].as_str()?.strip_prefix("BIND#"));
    partition.expect("a ticket").to_owned()
}

async fn follows_by(scene: &Scene, person: &Person, event_key: &str) {
    let fields = json!({"MsgType": "event", "Event": "subscribe", "EventKey": event_key, "Ticket": "T"});
    assert_eq!(call_back(scene, SERVICE, Format::Xml, &service_openid(person), &fields).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn unionid_that_comes_late_links_whoever_shows_it_last() {
    play(async |scene| {
        for (name, login_first) in [("甲", true), ("乙", false)] {
            let mut person = scene.nameless(name).await;
            person.follows().await;
            assert!(!followed(&person).await, "nothing tells that they are one");
            assert!(scene.world.platform().gives_unionid(name));
            scene.advance(SignedDuration::from_secs(10)).await;
            if login_first {
                assert_eq!(person.logs_in().await.body["followed"], false);
            }
            person.unfollows().await;
            scene.advance(SignedDuration::from_secs(10)).await;
            person.follows().await;
            if !login_first {
                assert_eq!(person.logs_in().await.body["followed"], true);
            }
            assert!(followed(&person).await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stranger_who_follows_by_somebodys_code_is_not_taken_for_them() {
    play(async |scene| {
        let owner = scene.user("主人").await;
        let stranger = scene.user("路人").await;
        stranger.follows_by_code(&owner.asks_for_code().await).await;
        assert!(!followed(&owner).await);
        assert!(followed(&stranger).await);

        // WeChat does not say in time who the next one is: they are found out when it does.
        let late = scene.user("后来").await;
        scene.plan(Call::UserInfo, refusal(ErrCode::SYSTEM_ERROR));
        late.follows_by_code(&owner.asks_for_code().await).await;
        scene.advance(SignedDuration::from_mins(5)).await;
        assert!(!followed(&owner).await);
        assert!(followed(&late).await);

        // And the code's own user can still be bound by another.
        owner.follows_by_code(&owner.asks_for_code().await).await;
        assert!(followed(&owner).await);
        stranger.unfollows().await;
        late.unfollows().await;
        assert!(followed(&owner).await);
    })
    .await;
}

/// A code binds another follower; whatever write dies meanwhile, the one before never takes the user back.
#[tokio::test(flavor = "multi_thread")]
async fn follower_from_before_never_gets_what_is_meant_for_the_new_one() {
    for kth in 1..30 {
        let scene = Scene::begin(Options::default()).await;
        let owner = scene.nameless("主人").await;
        let before = scene.nameless("旧号").await;
        let after = scene.nameless("新号").await;
        before.follows_by_code(&owner.asks_for_code().await).await;
        scene.advance(SignedDuration::from_secs(10)).await;
        scene.world.crash_at(FunctionName::WechatCallback, kth, Crash::Before);
        after.follows_by_code(&owner.asks_for_code().await).await;
        scene.advance(SignedDuration::from_mins(2)).await;
        let (crashes, _) = scene.world.not_met();
        scene.world.clear_faults();
        before.unfollows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        before.follows().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        assert_eq!(owner.registers(passport(AT)).await.status, 201);
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        let got = [told(&before).await.len(), told(&after).await.len()];
        assert_eq!(got, [0, 1], "died before request {kth}");
        if crashes > 0 {
            return assert!(kth > 5, "the callback made hardly any request");
        }
    }
    panic!("the callback makes more requests than that");
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_bound_by_mistake_is_let_go_when_the_unionids_show() {
    play(async |scene| {
        for user_first in [true, false] {
            let (one, other) = (format!("主{user_first}"), format!("客{user_first}"));
            let mut owner = scene.nameless(&one).await;
            let mut guest = scene.nameless(&other).await;
            guest.follows_by_code(&owner.asks_for_code().await).await;
            assert!(followed(&owner).await, "nothing tells that the guest is somebody else");
            scene.advance(SignedDuration::from_secs(10)).await;
            for name in [&one, &other] {
                assert!(scene.world.platform().gives_unionid(name));
            }
            if user_first {
                owner.logs_in().await;
            }
            guest.unfollows().await;
            scene.advance(SignedDuration::from_secs(10)).await;
            guest.follows().await;
            owner.logs_in().await;
            assert!(!followed(&owner).await);
            assert_eq!(guest.logs_in().await.body["followed"], true);
            owner.follows().await;
            guest.unfollows().await;
            assert!(followed(&owner).await);
            assert!(!followed(&guest).await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_are_wrong_used_or_expired_bind_nobody() {
    play(async |scene| {
        let owner = scene.nameless("主人").await;
        owner.asks_for_code().await;
        let scene_str = ticket(scene);
        let (first, second) = (scene.nameless("甲").await, scene.nameless("乙").await);
        for wrong in [
            "qrscene_bind:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            format!("qrscene_{}", scene_str.to_uppercase()),
            format!("qrscene_qrscene_{scene_str}"),
            format!("qrscene_{}", &scene_str["bind:".len()..]),
            scene_str.clone(),
        ] {
            follows_by(scene, &first, &wrong).await;
            assert!(!followed(&owner).await, "{wrong}");
        }
        scene.advance(SignedDuration::from_mins(61)).await;
        follows_by(scene, &first, &format!("qrscene_{scene_str}")).await;
        assert!(!followed(&owner).await, "expired");

        let other = scene.nameless("另一个").await;
        let image_url = other.asks_for_code().await;
        first.follows_by_code(&image_url).await;
        second.follows_by_code(&image_url).await;
        second.does("scan", json!({"image_url": image_url})).await;
        assert!(followed(&other).await);
        first.unfollows().await;
        assert!(!followed(&other).await, "still bound to the first");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_scanned_by_two_at_once_binds_one_of_them() {
    play(async |scene| {
        for round in 0..5 {
            let owner = scene.nameless(&format!("主{round}")).await;
            let (one, two) =
                (scene.nameless(&format!("甲{round}")).await, scene.nameless(&format!("乙{round}")).await);
            let image_url = owner.asks_for_code().await;
            tokio::join!(one.follows_by_code(&image_url), two.follows_by_code(&image_url));
            assert!(followed(&owner).await);
            let followers = items(scene, &["USER#", "BIND#", "SEEN#"]).into_iter().filter(|item| {
                item["pk"]["S"].as_str().unwrap_or_default().starts_with("FOLLOWER#")
                    && item.to_string().contains(&owner.mini_program_openid)
            });
            assert_eq!(followers.count(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_scans_with_another_phone_is_bound_to_that_one() {
    play(async |scene| {
        let owner = scene.nameless("主人").await;
        let (old, new) = (scene.nameless("旧手机").await, scene.nameless("新手机").await);
        for phone in [&old, &new] {
            phone.follows_by_code(&owner.asks_for_code().await).await;
            assert!(followed(&owner).await);
            scene.advance(SignedDuration::from_secs(10)).await;
        }
        old.unfollows().await;
        assert!(followed(&owner).await, "the old phone has nothing to say any more");
        new.unfollows().await;
        assert!(!followed(&owner).await);
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
async fn credits_of_a_follower_nobody_knows_wait_and_move_to_their_user() {
    play(async |scene| {
        let mut person = Person::arrives(&scene.world, "小明", true).await;
        for _ in 0..2 {
            scene.plan(Event::SubscribeMsgPopup, Fault::Repeat(1));
            assert_eq!(person.accepts_notification().await.status, 200);
            scene.advance(SignedDuration::from_secs(20)).await;
        }
        person.follows().await;
        person.logs_in().await;
        assert_eq!(person.gets("/me").await.body["credits"][NOTIFICATION], 2);
        person.accepts_notification().await;
        assert_eq!(person.gets("/me").await.body["credits"][NOTIFICATION], 3);

        // By a code, without any unionid. What was accepted on a phone stays with that phone: when another one takes its
        // place, its credits are not believed in any more, not even when it comes back.
        let owner = scene.nameless("主人").await;
        let (phone, other) = (scene.nameless("手机").await, scene.nameless("另一个").await);
        for (phone, credits) in [(&phone, 1), (&other, 1), (&phone, 1)] {
            phone.accepts_notification().await;
            phone.unfollows().await;
            scene.advance(SignedDuration::from_secs(10)).await;
            phone.follows_by_code(&owner.asks_for_code().await).await;
            let shown = owner.gets("/me").await.body["credits"][NOTIFICATION].clone();
            assert_eq!(shown, credits);
        }
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
