//! The owner's own backend is told of events, and whatever it does with them changes nothing else.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Call, Endpoint, REQUEST_LOST, Scheduler, Table};
use scenarios::receiver::{Received, Receiver};
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use simulator::logs::capture;
use simulator::options::Options;
use simulator::people::Person;
use simulator::ssm::WEBHOOK_SECRET as SECRET;
use simulator::template::TEMPLATE;

use crate::operations::ask;
use crate::scene::{AT, Scene, passport, path, play, play_with, registered, states, told};
use crate::verbs::Verbs;
use crate::wire::items;

const EXPIRES: &str = "2027-01-14T00:00:00+08:00";
const AFTER: &str = "2027-01-14T00:05:00+08:00";

/// A world whose owner wants to be told.
pub(crate) async fn play_with_webhook(scene: impl AsyncFnOnce(&Scene, &Receiver)) {
    let receiver = Receiver::starts().await;
    let options = Options { webhook_via: Some(receiver.url.clone()), ..Options::default() };
    play_with(options, async |played| {
        put_webhook(played, json!({"url": "https://owner.example/hooks?of=reminders"})).await;
        played.world.recycle();
        scene(played, &receiver).await;
        assert_eq!(owed(played), 0, "whatever was owed is told or given up");
    })
    .await;
}

/// Puts the settings of the world with this webhook; the answer.
async fn put_webhook(scene: &Scene, webhook: Value) -> Value {
    let mut settings = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
    settings.as_object_mut().expect("a document").remove("webhook");
    if !webhook.is_null() {
        settings["webhook"] = webhook;
    }
    ask(scene, json!({"operation": "settings.put", "settings": settings})).await
}

/// A passport that expires soon, so that no scene is long.
fn soon(at: &str) -> Value {
    let mut passport = passport(at);
    passport["expires_at"] = json!(EXPIRES);
    passport
}

/// A follower whose passport is to be told of at [`AT`], and its id.
async fn follower_with_passport(scene: &Scene) -> (Person, Value) {
    let person = scene.follower("小明").await;
    let id = registered(&person, soon(AT)).await.body["id"].clone();
    (person, id)
}

/// How many events stand in the table.
fn owed(scene: &Scene) -> usize {
    let all = items(scene, &[]).into_iter();
    all.filter(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("EVENT#"))).count()
}

async fn minutes(scene: &Scene, minutes: i64) {
    scene.advance(SignedDuration::from_mins(minutes)).await;
}

/// The `webhook` entries of its timeline.
async fn noted(person: &Person, id: &Value) -> Vec<String> {
    let shown = person.gets(&path(id)).await;
    let entries = shown.body["timeline"].as_array().expect("a timeline").iter();
    let noted = entries.filter(|entry| entry["event"] == "webhook");
    noted.map(|entry| entry["detail"].as_str().unwrap_or_default().to_owned()).collect()
}

fn ids(received: &[Received]) -> Vec<&str> {
    received.iter().map(|one| one.headers["webhook-id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn life_of_a_reminder_is_told_by_ids_and_signed() {
    play_with_webhook(async |scene, receiver| {
        let (person, id) = follower_with_passport(scene).await;
        minutes(scene, 2).await;
        assert_eq!(receiver.took(), ["user.followed"]);
        scene.advance_to(AT).await;
        minutes(scene, 3).await;
        scene.advance_to(AFTER).await;
        assert_eq!(receiver.took(), ["user.followed", "push.delivered", "reminder.expired"]);
        let [followed, delivered, expired] = &receiver.received()[..] else { panic!("three") };
        let openid = &person.mini_program_openid;
        assert_eq!(followed.body["data"], json!({"openid": openid}));
        let id = &id;
        let about = json!({"reminder": id, "revision": 1, "push": 1, "channel": "service_template", "openid": openid});
        assert_eq!(delivered.body["data"], about);
        assert_eq!(delivered.body["timestamp"], "2027-01-12T01:00:01Z");
        assert_eq!(expired.body["data"], json!({"reminder": id, "revision": 1, "openid": openid}));
        for one in [followed, delivered, expired] {
            assert_eq!(one.line, "POST /hooks?of=reminders HTTP/1.1");
            assert_eq!((&*one.headers["host"], &*one.headers["content-type"]), ("owner.example", "application/json"));
            assert!(!one.text.contains("护照") && !one.text.contains("出入境"), "nothing that a user wrote");
            assert!(one.is_signed_by(SECRET));
        }
        assert_eq!(noted(&person, id).await, ["push.delivered: told", "reminder.expired: told"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receiver_that_is_down_is_asked_less_and_less_often_and_changes_nothing_else() {
    play_with_webhook(async |scene, receiver| {
        // It refuses, it hangs up, it sends elsewhere: all of it is no.
        receiver.answers(Some(503));
        let (person, id) = follower_with_passport(scene).await;
        scene.advance_to(AT).await;
        assert_eq!(told(&person).await, ["01-12 09:00 template in service_account"]);
        minutes(scene, 2).await;
        receiver.answers(None);
        minutes(scene, 2).await;
        receiver.answers(Some(302));
        minutes(scene, 6).await;
        let id = &id;
        assert_eq!(states(&person, id).await, ["delivered service_template"]);
        assert_eq!(noted(&person, id).await, [""; 0]);
        receiver.answers(Some(204));
        minutes(scene, 40).await;
        // The follow of two days ago had its tries, too.
        assert_eq!(receiver.took(), ["push.delivered"]);
        let received = receiver.received();
        let tries: Vec<Received> =
            received.into_iter().filter(|one| one.body["type"] == "push.delivered").collect();
        let answered: Vec<u16> = tries.iter().map(|one| one.answered).collect();
        assert_eq!(answered, [503, 0, 302, 204]);
        assert!(ids(&tries).windows(2).all(|pair| pair[0] == pair[1]), "one event, one id");
        assert!(tries.iter().all(|one| one.text == tries[0].text), "and one text");
        assert!(tries.iter().all(|one| one.is_signed_by(SECRET)));
        assert_eq!(noted(&person, id).await, ["push.delivered: told after 3 failures"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_that_nobody_takes_is_given_up_within_a_day() {
    let captured = capture();
    play_with_webhook(async |scene, receiver| {
        receiver.answers(Some(500));
        let person = scene.subscriber("小红", 1).await;
        let id = registered(&person, soon(AT)).await.body["id"].clone();
        scene.advance_to(AT).await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        let since = receiver.received().len();
        scene.advance(SignedDuration::from_hours(24)).await;
        assert_eq!(receiver.received().len() - since, 8, "the first time and seven more");
        assert_eq!(owed(scene), 0);
        assert_eq!(
            noted(&person, &id).await,
            ["push.delivered: given up after a day: the receiver answered 500"]
        );
        assert_eq!(states(&person, &id).await, ["delivered mini_subscription"]);
    })
    .await;
    let log = captured.text();
    assert!(log.contains("an event was given up") && !log.contains("MfKQ9r8G"));
    for metric in ["WebhooksFailed", "WebhooksGivenUp"] {
        assert!(log.contains(metric) && TEMPLATE.contains(metric), "{metric}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_webhook_nothing_is_owed_and_nothing_is_scheduled_for_it() {
    play(async |scene| {
        let (person, id) = follower_with_passport(scene).await;
        let names: Vec<String> =
            scene.world.scheduler().schedules().into_iter().map(|one| one.name).collect();
        assert_eq!(names.len(), 2, "the sweep and the push: {names:?}");
        scene.advance_to(AFTER).await;
        assert_eq!((owed(scene), noted(&person, &id).await.len()), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_that_is_taken_away_is_told_nothing_more() {
    play_with_webhook(async |scene, receiver| {
        receiver.answers(Some(503));
        follower_with_passport(scene).await;
        minutes(scene, 5).await;
        let tries = receiver.received().len();
        assert!(tries > 0 && owed(scene) == 1);
        put_webhook(scene, Value::Null).await;
        scene.advance_to(AFTER).await;
        assert_eq!(receiver.received().len(), tries);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_whose_schedule_is_lost_is_found_by_the_sweep() {
    play_with_webhook(async |scene, receiver| {
        let person = scene.user("小明").await;
        // The SDK asks three times.
        scene.plan_times(Endpoint::Scheduler(Scheduler::CreateSchedule), REQUEST_LOST, 3);
        assert_eq!(person.follows().await.status, 200);
        minutes(scene, 3).await;
        assert_eq!((receiver.took().len(), owed(scene)), (0, 1));
        minutes(scene, 40).await;
        assert_eq!(receiver.took(), ["user.followed"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn function_that_dies_before_it_schedules_the_telling_loses_no_event() {
    play_with_webhook(async |scene, receiver| {
        let (person, id) = follower_with_passport(scene).await;
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        // Dispatch writes by itself; the receipt is the first transaction of that minute.
        scene.plan(Table::TransactWriteItems, Fault::Crash(Crash::After));
        minutes(scene, 3).await;
        assert_eq!(
            (states(&person, &id).await, owed(scene)),
            (vec!["delivered service_template".to_owned()], 1)
        );
        minutes(scene, 40).await;
        assert_eq!(receiver.took(), ["user.followed", "push.delivered"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn run_that_dies_after_the_receiver_took_it_tells_it_again_under_the_same_id() {
    play_with_webhook(async |scene, receiver| {
        scene.follower("小明").await;
        scene.plan(Table::DeleteItem, Fault::Crash(Crash::Before));
        minutes(scene, 6).await;
        assert_eq!(receiver.took(), ["user.followed", "user.followed"]);
        let received = receiver.received();
        assert_eq!(ids(&received[..1]), ids(&received[1..]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_takes_their_events_along() {
    play_with_webhook(async |scene, receiver| {
        receiver.answers(Some(503));
        let (person, _) = follower_with_passport(scene).await;
        scene.advance_to(AT).await;
        minutes(scene, 3).await;
        let tries = receiver.received().len();
        assert!(tries > 1 && owed(scene) > 0);
        assert_eq!(person.calls(Method::DELETE, "/me", Value::Null).await.status, 204);
        receiver.answers(Some(204));
        scene.advance(SignedDuration::from_hours(48)).await;
        assert_eq!(receiver.received().len(), tries, "nobody is told of them any more");
    })
    .await;
}

/// No time passes between: the new profile is a millisecond younger than the forgetting, and its events are not older.
#[tokio::test(flavor = "multi_thread")]
async fn follower_who_was_forgotten_and_logs_in_again_at_once_is_told_of_anew() {
    play_with_webhook(async |scene, receiver| {
        let mut person = scene.follower("小明").await;
        minutes(scene, 3).await;
        assert_eq!(person.calls(Method::DELETE, "/me", Value::Null).await.status, 204);
        assert_eq!(person.logs_in().await.status, 200);
        minutes(scene, 3).await;
        assert_eq!(receiver.took(), ["user.followed", "user.followed"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_follows_and_leaves_is_told_of_each_time() {
    play_with_webhook(async |scene, receiver| {
        let mut person = Person::arrives(&scene.world, "小明", true).await;
        assert_eq!(person.follows().await.status, 200);
        minutes(scene, 3).await;
        assert_eq!(receiver.took(), [""; 0], "nobody knows which user that is");
        assert_eq!(person.logs_in().await.status, 200);
        minutes(scene, 3).await;
        assert_eq!(person.unfollows().await.status, 200);
        minutes(scene, 3).await;
        assert_eq!(person.follows().await.status, 200);
        minutes(scene, 3).await;
        assert_eq!(receiver.took(), ["user.followed", "user.unfollowed", "user.followed"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_that_is_done_renewed_or_deleted_is_told_of_as_it_ends() {
    play_with_webhook(async |scene, receiver| {
        let person = scene.subscriber("小红", 3).await;
        let [done, renewed, deleted] = [(); 3].map(|()| soon("2027-01-13T09:00:00+08:00"));
        let done = path(&registered(&person, done).await.body["id"]);
        let mut sooner = renewed.clone();
        let renewed = path(&registered(&person, renewed).await.body["id"]);
        let deleted = path(&registered(&person, deleted).await.body["id"]);
        assert_eq!(person.calls(Method::POST, &format!("{done}/done"), Value::Null).await.status, 200);
        assert_eq!(person.calls(Method::DELETE, &deleted, Value::Null).await.status, 204);
        sooner["expires_at"] = json!("2027-01-13T00:00:00+08:00");
        sooner["pushes"] = json!([{"at": AT}]);
        assert_eq!(person.calls(Method::PUT, &renewed, sooner).await.status, 200);
        scene.advance_to("2027-01-13T00:03:00+08:00").await;
        let expected = ["reminder.done", "push.delivered", "reminder.expired"];
        assert_eq!(receiver.took(), expected);
        assert_eq!(receiver.received()[2].body["data"]["revision"], 2);
        scene.advance_to(AFTER).await;
        assert_eq!(receiver.took(), expected, "and nothing more on the day it would have expired");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_round_of_what_is_repeated_is_told_of_as_it_ends() {
    play_with_webhook(async |scene, receiver| {
        let person = scene.subscriber("小红", 1).await;
        let flowers = json!({
            "template": "expiry", "title": "浇花", "expires_at": "2027-01-11T18:00:00+08:00",
            "pushes": [{"days_before": 0, "time": "09:00"}], "repeat": {"every": "P1W"},
        });
        let id = registered(&person, flowers).await.body["id"].clone();
        minutes(scene, 3).await;
        assert_eq!(person.calls(Method::POST, &format!("{}/done", path(&id)), Value::Null).await.status, 200);
        scene.advance_to("2027-01-18T18:04:00+08:00").await;
        assert_eq!(receiver.took(), ["reminder.done", "push.delivered", "reminder.expired"]);
        let revisions: Vec<Value> =
            receiver.received().iter().map(|one| one.body["data"]["revision"].clone()).collect();
        assert_eq!(revisions, [1, 2, 2]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_that_reaches_nobody_is_told_of_with_its_reason_and_again_when_it_arrives() {
    play_with_webhook(async |scene, receiver| {
        let person = scene.user("小明").await;
        registered(&person, soon(AT)).await;
        scene.advance_to(AT).await;
        minutes(scene, 3).await;
        assert_eq!(receiver.took(), ["push.undeliverable"]);
        let reason = receiver.received()[0].body["data"]["reason"].clone();
        assert!(reason.as_str().is_some_and(|reason| reason.contains("no_credit")), "{reason}");
        scene.accepts(&person, 1).await;
        minutes(scene, 6).await;
        assert_eq!(receiver.took(), ["push.undeliverable", "push.delivered"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn push_of_which_nobody_knows_is_told_of_as_unknown() {
    play_with_webhook(async |scene, receiver| {
        crate::operations::put_settings(scene, |settings| settings["on_unknown"] = json!("report")).await;
        let person = scene.subscriber("小红", 2).await;
        registered(&person, soon(AT)).await;
        scene.plan(Call::SubscribeSend, REQUEST_LOST);
        scene.advance_to(AT).await;
        scene.advance(SignedDuration::from_hours(2)).await;
        assert_eq!(receiver.took(), ["push.unknown"]);
        assert_eq!(receiver.received()[0].body["data"]["channel"], "mini_subscription");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_is_noticed_and_rotated_and_its_want_is_what_the_doctor_finds() {
    play_with_webhook(async |scene, receiver| {
        scene.world.ssm().change_secrets(|secrets| secrets["webhook_secret"] = Value::Null);
        scene.world.recycle();
        scene.follower("小明").await;
        minutes(scene, 2).await;
        assert_eq!(receiver.received().len(), 0, "nothing leaves unsigned");
        let report = ask(scene, json!({"operation": "doctor"})).await;
        let found = report["findings"].as_array().expect("findings").iter();
        let found: Vec<&Value> = found.filter(|finding| finding["check"] == "webhook").collect();
        assert_eq!((found.len(), &found[0]["status"]), (1, &json!("failed")));

        let new = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
        scene.world.ssm().change_secrets(|secrets| {
            secrets["webhook_secret"] = json!(new);
            secrets["previous_webhook_secret"] = json!(SECRET);
        });
        minutes(scene, 10).await;
        let [one] = &receiver.received()[..] else { panic!("one") };
        assert_eq!(one.headers["webhook-signature"].split(' ').count(), 2);
        assert!(one.is_signed_by(SECRET) && one.is_signed_by(new));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_is_an_https_address_or_refused() {
    play(async |scene| {
        for webhook in [
            json!({"url": "http://owner.example/hooks"}),
            json!({"url": "http://127.0.0.1:9001/"}),
            json!({"url": "https://"}),
            json!({"url": "https://owner.example/two words"}),
            json!({"url": 7}),
            json!({}),
            json!({"url": "https://owner.example", "secret": "here"}),
            json!("https://owner.example"),
        ] {
            let refused = put_webhook(scene, webhook.clone()).await;
            let field = refused["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(field.starts_with("webhook"), "{webhook}: {refused}");
        }
        let taken = put_webhook(scene, json!({"url": "https://owner.example:8443/hooks"})).await;
        assert!(taken["version"].is_u64(), "{taken}");
    })
    .await;
}
