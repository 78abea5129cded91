//! A push that was definitely not sent is not given up while it can still be told: rather another channel than a long
//! wait, and rather a wait than nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use scenarios::mishap::{Call, refusal};
use serde_json::json;
use wechat::ErrCode;

use crate::scene::{AT, Scene, passport, play, states, told};
use crate::wire::SERVICE;

/// WeChat adds codes without notice.
const UNHEARD_OF: ErrCode = ErrCode(99_999);

#[tokio::test(flavor = "multi_thread")]
async fn code_nobody_has_heard_of_gives_way_to_another_channel_and_ends_no_push() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        let reminders = [person.registers(passport(AT)).await, person.registers(passport(AT)).await];
        scene.plan_times(Call::TemplateSend, refusal(UNHEARD_OF), 6);
        scene.advance_to("2027-01-12T09:00:30+08:00").await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        scene.advance_to("2027-01-12T22:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
        for reminder in reminders {
            assert!(states(&person, &reminder.body["id"]).await[0].starts_with("delivered"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_of_a_bad_night_come_back_each_by_itself() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        for _ in 0..40 {
            person.registers(passport("2027-01-12T23:00:00+08:00")).await;
        }
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::MINUTE_QUOTA_REACHED), 40);
        scene.advance_to("2027-01-13T09:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 40);
        let seconds: BTreeSet<Timestamp> =
            scene.world.platform().sends().iter().filter(|send| send.reached).map(|send| send.at).collect();
        assert!(seconds.len() > 20, "told in {} seconds", seconds.len());
    })
    .await;
}

/// So many template messages more today.
fn limit(scene: &Scene, messages: u32) {
    scene.world.platform().limit_calls(SERVICE, "/cgi-bin/message/template/send", messages);
}

#[tokio::test(flavor = "multi_thread")]
async fn quota_that_is_used_up_is_not_waited_for_where_another_channel_is_open() {
    for (at, told_at) in [(AT, "01-12 09:00"), ("2027-01-12T23:00:00+08:00", "01-12 23:00")] {
        play(async |scene| {
            limit(scene, 0);
            let person = scene.follower("小明").await;
            scene.accepts(&person, 1).await;
            person.registers(passport(at)).await;
            scene.advance_to("2027-01-13T12:00:00+08:00").await;
            assert_eq!(told(&person).await, [format!("{told_at} subscription in service_notifications")]);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quota_that_would_come_back_too_late_may_be_cleared() {
    play(async |scene| {
        limit(scene, 0);
        let person = scene.follower("小明").await;
        let mut item = passport(AT);
        item["expires_at"] = json!("2027-01-12T22:00:00+08:00");
        let reminder = person.registers(item).await;
        scene.advance_to("2027-01-12T14:30:00+08:00").await;
        assert!(states(&person, &reminder.body["id"]).await[0].starts_with("retrying"));
        limit(scene, 100);
        scene.advance_to("2027-01-12T15:40:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}
