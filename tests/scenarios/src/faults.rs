//! One scene per fault of the simulator's closed list: what goes wrong, and what the user gets all the same.

use jiff::SignedDuration;
use scenarios::mishap::{
    ANSWER_LOST, CALLBACK_LOST, Call, Endpoint, Event, REQUEST_LOST, Scheduler, Table, refusal,
};
use serde_json::json;
use simulator::faults::{Crash, Fault};
use simulator::people::{answer, client};
use simulator::wechat::AccountName;
use wechat::ErrCode;

use crate::scene::{AT, Scene, passport, play, states, told};

const DAYS: SignedDuration = SignedDuration::from_hours(24 * 4);

/// A follower with one reminder due at [`AT`]; the fault is planned just before it is.
async fn follower_meets(
    scene: &Scene,
    at: impl Into<Endpoint>,
    fault: Fault,
    times: u32,
) -> (Vec<String>, Vec<String>) {
    let (person, reminder) = scene.follower_with_passport().await;
    scene.advance_to("2027-01-12T08:58:00+08:00").await;
    scene.plan_times(at, fault, times);
    scene.advance(DAYS).await;
    (told(&person).await, states(&person, &reminder.body["id"]).await)
}

/// The same with a user who has accepted `prompts` prompts and does not follow.
async fn subscriber_meets(
    scene: &Scene,
    at: impl Into<Endpoint>,
    fault: Fault,
    prompts: usize,
) -> (Vec<String>, Vec<String>) {
    let (person, reminder) = scene.subscriber_with_passport(prompts).await;
    scene.advance_to("2027-01-12T08:58:00+08:00").await;
    scene.plan_times(at, fault, 1);
    scene.advance(DAYS).await;
    (told(&person).await, states(&person, &reminder.body["id"]).await)
}

macro_rules! follower_scenes {
    ($($name:ident: $endpoint:expr, $fault:expr, $times:expr => $told:expr, $state:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            play(async |scene| {
                let (told, states) = follower_meets(scene, $endpoint, $fault, $times).await;
                assert_eq!(told, $told as [&str; 1]);
                assert_eq!(states, [$state]);
            })
            .await;
        }
    )*};
}

follower_scenes! {
    template_message_whose_answer_was_lost_arrives_once:
        Call::TemplateSend, ANSWER_LOST, 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    template_message_whose_answer_came_late_arrives_once:
        Call::TemplateSend, Fault::DelayMs(1_500), 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    wechat_down_for_a_moment_is_tried_again:
        Call::TemplateSend, Fault::HttpStatus(502), 2 => ["01-12 09:02 template in service_account"], "delivered service_template";
    wechat_busy_is_tried_again:
        Call::TemplateSend, refusal(ErrCode::SYSTEM_ERROR), 1 => ["01-12 09:01 template in service_account"], "delivered service_template";
    rate_limit_is_waited_out_for_a_minute:
        Call::TemplateSend, refusal(ErrCode::MINUTE_QUOTA_REACHED), 1 => ["01-12 09:02 template in service_account"], "delivered service_template";
    link_that_is_refused_is_left_out:
        Call::TemplateSend, refusal(ErrCode::INVALID_WEAPP_PAGEPATH), 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    token_refused_is_replaced_and_the_call_repeated:
        Call::TemplateSend, refusal(ErrCode::INVALID_CREDENTIAL), 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    read_that_failed_is_repeated_by_lambda:
        Table::BatchGetItem, Fault::HttpStatus(500), 3 => ["01-12 09:01 template in service_account"], "delivered service_template";
    write_that_is_throttled_is_repeated:
        Table::PutItem, Fault::HttpStatus(429), 2 => ["01-12 09:00 template in service_account"], "delivered service_template";
    claim_whose_answer_was_lost_is_recognised:
        Table::PutItem, ANSWER_LOST, 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    receipt_delivered_twice_says_the_same:
        Event::TemplateSendJobFinish, Fault::Repeat(2), 1 => ["01-12 09:00 template in service_account"], "delivered service_template";
    receipt_that_never_comes_leaves_it_sent:
        Event::TemplateSendJobFinish, CALLBACK_LOST, 1 => ["01-12 09:00 template in service_account"], "sent service_template";
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_message_whose_answer_was_lost_is_settled_by_its_receipt() {
    play(async |scene| {
        let (told, states) = subscriber_meets(scene, Call::SubscribeSend, ANSWER_LOST, 3).await;
        assert_eq!(told, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn last_credit_tells_once_though_answer_and_receipt_are_lost() {
    play(async |scene| {
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        let (told, states) = subscriber_meets(scene, Call::SubscribeSend, ANSWER_LOST, 1).await;
        assert_eq!(told, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(
            states,
            ["sent mini_subscription"],
            "43101 to the repeat, and no callback speaks against it"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_message_that_was_not_sent_is_sent_after_all() {
    play(async |scene| {
        let (told, states) = subscriber_meets(scene, Call::SubscribeSend, Fault::HttpStatus(502), 1).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(states, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_that_cannot_be_made_is_an_honest_error_and_registers_nothing() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.plan_times(Scheduler::CreateSchedule, Fault::HttpStatus(500), 3);
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
async fn receipt_of_the_first_attempt_is_still_found_after_lost_repeats() {
    play(async |scene| {
        scene.plan_times(Call::TemplateSend, ANSWER_LOST, 5);
        let (told, states) =
            follower_meets(scene, Call::TemplateSend, refusal(ErrCode::API_UNAUTHORIZED), 1).await;
        assert_eq!(told, ["01-12 09:00 template in service_account"]);
        assert_eq!(states, ["delivered service_template"]);
    })
    .await;
}

/// Scenes plan in types, everybody else in the control API's JSON.
#[tokio::test(flavor = "multi_thread")]
async fn faults_planned_in_json_are_those_that_scenes_plan_in_types() {
    play(async |scene| {
        let addresses = scene.world.addresses();
        let url = format!("{}/sim/faults", addresses.url(addresses.control));
        let mut expected = Vec::new();
        for (json, planned) in [
            (
                json!({"endpoint": "/cgi-bin/message/subscribe/send", "fault": {"errcode": 43101}}),
                Endpoint::from(Call::SubscribeSend).meets(refusal(ErrCode::USER_REFUSES), 1),
            ),
            (
                json!({"endpoint": "/cgi-bin/stable_token", "fault": {"drop_reply": true}, "times": 2}),
                Endpoint::from(Call::StableToken).meets(ANSWER_LOST, 2),
            ),
            (
                json!({"endpoint": "/sns/jscode2session", "fault": {"delay_ms": 1200}}),
                Endpoint::from(Call::Jscode2session).meets(Fault::DelayMs(1_200), 1),
            ),
            (
                json!({"endpoint": "dynamodb:PutItem", "fault": {"http_status": 500}, "times": 3}),
                Endpoint::from(Table::PutItem).meets(Fault::HttpStatus(500), 3),
            ),
            (
                json!({"endpoint": "scheduler:CreateSchedule", "fault": {"crash": "before"}}),
                Endpoint::from(Scheduler::CreateSchedule).meets(Fault::Crash(Crash::Before), 1),
            ),
            (
                json!({"endpoint": "push:TEMPLATESENDJOBFINISH", "fault": {"drop": true}}),
                Endpoint::from(Event::TemplateSendJobFinish).meets(CALLBACK_LOST, 1),
            ),
            (
                json!({"endpoint": "push:SCAN", "fault": {"repeat": 2}}),
                Endpoint::from(Event::Scan).meets(Fault::Repeat(2), 1),
            ),
            (
                json!({"endpoint": "push:subscribe", "fault": {"after_s": 3}}),
                Endpoint::from(Event::Subscribe).meets(Fault::AfterS(3), 1),
            ),
        ] {
            let request = client().post(&url).header("content-type", "application/json");
            let answered = answer(request.body(json.to_string())).await;
            assert_eq!(answered.status, 201, "{answered}");
            expected.push(planned);
        }
        assert_eq!(scene.world.faults().not_met(), expected);
        let sends =
            json!({"endpoint": "sends:mini_program", "fault": {"drop_request": true}, "for": "PT40M"});
        let request = client().post(&url).header("content-type", "application/json");
        assert_eq!(answer(request.body(sends.to_string())).await.status, 201);
        let now = scene.world.now();
        let until = now + SignedDuration::from_mins(40);
        let disturbance = Endpoint::Sends(AccountName::MiniProgram).disturbed(REQUEST_LOST, now, until);
        assert_eq!(scene.world.faults().disturbances(now), [disturbance]);
        scene.world.clear_faults();
    })
    .await;
}
