//! Nothing stays of whoever asks to be forgotten or closes an account, and they are answered at once, however much there is.

use std::time::Duration;

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, Call, Endpoint, Event, Scheduler, Table};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;
use simulator::wechat::Format;
use tokio::time::Instant;

use crate::odd_receipts::finishes;
use crate::operations::wants_no_repeats;
use crate::scene::{Scene, passport, play, registered, service_openid, told};
use crate::verbs::Verbs;
use crate::wire::{MINI, account, addressed, post, wrapped};

/// How somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Asks,
    Closes(&'static str),
}

const WAYS: [Way; 3] = [Way::Asks, Way::Closes("mini_program"), Way::Closes("service_account")];

pub(crate) async fn goes(person: &Person, way: Way) {
    match way {
        Way::Asks => {
            assert_eq!(person.calls(Method::DELETE, "/me", Value::Null).await.status, 204);
        }
        Way::Closes(account) => {
            let closed = json!({"account": account, "event": "user_authorization_cancellation"});
            assert_eq!(person.does("cancel-authorization", closed).await.status, 200);
        }
    }
}

/// What of the table, and of what Scheduler holds, names this person or says their words.
pub(crate) fn traces(scene: &Scene, person: &Person, words: &[&str]) -> Vec<String> {
    let users = scene.world.platform().users();
    let user = users.iter().find(|user| user.name == person.name).expect("they are there");
    let names =
        [Some(user.mini_program_openid.clone()), user.service_account_openid.clone(), user.unionid.clone()];
    let names: Vec<String> =
        names.into_iter().flatten().chain(words.iter().map(|word| (*word).to_owned())).collect();
    let items = scene.world.dynamodb().items().expect("a table").into_iter().map(|item| item.to_string());
    let schedules = scene.world.scheduler().schedules().into_iter().filter_map(|schedule| schedule.input);
    items.chain(schedules).filter(|text| names.iter().any(|name| text.contains(name.as_str()))).collect()
}

/// Somebody of whom there is everything that there can be: reminders to come, told, done and deleted, receipts of both
/// accounts, an attempt nobody knows the outcome of, credits, a code nobody scanned, a conversation.
async fn somebody(scene: &Scene, name: &str) -> Person {
    let person = scene.follower(name).await;
    scene.accepts(&person, 2).await;
    person.accepts_notification().await;
    person.asks_for_code().await;
    person.enters_session("follow").await;
    for at in ["09:00", "09:10"] {
        registered(&person, passport(&format!("2027-01-12T{at}:00+08:00"))).await;
    }
    for verb in ["done", "delete"] {
        let id = registered(&person, passport("2027-02-12T09:00:00+08:00")).await.body["id"].clone();
        let path = crate::scene::path(&id);
        match verb {
            "done" => drop(person.calls(Method::POST, &format!("{path}/done"), json!({})).await),
            _ => drop(person.calls(Method::DELETE, &path, Value::Null).await),
        }
    }
    registered(&person, passport("2027-02-13T09:00:00+08:00")).await;
    // Another system of the owner's sends to them, too.
    assert!(finishes(scene, &person, json!(424_242), "success").await);
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_of_whoever_is_forgotten() {
    for way in WAYS {
        play(async |scene| {
            wants_no_repeats(scene).await;
            let person = somebody(scene, "小明").await;
            scene.advance_to("2027-01-12T09:05:00+08:00").await;
            person.blocks().await;
            // Blocked there, so this one goes on to a prompt's message; what became of that nobody learns.
            scene.plan(Call::SubscribeSend, ANSWER_LOST);
            scene.plan(Event::SubscribeMsgSent, Fault::Drop(true));
            scene.advance_to("2027-01-12T14:00:00+08:00").await;
            person.asks_for_code().await;
            assert_eq!(told(&person).await.len(), 2, "{way:?}");
            let items = scene.world.dynamodb().items().expect("a table");
            for kind in
                ["RECEIPT#mini_program#", "RECEIPT#service_account#", "UNKNOWN#", "BIND#", "SEEN#", "UNION#"]
            {
                let is_there =
                    items.iter().any(|item| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(kind)));
                assert!(is_there || kind.starts_with("RECEIPT#mini"), "{kind}");
            }
            goes(&person, way).await;
            assert_eq!(person.gets("/me").await.status, 401, "{way:?}");
            scene.advance(SignedDuration::from_hours(25)).await;
            let left = traces(scene, &person, &["护照", "到出入境大厅换发"]);
            assert_eq!(left, Vec::<String>::new(), "{way:?}");
        })
        .await;
    }
}

/// AWS takes its time for each request.
fn slow(scene: &Scene) {
    let (from, until) = (scene.world.now(), scene.world.now() + SignedDuration::from_secs(1));
    for operation in [
        Table::GetItem,
        Table::BatchGetItem,
        Table::Query,
        Table::PutItem,
        Table::DeleteItem,
        Table::TransactWriteItems,
    ] {
        scene.world.faults().disturb(Endpoint::from(operation).disturbed(Fault::DelayMs(20), from, until));
    }
    for operation in [Scheduler::CreateSchedule, Scheduler::DeleteSchedule] {
        scene.world.faults().disturb(Endpoint::from(operation).disturbed(Fault::DelayMs(150), from, until));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_is_answered_at_once_with_two_hundred_reminders() {
    play(async |scene| {
        for (name, way, within, requests_max) in
            [("小明", WAYS[0], 2, 6), ("小红", WAYS[1], 5, 8), ("小刚", WAYS[2], 5, 12)]
        {
            let person = scene.follower(name).await;
            for _ in 0..200 {
                registered(&person, passport("2027-02-12T09:00:00+08:00")).await;
            }
            slow(scene);
            let (from, began) = (scene.world.journal().last(), Instant::now());
            goes(&person, way).await;
            assert!(began.elapsed() < Duration::from_secs(within), "{name}: {:?}", began.elapsed());
            let requests = scene.requests_since(from);
            assert!(requests.len() <= requests_max, "{name}: {requests:?}");
            if way == Way::Asks {
                let dynamodb = ["BatchGetItem", "GetItem", "GetItem", "TransactWriteItems"];
                let all = dynamodb.map(|one| format!("dynamodb:{one}")).into_iter();
                let all: Vec<String> = all.chain(["scheduler:CreateSchedule".to_owned()]).collect();
                assert_eq!(requests, all);
            }
            scene.advance(SignedDuration::from_mins(5)).await;
            let left = scene.world.dynamodb().items().expect("a table");
            let left = left
                .iter()
                .filter(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("REMINDER#")));
            assert_eq!(left.count(), 0, "{name}");
            let pending = scene.world.scheduler().schedules();
            let pending = pending.iter().filter(|one| !one.name.starts_with("erase-") && one.name != "sweep");
            assert_eq!(pending.count(), 0, "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_that_is_told_again_spares_whoever_has_come_back() {
    play(async |scene| {
        let mut person = scene.follower("小明").await;
        let closed = |created: i64| {
            let mini = account(scene, MINI);
            let fields = json!({"MsgType": "event", "Event": "user_authorization_cancellation", "OpenID": person.mini_program_openid});
            let document = addressed(&mini, "oPlatform", json!(created), &fields);
            wrapped(scene, &mini, Format::Json, &document)
        };
        let created = scene.world.now().as_second();
        assert!(post(scene, MINI, &closed(created)).await.is_success());
        assert_eq!(person.gets("/me").await.status, 401);
        scene.advance(SignedDuration::from_secs(5)).await;
        let again = closed(created);
        person.logs_in().await;
        assert!(post(scene, MINI, &again).await.is_success());
        assert_eq!(person.gets("/me").await.status, 200, "what was told again is older than this login");
        let service = service_openid(&person);
        assert!(scene.world.platform().users().iter().any(|user| user.service_account_openid.as_ref() == Some(&service)));
    })
    .await;
}
