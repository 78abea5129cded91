//! How a user wants to be told: their own zone, hours, lead times and channels.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Call, refusal};
use serde_json::{Value, json};
use simulator::people::{Answer, Person};
use wechat::ErrCode;

use crate::operations::lose_schedules;
use crate::scene::{AT, path, play, registered, told};

async fn prefers(person: &Person, preferences: Value) -> Answer {
    person.calls(Method::PATCH, "/me", preferences).await
}

fn silent() -> Value {
    json!({"template": "expiry", "title": "护照", "expires_on": "2027-01-20"})
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_that_says_nothing_follows_its_user() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let me = person.gets("/me").await.body;
        assert_eq!(me["quiet_hours"], json!({"from": "22:30", "to": "08:00"}), "the settings'");
        assert_eq!((&me["timezone"], &me["default_pushes"], &me["prefer"]), (&json!("Asia/Shanghai"), &json!([]), &json!([])));
        let refused = person.registers(silent()).await;
        assert_eq!((refused.status, refused.body["errors"][0]["field"].as_str()), (422, Some("pushes")), "{refused}");
        let own = json!({
            "timezone": "America/New_York", "quiet_hours": {"from": "00:00", "to": "06:00"},
            "default_pushes": [{"days_before": 3, "time": "19:00"}, {"weeks_before": 1, "time": "08:00", "channels": ["mini_subscription"]}],
            "prefer": ["mini_subscription"],
        });
        let changed = prefers(&person, own.clone()).await;
        assert_eq!(changed.status, 200, "{changed}");
        for shown in [&changed.body, &person.gets("/me").await.body] {
            for (name, value) in own.as_object().expect("an object") {
                assert_eq!(&shown[name], value, "{name}");
            }
        }
        let answer = registered(&person, silent()).await;
        assert_eq!(answer.body["timezone"], "America/New_York");
        let fires_at = |n: usize| answer.body["pushes"][n]["fires_at"].clone();
        assert_eq!(
            [fires_at(0), fires_at(1)],
            ["2027-01-17T19:00:00-05:00", "2027-01-13T08:00:00-05:00"].map(Value::from)
        );
        assert_eq!(answer.body["pushes"][1]["channels"], json!(["mini_subscription"]));
        // What is sent back stays.
        let put = person.calls(Method::PUT, &path(&answer.body["id"]), answer.body.clone()).await;
        assert_eq!((put.status, &put.body["pushes"]), (200, &answer.body["pushes"]), "{put}");
        // As a mini program does it: wx.request knows no PATCH.
        let reset =
            person.calls(Method::POST, "/me", json!({"timezone": null, "default_pushes": null})).await;
        assert_eq!((&reset.body["timezone"], &reset.body["default_pushes"]), (&json!("Asia/Shanghai"), &json!([])));
        assert_eq!(reset.body["prefer"], json!(["mini_subscription"]), "what is not named stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_before_moves_with_its_user_to_another_zone() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let push = |days: u8| json!({"days_before": days, "time": "09:00"});
        let mut follows = silent();
        follows["pushes"] = json!([push(8), push(1)]);
        let mut own = follows.clone();
        (own["timezone"], own["title"]) = (json!("Asia/Shanghai"), json!("签证"));
        let follows = registered(&person, follows).await.body["id"].clone();
        let own = registered(&person, own).await.body;
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(prefers(&person, json!({"timezone": "America/Los_Angeles"})).await.status, 200);
        // Not in that moment, and soon.
        scene.advance(SignedDuration::from_mins(3)).await;
        let shown = person.gets(&path(&follows)).await.body;
        assert_eq!(
            (&shown["timezone"], &shown["revision"]),
            (&json!("America/Los_Angeles"), &json!(2)),
            "{shown}"
        );
        assert_eq!(shown["expires_at"], "2027-01-21T00:00:00-08:00", "its day is one there");
        let pushes =
            [0, 1].map(|n| (shown["pushes"][n]["fires_at"].clone(), shown["pushes"][n]["state"].clone()));
        let expected =
            [("2027-01-11T17:00:00-08:00", "delivered"), ("2027-01-19T09:00:00-08:00", "scheduled")];
        assert_eq!(pushes, expected.map(|(at, state)| (json!(at), json!(state))), "what was told stays told");
        let stays = person.gets(&path(&own["id"])).await.body;
        assert_eq!((&stays["timezone"], &stays["pushes"][1]), (&own["timezone"], &own["pushes"][1]));
        // Back home, by a schedule that is lost: the sweep finds it.
        lose_schedules(scene);
        assert_eq!(prefers(&person, json!({"timezone": null})).await.status, 200);
        lose_schedules(scene);
        scene.advance(SignedDuration::from_mins(40)).await;
        assert_eq!(person.gets(&path(&follows)).await.body["expires_at"], "2027-01-21T00:00:00+08:00");
        scene.advance_to("2027-01-21T10:00:00+08:00").await;
        let all = told(&person).await;
        assert_eq!(all.len(), 4, "two of each, once: {all:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn next_round_is_where_its_user_lives_though_this_one_would_have_expired_there() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        prefers(&person, json!({"timezone": "America/Los_Angeles"})).await;
        let mut flowers = silent();
        flowers["expires_on"] = json!("2027-01-11");
        flowers["pushes"] = json!([{"days_before": 0, "time": "09:00"}]);
        flowers["repeat"] = json!({"every": "P1W"});
        let [expires, is_done] = [(); 2].map(|()| flowers.clone());
        let expires = registered(&person, expires).await.body["id"].clone();
        let is_done = registered(&person, is_done).await.body["id"].clone();
        // The last day is over at home, and goes on in Los Angeles.
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        prefers(&person, json!({"timezone": null})).await;
        scene.advance(SignedDuration::from_mins(3)).await;
        assert_eq!(person.gets(&path(&expires)).await.body["timezone"], "America/Los_Angeles");
        person.calls(Method::POST, &format!("{}/done", path(&is_done)), Value::Null).await;
        scene.advance_to("2027-01-12T17:00:00+08:00").await;
        for id in [&expires, &is_done] {
            let next = person.gets(&path(id)).await.body;
            assert_eq!(
                (&next["timezone"], &next["pushes"][0]["fires_at"]),
                (&json!("Asia/Shanghai"), &json!("2027-01-18T09:00:00+08:00"))
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn preferred_channel_is_tried_first_and_a_push_may_name_its_own() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 2).await;
        let day = |day: u8| format!("2027-01-{day}T09:00:00+08:00");
        let pushes =
            json!([{"at": day(12)}, {"at": day(13)}, {"at": day(14), "channels": ["mini_subscription"]}]);
        let mut reminder = silent();
        reminder["pushes"] = pushes;
        let id = registered(&person, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        prefers(&person, json!({"prefer": ["mini_subscription"]})).await;
        scene.advance_to("2027-01-15T10:00:00+08:00").await;
        assert_eq!(
            told(&person).await,
            [
                "01-12 09:00 template in service_account",
                "01-13 09:00 subscription in service_notifications",
                "01-14 09:00 subscription in service_notifications"
            ]
        );
        let wrong = json!({"pushes": [{"at": day(18), "channels": ["sms"]}]});
        let mut body = silent();
        body["pushes"] = wrong["pushes"].clone();
        let refused = person.calls(Method::PUT, &path(&id), body).await;
        assert_eq!(refused.body["errors"][0]["field"], "pushes[0].channels[0]", "{refused}");
    })
    .await;
}

/// The settings' quiet hours begin at half past ten.
#[tokio::test(flavor = "multi_thread")]
async fn own_quiet_hours_hold_for_moments_that_nobody_chose() {
    play(async |scene| {
        let (owl, lark) = (scene.follower("夜猫").await, scene.follower("百灵").await);
        prefers(&owl, json!({"quiet_hours": {"from": "03:00", "to": "09:00"}})).await;
        prefers(&lark, json!({"quiet_hours": {"from": "20:00", "to": "05:00"}})).await;
        scene.advance_to("2027-01-10T22:00:00+08:00").await;
        for person in [&owl, &lark] {
            let mut reminder = silent();
            reminder["pushes"] = json!([{"at": "2027-01-10T22:29:00+08:00"}]);
            registered(person, reminder).await;
        }
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::MINUTE_QUOTA_REACHED), 2);
        scene.advance_to(AT).await;
        let told_at = |told: Vec<String>| told[0][..8].to_owned();
        assert_eq!(told_at(told(&owl).await), "01-10 22");
        assert_eq!(told_at(told(&lark).await), "01-11 05");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_preferred_is_refused_whole() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let wrong =
            prefers(&person, json!({"timezone": "Mars/Olympus", "prefer": ["sms"], "quiet_hours": null}))
                .await;
        let fields: Vec<&str> = wrong.body["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .filter_map(|error| error["field"].as_str())
            .collect();
        assert_eq!((wrong.status, fields), (422, vec!["timezone", "prefer[0]"]), "{wrong}");
        assert_eq!(prefers(&person, json!([])).await.status, 422);
        assert_eq!(person.gets("/me").await.body["timezone"], "Asia/Shanghai");
    })
    .await;
}
