//! "Tell me again tomorrow."

use http::Method;
use serde_json::{Value, json};
use simulator::people::{Answer, Person};

use crate::scene::{AT, passport, path, play, registered, states, told};

async fn snooze(person: &Person, id: &Value, body: Value) -> Answer {
    person.calls(Method::POST, &format!("{}/snooze", path(id)), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_once_more_the_next_day() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        let id = reminder.body["id"].clone();
        scene.advance_to("2027-01-12T09:30:00+08:00").await;
        // A double tap.
        for _ in 0..2 {
            let answer = snooze(&person, &id, json!({"for": "P1D"})).await;
            assert_eq!((answer.status, &answer.body["coverage"]["covered"]), (200, &json!(1)), "{answer}");
            let push = &answer.body["pushes"][1];
            assert_eq!((&push["snoozed"], &push["n"]), (&json!(true), &json!(4)));
            assert_eq!(push["fires_at"], "2027-01-13T09:30:00+08:00");
        }
        scene.advance_to("2027-01-14T00:00:00+08:00").await;
        assert_eq!(
            told(&person).await,
            ["01-12 09:00 template in service_account", "01-13 09:30 template in service_account"]
        );
        assert_eq!(states(&person, &id).await, ["delivered service_template", "delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_times_and_not_after_the_expiry_unless_asked() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let mut reminder = passport(AT);
        reminder["expires_at"] = "2027-01-18T00:00:00+08:00".into();
        let id = registered(&person, reminder.clone()).await.body["id"].clone();
        let late = snooze(&person, &id, json!({"until": "2027-01-18T00:00:00+08:00"})).await;
        assert_eq!((late.status, late.body["errors"][0]["field"].as_str()), (422, Some("until")), "{late}");
        for day in [13, 14, 15] {
            let until = format!("2027-01-{day}T09:00:00+08:00");
            assert_eq!(snooze(&person, &id, json!({"until": until})).await.status, 200);
        }
        let fourth = snooze(&person, &id, json!({"for": "P2DT1H"})).await;
        assert_eq!((fourth.status, &fourth.body["code"]), (409, &json!("too_many_snoozes")), "{fourth}");
        let other = registered(&person, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-18T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 5);
        // It has expired; who still wants to be told says so.
        assert_eq!(snooze(&person, &other, json!({"for": "P1D"})).await.status, 422);
        let asked = snooze(&person, &other, json!({"for": "P1D", "after_expiry": true})).await;
        assert_eq!((asked.status, &asked.body["state"]), (200, &json!("expired")), "{asked}");
        scene.advance_to("2027-01-21T00:00:00+08:00").await;
        assert_eq!(
            told(&person).await.last().map(String::as_str),
            Some("01-19 10:00 template in service_account")
        );
        assert_eq!(
            person.calls(Method::POST, &format!("{}/done", path(&other)), Value::Null).await.status,
            200
        );
        let done = snooze(&person, &other, json!({"for": "P1D", "after_expiry": true})).await;
        assert_eq!((done.status, &done.body["code"]), (409, &json!("done")), "{done}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_snoozes_what_is_not_theirs() {
    play(async |scene| {
        let (_, reminder) = scene.follower_with_passport().await;
        let other = scene.follower("小红").await;
        let id = &reminder.body["id"];
        for verb in ["snooze", "reopen"] {
            let answer =
                other.calls(Method::POST, &format!("{}/{verb}", path(id)), json!({"for": "P1D"})).await;
            assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")), "{verb} {answer}");
        }
    })
    .await;
}
