//! Nobody heard WeChat's answer, or nobody could write it down: what is known of the attempt all the same is used, and what
//! is not known is never taken for a refusal.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event, Table, refusal};
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::Person;
use wechat::ErrCode;

use crate::operations::{put_settings, wants_no_repeats};
use crate::scene::{AT, SUBSCRIPTION, Scene, passport, path, play, states, timeline, told};
use crate::verbs::Verbs;

/// The mini program reports an accept; WeChat's event about it, if there was one, is lost.
async fn reports_an_accept(scene: &Scene, person: &Person, really: bool) {
    if really {
        scene.plan(Event::SubscribeMsgPopup, CALLBACK_LOST);
        assert_eq!(person.accepts(&[SUBSCRIPTION]).await.status, 200);
    }
    let report = json!({"results": {SUBSCRIPTION: "accept"}});
    let answer = person.calls(Method::POST, "/subscriptions", report).await;
    assert!(matches!(answer.status, 200 | 202 | 204), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_nobody_confirmed_tells_once_though_the_answer_is_lost() {
    play(async |scene| {
        let person = scene.user("小红").await;
        reports_an_accept(scene, &person, true).await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        // Another way to reach them, which must not be used.
        person.follows().await;
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
    })
    .await;
}

/// Dispatch dies after every request but the send itself, and the receipt does not come: what was written down before
/// is enough.
#[tokio::test(flavor = "multi_thread")]
async fn notes_of_a_send_outlive_its_run() {
    for kth in 1..40 {
        let scene = Scene::begin(Options::default()).await;
        let (person, reminder) = scene.subscriber_with_passport(3).await;
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        scene.plan_times(Event::SubscribeMsgSent, CALLBACK_LOST, 5);
        scene.world.crash_at(FunctionName::ReminderDispatch, kth, Crash::After);
        let from = scene.world.journal().last();
        // What is not met by then is none of the message's own requests, but of a sweep's.
        scene.advance(SignedDuration::from_mins(20)).await;
        let crashed =
            scene.world.journal().since(from).into_iter().find(|entry| entry.outcome.contains("crash"));
        let Some(crashed) = crashed else { return assert!(kth > 8, "dispatch made hardly any request") };
        scene.advance(SignedDuration::from_hours(3)).await;
        if crashed.operation == Call::SubscribeSend.path() {
            // Answer and receipt are both lost: the one case that nobody can decide.
            continue;
        }
        let (told, states) = (told(&person).await, states(&person, &reminder.body["id"]).await);
        assert_eq!(told.len(), 1, "died after {}: {told:?} {states:?}", crashed.operation);
        assert_eq!(states, ["sent mini_subscription"], "died after {}", crashed.operation);
    }
    panic!("dispatch makes more requests than that");
}

#[tokio::test(flavor = "multi_thread")]
async fn push_nobody_can_find_out_about_is_unknown_and_goes_to_no_other_channel() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        person.accepts_notification().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        person.unfollows().await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeBizsend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance_to("2027-01-12T09:02:00+08:00").await;
        scene.accepts(&person, 1).await;
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await, ["01-12 09:00 notification in service_notifications"]);
        let states = states(&person, &reminder.body["id"]).await;
        assert!(states[0].starts_with("unknown service_notification"), "{states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_of_one_minute_are_not_each_others_proof() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 2).await;
        let first = person.registers(passport(AT)).await.body["id"].clone();
        let mut other = passport("2027-01-12T09:00:01+08:00");
        other["title"] = json!("驾照");
        let second = person.registers(other).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        // The first arrives, its answer and its receipt do not; the second never gets through.
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance_to("2027-01-12T09:00:00+08:00").await;
        scene.plan(Call::SubscribeSend, Fault::HttpStatus(502));
        scene.advance(SignedDuration::from_hours(3)).await;
        let inbox = person.inbox().await;
        let titles: Vec<&Value> = inbox.iter().map(|item| &item["body"]["data"]["thing1"]["value"]).collect();
        assert_eq!(titles, ["护照"], "a repeat of the first would have come out of the second's credit");
        for id in [first, second] {
            assert!(states(&person, &id).await[0].starts_with("unknown mini_subscription"));
        }
    })
    .await;
}

/// Both answers are lost, and the receipt of the first: the second's receipt is the second's.
#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_find_each_its_own_receipt() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 4).await;
        let first = person.registers(passport(AT)).await.body["id"].clone();
        let second = person.registers(passport("2027-01-12T09:02:30+08:00")).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan_times(Call::SubscribeSend, ANSWER_LOST, 2);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await.len(), 2);
        assert!(states(&person, &first).await[0].starts_with("unknown mini_subscription"));
        assert_eq!(states(&person, &second).await, ["delivered mini_subscription"]);
    })
    .await;
}

/// The same the other way round: the one whose credit WeChat still has comes first.
#[tokio::test(flavor = "multi_thread")]
async fn uncertain_credit_keeps_the_next_one_from_being_taken_for_the_last() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.subscriber("小红", 2).await;
        let first = person.registers(passport(AT)).await.body["id"].clone();
        let second = person.registers(passport("2027-01-12T10:00:00+08:00")).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, Fault::HttpStatus(502));
        scene.advance_to("2027-01-12T09:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await, ["01-12 10:00 subscription in service_notifications"]);
        for id in [first, second] {
            assert!(states(&person, &id).await[0].starts_with("unknown mini_subscription"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_refusal_of_a_prompt_that_never_was_is_not_taken_for_a_delivery() {
    play(async |scene| {
        let person = scene.user("小红").await;
        reports_an_accept(scene, &person, false).await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        // 43101, which nobody hears.
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.advance(SignedDuration::from_hours(3)).await;
        assert!(told(&person).await.is_empty());
        let states = states(&person, &reminder.body["id"]).await;
        assert!(states[0].starts_with("unknown mini_subscription"), "{states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_of_the_template_before_is_known_after_a_renewal_with_another() {
    play(async |scene| {
        put_settings(scene, |settings| {
            let mut other = settings["templates"]["expiry"].clone();
            other["channels"] = json!(["service_template"]);
            for channel in ["mini_subscription", "service_notification"] {
                other.as_object_mut().expect("a template").remove(channel);
            }
            settings["templates"]["other"] = other;
        })
        .await;
        let person = scene.subscriber("小红", 1).await;
        let mut reminder = passport(AT);
        reminder["expires_at"] = json!("2027-01-13T00:00:00+08:00");
        reminder["pushes"] = json!([{"days_before": 1, "time": "09:00"}]);
        let registered = person.registers(reminder.clone()).await.body["id"].clone();
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.advance_to("2027-01-12T09:02:00+08:00").await;
        reminder["template"] = json!("other");
        assert_eq!(person.calls(Method::PUT, &path(&registered), reminder).await.status, 200);
        person.follows().await;
        scene.advance(SignedDuration::from_hours(3)).await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states(&person, &registered).await, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quota_used_up_is_waited_for_where_no_other_channel_is_left() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::DAILY_QUOTA_REACHED), 1);
        let from = scene.world.journal().last();
        scene.advance(SignedDuration::from_hours(30)).await;
        let sends =
            scene.world.journal().count_since(from, |entry| entry.operation == Call::TemplateSend.path());
        assert_eq!(sends, 2, "once today, once tomorrow");
        let told = told(&person).await;
        // Within the half hour after the quiet hours, each push by itself.
        assert!(told.len() == 1 && ("01-13 08:00".."01-13 08:31").contains(&&told[0][..11]), "{told:?}");
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_that_comes_an_hour_late_corrects_what_was_given_up() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let (person, reminder) = scene.subscriber_with_passport(3).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, Fault::AfterS(3600));
        scene.advance_to("2027-01-12T09:30:00+08:00").await;
        let given_up = states(&person, &reminder.body["id"]).await;
        assert!(given_up[0].starts_with("unknown mini_subscription"), "{given_up:?}");
        scene.advance_to("2027-01-12T11:00:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        assert_eq!(told(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn write_that_meets_a_transaction_is_made_again() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.plan_times(Table::TransactWriteItems, Fault::HttpStatus(409), 2);
        let reminder = person.registers(passport(AT)).await;
        assert_eq!(reminder.status, 201, "{reminder}");
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan_times(Table::PutItem, Fault::HttpStatus(409), 3);
        scene.advance_to("2027-01-12T09:00:10+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channel_that_gave_way_to_a_worthless_one_is_asked_again() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        reports_an_accept(scene, &person, false).await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        // Three attempts meet a template that WeChat does not know; then its owner has mended that.
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::INVALID_TEMPLATE_ID), 3);
        scene.advance(SignedDuration::from_hours(24)).await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_accepted_while_a_push_waits_for_tomorrow_is_used() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        reports_an_accept(scene, &person, false).await;
        let mut reminder = passport(AT);
        reminder["expires_at"] = json!("2027-01-13T12:00:00+08:00");
        let reminder = person.registers(reminder).await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        // Set up wrongly for good; the silent accept turns out to be none (43101).
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::API_UNAUTHORIZED), 40);
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert!(told(&person).await.is_empty());
        scene.accepts(&person, 1).await;
        scene.advance(SignedDuration::from_hours(20)).await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        scene.world.clear_faults();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quarter_of_an_hour_of_busy_answers_makes_a_push_late_and_never_lost() {
    play(async |scene| {
        let (follower, template) = scene.follower_with_passport().await;
        let (subscriber, subscription) = scene.subscriber_with_passport(2).await;
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::SYSTEM_ERROR), 10);
        scene.plan_times(Call::SubscribeSend, Fault::HttpStatus(502), 3);
        scene.advance_to("2027-01-13T09:00:00+08:00").await;
        for (person, reminder) in [(follower, template), (subscriber, subscription)] {
            assert_eq!(told(&person).await.len(), 1, "{reminder}");
            let states = states(&person, &reminder.body["id"]).await;
            assert!(states[0].starts_with("delivered"), "{states:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_between_other_receipts_says_that_nothing_was_sent() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let other = scene.follower("小刚").await;
        let mut busy = passport(AT);
        busy["pushes"] = json!([{"at": "2027-01-12T08:59:30+08:00"}, {"at": AT}]);
        assert_eq!(other.registers(busy).await.status, 201);
        let person = scene.follower("小明").await;
        person.accepts_notification().await;
        scene.advance(SignedDuration::from_secs(10)).await;
        person.unfollows().await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        scene.plan(Call::SubscribeBizsend, Fault::HttpStatus(502));
        scene.advance_to("2027-01-12T09:29:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await[0].split(' ').next(), Some("sending"));
        // Receipts of template messages say nothing of a notification; callbacks before and after do.
        other.says("service_account", "喂").await;
        scene.advance_to("2027-01-12T09:40:00+08:00").await;
        assert_eq!(told(&person).await, ["01-12 09:30 notification in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_notification"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_of_another_system_is_no_proof_of_ours() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let template = json!({"template_id": "kQ3vZ8nXw1LrT6yPb9sHdF2mCjU5aG7eRo4iVqNtW0x"});
        // Somebody who never opened the mini program: the account is used by others, too.
        let reader = simulator::people::Person::arrives(&scene.world, "读者", false).await;
        reader.follows().await;
        assert_eq!(reader.does("told-by-others", template.clone()).await.status, 200);
        scene.advance(SignedDuration::from_secs(10)).await;
        let (person, reminder) = scene.follower_with_passport().await;
        scene.advance_to("2027-01-12T08:59:59+08:00").await;
        // Our message never gets through; theirs, a moment later, does.
        scene.plan_times(Call::TemplateSend, Fault::HttpStatus(502), 8);
        scene.advance_to("2027-01-12T09:00:20+08:00").await;
        assert_eq!(person.does("told-by-others", template).await.status, 200);
        scene.advance(SignedDuration::from_hours(3)).await;
        let states = states(&person, &reminder.body["id"]).await;
        assert!(!states[0].starts_with("delivered"), "it was not sent: {states:?}");
    })
    .await;
}

/// The claim, the settling that begins the next channel's attempt in the same write, the last settling: the answer of each
/// is lost, the SDK repeats it, and its condition fails on our own success.
#[tokio::test(flavor = "multi_thread")]
async fn own_write_whose_answer_was_lost_is_known_again() {
    for kth in 0..3 {
        play(async |scene| {
            let (person, reminder) = scene.follower_with_passport().await;
            scene.accepts(&person, 1).await;
            scene.advance_to("2027-01-12T08:59:58+08:00").await;
            scene.plan(Call::TemplateSend, refusal(ErrCode::TEMPLATE_MESSAGE_BLOCKED));
            scene.plan_times(Table::PutItem, Fault::DelayMs(0), kth);
            scene.plan(Table::PutItem, ANSWER_LOST);
            scene.advance_to("2027-01-12T09:00:20+08:00").await;
            assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"], "{kth}");
            let id = &reminder.body["id"];
            assert_eq!(states(&person, id).await, ["delivered mini_subscription"], "{kth}");
            let claims = timeline(&person, id).await.iter().filter(|event| *event == "claimed").count();
            assert_eq!(claims, 2, "{kth}: nothing was done twice");
        })
        .await;
    }
}
