//! Messages that an operator asks for, to see whether one arrives; and the numbers of the days.

use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, Call, refusal};
use serde_json::{Value, json};
use simulator::people::Person;
use wechat::ErrCode;

use crate::operations::ask;
use crate::scene::{AT, SUBSCRIPTION, Scene, passport, play, told};

async fn tests(scene: &Scene, person: &Person) -> Value {
    let openid = &person.mini_program_openid;
    ask(scene, json!({"operation": "push.test", "openid": openid, "template": "expiry"})).await
}

async fn credits(person: &Person) -> u64 {
    person.gets("/me").await.body["credits"][SUBSCRIPTION].as_u64().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_arrives_marked_and_leaves_nothing_in_the_list() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let answer = tests(scene, &person).await;
        assert_eq!(
            (&answer["outcome"], &answer["credit"]),
            (&json!("sent"), &json!("not_needed")),
            "{answer}"
        );
        assert_eq!(answer["channel"], "service_template");
        assert!(answer["msgid"].is_string(), "{answer}");
        let again = tests(scene, &person).await;
        assert_eq!(again["msgid"], answer["msgid"], "WeChat takes it for the same message");
        scene.advance(SignedDuration::from_secs(5)).await;
        assert_eq!(told(&person).await.len(), 1);
        let inbox = person.inbox().await;
        let marked = |message: &&Value| message["body"].to_string().contains("测试 Test");
        assert_eq!(inbox.iter().filter(marked).count(), 1, "{inbox:?}");
        assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
        let exported = json!({"operation": "user.export", "openid": person.mini_program_openid});
        let exported = ask(scene, exported).await.to_string();
        assert!(!exported.contains("测试"), "{exported}");

        scene.advance(SignedDuration::from_mins(1)).await;
        assert_ne!(tests(scene, &person).await["msgid"], answer["msgid"], "a minute later it is another");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_on_a_credit_says_so_and_takes_one_a_minute() {
    play(async |scene| {
        let person = scene.subscriber("小红", 2).await;
        let answer = tests(scene, &person).await;
        assert_eq!((&answer["outcome"], &answer["credit"]), (&json!("sent"), &json!("used")), "{answer}");
        let again = tests(scene, &person).await;
        assert!(again["error"].as_str().is_some_and(|error| error.contains("in this minute")), "{again}");
        scene.advance(SignedDuration::from_mins(1)).await;
        assert_eq!((told(&person).await.len(), credits(&person).await), (1, 1));

        scene.plan(Call::SubscribeSend, refusal(ErrCode::INVALID_TEMPLATE_ID));
        let refused = tests(scene, &person).await;
        assert_eq!((&refused["outcome"], &refused["credit"]), (&json!("not_sent"), &json!("not_used")));
        assert!(refused["errmsg"].as_str().is_some_and(|words| words.contains("template")), "{refused}");
        assert_eq!(credits(&person).await, 1, "what was not used is there");

        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        let unknown = tests(scene, &person).await;
        assert_eq!((&unknown["outcome"], &unknown["credit"]), (&json!("unknown"), &json!("perhaps_used")));
        scene.advance(SignedDuration::from_mins(2)).await;
        assert_eq!((told(&person).await.len(), credits(&person).await), (2, 0), "it did arrive");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_reaches_nobody_names_what_is_in_the_way() {
    play(async |scene| {
        let person = scene.user("小刚").await;
        let unreachable = tests(scene, &person).await;
        assert_eq!(
            unreachable,
            json!({
                "error": "no channel reaches this user; nothing was sent",
                "obstacles": ["not_following", "no_credit", "not_linked"],
            })
        );
        for (openid, template, expected) in [
            (person.mini_program_openid.as_str(), "nothing", "the settings have no template of this name"),
            ("o0", "expiry", "the mini program has no user of this openid"),
        ] {
            let event = json!({"operation": "push.test", "openid": openid, "template": template});
            let answer = ask(scene, event).await;
            assert!(answer["error"].as_str().is_some_and(|error| error.contains(expected)), "{answer}");
        }
        assert_eq!(told(&person).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_are_callbacks_by_account_and_users_who_came_since() {
    play(async |scene| {
        let arrivals =
            async |since: &str| ask(scene, json!({"operation": "arrivals.show", "since": since})).await;
        let none = json!({"accepted_at": null, "refused_at": null, "refused": null});
        let before = arrivals("2027-01-10T00:00:00Z").await;
        assert_eq!(before["callbacks"], json!({"mini_program": none, "service_account": none}));
        assert_eq!((&before["users"], &before["complete"]), (&json!([]), &json!(true)));

        let follower = scene.follower("小明").await;
        scene.advance_to("2027-01-11T09:00:00+08:00").await;
        let later = scene.user("小红").await;
        let after = arrivals("2027-01-10T00:00:00Z").await;
        assert!(after["callbacks"]["service_account"]["accepted_at"].is_string(), "{after}");
        assert_eq!(after["callbacks"]["mini_program"], none);
        let users = after["users"].as_array().expect("a list");
        let openids: Vec<&str> = users.iter().filter_map(|user| user["openid"].as_str()).collect();
        assert_eq!(openids, [&later, &follower].map(|person| person.mini_program_openid.as_str()));
        let newest = arrivals("2027-01-11T00:00:00+08:00").await;
        assert_eq!(newest["users"].as_array().map(Vec::len), Some(1), "{newest}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_the_days_are_what_happened() {
    play(async |scene| {
        let (follower, other) = (scene.follower("小明").await, scene.user("小红").await);
        for person in [&follower, &other] {
            person.registers(passport(AT)).await;
        }
        tests(scene, &follower).await;
        scene.advance_to("2027-01-12T09:10:00+08:00").await;
        let stats = ask(scene, json!({"operation": "stats", "days": 3})).await;
        let day = |date: &str, users: u64| {
            json!({
                "date": date, "users": users, "follows": users / 2, "registered": users, "sent": {},
                "delivered": {}, "unknown": {}, "undeliverable": {},
            })
        };
        let mut last = day("2027-01-12", 0);
        last["sent"] = json!({"service_template": 1});
        last["delivered"] = json!({"service_template": 1});
        last["undeliverable"] = json!({"unreachable": 1});
        let days = [day("2027-01-10", 2), day("2027-01-11", 0), last];
        assert_eq!(stats, json!({"days": days, "complete": true}), "a test counts for nothing");
    })
    .await;
}
