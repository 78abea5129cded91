//! What expires with a day, and what an edit may leave as it was.

use http::Method;
use serde_json::{Value, json};
use simulator::people::Person;

use crate::operations::ask;
use crate::scene::{AT, Scene, passport, path, play, registered, states, told};

fn with_day(pushes: Value) -> Value {
    json!({"template": "expiry", "title": "护照", "expires_on": "2027-01-20", "pushes": pushes})
}

/// The values of the last message, in the template's order.
async fn last_values(person: &Person) -> Vec<String> {
    let inbox = person.inbox().await;
    let message = inbox.iter().rfind(|item| item["kind"] == "template").expect("a message");
    let data = message["body"]["data"].as_object().expect("data");
    data.values().map(|value| value["value"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn item_is_active_to_the_end_of_its_day_and_told_on_it() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let pushes = json!([{"days_before": 0, "time": "20:00"}, {"weeks_before": 1, "time": "09:00"}]);
        let answer = registered(&person, with_day(pushes)).await;
        assert_eq!(answer.body["expires_at"], "2027-01-21T00:00:00+08:00");
        assert_eq!(answer.body["expires_on"], "2027-01-20");
        assert_eq!(answer.body["pushes"][0]["fires_at"], "2027-01-20T20:00:00+08:00");
        scene.advance_to("2027-01-20T23:59:59+08:00").await;
        assert_eq!(
            told(&person).await,
            ["01-13 09:00 template in service_account", "01-20 20:00 template in service_account"]
        );
        let values = last_values(&person).await;
        assert!(values.iter().any(|value| value.starts_with("2027年1月20日")), "the day itself: {values:?}");
        let state = person.gets(&path(&answer.body["id"])).await.body["state"].clone();
        assert_eq!(state, "active");
        let asked = json!({"operation": "reminder.show", "openid": person.mini_program_openid, "id": answer.body["id"]});
        assert_eq!(ask(scene, asked).await["item"]["expires_on"], "2027-01-20", "operators see the day, too");
        scene.advance_to("2027-01-21T00:00:00+08:00").await;
        assert_eq!(person.gets(&path(&answer.body["id"])).await.body["state"], "expired");
        assert_eq!(
            person.gets("/reminders?state=expired").await.body["reminders"][0]["expires_on"],
            "2027-01-20"
        );
    })
    .await;
}

/// Sends back what it reads, with some members changed.
async fn puts_back(person: &Person, id: &Value, changes: Value) -> simulator::people::Answer {
    let mut body = person.gets(&path(id)).await.body;
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    person.calls(Method::PUT, &path(id), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_read_may_be_sent_back() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let days = json!([{"days_before": 0, "time": "20:00"}, {"months_before": 0, "time": "21:00"}]);
        let mut repeated = with_day(days.clone());
        repeated["repeat"] = json!({"every": "P1Y"});
        let mut absolute = passport(AT);
        absolute["expires_at"] = "2027-01-14T00:00:00+08:00".into();
        let bodies = [absolute, with_day(days), repeated];
        let mut ids = Vec::new();
        for body in bodies {
            ids.push(registered(&person, body).await.body["id"].clone());
        }
        // At once, while a push is due, after it was told, minutes before the expiry, and after it.
        let moments = [
            "2027-01-11T09:00:00+08:00",
            "2027-01-12T09:00:00+08:00",
            "2027-01-12T09:05:00+08:00",
            "2027-01-20T20:00:30+08:00",
            "2027-01-20T23:55:00+08:00",
            "2027-01-21T00:10:00+08:00",
        ];
        for moment in moments {
            scene.advance_to(moment).await;
            for id in &ids {
                let answer = puts_back(&person, id, json!({})).await;
                assert_eq!(answer.status, 200, "{moment} {answer}");
            }
        }
        let once = told(&person).await;
        assert_eq!(once.len(), 5, "every push once: {once:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn absolute_push_that_was_told_stays_told_and_one_that_is_due_is_still_sent() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([{"at": AT}, {"at": "2027-01-13T09:00:00+08:00"}]);
        let id = registered(&person, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(puts_back(&person, &id, json!({"title": "新护照"})).await.status, 200);
        assert_eq!(states(&person, &id).await, ["delivered service_template", "scheduled"]);
        scene.advance_to("2027-01-20T00:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
        // A new moment in the past is refused as ever.
        let pushes = json!([{"at": "2027-01-12T09:00:01+08:00"}]);
        let refused = puts_back(&person, &id, json!({"pushes": pushes})).await;
        assert_eq!(
            (refused.status, refused.body["errors"][0]["field"].as_str()),
            (422, Some("pushes[0].at"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_told_is_told_if_that_is_asked_for() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        let coverage = person.gets(&path(&id)).await.body["coverage"].clone();
        assert_eq!((&coverage["pushes"], &coverage["resting"]), (&json!(0), &json!(1)));
        scene.accepts(&person, 1).await;
        // An accept arms it by itself; an edit before that does not, unless it says so.
        let edited = puts_back(&person, &id, json!({"title": "新护照"})).await;
        assert_eq!(edited.body["coverage"]["resting"], 1, "{edited}");
        let asked = puts_back(&person, &id, json!({"again": true})).await;
        assert_eq!((asked.status, &asked.body["coverage"]["resting"]), (200, &json!(0)), "{asked}");
        scene.advance_to("2027-01-12T12:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1, "once, whatever asked for it");
        // What was told is not told again.
        assert_eq!(puts_back(&person, &id, json!({"again": true})).await.status, 200);
        scene.advance_to("2027-01-13T12:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
        let refused = puts_back(&person, &id, json!({"again": "yes"})).await;
        assert_eq!(refused.body["errors"][0]["message"], "must be true or false, not a string");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_names_its_own_reminder() {
    play(async |scene: &Scene| {
        let person = scene.follower("小明").await;
        let mut reminder = passport(AT);
        reminder["page"] = "pages/item/item?id={reminder_id}&act=done".into();
        let answer = registered(&person, reminder).await;
        assert_eq!(answer.body["page"], "pages/item/item?id={reminder_id}&act=done");
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        let inbox = person.inbox().await;
        let message = inbox.iter().rfind(|item| item["kind"] == "template").expect("a message");
        let id = answer.body["id"].as_str().expect("an id");
        assert_eq!(message["body"]["miniprogram"]["pagepath"], format!("pages/item/item?id={id}&act=done"));
    })
    .await;
}
