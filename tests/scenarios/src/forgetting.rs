//! Forgetting is interrupted, others come in between, and what is late comes late: what is of the time before goes, and
//! nothing else does.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Event, Scheduler};
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use simulator::lambda::FunctionName;
use simulator::people::Person;
use simulator::scheduler::Misfire;

use crate::forgotten::{Way, goes, traces};
use crate::scene::{AT, NOTIFICATION, SUBSCRIPTION, Scene, followed, passport, path, play, registered, told};
use crate::verbs::Verbs;

fn reminders(scene: &Scene) -> usize {
    let items = scene.world.dynamodb().items().expect("a table");
    items.iter().filter(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("REMINDER#"))).count()
}

async fn with_reminders(scene: &Scene, count: usize) -> Person {
    let person = scene.follower("小明").await;
    for _ in 0..count {
        registered(&person, passport("2027-02-12T09:00:00+08:00")).await;
    }
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn job_that_dies_anywhere_is_begun_anew() {
    for crash in [Crash::Before, Crash::After] {
        for kth in [1, 2, 3, 5, 8, 12, 14, 16, 18] {
            play(async |scene| {
                let person = with_reminders(scene, 3).await;
                scene.world.crash_at(FunctionName::ReminderDispatch, kth, crash);
                goes(&person, Way::Asks).await;
                scene.advance(SignedDuration::from_mins(5)).await;
                assert_eq!(reminders(scene), 0, "{crash:?} at request {kth}");
                scene.advance(SignedDuration::from_hours(25)).await;
                assert_eq!(
                    traces(scene, &person, &["护照"]),
                    Vec::<String>::new(),
                    "{crash:?} at request {kth}"
                );
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wake_up_that_is_lost_or_never_made_is_made_up_for_by_the_sweep() {
    for lost in [true, false] {
        play(async |scene| {
            let person = with_reminders(scene, 60).await;
            match lost {
                true => scene.world.scheduler().misfire("erase-", Misfire::Lost),
                // With the SDK's own repeats.
                false => scene.plan_times(Scheduler::CreateSchedule, Fault::HttpStatus(500), 3),
            }
            goes(&person, Way::Asks).await;
            scene.advance(SignedDuration::from_mins(5)).await;
            assert_eq!(reminders(scene), 60);
            scene.advance(SignedDuration::from_mins(31)).await;
            assert_eq!(reminders(scene), 0);
            scene.advance(SignedDuration::from_hours(25)).await;
            assert_eq!(traces(scene, &person, &["护照"]), Vec::<String>::new());
        })
        .await;
    }
}

/// A reminder under an `Idempotency-Key`, with a title of its own.
async fn keyed(person: &Person, title: &str, at: &str) -> Value {
    let mut reminder = passport(at);
    reminder["title"] = json!(title);
    let key = [("idempotency-key", "the-one")];
    let answer = person.calls_with(Method::POST, "/reminders", &key, reminder).await;
    assert_eq!(answer.status, 201, "{answer}");
    answer.body["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn login_meanwhile_is_a_new_profile_whose_pushes_are_sent_and_no_others() {
    play(async |scene| {
        let mut person = scene.follower("小明").await;
        let old = keyed(&person, "护照", "2027-01-10T10:05:00+08:00").await;
        let before = person.clone();
        // Nothing is deleted before the sweep.
        scene.world.scheduler().misfire("erase-", Misfire::Lost);
        goes(&person, Way::Asks).await;
        assert_eq!(person.logs_in().await.status, 200);
        for (method, call, body) in [
            (Method::GET, "/me".to_owned(), Value::Null),
            (Method::GET, "/reminders".to_owned(), Value::Null),
            (Method::GET, path(&old), Value::Null),
            (Method::PUT, path(&old), passport(AT)),
            (Method::DELETE, path(&old), Value::Null),
            (Method::POST, format!("{}/done", path(&old)), json!({})),
            (Method::POST, "/reminders".to_owned(), passport(AT)),
            (Method::POST, "/me/qrcode".to_owned(), Value::Null),
            (Method::POST, "/subscriptions".to_owned(), json!({"results": {SUBSCRIPTION: "accept"}})),
        ] {
            let answer = before.calls(method.clone(), &call, body).await;
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (401, &json!("unauthorized")),
                "{method} {call}"
            );
        }
        // What was asked twice is answered twice, and spares the new profile.
        goes(&before, Way::Asks).await;
        assert_eq!(person.gets("/me").await.status, 200);
        assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
        assert_eq!(person.gets(&path(&old)).await.status, 404);
        assert!(followed(&person).await, "they follow, and are known by their unionid");

        let new = keyed(&person, "驾照", "2027-01-10T10:06:00+08:00").await;
        registered(&person, passport("2027-01-12T09:00:00+08:00")).await;
        assert_ne!(new, old);
        scene.advance_to("2027-01-10T10:10:00+08:00").await;
        assert_eq!(reminders(scene), 3, "the old one is still there");
        let inbox = person.inbox().await;
        assert_eq!(told(&person).await, ["01-10 10:06 template in service_account"]);
        assert!(inbox.iter().any(|item| item.to_string().contains("驾照")), "{inbox:?}");
        scene.advance_to("2027-01-12T09:10:00+08:00").await;
        assert_eq!(reminders(scene), 2, "those of the new profile outlast every look");
        assert_eq!(told(&person).await.len(), 2);
        assert_eq!(person.gets("/reminders").await.body["reminders"].as_array().map(Vec::len), Some(2));
        assert!(followed(&person).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_from_before_makes_nobody_known_again() {
    for late_s in [90, 26 * 3600] {
        play(async |scene| {
            let person = scene.follower("小明").await;
            scene.accepts(&person, 1).await;
            registered(&person, passport("2027-01-10T10:05:00+08:00")).await;
            scene.plan(Event::TemplateSendJobFinish, Fault::AfterS(late_s));
            scene.advance_to("2027-01-10T10:05:30+08:00").await;
            assert_eq!(told(&person).await.len(), 1);
            scene.plan_times(Event::SubscribeMsgPopup, Fault::AfterS(late_s), 2);
            scene.plan(Event::SubscribeMsgChange, Fault::AfterS(late_s));
            scene.plan(Event::Unsubscribe, Fault::AfterS(late_s));
            person.does("subscribe", json!({"template_ids": [SUBSCRIPTION], "answer": "accept"})).await;
            person.accepts_notification().await;
            person.does("refuse", json!({"template_ids": [SUBSCRIPTION]})).await;
            person.unfollows().await;
            goes(&person, Way::Closes("service_account")).await;
            scene.advance(SignedDuration::from_mins(3)).await;
            let profiles = || {
                let traces = traces(scene, &person, &["护照"]);
                traces.into_iter().filter(|trace| trace.contains("PROFILE")).collect::<Vec<_>>()
            };
            assert_eq!(profiles(), Vec::<String>::new(), "{late_s} s late");
            scene.advance(SignedDuration::from_hours(27)).await;
            assert_eq!(traces(scene, &person, &["护照"]), Vec::<String>::new(), "{late_s} s late");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_profile_has_no_credit_of_before() {
    play(async |scene| {
        let mut person = scene.user("小明").await;
        scene.plan(Event::SubscribeMsgPopup, Fault::AfterS(90));
        person.does("subscribe", json!({"template_ids": [SUBSCRIPTION], "answer": "accept"})).await;
        scene.advance(SignedDuration::from_secs(30)).await;
        goes(&person, Way::Asks).await;
        person.logs_in().await;
        scene.advance(SignedDuration::from_mins(3)).await;
        let credits = person.gets("/me").await.body["credits"].clone();
        assert_eq!((&credits[SUBSCRIPTION], &credits[NOTIFICATION]), (&json!(0), &json!(0)));
        scene.accepts(&person, 1).await;
        assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 1, "accepted since");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_of_before_binds_nobody() {
    play(async |scene| {
        let mut person = scene.nameless("小明").await;
        let code = person.asks_for_code().await;
        goes(&person, Way::Asks).await;
        person.logs_in().await;
        person.follows_by_code(&code).await;
        assert!(!followed(&person).await);
        person.does("scan", json!({"image_url": person.asks_for_code().await})).await;
        assert!(followed(&person).await, "a code of the new profile does");
    })
    .await;
}

/// The run has read everything, stands still, and goes on after its user was forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn run_that_took_its_time_sends_nothing_to_whoever_was_forgotten() {
    for kth in [1, 2, 3] {
        play(async |scene| {
            let person = scene.follower("小明").await;
            // Not at a moment of the sweep.
            registered(&person, passport("2027-01-12T09:10:00+08:00")).await;
            scene.advance_to("2027-01-12T09:09:59+08:00").await;
            scene.world.freeze_at(FunctionName::ReminderDispatch, kth, 10);
            scene.advance(SignedDuration::from_secs(5)).await;
            goes(&person, Way::Asks).await;
            scene.advance(SignedDuration::from_hours(1)).await;
            assert_eq!(told(&person).await, Vec::<String>::new(), "stood still at request {kth}");
        })
        .await;
    }
}
