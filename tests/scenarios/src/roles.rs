//! What the functions' roles grant, against what the functions ask for. The simulated AWS refuses whatever a role
//! does not grant, so every scene shows that the roles suffice; this one shows that they do not exceed it.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, Call, refusal};
use serde_json::json;
use simulator::iam::Permission;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::stack::{ACCOUNT, REGION, SCHEDULE_GROUP, TABLE_NAME};
use simulator::template::TEMPLATE;
use wechat::ErrCode;

use crate::operations::{ask, lose_schedules, put_settings};
use crate::scene::{AT, Scene, passport, path, play, registered, states, told};
use crate::verbs::Verbs;

#[tokio::test(flavor = "multi_thread")]
async fn functions_use_all_that_their_roles_grant() {
    play(async |scene| {
        the_api_lists_removes_and_forgets(scene).await;
        the_callback_hears_of_blocks_and_of_closed_accounts(scene).await;
        dispatch_looks_for_a_lost_answer(scene).await;
        dispatch_arms_what_rests(scene).await;
        operations_send_and_look_for_a_lost_answer(scene).await;

        let journal = scene.world.journal().since(0);
        let unused = |function: FunctionName| -> Vec<String> {
            let entries = journal.iter().filter(|entry| entry.function == Some(function));
            let used: Vec<Permission> = entries.flat_map(|entry| entry.needed.clone()).collect();
            scene.world.roles()[&function].unused(&used).map(Permission::to_string).collect()
        };
        // These Lambda itself uses in the function's name.
        let logs = |group: &str| {
            ["logs:CreateLogStream", "logs:PutLogEvents"].map(|action| format!("{action} on {group}.Arn"))
        };
        let destination = "sqs:SendMessage on FailedDispatchesQueue.Arn".to_owned();
        for (function, group, destination) in [
            (FunctionName::WechatCallback, "WechatCallbackLogs", None),
            (FunctionName::ReminderApi, "ReminderApiLogs", None),
            (FunctionName::ReminderDispatch, "ReminderDispatchLogs", Some(destination)),
            (FunctionName::Operations, "OperationsLogs", None),
        ] {
            let expected: Vec<String> = logs(group).into_iter().chain(destination).collect();
            assert_eq!(unused(function), expected, "{function:?}");
        }
    })
    .await;
}

/// Whoever takes a function over may break what it does, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn only_operations_writes_settings_and_nobody_touches_the_sweep() {
    play(async |scene| {
        let arn = |service: &str, what: String| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{what}");
        let table = arn("dynamodb", format!("table/{TABLE_NAME}"));
        for (function, role) in scene.world.roles() {
            for action in ["PutItem", "UpdateItem", "DeleteItem"] {
                let item = |key: &str| Permission {
                    leading_keys: vec![key.to_owned()],
                    ..Permission::new(format!("dynamodb:{action}"), &table)
                };
                if role.allows(&item("USER#o")) {
                    let is_operations = *function == FunctionName::Operations;
                    assert_eq!(role.allows(&item("SETTINGS")), is_operations, "{function:?} {action}");
                }
            }
            let create = |name: &str| {
                let schedule = arn("scheduler", format!("schedule/{SCHEDULE_GROUP}/{name}"));
                role.allows(&Permission::new("scheduler:CreateSchedule", schedule))
            };
            assert!(create("another") && !create("sweep"), "{function:?}");
        }
    })
    .await;
}

async fn the_api_lists_removes_and_forgets(scene: &Scene) {
    let person = scene.subscriber("小红", 1).await;
    let id = person.registers(passport(AT)).await.body["id"].clone();
    assert_eq!(person.gets("/reminders").await.status, 200);
    assert_eq!(person.calls(Method::DELETE, &path(&id), json!(null)).await.status, 204);
    person.registers(passport(AT)).await;
    // What only the owner can mend is noted for the doctor.
    scene.plan(Call::Jscode2session, refusal(ErrCode::INVALID_APPID));
    let code = person.login_code().await;
    assert_eq!(person.calls(Method::POST, "/login", json!({ "code": code })).await.status, 503);
    assert_eq!(person.calls(Method::DELETE, "/me", json!(null)).await.status, 204);
}

/// A blocked template message goes to the next channel, which the callback has dispatch see to.
async fn the_callback_hears_of_blocks_and_of_closed_accounts(scene: &Scene) {
    let person = scene.follower("小刚").await;
    scene.accepts(&person, 1).await;
    person.blocks().await;
    person.registers(passport(AT)).await;
    person.registers(passport("2027-01-20T09:00:00+08:00")).await;
    scene.advance_to("2027-01-12T09:10:00+08:00").await;
    assert_eq!(told(&person).await.len(), 1);
    let closed = json!({"account": "mini_program", "event": "user_authorization_cancellation"});
    assert_eq!(person.does("cancel-authorization", closed).await.status, 200);
    scene.advance(SignedDuration::from_mins(1)).await;
    assert_eq!(person.gets("/reminders").await.status, 401);
}

async fn dispatch_looks_for_a_lost_answer(scene: &Scene) {
    let person = scene.subscriber("小明", 3).await;
    person.registers(passport("2027-01-14T12:05:00+08:00")).await;
    scene.plan(Call::SubscribeSend, ANSWER_LOST);
    scene.advance_to("2027-01-14T13:00:00+08:00").await;
    assert_eq!(told(&person).await.len(), 1);
}

async fn dispatch_arms_what_rests(scene: &Scene) {
    put_settings(scene, |settings| settings["neutral_title"] = json!("您有一项到期")).await;
    scene.advance(SignedDuration::from_mins(5)).await;
}

/// All by hand: every schedule is lost before it fires.
async fn operations_send_and_look_for_a_lost_answer(scene: &Scene) {
    let person = scene.subscriber("小丽", 3).await;
    person.registers(passport("2027-01-16T12:05:00+08:00")).await;
    for (at, fault) in [
        ("2027-01-16T12:07:00+08:00", Some(refusal(ErrCode::MINUTE_QUOTA_REACHED))),
        ("2027-01-16T12:10:00+08:00", Some(ANSWER_LOST)),
        ("2027-01-16T12:17:00+08:00", None),
    ] {
        lose_schedules(scene);
        scene.advance_to(at).await;
        if let Some(fault) = fault {
            scene.plan(Call::SubscribeSend, fault);
        }
        let redrive = json!({"operation": "push.redrive", "since": "2027-01-16T12:00:00+08:00"});
        assert_eq!(ask(scene, redrive).await["looked_at"], 1, "{at}");
    }
    assert_eq!(told(&person).await.len(), 1);
    ask(scene, json!({"operation": "doctor"})).await;
    ask(scene, json!({"operation": "stats"})).await;
    ask(scene, json!({"operation": "arrivals.show"})).await;
    let id = person.registers(passport("2027-02-12T09:00:00+08:00")).await.body["id"].clone();
    let found = ask(scene, json!({"operation": "user.find", "reminder": id})).await;
    assert_eq!(found["openid"], person.mini_program_openid, "{found}");
    let forgotten = json!({"operation": "user.forget", "openid": person.mini_program_openid});
    assert!(ask(scene, forgotten).await["forgotten_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn role_that_grants_too_little_is_refused_and_nobody_is_told_twice() {
    // The last mention is the one of `operations`, the one before it that of dispatch.
    let mut parts: Vec<&str> = TEMPLATE.split("Action: dynamodb:UpdateItem").collect();
    let operations = parts.pop().expect("a part after it");
    let template = format!(
        "{}Action: dynamodb:DescribeTable{}Action: dynamodb:UpdateItem{operations}",
        parts[0], parts[1]
    );
    let scene = Scene::begin(Options { template, ..Options::default() }).await;
    let person = scene.subscriber("小红", 1).await;
    let reminder = registered(&person, passport(AT)).await;
    scene.plan(Call::SubscribeSend, ANSWER_LOST);
    scene.advance_to("2027-01-12T09:20:00+08:00").await;

    let journal = scene.world.journal().since(0);
    let denied = journal.iter().filter(|entry| entry.outcome == "AccessDeniedException");
    let denied: Vec<_> = denied.map(|entry| (entry.function, entry.operation.as_str())).collect();
    assert_eq!(denied, [(Some(FunctionName::ReminderDispatch), "UpdateItem"); 3], "Lambda repeats twice");
    let dead_letters = scene.world.dead_letters();
    assert_eq!(dead_letters.len(), 1);
    assert_eq!(
        dead_letters[0].error,
        "the function failed: DynamoDB UpdateItem failed: AccessDeniedException"
    );
    // Its receipt cannot be taken for it, and nothing claims that it was sent, or that it was not.
    assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
    let states = states(&person, &reminder.body["id"]).await;
    assert!(states[0].starts_with("sending mini_subscription"), "{states:?}");
}
