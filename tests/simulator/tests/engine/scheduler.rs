//! Scheduler says no where AWS does, and fires what it took.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::scheduler::{Misfire, PastSchedules, SchedulerOptions};
use simulator::stack::{DEAD_LETTER_QUEUE_ARN, SCHEDULER_ROLE_ARN};
use simulator::world::World;

use crate::support::{self, Answer, Seen, send};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A schedule that is taken, an hour from now.
fn good() -> Value {
    json!({
        "ScheduleExpression": "at(2027-01-01T01:00:00)",
        "ScheduleExpressionTimezone": "UTC",
        "GroupName": "reminders",
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": FunctionName::ReminderDispatch.arn(),
            "RoleArn": SCHEDULER_ROLE_ARN,
            "Input": r#"{"id":"a"}"#,
            "DeadLetterConfig": { "Arn": DEAD_LETTER_QUEUE_ARN },
        },
    })
}

async fn call(world: &World, method: Method, path: &str, body: &Value) -> Answer {
    let url = format!("http://{}{path}", world.addresses().scheduler);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(method, &url, &[], body).await.expect("an answer")
}

async fn create(world: &World, name: &str, body: &Value) -> (u16, String) {
    let answer = call(world, Method::POST, &format!("/schedules/{name}"), body).await;
    (answer.status.as_u16(), answer.exception().to_owned())
}

#[tokio::test]
async fn a_schedule_that_breaks_a_rule_is_refused() {
    let (world, _) = support::world().await;
    let long = "a".repeat(65);
    let changes: &[(&str, Value)] = &[
        ("ScheduleExpression", json!("at(2027-01-01T01:00:00Z)")),
        ("ScheduleExpression", json!("at(2027-01-01)")),
        ("ScheduleExpression", json!("at(2027-01-01T01:00)")),
        ("ScheduleExpression", json!("at(2027-01-01 01:00:00)")),
        ("ScheduleExpression", json!("at(2027-01-01T01:00:00.5)")),
        ("ScheduleExpression", json!("at(2027-02-30T01:00:00)")),
        ("ScheduleExpression", json!("At(2027-01-01T01:00:00)")),
        ("ScheduleExpression", json!("at(2027-01-01T01:00:00")),
        ("ScheduleExpression", json!("at(2026-12-31T23:59:59)")),
        ("ScheduleExpression", json!("rate(0 minutes)")),
        ("ScheduleExpression", json!("rate(30 seconds)")),
        ("ScheduleExpression", json!("rate(30minutes)")),
        ("ScheduleExpression", json!("rate(-1 hours)")),
        ("ScheduleExpression", json!("cron(0 10 * * ? *)")),
        ("ScheduleExpression", json!("tomorrow")),
        ("ScheduleExpression", Value::Null),
        ("ScheduleExpressionTimezone", json!("Asia/Peking")),
        ("ScheduleExpressionTimezone", json!("+08:00")),
        ("FlexibleTimeWindow", Value::Null),
        ("FlexibleTimeWindow", json!({ "Mode": "SOME" })),
        ("FlexibleTimeWindow", json!({ "Mode": "FLEXIBLE" })),
        ("FlexibleTimeWindow", json!({ "Mode": "OFF", "MaximumWindowInMinutes": 5 })),
        ("ActionAfterCompletion", json!("FORGET")),
        ("State", json!("PAUSED")),
        ("Description", json!("a".repeat(513))),
        ("ClientToken", json!("with space")),
        ("ClientToken", json!(long)),
        ("GroupName", json!("with/slash")),
        ("Target", Value::Null),
        ("Target.Arn", json!("reminder-dispatch")),
        ("Target.RoleArn", json!("arn:aws:iam::000000000000:role/other")),
        ("Target.Input", json!("not json")),
        ("Target.Input", json!("")),
        ("Target.DeadLetterConfig", json!({ "Arn": "arn:aws:sns:x" })),
        ("Target.RetryPolicy", json!({ "MaximumRetryAttempts": 186 })),
        ("Target.RetryPolicy", json!({ "MaximumEventAgeInSeconds": 59 })),
    ];
    for (member, value) in changes {
        let mut body = good();
        let place = match member.split_once('.') {
            Some((outer, inner)) => &mut body[outer][inner],
            None => &mut body[*member],
        };
        *place = value.clone();
        let refused = (400, "ValidationException".to_owned());
        assert_eq!(create(&world, "a", &body).await, refused, "{member} = {value}");
    }
    for (name, status) in
        [("a b", 400), ("%E6%8A%A4", 400), (long.as_str(), 400), (&long[..64], 200), ("A-b_c.9", 200)]
    {
        assert_eq!(create(&world, &name.replace(' ', "%20"), &good()).await.0, status, "{name}");
    }
    let mut elsewhere = good();
    elsewhere["GroupName"] = json!("elsewhere");
    assert_eq!(create(&world, "a", &elsewhere).await, (404, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn the_same_request_by_the_same_token_is_the_same_schedule() {
    let (world, _) = support::world().await;
    let mut body = good();
    body["ClientToken"] = json!("token-1");
    let first = call(&world, Method::POST, "/schedules/a", &body).await;
    let again = call(&world, Method::POST, "/schedules/a", &body).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
    assert_eq!(
        first.json()["ScheduleArn"],
        "arn:aws:scheduler:ap-southeast-1:000000000000:schedule/reminders/a"
    );
    let conflict = (409, "ConflictException".to_owned());
    let mut other = body.clone();
    other["ScheduleExpression"] = json!("at(2027-01-01T02:00:00)");
    assert_eq!(create(&world, "a", &other).await, conflict);
    body["ClientToken"] = json!("token-2");
    assert_eq!(create(&world, "a", &body).await, conflict);
    body["ClientToken"] = json!("token-1");
    world.advance(SignedDuration::from_hours(8)).await;
    assert_eq!(create(&world, "a", &body).await.0, 400, "the token is forgotten, and the instant has passed");
}

#[tokio::test]
async fn a_one_time_schedule_fires_at_its_instant_in_its_zone_and_deletes_itself() {
    let (world, seen) = support::world().await;
    let mut body = good();
    body["ScheduleExpressionTimezone"] = json!("Asia/Shanghai");
    body["ScheduleExpression"] = json!("at(2027-01-02T09:30:15)");
    assert_eq!(create(&world, "deletes-itself", &body).await.0, 200);
    body["ActionAfterCompletion"] = json!("NONE");
    assert_eq!(create(&world, "stays", &body).await.0, 200);
    body["State"] = json!("DISABLED");
    assert_eq!(create(&world, "disabled", &body).await.0, 200);
    world.advance(2 * DAY).await;
    assert_eq!(seen.times(), ["2027-01-02T01:30:15Z", "2027-01-02T01:30:15Z"]);
    assert_eq!(seen.all()[0].1, json!({ "id": "a" }));
    let left: Vec<_> = world.scheduler().schedules().into_iter().map(|schedule| schedule.name).collect();
    assert_eq!(left, ["disabled", "stays"]);
}

#[tokio::test]
async fn an_update_replaces_everything_and_a_deletion_happens_once() {
    let (world, seen) = support::world().await;
    create(&world, "a", &good()).await;
    let mut body = good();
    body["ScheduleExpression"] = json!("at(2027-01-01T05:00:00)");
    body.as_object_mut().expect("an object").remove("ActionAfterCompletion");
    assert_eq!(call(&world, Method::PUT, "/schedules/a", &body).await.status, 200);
    let described = call(&world, Method::GET, "/schedules/a?groupName=reminders", &Value::Null).await.json();
    assert_eq!(described["ScheduleExpression"], "at(2027-01-01T05:00:00)");
    assert_eq!(described.get("ActionAfterCompletion"), None);
    world.advance(DAY).await;
    assert_eq!(seen.times(), ["2027-01-01T05:00:00Z"]);
    for (method, path, status) in [
        (Method::DELETE, "/schedules/a", 404),
        (Method::DELETE, "/schedules/a?groupName=reminders", 200),
        (Method::DELETE, "/schedules/a?groupName=reminders", 404),
        (Method::GET, "/schedules/a?groupName=reminders", 404),
        (Method::PUT, "/schedules/a", 400),
        (Method::PATCH, "/schedules/a", 404),
    ] {
        assert_eq!(call(&world, method.clone(), path, &good()).await.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn schedules_are_listed_page_by_page() {
    let (world, _) = support::world().await;
    for n in 0..5 {
        create(&world, &format!("r{n}"), &good()).await;
    }
    let mut names = Vec::new();
    let mut path = "/schedules?ScheduleGroup=reminders&NamePrefix=r&MaxResults=2".to_owned();
    for _page in 0..3 {
        let page = call(&world, Method::GET, &path, &Value::Null).await.json();
        names.extend(page["Schedules"].as_array().expect("a list").iter().map(|one| one["Name"].to_string()));
        path = format!(
            "/schedules?ScheduleGroup=reminders&MaxResults=2&NextToken={}",
            page["NextToken"].as_str().unwrap_or("5")
        );
    }
    assert_eq!(names, ["\"r0\"", "\"r1\"", "\"r2\"", "\"r3\"", "\"r4\""]);
    assert_eq!(call(&world, Method::GET, "/schedules?MaxResults=101", &Value::Null).await.status, 400);
}

#[tokio::test]
async fn a_group_takes_its_schedules_with_it() {
    let (world, seen) = support::world().await;
    for (method, path, status) in [
        (Method::POST, "/schedule-groups/more", 200),
        (Method::POST, "/schedule-groups/more", 409),
        (Method::GET, "/schedule-groups/more", 200),
        (Method::DELETE, "/schedule-groups/default", 400),
    ] {
        assert_eq!(call(&world, method, path, &json!({})).await.status, status, "{path}");
    }
    let mut body = good();
    body["GroupName"] = json!("more");
    assert_eq!(create(&world, "a", &body).await.0, 200);
    assert_eq!(call(&world, Method::DELETE, "/schedule-groups/more", &Value::Null).await.status, 200);
    assert_eq!(call(&world, Method::GET, "/schedule-groups/more", &Value::Null).await.status, 404);
    assert_eq!((world.scheduler().schedules(), world.advance(DAY).await, seen.count()), (vec![], 0, 0));
}

#[tokio::test]
async fn what_aws_leaves_open_can_be_chosen() {
    let seen = Seen::default();
    let scheduler = SchedulerOptions {
        past_schedules: PastSchedules::Fire,
        jitter: SignedDuration::from_mins(1),
        schedules_max: 2,
        ..SchedulerOptions::default()
    };
    let options = Options { scheduler, ..support::bare() };
    let world = World::start(options, support::fakes(&seen)).await.expect("a world");
    let mut past = good();
    past["ScheduleExpression"] = json!("at(2026-12-31T00:00:00)");
    assert_eq!(create(&world, "past", &past).await.0, 200);
    assert_eq!(create(&world, "jittered", &good()).await.0, 200);
    assert_eq!(
        create(&world, "one-too-many", &good()).await,
        (402, "ServiceQuotaExceededException".to_owned())
    );
    world.settle().await;
    assert_eq!(seen.times(), ["2027-01-01T00:00:00Z"]);
    world.advance(SignedDuration::from_mins(61)).await;
    let fired = seen.all()[1].0;
    assert!(fired > "2027-01-01T01:00:00Z".parse().expect("an instant"), "{fired}");
}

#[tokio::test]
async fn at_least_once_on_time_and_at_all_are_not_promised() {
    for (misfire, times) in [
        (Misfire::Twice, &["2027-01-01T01:00:00Z", "2027-01-01T01:00:00Z"][..]),
        (Misfire::Late(SignedDuration::from_mins(7)), &["2027-01-01T01:07:00Z"]),
        (Misfire::Lost, &[]),
    ] {
        let (world, seen) = support::world().await;
        create(&world, "push-1", &good()).await;
        world.scheduler().misfire("push", misfire);
        world.advance(DAY).await;
        assert_eq!(seen.times(), times, "{misfire:?}");
        assert_eq!(world.scheduler().schedules(), vec![], "{misfire:?}");
    }
}

#[tokio::test]
async fn an_event_for_nobody_goes_to_the_schedules_own_queue() {
    let (world, seen) = support::world().await;
    let mut body = good();
    body["Target"]["Arn"] = json!("arn:aws:lambda:ap-southeast-1:000000000000:function:renamed");
    create(&world, "a", &body).await;
    world.advance(DAY).await;
    let letters = world.dead_letters();
    assert_eq!((seen.count(), letters.len(), letters[0].attempts), (0, 1, 0));
    assert_eq!(letters[0].queue, DEAD_LETTER_QUEUE_ARN);
    assert_eq!(letters[0].event, json!({ "id": "a" }));
}
