//! The AWS SDK, the product's own way to these services, understands what they say.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_sdk_scheduler::types::{ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use futures::future::BoxFuture;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::faults::{Fault, Planned};
use simulator::lambda::{FunctionName, Functions, Hosted, factory};
use simulator::options::Options;
use simulator::stack::{REGION, SCHEDULE_GROUP, SCHEDULER_ROLE_ARN, SECRETS_PARAMETER};
use simulator::template::TEMPLATE;
use simulator::world::World;

use crate::support::{self, Seen};

macro_rules! client {
    ($sdk:ident, $address:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new(REGION))
                .credentials_provider(Credentials::new("made-up", "made-up", None, None, "test"))
                .http_client(reminder_core::aws::http::over(simulator::people::client()))
                .endpoint_url(format!("http://{}", $address))
                .build(),
        )
    };
}

fn plan(world: &World, endpoint: &str, fault: Fault) {
    world.faults().plan(Planned { endpoint: endpoint.to_owned(), fault, times: 1 });
}

#[tokio::test]
async fn dynamodb_tells_the_sdk_why_a_condition_failed() {
    let (world, _) = support::world().await;
    let client = client!(aws_sdk_dynamodb, world.addresses().dynamodb);
    let put = || {
        client
            .put_item()
            .table_name("reminders")
            .item("pk", AttributeValue::S("USER#a".to_owned()))
            .item("sk", AttributeValue::S("PROFILE".to_owned()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    put().await.expect("the first write");
    let error = put().await.expect_err("the second").into_service_error();
    let failed = match error {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) => {
            failed
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(failed.item().map(std::collections::HashMap::len), Some(2));
    let outcomes: Vec<_> = world.journal().since(0).into_iter().map(|entry| entry.outcome).collect();
    assert_eq!(outcomes, ["ok", "ConditionalCheckFailedException"]);
}

/// Looks through the index of what is due, as a sweep does, by its sandbox's own address.
struct Sweeper(aws_sdk_dynamodb::Client);

impl Hosted for Sweeper {
    fn invoke(&self, _event: Value) -> BoxFuture<'static, Result<Value, String>> {
        let query = self
            .0
            .query()
            .table_name("reminders")
            .index_name("due")
            .key_condition_expression("due_shard = :shard AND next_look_at < :now")
            .expression_attribute_values(":shard", AttributeValue::S("0".to_owned()))
            .expression_attribute_values(":now", AttributeValue::N("1800000000".to_owned()));
        Box::pin(async move {
            let found = query.send().await.map_err(|error| error.to_string())?;
            Ok(json!({ "due": found.count() }))
        })
    }
}

#[tokio::test]
async fn a_hundred_days_of_looking_through_the_index_are_one_request_each() {
    let functions = Functions {
        reminder_dispatch: factory(|environment: BTreeMap<String, String>, _| {
            let endpoint = environment["AWS_ENDPOINT_URL_DYNAMODB"].replace("http://", "");
            Ok(Sweeper(client!(aws_sdk_dynamodb, endpoint)))
        }),
        ..support::fakes(&Seen::default())
    };
    let options = Options { template: TEMPLATE.to_owned(), ..support::bare() };
    let world = World::start(options, functions).await.expect("a world");
    world.advance(SignedDuration::from_hours(24 * 100)).await;
    let requests = world.journal().since(0);
    assert_eq!(requests.len(), 4800);
    assert!(requests.iter().all(|entry| {
        (entry.operation.as_str(), entry.outcome.as_str(), entry.function)
            == ("Query", "ok", Some(FunctionName::ReminderDispatch))
    }));
    assert_eq!(world.dead_letters(), vec![]);
}

#[tokio::test]
async fn the_sdk_repeats_a_write_whose_answer_was_lost() {
    let (world, _) = support::world().await;
    plan(&world, "scheduler:CreateSchedule", Fault::DropReply(true));
    plan(&world, "dynamodb:GetItem", Fault::HttpStatus(500));
    plan(&world, "dynamodb:GetItem", Fault::HttpStatus(400));
    let scheduler = client!(aws_sdk_scheduler, world.addresses().scheduler);
    let target = Target::builder()
        .arn(FunctionName::ReminderDispatch.arn())
        .role_arn(SCHEDULER_ROLE_ARN)
        .input(json!({ "id": "a" }).to_string())
        .build()
        .expect("a target");
    let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().expect("a window");
    let created = scheduler
        .create_schedule()
        .name("a")
        .group_name(SCHEDULE_GROUP)
        .schedule_expression("at(2027-01-01T01:00:00)")
        .target(target)
        .flexible_time_window(window)
        .action_after_completion(ActionAfterCompletion::Delete)
        .send()
        .await
        .expect("the repeat finds its own first attempt");
    assert!(created.schedule_arn().ends_with("schedule/reminders/a"));
    let described =
        scheduler.get_schedule().name("a").group_name(SCHEDULE_GROUP).send().await.expect("a schedule");
    assert_eq!(described.schedule_expression(), Some("at(2027-01-01T01:00:00)"));
    let listed = scheduler.list_schedules().group_name(SCHEDULE_GROUP).send().await.expect("a list");
    assert_eq!(listed.schedules().len(), 1);
    let gone = scheduler.delete_schedule().name("b").group_name(SCHEDULE_GROUP).send().await;
    assert!(gone.expect_err("there is none").into_service_error().is_resource_not_found_exception());

    let dynamodb = client!(aws_sdk_dynamodb, world.addresses().dynamodb);
    let found = dynamodb
        .get_item()
        .table_name("reminders")
        .key("pk", AttributeValue::S("a".to_owned()))
        .key("sk", AttributeValue::S("b".to_owned()))
        .send()
        .await
        .expect("after an internal error and a throttling");
    assert_eq!(found.item(), None);
    assert_eq!(world.not_met().1, vec![]);
}

/// The repeat reaches the table, and there its condition fails on the first one's success.
#[tokio::test]
async fn the_sdk_is_told_that_a_conditional_write_failed_whose_answer_was_lost() {
    let (world, _) = support::world().await;
    plan(&world, "dynamodb:PutItem", Fault::DropReply(true));
    let client = client!(aws_sdk_dynamodb, world.addresses().dynamodb);
    let put = client
        .put_item()
        .table_name("reminders")
        .item("pk", AttributeValue::S("USER#a".to_owned()))
        .item("sk", AttributeValue::S("PROFILE".to_owned()))
        .item("write", AttributeValue::S("mine".to_owned()))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let error = put.send().await.expect_err("the repeat is refused").into_service_error();
    let failed = match error {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) => {
            failed
        }
        other => panic!("{other:?}"),
    };
    let mine = failed.item().and_then(|item| item.get("write"));
    assert_eq!(mine, Some(&AttributeValue::S("mine".to_owned())), "the item shows who won");
    let outcomes: Vec<_> = world.journal().since(0).into_iter().map(|entry| entry.outcome).collect();
    assert_eq!(outcomes, ["ok (reply dropped)", "ConditionalCheckFailedException"]);
}

#[tokio::test]
async fn the_one_parameter_is_read_and_changed() {
    let (world, _) = support::world().await;
    let client = client!(aws_sdk_ssm, world.addresses().ssm);
    let read = async |name: &str| {
        let answer = client.get_parameter().name(name).with_decryption(true).send().await;
        answer.map(|answer| {
            let value = answer.parameter().and_then(|parameter| parameter.value()).expect("a value");
            serde_json::from_str::<serde_json::Value>(value).expect("JSON")
        })
    };
    let secrets = read(SECRETS_PARAMETER).await.expect("secrets");
    assert_eq!(secrets["mini_program"]["appid"], world.platform().accounts().mini_program.appid);
    assert!(secrets["session_signing_key"].as_str().is_some_and(|key| key.len() >= 32));
    world.ssm().change_secrets(|secrets| secrets["session_signing_key"] = json!("another"));
    assert_eq!(read(SECRETS_PARAMETER).await.expect("secrets")["session_signing_key"], "another");
    assert!(
        read("/other").await.expect_err("there is one only").into_service_error().is_parameter_not_found()
    );
    let undecrypted = client.get_parameter().name(SECRETS_PARAMETER).send().await.expect("a ciphertext");
    let value = undecrypted.parameter().and_then(|parameter| parameter.value()).expect("a value");
    assert!(!value.contains("app_secret"));
    let url = format!("http://{}/", world.addresses().ssm);
    assert_eq!(support::send(Method::POST, &url, &[], "{}").await.expect("an answer").status, 400);
}
