//! How a reminder waits: one pending schedule at its next moment, made before the present push is attempted, gone with
//! what it was for.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Call, Scheduler, Table, refusal};
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use simulator::functions;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::Person;
use simulator::scheduler::Misfire;
use simulator::timeline::Pace;
use simulator::world::World;
use wechat::ErrCode;

use crate::scene::{AT, BEGINS, Scene, instant, passport, path, play, registered, states, told};

/// A passport to be told of at these moments of the 12th.
fn passport_at(times: &[&str]) -> Value {
    let mut reminder = passport(AT);
    let pushes = times.iter().map(|time| json!({"at": format!("2027-01-12T{time}+08:00")}));
    reminder["pushes"] = pushes.collect();
    reminder
}

/// The pending schedules of a reminder: revision and clock time in Shanghai, in order.
fn pending(scene: &Scene, id: &Value) -> Vec<String> {
    let id = id.as_str().expect("an id");
    let schedules = scene.world.scheduler().schedules();
    let names = schedules.iter().filter_map(|schedule| schedule.name.strip_prefix(id));
    let mut pending: Vec<(i64, String)> = names
        .map(|name| {
            let (revision, at) = name[1..].split_once('-').expect("id-revision-seconds");
            let second = at.parse().expect("epoch seconds");
            let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
            let at = jiff::Timestamp::from_second(second).expect("an instant").to_zoned(zone);
            (second, format!("{revision} {}", at.strftime("%d %H:%M:%S")))
        })
        .collect();
    pending.sort_unstable();
    pending.into_iter().map(|(_, text)| text).collect()
}

/// What dispatch asked of others since `n` of the journal.
fn dispatch_since(scene: &Scene, n: u64) -> Vec<String> {
    let requests = scene.world.journal().since(n).into_iter();
    let dispatch = requests.filter(|entry| entry.function == Some(FunctionName::ReminderDispatch));
    dispatch.map(|entry| entry.operation).collect()
}

async fn follower_with(scene: &Scene, times: &[&str]) -> (Person, Value) {
    let person = scene.follower("小明").await;
    let reminder = registered(&person, passport_at(times)).await;
    let id = reminder.body["id"].clone();
    (person, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_has_one_pending_schedule_which_moves_on_with_it() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "12:00:00", "20:00:00"]).await;
        assert_eq!(pending(scene, &id), ["1 12 09:00:00"]);
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        assert_eq!(pending(scene, &id), ["1 12 12:00:00"]);
        scene.advance_to("2027-01-12T12:01:00+08:00").await;
        assert_eq!(pending(scene, &id), ["1 12 20:00:00"]);
        scene.advance_to("2027-01-12T20:01:00+08:00").await;
        assert_eq!(pending(scene, &id), Vec::<String>::new());
        assert_eq!(told(&person).await.len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_within_three_minutes_get_their_schedules_together() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "09:02:30", "09:03:30"]).await;
        assert_eq!(pending(scene, &id), ["1 12 09:00:00", "1 12 09:02:30"]);
        scene.advance_to("2027-01-12T09:05:00+08:00").await;
        let each_in_time = [
            "01-12 09:00 template in service_account",
            "01-12 09:02 template in service_account",
            "01-12 09:03 template in service_account",
        ];
        assert_eq!(told(&person).await, each_in_time);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn next_schedule_is_there_though_the_run_crashes_in_mid_send() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "09:10:00"]).await;
        scene.plan(Call::TemplateSend, Fault::Crash(Crash::After));
        scene.advance_to("2027-01-12T09:00:05+08:00").await;
        assert_eq!(pending(scene, &id), ["1 12 09:10:00"], "before anything was attempted");
        scene.advance_to("2027-01-12T09:11:00+08:00").await;
        assert_eq!(states(&person, &id).await, ["delivered service_template", "delivered service_template"]);
        assert_eq!(told(&person).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_overdue_together_is_one_run() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "09:20:00", "12:00:00"]).await;
        // The first schedule is lost and the second was never made: the sweep finds both due.
        scene.world.scheduler().misfire(id.as_str().expect("an id"), Misfire::Lost);
        scene.advance_to("2027-01-12T09:25:00+08:00").await;
        let from = scene.world.journal().last();
        scene.advance_to("2027-01-12T09:31:00+08:00").await;
        let operations = dispatch_since(scene, from);
        assert_eq!(operations.iter().filter(|one| *one == "BatchGetItem").count(), 1, "{operations:?}");
        let place = |operation| operations.iter().position(|one| one.ends_with(operation));
        assert!(place("CreateSchedule") < place("template/send"), "{operations:?}");
        assert_eq!(told(&person).await.len(), 1, "the latest tells it");
        assert_eq!(states(&person, &id).await[..2], ["skipped  told_already", "delivered service_template"]);
        assert_eq!(pending(scene, &id), ["1 12 12:00:00"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_end_of_the_quiet_hours_together_is_one_run() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["22:00:00", "22:20:00"]).await;
        // Four times the one, three times the other, until the next pause would end in the quiet hours.
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::MINUTE_QUOTA_REACHED), 7);
        scene.advance_to("2027-01-12T23:00:00+08:00").await;
        let [one] = &pending(scene, &id)[..] else { panic!("{:?}", pending(scene, &id)) };
        assert!(one.starts_with("1 13 08:00:"), "{one}");
        let from = scene.world.journal().last();
        scene.advance_to("2027-01-13T08:02:00+08:00").await;
        let operations = dispatch_since(scene, from);
        assert_eq!(operations.iter().filter(|one| *one == "BatchGetItem").count(), 1, "{operations:?}");
        assert_eq!(states(&person, &id).await, ["skipped  told_already", "delivered service_template"]);
        assert_eq!(told(&person).await.len(), 1, "the latest tells it");
        assert_eq!(pending(scene, &id), Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renewal_removes_the_schedules_of_the_older_revision_only() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "09:02:00", "20:00:00"]).await;
        let renewed = passport_at(&["09:00:00", "21:00:00"]);
        assert_eq!(person.calls(Method::PUT, &path(&id), renewed).await.status, 200);
        assert_eq!(pending(scene, &id), ["2 12 09:00:00"]);
        scene.advance_to("2027-01-12T21:01:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_go_when_the_reminder_is_done_deleted_or_its_user_forgotten() {
    play(async |scene| {
        let (person, done) = follower_with(scene, &["09:00:00", "09:02:00", "20:00:00"]).await;
        let deleted = registered(&person, passport_at(&["10:00:00"])).await.body["id"].clone();
        let forgotten = registered(&person, passport_at(&["11:00:00", "11:01:00"])).await.body["id"].clone();
        assert_eq!(person.calls(Method::POST, &format!("{}/done", path(&done)), json!({})).await.status, 200);
        assert_eq!(pending(scene, &done), Vec::<String>::new());
        assert_eq!(person.calls(Method::DELETE, &path(&deleted), json!(null)).await.status, 204);
        assert_eq!(pending(scene, &deleted), Vec::<String>::new());
        assert_eq!(pending(scene, &forgotten).len(), 2);
        assert_eq!(person.calls(Method::DELETE, "/me", json!(null)).await.status, 204);
        scene.advance_to("2027-01-10T10:02:00+08:00").await;
        assert_eq!(pending(scene, &forgotten), Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_is_sent_though_no_schedule_can_be_made_for_the_next() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "12:00:00"]).await;
        // Of the attempt's beginning, of its end, and of the first of Lambda's repeats, each with the SDK's own repeats.
        scene.plan_times(Scheduler::CreateSchedule, Fault::HttpStatus(500), 9);
        scene.advance_to("2027-01-12T09:00:05+08:00").await;
        assert_eq!(told(&person).await.len(), 1, "what is due does not wait for what comes next");
        scene.advance_to("2027-01-12T09:04:00+08:00").await;
        assert_eq!(pending(scene, &id), ["1 12 12:00:00"], "Lambda repeats until it is made");
        scene.advance_to("2027-01-12T12:01:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_that_fires_early_is_made_again() {
    let late = SignedDuration::from_secs(-20);
    let options = Options { pace: Pace::Explicit { now: instant(BEGINS) }, ..Options::default() };
    let world = World::start(options, functions::with_clocks_off_by(late)).await.expect("the world starts");
    let scene = Scene { world };
    let (person, id) = follower_with(&scene, &["09:00:00"]).await;
    scene.advance_to("2027-01-12T09:00:05+08:00").await;
    assert_eq!(told(&person).await.len(), 0, "by the function's clock it is not time yet");
    assert_eq!(
        pending(&scene, &id),
        ["1 12 09:00:41"],
        "a minute ahead of that clock, and under another name"
    );
    scene.advance_to("2027-01-12T09:01:00+08:00").await;
    assert_eq!(told(&person).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_that_loses_an_attempt_goes_on_with_what_else_is_due() {
    play(async |scene| {
        let (person, id) = follower_with(scene, &["09:00:00", "09:01:00"]).await;
        // The end of the first attempt cannot be written; when Lambda repeats, both are due.
        scene.plan_times(Table::UpdateItem, Fault::HttpStatus(500), 3);
        scene.advance_to("2027-01-12T09:03:00+08:00").await;
        assert_eq!(states(&person, &id).await, ["delivered service_template", "delivered service_template"]);
        assert_eq!(told(&person).await.len(), 2);
    })
    .await;
}
