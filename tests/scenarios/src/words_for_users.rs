//! What a user is told of a refusal is its errcode and what it means, in their own time zone; WeChat's own words, which name
//! our address and the call, are the operator's.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Call, refusal};
use serde_json::{Value, json};
use simulator::people::Person;
use wechat::ErrCode;

use crate::operations::ask;
use crate::scene::{AT, SUBSCRIPTION, Scene, passport, path, play, registered};
use crate::wire::SERVICE;

/// Everything the API says of a reminder to its user.
async fn shown(person: &Person, id: &Value) -> String {
    let one = person.gets(&path(id)).await.body;
    let all = person.gets("/reminders").await.body;
    let done = person.calls(Method::POST, &format!("{}/done", path(id)), Value::Null).await.body;
    format!("{one}{all}{done}")
}

async fn to_operator(scene: &Scene, person: &Person, id: &Value) -> String {
    let openid = &person.mini_program_openid;
    ask(scene, json!({"operation": "reminder.show", "openid": openid, "id": id})).await.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn address_and_call_number_of_a_refusal_are_for_the_operator() {
    play(async |scene| {
        // WeChat gives no token at all; the next environment hears of it from the table.
        let (person, reminder) = scene.follower_with_passport().await;
        let other = registered(&person, passport(AT)).await;
        scene.world.recycle();
        scene.change_account(SERVICE, |account| account.ip_whitelist = Some(Vec::new()));
        scene.advance_to("2027-01-12T09:05:00+08:00").await;
        scene.change_account(SERVICE, |account| account.ip_whitelist = None);
        for id in [&reminder.body["id"], &other.body["id"]] {
            let operator = to_operator(scene, &person, id).await;
            assert!(operator.contains("invalid ip 127.0.0.1"), "{operator}");
            assert!(operator.contains("rid: "), "{operator}");
            let user = shown(&person, id).await;
            assert!(user.contains("40164 "), "{user}");
            assert!(
                !user.contains("127.0.0.1") && !user.contains("rid") && !user.contains("errmsg"),
                "{user}"
            );
        }
    })
    .await;
    play(async |scene| {
        let (person, reminder) = scene.subscriber_with_passport(1).await;
        scene.plan(Call::SubscribeSend, refusal(ErrCode::INVALID_TEMPLATE_ID));
        scene.advance_to("2027-01-12T09:05:00+08:00").await;
        let id = &reminder.body["id"];
        let operator = to_operator(scene, &person, id).await;
        assert!(operator.contains("rid: "), "{operator}");
        let user = shown(&person, id).await;
        assert!(user.contains("mini_subscription: 40037 ") && !user.contains("rid"), "{user}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn timeline_tells_times_in_the_reminders_zone() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let mut reminder = passport(AT);
        reminder["timezone"] = json!("America/New_York");
        let id = registered(&person, reminder).await.body["id"].clone();
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::API_UNAUTHORIZED), 2);
        scene.advance_to("2027-01-12T09:05:00+08:00").await;
        let timeline = person.gets(&path(&id)).await.body["timeline"].clone();
        let entries = timeline.as_array().expect("a timeline");
        let details: Vec<&str> = entries.iter().filter_map(|entry| entry["detail"].as_str()).collect();
        assert!(details.contains(&"for 2027-01-11T20:00:00-05:00"), "{timeline}");
        let again = details.iter().find_map(|detail| detail.split_once("again at "));
        assert!(again.is_some_and(|(_, at)| at.ends_with("-05:00")), "{timeline}");
        assert!(entries.iter().all(|entry| entry["at"].as_str().is_some_and(|at| at.ends_with("-05:00"))));
        scene.advance(SignedDuration::from_hours(24)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_description_allows_is_taken_and_what_it_forbids_is_refused() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let mut reminder = passport(AT);
        reminder["page"] = json!("");
        assert!(registered(&person, reminder).await.body.get("page").is_none(), "an empty page is none");

        let ok = "requestSubscribeMessage:ok";
        let many: Value =
            (0..21).map(|n| (format!("t{n}"), json!("accept"))).collect::<serde_json::Map<_, _>>().into();
        for (results, status) in [
            (json!({SUBSCRIPTION: "accept", "errMsg": ok}), 200),
            (json!({SUBSCRIPTION: "acceptWithAudio", "errMsg": ""}), 200),
            (json!({"errMsg": ok}), 200),
            (json!({}), 200),
            (json!({SUBSCRIPTION: "accept", "errMsg": 0}), 422),
            (json!({SUBSCRIPTION: "accept", "errMsg": null}), 422),
            (json!({SUBSCRIPTION: "accept", "errMsg": {"a": 1}}), 422),
            (json!({SUBSCRIPTION: "accepted!"}), 422),
            (json!({SUBSCRIPTION: "accept\nx"}), 422),
            (json!({SUBSCRIPTION: true}), 422),
            (many, 422),
        ] {
            let answer = person.calls(Method::POST, "/subscriptions", json!({ "results": results })).await;
            assert_eq!(answer.status, status, "{results}: {answer}");
            if status == 422 {
                let field = answer.body["errors"][0]["field"].as_str().unwrap_or_default();
                assert!(field.starts_with("results"), "{answer}");
            }
        }
    })
    .await;
}

/// One prompt asks for three templates at most, and another part of the mini program has its own.
#[tokio::test(flavor = "multi_thread")]
async fn prompt_may_ask_for_templates_that_are_not_ours() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let results =
            json!({SUBSCRIPTION: "accept", "order-paid": "accept", "queue": "reject", "errMsg": "ok"});
        let answer = person.calls(Method::POST, "/subscriptions", json!({ "results": results })).await;
        assert_eq!(
            (answer.status, &answer.body["ignored"]),
            (200, &json!(["order-paid", "queue"])),
            "{answer}"
        );
        assert_eq!(answer.body["credits"][SUBSCRIPTION], 1);
        let known =
            person.calls(Method::POST, "/subscriptions", json!({"results": {SUBSCRIPTION: "reject"}})).await;
        assert_eq!(known.body.get("ignored"), None, "{known}");
    })
    .await;
}
