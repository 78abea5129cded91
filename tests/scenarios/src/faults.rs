//! One scene per fault of the simulator's closed list: what goes wrong, and what the user gets all the same.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::scene::{Scene, passport, play, states, told};

const AT: &str = "2027-01-12T09:00:00+08:00";
const TEMPLATE_SEND: &str = "/cgi-bin/message/template/send";
const SUBSCRIBE_SEND: &str = "/cgi-bin/message/subscribe/send";
const DAYS: SignedDuration = SignedDuration::from_hours(24 * 4);

/// A follower with one reminder due at [`AT`]; the fault is planned just before it is.
async fn follower_meets(
    scene: &Scene,
    endpoint: &str,
    fault: Value,
    times: u32,
) -> (Vec<String>, Vec<String>) {
    let person = scene.follower("小明").await;
    let reminder = person.registers(passport(AT)).await;
    scene.advance_to("2027-01-12T08:58:00+08:00").await;
    scene.plan_times(endpoint, fault, times);
    scene.advance(DAYS).await;
    (told(&person).await, states(&person, &reminder.body["id"]).await)
}

/// The same with a user who has accepted `prompts` prompts and does not follow.
async fn subscriber_meets(
    scene: &Scene,
    endpoint: &str,
    fault: Value,
    prompts: usize,
) -> (Vec<String>, Vec<String>) {
    let person = scene.user("小红").await;
    scene.accepts(&person, prompts).await;
    let reminder = person.registers(passport(AT)).await;
    scene.advance_to("2027-01-12T08:58:00+08:00").await;
    scene.plan_times(endpoint, fault, 1);
    scene.advance(DAYS).await;
    (told(&person).await, states(&person, &reminder.body["id"]).await)
}

macro_rules! follower_scenes {
    ($($name:ident: $endpoint:expr, $fault:tt x $times:expr => $told:expr, $state:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            play(async |scene| {
                let (told, states) = follower_meets(scene, $endpoint, json!($fault), $times).await;
                assert_eq!(told, $told as [&str; 1]);
                assert_eq!(states, [$state]);
            })
            .await;
        }
    )*};
}

follower_scenes! {
    a_template_message_whose_answer_was_lost_arrives_once:
        TEMPLATE_SEND, {"drop_reply": true} x 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    a_template_message_whose_answer_came_late_arrives_once:
        TEMPLATE_SEND, {"delay_ms": 1500} x 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    wechat_down_for_a_moment_is_tried_again:
        TEMPLATE_SEND, {"http_status": 502} x 2 => ["01-12 09:02 template in service_account"], "delivered service_template";
    wechat_busy_is_tried_again:
        TEMPLATE_SEND, {"errcode": -1} x 1 => ["01-12 09:01 template in service_account"], "delivered service_template";
    a_full_minute_is_waited_out:
        TEMPLATE_SEND, {"errcode": 45011} x 1 => ["01-12 09:02 template in service_account"], "delivered service_template";
    a_used_up_quota_waits_for_the_next_day:
        TEMPLATE_SEND, {"errcode": 45009} x 1 => ["01-13 08:00 template in service_account"], "delivered service_template";
    a_refused_link_is_left_out:
        TEMPLATE_SEND, {"errcode": 40165} x 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    a_token_refused_is_replaced_and_the_call_repeated:
        TEMPLATE_SEND, {"errcode": 40001} x 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    a_read_that_failed_is_repeated_by_lambda:
        "dynamodb:BatchGetItem", {"http_status": 500} x 3 => ["01-12 09:01 template in service_account"], "delivered service_template";
    a_throttled_write_is_repeated:
        "dynamodb:PutItem", {"http_status": 429} x 2 => ["01-12 09:00 template in service_account"], "delivered service_template";
    a_claim_whose_answer_was_lost_is_recognised:
        "dynamodb:PutItem", {"drop_reply": true} x 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    a_receipt_delivered_twice_says_the_same:
        "push:TEMPLATESENDJOBFINISH", {"repeat": 2} x 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    a_receipt_that_never_comes_leaves_it_sent:
        "push:TEMPLATESENDJOBFINISH", {"drop": true} x 1 => ["01-12 09:00 template in service_account"], "sent service_template";
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_message_whose_answer_was_lost_is_settled_by_its_receipt() {
    play(async |scene| {
        let (told, states) = subscriber_meets(scene, SUBSCRIBE_SEND, json!({"drop_reply": true}), 3).await;
        assert_eq!(told, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_last_credit_a_lost_answer_and_a_lost_receipt_still_tell_once() {
    play(async |scene| {
        scene.plan("push:subscribe_msg_sent_event", json!({"drop": true}));
        let (told, states) = subscriber_meets(scene, SUBSCRIBE_SEND, json!({"drop_reply": true}), 1).await;
        assert_eq!(told, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states, ["sent mini_subscription"], "43101 to the repeat says that the first was sent");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_message_that_was_not_sent_is_sent_after_all() {
    play(async |scene| {
        let (told, states) = subscriber_meets(scene, SUBSCRIBE_SEND, json!({"http_status": 502}), 1).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(states, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_cannot_be_made_is_an_honest_error_and_registers_nothing() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.plan_times("scheduler:CreateSchedule", json!({"http_status": 500}), 3);
        let answer = person.registers(passport(AT)).await;
        assert_eq!((answer.status, &answer.body["code"]), (503, &json!("unavailable")));
        assert_eq!(person.gets("/reminders").await.body["reminders"], json!([]));
        scene.advance(DAYS).await;
        assert!(told(&person).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_revoked_under_way_are_replaced() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let mut ids = Vec::new();
        for _ in 0..8 {
            ids.push(person.registers(passport(AT)).await.body["id"].clone());
        }
        scene.advance_to("2027-01-12T08:59:30+08:00").await;
        scene.world.platform().revoke_tokens(simulator::wechat::AccountName::ServiceAccount);
        scene.advance(DAYS).await;
        assert_eq!(told(&person).await.len(), 8);
        for id in ids {
            assert_eq!(states(&person, &id).await, ["delivered service_template"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_lost_repeats_the_receipt_of_the_first_attempt_is_still_found() {
    play(async |scene| {
        scene.plan_times(TEMPLATE_SEND, json!({"drop_reply": true}), 5);
        let (told, states) = follower_meets(scene, TEMPLATE_SEND, json!({"errcode": 48001}), 1).await;
        assert_eq!(told, ["01-12 09:00 template in service_account"]);
        assert_eq!(states, ["delivered service_template"]);
    })
    .await;
}
