//! What WeChat refuses, class by class: each refusal costs no more than it must, and is told to the owner.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Call, Event, Table, refusal};
use serde_json::{Value, json};
use simulator::faults::{Crash, Fault};
use wechat::ErrCode;

use crate::scene::{AT, passport, path, play, play_without_service_account, states, timeline, told};
use crate::verbs::Verbs;
use crate::wire::SERVICE;

#[tokio::test(flavor = "multi_thread")]
async fn channel_set_up_wrongly_gives_way_to_the_next() {
    for errcode in [
        ErrCode::SUBSCRIPTION_BANNED,
        ErrCode::INVALID_TEMPLATE_ID,
        ErrCode::API_UNAUTHORIZED,
        ErrCode::TEMPLATE_BANNED,
        ErrCode::TEMPLATE_MESSAGE_BLOCKED,
        ErrCode::ARGUMENT_INVALID,
        ErrCode::SENSITIVE_WORDS,
        ErrCode::USER_NOT_EXIST,
    ] {
        play(async |scene| {
            let person = scene.follower("小明").await;
            scene.accepts(&person, 1).await;
            let reminder = person.registers(passport(AT)).await;
            scene.plan(Call::TemplateSend, refusal(errcode));
            scene.advance_to("2027-01-12T10:00:00+08:00").await;
            assert_eq!(
                told(&person).await,
                ["01-12 09:00 subscription in service_notifications"],
                "{errcode}"
            );
            assert_eq!(
                states(&person, &reminder.body["id"]).await,
                ["delivered mini_subscription"],
                "{errcode}"
            );
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn channel_set_up_wrongly_is_tried_again_when_there_is_no_other() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        scene.plan(Call::TemplateSend, refusal(ErrCode::API_UNAUTHORIZED));
        scene.advance_to("2027-01-12T09:05:00+08:00").await;
        assert!(states(&person, &reminder.body["id"]).await[0].starts_with("retrying"));
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_at_once_to_one_user_are_taken_one_after_the_other() {
    play(async |scene| {
        let (person, reminder) = scene.subscriber_with_passport(1).await;
        scene.plan(Call::SubscribeSend, refusal(ErrCode::CONCURRENT_SENDS));
        scene.advance_to("2027-01-12T09:10:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_was_sent_too_much_is_told_on_another_channel_or_later() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        let reminders = [person.registers(passport(AT)).await, person.registers(passport(AT)).await];
        // The day before, somebody else sent them a lot.
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::TOO_FREQUENT_TO_USER), 6);
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        scene.advance_to("2027-01-13T09:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 2);
        for reminder in reminders {
            assert!(states(&person, &reminder.body["id"]).await[0].starts_with("delivered"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_wechat_took_a_minute_ago_and_calls_a_duplicate_was_sent() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        scene.plan(Event::TemplateSendJobFinish, CALLBACK_LOST);
        scene.plan(Call::TemplateSend, Fault::Crash(Crash::After));
        scene.plan(Call::TemplateSend, refusal(ErrCode::DUPLICATE_WITHIN_A_MINUTE));
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["sent service_template"]);
        assert_eq!(scene.world.platform().sends().len(), 1, "what was sent is not sent again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_message_of_another_push_is_sent_when_its_minute_is_over() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        scene.plan_times(Call::TemplateSend, refusal(ErrCode::DUPLICATE_WITHIN_A_MINUTE), 4);
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn token_endpoint_that_keeps_refusing_is_asked_seldom_and_nothing_is_lost() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        for _ in 0..5 {
            assert_eq!(person.registers(passport(AT)).await.status, 201);
        }
        scene.change_account(SERVICE, |account| {
            account.ip_whitelist = Some(Vec::new());
        });
        scene.advance_to("2027-01-12T08:59:00+08:00").await;
        let from = scene.world.journal().last();
        scene.advance_to("2027-01-12T09:10:00+08:00").await;
        let asked = scene.requests_since(from).iter().filter(|one| one.contains("stable_token")).count();
        assert!((1..=22).contains(&asked), "asked {asked} times in eleven minutes: at most once in 30 s");
        scene.change_account(SERVICE, |account| {
            account.ip_whitelist = None;
        });
        scene.advance_to("2027-01-14T09:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moment_that_we_choose_waits_for_the_end_of_the_quiet_hours() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let night = "2027-01-12T23:00:00+08:00";
        let chosen = person.registers(passport(night)).await;
        scene.advance_to("2027-01-12T22:58:00+08:00").await;
        // The user chose eleven at night; that WeChat was too busy then is ours to make good, but not at night.
        scene.plan(Call::TemplateSend, refusal(ErrCode::MINUTE_QUOTA_REACHED));
        scene.advance_to("2027-01-13T12:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-13 08:00 template in service_account"]);
        let undisturbed = person.registers(passport("2027-01-13T23:00:00+08:00")).await;
        scene.advance_to("2027-01-14T12:00:00+08:00").await;
        assert_eq!(told(&person).await[1..], ["01-13 23:00 template in service_account"]);
        for reminder in [chosen, undisturbed] {
            assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn block_noticed_at_night_falls_back_in_the_morning() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        person.registers(passport("2027-01-12T23:00:00+08:00")).await;
        person.blocks().await;
        scene.advance_to("2027-01-13T12:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-13 08:00 subscription in service_notifications"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instants_all_past_mean_at_once_and_the_others_are_skipped() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let mut reminder = passport(AT);
        reminder["expires_at"] = json!("2027-01-11T00:00:00+08:00");
        reminder["pushes"] =
            json!([{"days_before": 30, "time": "09:00"}, {"days_before": 7, "time": "09:00"}]);
        let reminder = person.registers(reminder).await;
        assert_eq!(reminder.status, 201, "{reminder}");
        scene.advance(SignedDuration::from_mins(2)).await;
        assert_eq!(
            states(&person, &reminder.body["id"]).await,
            ["skipped  past", "delivered service_template"]
        );
        assert_eq!(told(&person).await, ["01-10 10:01 template in service_account"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firing_before_the_item_is_there_finds_nothing_and_vanishes() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        // The schedules are made, the item is not: its write fails three times.
        scene.plan_times(Table::TransactWriteItems, Fault::HttpStatus(500), 3);
        assert_eq!(person.registers(passport(AT)).await.status, 503);
        let waiting = scene.world.scheduler().schedules().len();
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert!(told(&person).await.is_empty());
        assert!(scene.world.scheduler().schedules().len() < waiting, "it deleted itself");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_is_renewed_done_or_deleted_while_a_message_is_on_its_way() {
    for (what, expected) in [("done", "delivered"), ("delete", ""), ("renew", "")] {
        play(async |scene| {
            let (person, reminder) = scene.follower_with_passport().await;
            let id = reminder.body["id"].clone();
            let path = path(&id);
            scene.advance_to("2027-01-12T08:59:59+08:00").await;
            scene.plan(Call::TemplateSend, Fault::DelayMs(700));
            let change = async {
                // Until the message is on its way: the claim is the point of no return.
                while scene.world.platform().sends().is_empty() {
                    tokio::task::yield_now().await;
                }
                match what {
                    "done" => person.calls(Method::POST, &format!("{path}/done"), Value::Null).await,
                    "delete" => person.calls(Method::DELETE, &path, Value::Null).await,
                    _ => person.calls(Method::PUT, &path, passport("2027-01-13T09:00:00+08:00")).await,
                }
            };
            let ((), answer) = tokio::join!(scene.advance_to("2027-01-12T09:00:30+08:00"), change);
            assert!(answer.status < 300, "{what}: {answer}");
            assert_eq!(told(&person).await, ["01-12 09:00 template in service_account"], "{what}");
            match what {
                "done" => assert!(states(&person, &id).await[0].starts_with(expected)),
                "renew" => {
                    assert!(
                        timeline(&person, &id).await.contains(&"sent".to_owned()),
                        "shown in the timeline"
                    );
                    scene.advance_to("2027-01-14T09:00:00+08:00").await;
                    assert_eq!(told(&person).await.len(), 2, "the new revision is told, too");
                }
                _ => {}
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_one_user_do_not_overwrite_each_other() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let id = person.registers(passport(AT)).await.body["id"].as_str().expect("an id").to_owned();
        let path = format!("/reminders/{id}");
        let headers = [("if-match", "\"1\"")];
        let change = |title: &str| {
            let mut body = passport(AT);
            body["title"] = json!(title);
            person.calls_with(Method::PUT, &path, &headers, body)
        };
        let (first, second) = tokio::join!(change("手机"), change("平板"));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{first} {second}");
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(told(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_keeps_only_so_much_and_has_no_code_without_a_service_account() {
    play_without_service_account(async |scene| {
        let person = scene.user("仓库").await;
        let code = person.calls(Method::POST, "/me/qrcode", Value::Null).await;
        assert_eq!((code.status, code.body["code"].as_str()), (404, Some("no_service_account")));
        for _ in 0..200 {
            assert_eq!(person.registers(passport(AT)).await.status, 201);
        }
        let refused = person.registers(passport(AT)).await;
        assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("too_many_reminders")));
    })
    .await;
}
