//! What is repeated begins anew by itself, once, whatever happens meanwhile.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event};
use serde_json::{Value, json};
use simulator::people::{Answer, Person};
use simulator::scheduler::Misfire;

use crate::scene::{Scene, path, play, registered, states, timeline, told};

/// 浇花, due a week after the scene begins at six and every week after, told at nine of the day.
fn flowers() -> Value {
    json!({
        "template": "expiry", "title": "浇花", "expires_at": "2027-01-17T18:00:00+08:00",
        "pushes": [{"days_before": 0, "time": "09:00"}], "repeat": {"every": "P1W"},
    })
}

async fn shown(person: &Person, id: &Value) -> Value {
    let shown = person.gets(&path(id)).await;
    assert_eq!(shown.status, 200, "{shown}");
    shown.body
}

/// Its round and when that expires.
async fn round(person: &Person, id: &Value) -> (u64, String) {
    let body = shown(person, id).await;
    (
        body["repeat"]["round"].as_u64().expect("a round"),
        body["expires_at"].as_str().expect("an expiry").to_owned(),
    )
}

async fn done(person: &Person, id: &Value) -> Answer {
    person.calls(Method::POST, &format!("{}/done", path(id)), Value::Null).await
}

#[tokio::test(flavor = "multi_thread")]
async fn next_round_begins_by_itself_and_month_ends_are_right() {
    play(async |scene| {
        let mut person = scene.follower("小明").await;
        let mut rent = flowers();
        rent["expires_at"] = "2027-01-31T18:00:00+08:00".into();
        rent["repeat"]["every"] = "P1M".into();
        let id = registered(&person, rent).await.body["id"].clone();
        for (now, number, until) in [
            ("2027-01-31T17:59:00+08:00", 1, "2027-01-31T18:00:00+08:00"),
            ("2027-01-31T18:02:00+08:00", 2, "2027-02-28T18:00:00+08:00"),
            ("2027-02-28T18:02:00+08:00", 3, "2027-03-31T18:00:00+08:00"),
        ] {
            scene.advance_to(now).await;
            person.logs_in().await;
            assert_eq!(round(&person, &id).await, (number, until.to_owned()), "{now}");
            let active = person.gets("/reminders").await.body["reminders"].clone();
            assert_eq!(
                (active.as_array().map(Vec::len), &active[0]["id"]),
                (Some(1), &id),
                "one entry in the list"
            );
        }
        assert_eq!(
            told(&person).await,
            ["01-31 09:00 template in service_account", "02-28 09:00 template in service_account"]
        );
        let coverage = shown(&person, &id).await["coverage"].clone();
        assert_eq!(coverage["pushes"], 1, "of the coming round only");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn done_ends_a_round_and_delete_ends_all() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = registered(&person, flowers()).await.body["id"].clone();
        scene.advance_to("2027-01-14T10:00:00+08:00").await;
        // The answer was lost: the phone says it again.
        for _ in 0..2 {
            let answer = done(&person, &id).await;
            assert_eq!((answer.status, &answer.body["state"]), (200, &json!("active")), "{answer}");
            assert_eq!((&answer.body["repeat"]["round"], &answer.body["revision"]), (&json!(2), &json!(2)));
        }
        scene.advance_to("2027-01-24T10:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-24 09:00 template in service_account"], "the first was done");
        assert_eq!(person.calls(Method::DELETE, &path(&id), Value::Null).await.status, 204);
        scene.advance_to("2027-02-02T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn done_of_a_round_that_is_over_meanwhile_ends_none_unseen() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = registered(&person, flowers()).await.body["id"].clone();
        scene.advance_to("2027-01-18T10:00:00+08:00").await;
        let seen = [("If-Match", "\"1\"")];
        let path = format!("{}/done", path(&id));
        let stale = person.calls_with(Method::POST, &path, &seen, Value::Null).await;
        assert_eq!((stale.status, &stale.body["code"]), (412, &json!("revision_mismatch")), "{stale}");
        let seen = [("If-Match", "\"2\"")];
        assert_eq!(
            person.calls_with(Method::POST, &path, &seen, Value::Null).await.body["repeat"]["round"],
            3
        );
        // Its answer was lost, and it is the same request.
        assert_eq!(
            person.calls_with(Method::POST, &path, &seen, Value::Null).await.body["repeat"]["round"],
            3
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistaken_done_is_taken_back() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = registered(&person, flowers()).await.body["id"].clone();
        let mut passport = flowers();
        passport.as_object_mut().expect("an object").remove("repeat");
        let once = registered(&person, passport).await.body["id"].clone();
        let reopen = async |person: &Person, id: &Value| {
            person.calls(Method::POST, &format!("{}/reopen", path(id)), Value::Null).await
        };
        assert_eq!(reopen(&person, &once).await.body["revision"], 1, "it is not done");
        scene.advance_to("2027-01-16T10:00:00+08:00").await;
        for id in [&id, &once] {
            done(&person, id).await;
            // Again and again: the answer may be lost.
            for _ in 0..2 {
                let answer = reopen(&person, id).await;
                assert_eq!((answer.status, &answer.body["state"]), (200, &json!("active")), "{answer}");
                assert_eq!(answer.body["expires_at"], "2027-01-17T18:00:00+08:00");
                assert_eq!(answer.body["pushes"][0]["state"], "scheduled");
            }
        }
        // Done before nine, taken back after: it is told then.
        scene.advance_to("2027-01-17T08:55:00+08:00").await;
        done(&person, &once).await;
        scene.advance_to("2027-01-17T09:10:00+08:00").await;
        reopen(&person, &once).await;
        scene.advance_to("2027-01-17T10:00:00+08:00").await;
        assert_eq!(
            told(&person).await,
            ["01-17 09:00 template in service_account", "01-17 09:11 template in service_account"]
        );
        // What was told is not told again.
        done(&person, &once).await;
        reopen(&person, &once).await;
        scene.advance_to("2027-01-17T17:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
        done(&person, &once).await;
        scene.advance_to("2027-01-17T18:00:00+08:00").await;
        let late = reopen(&person, &once).await;
        assert_eq!((late.status, &late.body["code"]), (409, &json!("expired")), "{late}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_of_the_expiry_may_be_lost_or_come_twice() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let lost = registered(&person, flowers()).await.body["id"].clone();
        let twice = registered(&person, flowers()).await.body["id"].clone();
        scene.advance_to("2027-01-17T17:00:00+08:00").await;
        let name = |id: &Value| id.as_str().expect("an id").to_owned();
        scene.world.scheduler().misfire(&name(&lost), Misfire::Lost);
        scene.world.scheduler().misfire(&name(&twice), Misfire::Twice);
        scene.advance_to("2027-01-17T18:40:00+08:00").await;
        for id in [&lost, &twice] {
            assert_eq!(round(&person, id).await, (2, "2027-01-24T18:00:00+08:00".to_owned()));
            let events = timeline(&person, id).await;
            assert_eq!(events.iter().filter(|event| *event == "repeated").count(), 1, "{events:?}");
        }
    })
    .await;
}

/// The round is told of, or said why not, before the next takes its place.
#[tokio::test(flavor = "multi_thread")]
async fn message_whose_outcome_is_looked_for_holds_its_round() {
    play(async |scene: &Scene| {
        let person = scene.follower("小明").await;
        let mut reminder = flowers();
        reminder["pushes"] = json!([{"days_before": 0, "time": "17:50"}]);
        let id = registered(&person, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-17T17:49:00+08:00").await;
        scene.plan_times(Call::TemplateSend, ANSWER_LOST, 12);
        scene.plan_times(Event::TemplateSendJobFinish, CALLBACK_LOST, 1);
        scene.advance_to("2027-01-17T18:00:30+08:00").await;
        assert_eq!(states(&person, &id).await[0].split(' ').next(), Some("sending"));
        scene.advance(SignedDuration::from_hours(6)).await;
        assert_eq!(round(&person, &id).await.0, 2);
        let events = timeline(&person, &id).await;
        let at = |event: &str| events.iter().position(|known| known == event);
        assert!(at("unknown").or(at("sent")) < at("repeated"), "{events:?}");
        scene.world.faults().clear();
    })
    .await;
}
