//! What operators ask for: bad events are told what is wrong, and every operation does what it says.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Event, refusal};
use serde_json::{Value, json};
use simulator::people::Person;
use wechat::ErrCode;

use crate::scene::{AT, SUBSCRIPTION, Scene, followed, passport, play, play_without_service_account, told};

pub(crate) async fn ask(scene: &Scene, event: Value) -> Value {
    scene.world.operations(event).await.expect("an answer")
}

/// Changes the settings in force.
pub(crate) async fn put_settings(scene: &Scene, change: impl FnOnce(&mut Value)) {
    let mut settings = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
    change(&mut settings);
    let answer = ask(scene, json!({"operation": "settings.put", "settings": settings})).await;
    assert_eq!(answer.get("error"), None, "{answer}");
}

/// Their owner would rather not tell than tell twice.
pub(crate) async fn wants_no_repeats(scene: &Scene) {
    put_settings(scene, |settings| settings["on_unknown"] = json!("report")).await;
}

/// People who follow, and whose events never reached us.
async fn followers_from_before(scene: &Scene, names: &[&str]) -> Vec<Person> {
    let mut people = Vec::new();
    scene.plan_times(Event::Subscribe, CALLBACK_LOST, u32::try_from(names.len()).expect("a few"));
    for name in names {
        let person = scene.follower(name).await;
        scene.advance(SignedDuration::from_secs(20)).await;
        assert!(!followed(&person).await);
        people.push(person);
    }
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_event_is_told_its_fault_and_what_there_is() {
    play(async |scene| {
        let answer = ask(scene, json!({"operation": "reminder.show", "openid": 7, "colour": "red"})).await;
        let faults: Vec<String> = answer["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| {
                format!(
                    "{} {}",
                    error["field"].as_str().unwrap_or("?"),
                    error["message"].as_str().unwrap_or("?")
                )
            })
            .collect();
        assert_eq!(faults, ["openid must be a string, not a number", "id is required"]);
        let operations = answer["operations"].to_string();
        for name in ["settings.get", "settings.put", "doctor", "followers.sync", "templates.list"] {
            assert!(operations.contains(name), "{operations}");
        }
        for name in ["quota.show", "reminder.show", "push.redrive"] {
            assert!(operations.contains(name), "{operations}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_from_before_are_learnt_page_by_page_over_several_invocations() {
    play(async |scene| {
        scene.world.platform().page_followers_by(2);
        let people = followers_from_before(scene, &["甲", "乙", "丙", "丁", "戊"]).await;
        let mut event = json!({"operation": "followers.sync", "seconds": 0});
        let mut counts = Vec::new();
        loop {
            let answer = ask(scene, event.clone()).await;
            assert_eq!(answer.get("error"), None, "{answer}");
            counts.push(answer["synced"].as_u64().expect("a count"));
            match answer.get("next_openid") {
                Some(next_openid) => event["next_openid"] = next_openid.clone(),
                None => break,
            }
        }
        assert_eq!(counts, [2, 2, 1, 0], "two, two and one, and the end of the list");
        for person in &people {
            assert!(followed(person).await, "{}", person.name);
        }
        let again = ask(scene, json!({"operation": "followers.sync"})).await;
        assert_eq!(again, json!({"synced": 5}), "all at once, and nothing is changed by it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_follower_does_not_spoil_the_batch() {
    play(async |scene| {
        let people = followers_from_before(scene, &["甲", "乙", "丙"]).await;
        scene.plan(Call::UserInfoBatchget, refusal(ErrCode::INVALID_OPENID));
        scene.plan(Call::UserInfo, refusal(ErrCode::INVALID_OPENID));
        let answer = ask(scene, json!({"operation": "followers.sync"})).await;
        assert_eq!(answer, json!({"synced": 2, "unknown": 1}));
        assert!(!followed(&people[0]).await && followed(&people[1]).await && followed(&people[2]).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_that_is_interrupted_says_how_far_it_came() {
    play(async |scene| {
        scene.world.platform().page_followers_by(1);
        let people = followers_from_before(scene, &["甲", "乙"]).await;
        scene.plan_times(Call::UserInfoBatchget, refusal(ErrCode::SYSTEM_ERROR), 1);
        let answer = ask(scene, json!({"operation": "followers.sync"})).await;
        assert_eq!(answer["synced"], 0);
        assert!(answer["error"].as_str().is_some_and(|error| error.contains("-1")), "{answer}");
        let answer = ask(scene, json!({"operation": "followers.sync"})).await;
        assert_eq!(answer, json!({"synced": 2}));
        assert!(followed(&people[1]).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_finds_nobody_without_a_service_account() {
    play_without_service_account(async |scene| {
        let answer = ask(scene, json!({"operation": "followers.sync"})).await;
        assert!(answer["error"].is_string(), "{answer}");
        let quota = ask(scene, json!({"operation": "quota.show"})).await;
        assert_eq!(quota.as_object().map(|accounts| accounts.len()), Some(1), "{quota}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_and_quota_of_both_accounts_are_shown() {
    play(async |scene| {
        let templates = ask(scene, json!({"operation": "templates.list"})).await;
        assert_eq!(
            templates["mini_program"]["mini_subscription"],
            json!([{
                "template_id": SUBSCRIPTION, "title": "expiry",
                "keywords": ["thing1", "date2", "thing3"], "kind": "one_time",
            }])
        );
        assert_eq!(
            templates["service_account"]["service_template"][0]["keywords"],
            json!(["thing1", "time2", "thing3"])
        );
        assert_eq!(templates["service_account"]["service_notification"][0]["kind"], "one_time");

        let person = scene.follower("小明").await;
        person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        let quota = ask(scene, json!({"operation": "quota.show"})).await;
        let used = &quota["service_account"]["/cgi-bin/message/template/send"];
        assert_eq!(used, &json!({"daily_limit": 100_000, "used": 1, "remain": 99_999}));
        assert_eq!(quota["mini_program"]["/cgi-bin/message/subscribe/send"]["used"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_is_shown_with_its_whole_story() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = person.registers(passport(AT)).await.body["id"].clone();
        scene.advance_to("2027-01-12T09:05:00+08:00").await;
        let event = json!({"operation": "reminder.show", "openid": person.mini_program_openid, "id": id});
        let shown = ask(scene, event.clone()).await;
        assert_eq!((&shown["item"]["title"], &shown["state"]), (&json!("护照"), &json!("active")));
        assert_eq!(shown["pushes"][0]["state"], "delivered");
        assert_eq!(shown["user"]["followed"], true);
        let told: Vec<&str> = shown["timeline"]
            .as_array()
            .expect("a timeline")
            .iter()
            .filter_map(|entry| entry["event"].as_str())
            .collect();
        assert_eq!(told, ["registered", "planned", "claimed", "sent", "delivered"]);
        let nobody = ask(scene, json!({"operation": "reminder.show", "openid": "o0", "id": id})).await;
        assert!(nobody["error"].is_string(), "{nobody}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_sends_what_lost_its_schedule_once() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let first = person.registers(passport(AT)).await.body["id"].clone();
        let second = person.registers(passport(AT)).await.body["id"].clone();
        lose_schedules(scene);
        scene.advance_to("2027-01-12T09:02:00+08:00").await;
        assert!(told(&person).await.is_empty());

        let openid = &person.mini_program_openid;
        let event = json!({"operation": "push.redrive", "openid": openid, "id": first});
        let answer = ask(scene, event.clone()).await;
        let push = json!({"n": 1, "due": true, "before": "scheduled", "after": "sent"});
        assert_eq!(answer["reminders"], json!([{"openid": openid, "id": first, "pushes": [push]}]));
        scene.advance(SignedDuration::from_secs(5)).await;
        let again = ask(scene, event).await;
        assert_eq!(again["reminders"][0]["pushes"][0]["due"], false, "{again}");

        let since = json!({"operation": "push.redrive", "since": "2027-01-12T00:00:00+08:00"});
        let answer = ask(scene, since.clone()).await;
        assert_eq!((&answer["looked_at"], &answer["reminders"][0]["id"]), (&json!(1), &second), "{answer}");
        let later = json!({"operation": "push.redrive", "since": "2027-02-01T00:00:00+08:00"});
        assert_eq!(ask(scene, later).await["looked_at"], 0);
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await.len(), 2, "nobody is told twice");
    })
    .await;
}

/// Every one-time schedule vanishes; the sweep stays.
pub(crate) fn lose_schedules(scene: &Scene) -> usize {
    let scheduler = scene.world.scheduler();
    let lost = scheduler.schedules().into_iter().filter(|schedule| schedule.name != "sweep");
    lost.filter(|schedule| scheduler.lose(&schedule.group, &schedule.name)).count()
}
