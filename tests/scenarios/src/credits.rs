//! What users accepted, and what of it may still be worth a message though nobody is sure: it is told until WeChat says no.

use std::collections::BTreeMap;

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event, refusal};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;
use simulator::wechat::{Api, Kind, Template};
use wechat::ErrCode;

use crate::operations::{put_settings, wants_no_repeats};
use crate::scene::{AT, SUBSCRIPTION, Scene, passport, path, play, registered, states, told};
use crate::wire::MINI;

/// "Always keep this choice" is ticked: the accept counts, and WeChat sends no event about it.
async fn accepts_silently(scene: &Scene, person: &Person) {
    let prompt = json!({"template_ids": [SUBSCRIPTION], "answer": "accept", "silent": true});
    let results = person.does("subscribe", prompt).await.body;
    let report = person.calls(Method::POST, "/subscriptions", json!({ "results": results })).await;
    assert_eq!(report.status, 200, "{report}");
    scene.advance(SignedDuration::from_secs(10)).await;
}

/// Confirmed, reported, uncertain; their sum is what is said to be covered.
async fn coverage(person: &Person, id: &Value) -> [u64; 3] {
    let coverage = person.gets(&path(id)).await.body["coverage"].clone();
    let parts = ["confirmed", "reported", "uncertain"].map(|part| coverage[part].as_u64().expect("a number"));
    assert_eq!(coverage["covered"], parts.iter().sum::<u64>(), "{coverage}");
    parts
}

fn at(times: &[&str]) -> Value {
    let mut reminder = passport(AT);
    reminder["pushes"] = times.iter().map(|time| json!({"at": format!("2027-01-{time}:00+08:00")})).collect();
    reminder
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_accepts_are_all_promised_and_all_told() {
    play(async |scene| {
        let person = scene.user("小红").await;
        for _ in 0..8 {
            accepts_silently(scene, &person).await;
        }
        let mut ids = Vec::new();
        for days in [["12T09:00", "13T09:00", "14T09:00"], ["15T09:00", "16T09:00", "17T09:00"]] {
            ids.push(registered(&person, at(&days)).await.body["id"].clone());
        }
        ids.push(registered(&person, at(&["18T09:00", "19T09:00", "20T09:00"])).await.body["id"].clone());
        // Nothing contradicts them, however long ago they were reported.
        for (id, reported) in ids.iter().zip([3, 3, 2]) {
            assert_eq!(coverage(&person, id).await, [0, reported, 0]);
        }
        scene.advance_to("2027-01-21T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 8);
        assert!(states(&person, &ids[2]).await[2].starts_with("undeliverable"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_an_attempt_may_have_used_is_worth_a_last_one() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 2).await;
        let first = registered(&person, at(&["12T09:00"])).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        // It never got through, and nobody knows that.
        scene.plan(Call::SubscribeSend, Fault::HttpStatus(502));
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert!(states(&person, &first).await[0].starts_with("unknown"));
        let other = registered(&person, at(&["12T11:00", "12T12:00", "12T13:00"])).await.body["id"].clone();
        assert_eq!(coverage(&person, &other).await, [1, 0, 1]);
        scene.advance(SignedDuration::from_hours(5)).await;
        assert_eq!(told(&person).await.len(), 2, "the confirmed one, and the one in doubt");
        assert_eq!(coverage(&person, &other).await, [0, 0, 0]);
        let states = states(&person, &other).await;
        assert!(states[2].starts_with("undeliverable"), "{states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_that_comes_late_takes_the_doubt_away() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 2).await;
        registered(&person, at(&["12T09:00"])).await;
        let other = registered(&person, at(&["13T09:00", "14T09:00"])).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, Fault::AfterS(3600));
        scene.advance_to("2027-01-12T09:30:00+08:00").await;
        assert_eq!(coverage(&person, &other).await, [1, 0, 1]);
        scene.advance_to("2027-01-12T11:00:00+08:00").await;
        assert_eq!(coverage(&person, &other).await, [1, 0, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_wechat_denies_once_is_tried_once_more() {
    play(async |scene| {
        let person = scene.subscriber("小红", 1).await;
        let id = registered(&person, at(&["12T09:00", "13T09:00"])).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, refusal(ErrCode::USER_REFUSES));
        scene.advance_to("2027-01-12T09:00:30+08:00").await;
        assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 0);
        assert_eq!(coverage(&person, &id).await[..2], [0, 0]);
        scene.advance_to("2027-01-13T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_wechat_denies_twice_is_not_promised_any_more() {
    play(async |scene| {
        let person = scene.subscriber("小红", 3).await;
        let id = registered(&person, at(&["12T09:00", "13T09:00", "14T09:00"])).await.body["id"].clone();
        // The user takes everything back, and WeChat's event about it never leaves.
        scene.plan(Event::SubscribeMsgChange, CALLBACK_LOST);
        person.does("refuse", json!({"template_ids": [SUBSCRIPTION]})).await;
        scene.advance_to("2027-01-12T09:00:30+08:00").await;
        assert_eq!(coverage(&person, &id).await[..2], [0, 0]);
        scene.advance_to("2027-01-13T09:01:00+08:00").await;
        assert_eq!(coverage(&person, &id).await, [0, 0, 0]);
        let from = scene.world.journal().last();
        scene.advance_to("2027-01-14T10:00:00+08:00").await;
        let sends =
            scene.requests_since(from).into_iter().filter(|one| one.contains(Call::SubscribeSend.path()));
        assert_eq!(sends.count(), 0, "nothing is left to try");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grant_that_only_the_mini_program_told_of_is_good_for_every_push() {
    play(async |scene| {
        put_settings(scene, |settings| {
            settings["templates"]["expiry"]["mini_subscription"]["kind"] = json!("long_term");
        })
        .await;
        scene.world.platform().add_template(Template {
            account: MINI,
            template_id: SUBSCRIPTION.to_owned(),
            title: "到期提醒".to_owned(),
            keywords: ["thing1", "date2", "thing3"].map(str::to_owned).to_vec(),
            fixed_values: BTreeMap::new(),
            kind: Kind::LongTerm,
            api: Api::Subscription,
        });
        let person = scene.user("小红").await;
        accepts_silently(scene, &person).await;
        let id = registered(&person, at(&["12T09:00", "13T09:00", "14T09:00"])).await.body["id"].clone();
        assert_eq!(coverage(&person, &id).await, [0, 3, 0]);
        scene.advance_to("2027-01-14T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 3);
        let next = registered(&person, at(&["16T09:00"])).await.body["id"].clone();
        assert_eq!(coverage(&person, &next).await, [1, 0, 0], "a message that WeChat took confirms it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_go_to_those_they_were_promised_to_though_all_are_due_in_one_minute() {
    for _ in 0..4 {
        play(async |scene| {
            let person = scene.subscriber("小红", 2).await;
            let mut ids = Vec::new();
            for _ in 0..4 {
                ids.push(registered(&person, passport(AT)).await.body["id"].clone());
                scene.advance(SignedDuration::from_secs(1)).await;
            }
            scene.advance_to("2027-01-12T09:30:00+08:00").await;
            assert_eq!(told(&person).await.len(), 2);
            let mut found = Vec::new();
            for id in &ids {
                found.push(states(&person, id).await[0].starts_with("delivered"));
            }
            assert_eq!(found, [true, true, false, false]);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn push_that_waits_for_an_earlier_one_is_told_a_minute_later_at_night_too() {
    play(async |scene| {
        let person = scene.subscriber("小红", 1).await;
        scene.advance(SignedDuration::from_mins(5)).await;
        accepts_silently(scene, &person).await;
        for _ in 0..2 {
            registered(&person, passport("2027-01-12T23:00:00+08:00")).await;
            scene.advance(SignedDuration::from_secs(1)).await;
        }
        scene.advance_to("2027-01-13T12:00:00+08:00").await;
        let told = told(&person).await;
        let at = |time: &str| format!("01-12 {time} subscription in service_notifications");
        assert_eq!(told, [at("23:00"), at("23:01")], "the user chose the moment: no quiet hours");
    })
    .await;
}
