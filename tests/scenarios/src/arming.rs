//! What rests is armed by new settings and by an operator's word: page by page, once, and nothing that it is not about.

use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event, refusal};
use serde_json::{Value, json};
use simulator::faults::Crash;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::Person;
use simulator::stack::TABLE_NAME;
use wechat::ErrCode;

use crate::operations::{ask, lose_schedules, put_settings, wants_no_repeats};
use crate::scene::{
    AT, SUBSCRIPTION, Scene, instant, passport, path, play, registered, states, timeline, told,
};
use crate::wire::items;

/// A job begins after two minutes, and what it arms is tried within two more.
const ARMED: SignedDuration = SignedDuration::from_mins(5);
const NOON: &str = "2027-01-12T12:00:00+08:00";

/// A follower whose passport WeChat did not take for its words.
async fn refused_for_its_words(scene: &Scene) -> (Person, Value) {
    let (person, reminder) = scene.follower_with_passport().await;
    scene.plan(Call::TemplateSend, refusal(ErrCode::ARGUMENT_INVALID));
    scene.advance_to(NOON).await;
    let id = reminder.body["id"].clone();
    assert!(states(&person, &id).await[0].starts_with("undeliverable"));
    (person, id)
}

async fn new_settings(scene: &Scene) {
    put_settings(scene, |settings| settings["neutral_title"] = json!("您有一项到期")).await;
}

async fn arms(scene: &Scene, person: &Person, id: &Value) -> usize {
    scene.advance(ARMED).await;
    timeline(person, id).await.iter().filter(|event| *event == "armed").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_settings_arm_what_rests_for_its_words() {
    play(async |scene| {
        let (person, id) = refused_for_its_words(scene).await;
        new_settings(scene).await;
        assert_eq!(arms(scene, &person, &id).await, 1);
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
        assert_eq!(told(&person).await.len(), 1);
        assert!(items(scene, &[]).iter().all(|item| item.get("rests").is_none()), "nothing rests any more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_settings_are_no_cause_for_what_nothing_reaches() {
    play(async |scene| {
        let person = scene.user("小红").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.advance_to(NOON).await;
        new_settings(scene).await;
        assert_eq!(arms(scene, &person, &id).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_settings_arm_what_no_channel_of_the_old_ones_reached() {
    play(async |scene| {
        let person = scene.follower("小红").await;
        let before = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
        put_settings(scene, |settings| {
            settings["templates"]["expiry"]["channels"] = json!(["mini_subscription"])
        })
        .await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        scene.advance_to(NOON).await;
        assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        put_settings(scene, |settings| *settings = before).await;
        assert_eq!(arms(scene, &person, &id).await, 1);
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rests_again_under_the_new_settings_waits_for_newer_ones() {
    play(async |scene| {
        let (person, id) = refused_for_its_words(scene).await;
        for times in 1..=2 {
            scene.plan(Call::TemplateSend, refusal(ErrCode::ARGUMENT_INVALID));
            new_settings(scene).await;
            assert_eq!(arms(scene, &person, &id).await, times);
            scene.advance(SignedDuration::from_hours(2)).await;
            assert!(states(&person, &id).await[0].starts_with("undeliverable"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn job_whose_schedule_is_lost_is_found_by_the_sweep() {
    play(async |scene| {
        let (person, id) = refused_for_its_words(scene).await;
        new_settings(scene).await;
        assert_eq!(lose_schedules(scene), 1, "that of the first page");
        scene.advance(SignedDuration::from_mins(40)).await;
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_may_die_at_any_request() {
    for crash in [Crash::Before, Crash::After] {
        for kth in 1..=40 {
            let scene = Scene::begin(Options::default()).await;
            let (person, id) = refused_for_its_words(&scene).await;
            new_settings(&scene).await;
            scene.world.crash_at(FunctionName::ReminderDispatch, kth, crash);
            scene.advance(SignedDuration::from_hours(1)).await;
            assert_eq!(states(&person, &id).await, ["delivered service_template"], "{crash:?} {kth}");
            assert_eq!(told(&person).await.len(), 1, "{crash:?} {kth}");
            if scene.world.not_met().0 > 0 {
                assert!(kth > 3, "it made hardly any request");
                break;
            }
        }
    }
}

/// As many more of the reminder `id` as a page takes, at rest like that one.
fn as_many_as_a_page(scene: &Scene, id: &Value) {
    let id = id.as_str().expect("an id");
    let stored = items(scene, &[]);
    let one = stored.iter().find(|item| item["sk"]["S"] == format!("REMINDER#{id}")).expect("it is stored");
    for n in 0..500 {
        let other = format!("{n:020}");
        let item = serde_json::from_str::<Value>(&one.to_string().replace(id, &other)).expect("JSON");
        let put = json!({"TableName": TABLE_NAME, "Item": item});
        scene.world.dynamodb().run("PutItem", &put).expect("it is put");
    }
}

/// How often each reminder was armed, rarest first, and how many rest.
fn armed(scene: &Scene) -> (Vec<usize>, usize) {
    let mut reminders = items(scene, &[]);
    reminders.retain(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("REMINDER#")));
    let times = |item: &Value| item["doc"]["S"].as_str().unwrap_or_default().matches("xarmed ").count();
    let mut armed: Vec<usize> = reminders.iter().map(times).collect();
    armed.sort_unstable();
    (armed, reminders.iter().filter(|item| item.get("rests").is_some()).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_settings_during_a_job_lose_nothing_and_double_nothing() {
    play(async |scene| {
        let (_, id) = refused_for_its_words(scene).await;
        as_many_as_a_page(scene, &id);
        new_settings(scene).await;
        scene.advance(SignedDuration::from_mins(2)).await;
        let (times, rest) = armed(scene);
        assert_eq!((times[0], times[1], times.len(), rest), (0, 1, 501, 1), "a page, and the last is left");
        // What was armed is to stay as it is for this scene.
        assert_eq!(lose_schedules(scene), 501, "those of the reminders, and that of the next page");
        new_settings(scene).await;
        scene.advance(SignedDuration::from_mins(1)).await;
        assert_eq!(armed(scene).1, 1, "the new job has not begun");
        scene.advance(SignedDuration::from_mins(1)).await;
        let (times, rest) = armed(scene);
        assert_eq!((times[0], times[500], rest), (1, 1, 0), "each once");
        lose_schedules(scene);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_of_a_template_arms_what_rests_of_it_and_can_be_told() {
    play(async |scene| {
        let (person, id) = refused_for_its_words(scene).await;
        let stranger = scene.user("小红").await;
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([{"at": "2027-01-12T13:00:00+08:00"}]);
        let unreached = registered(&stranger, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-12T14:00:00+08:00").await;
        let redrive =
            |template: &str| json!({"operation": "push.redrive", "template": template, "again": true});
        let answer = ask(scene, redrive("visa")).await;
        assert!(answer["error"].as_str().is_some_and(|error| error.contains("no template")), "{answer}");
        let answer = ask(scene, redrive("expiry")).await;
        let expected = json!({"job": "template-expiry", "begins_at": instant("2027-01-12T14:02:00+08:00")});
        assert_eq!(answer, expected);
        assert_eq!(arms(scene, &person, &id).await, 1);
        assert_eq!(states(&person, &id).await, ["delivered service_template"]);
        assert_eq!(arms(scene, &stranger, &unreached).await, 0, "it would only rest again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_since_arms_what_came_to_rest_since_and_what_may_have_been_sent_only_on_a_word() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let (person, id) = refused_for_its_words(scene).await;
        let doubtful = scene.subscriber("小红", 2).await;
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([{"at": "2027-01-12T13:00:00+08:00"}]);
        let unknown = registered(&doubtful, reminder).await.body["id"].clone();
        scene.advance_to("2027-01-12T12:59:59+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance(SignedDuration::from_hours(3)).await;
        assert!(states(&doubtful, &unknown).await[0].starts_with("unknown"));

        let redrive = |since: &str| json!({"operation": "push.redrive", "since": since, "again": true});
        ask(scene, redrive("2027-01-12T10:00:00+08:00")).await;
        assert_eq!(arms(scene, &person, &id).await, 0, "it rested before");
        assert_eq!(told(&doubtful).await.len(), 1);
        ask(scene, redrive("2027-01-12T09:00:00+08:00")).await;
        assert_eq!(arms(scene, &person, &id).await, 1);
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(told(&doubtful).await.len(), 1, "it may have been sent");
        let mut even = redrive("2027-01-12T09:00:00+08:00");
        even["even_unknown"] = json!(true);
        ask(scene, even).await;
        assert_eq!(arms(scene, &doubtful, &unknown).await, 1);
        assert_eq!(told(&doubtful).await.len(), 2, "the operator wanted it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_leaves_the_index_and_what_expired_is_not_armed() {
    play(async |scene| {
        let (person, id) = refused_for_its_words(scene).await;
        let resting = || items(scene, &[]).iter().filter(|item| item.get("rests").is_some()).count();
        assert_eq!(resting(), 1);
        let done = format!("{}/done", path(&id));
        assert_eq!(person.calls(http::Method::POST, &done, json!(null)).await.status, 200);
        assert_eq!(resting(), 0);
        let mut brief = passport(AT);
        brief["pushes"] = json!([{"at": "2027-01-12T13:00:00+08:00"}]);
        brief["expires_at"] = json!("2027-01-12T13:30:00+08:00");
        let brief = registered(&person, brief).await.body["id"].clone();
        scene.plan(Call::TemplateSend, refusal(ErrCode::ARGUMENT_INVALID));
        scene.advance_to("2027-01-12T13:29:00+08:00").await;
        new_settings(scene).await;
        assert_eq!(arms(scene, &person, &brief).await, 0);
        assert!(person.accepts(&[SUBSCRIPTION]).await.status == 200);
    })
    .await;
}
