//! What one user may make in a day and have in all (docs/design.md §5), however many calls come at once.

use futures::future::join_all;
use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, Call, Table};
use serde_json::{Value, json};
use simulator::people::{Answer, Person};

use crate::scene::{AT, Scene, instant, passport, path, play, registered};
use crate::verbs::Verbs;
use crate::wire::items;

/// Statuses of calls made at once, in order.
async fn at_once(calls: impl IntoIterator<Item = impl Future<Output = Answer>>) -> Vec<u16> {
    let mut statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

async fn active(person: &Person) -> usize {
    let mut path = "/reminders?limit=100".to_owned();
    let mut active = 0;
    loop {
        let page = person.gets(&path).await.body;
        active += page["reminders"].as_array().expect("reminders").len();
        let Some(cursor) = page["cursor"].as_str() else { return active };
        path = format!("/reminders?limit=100&cursor={cursor}");
    }
}

/// What is counted of the only user there is.
fn counted(scene: &Scene, column: &str) -> u32 {
    let all = items(scene, &[]);
    let mut counts =
        all.iter().filter(|item| item["pk"]["S"].as_str().unwrap_or("").starts_with("ALLOWANCE#"));
    let (count, more) = (counts.next(), counts.next());
    assert!(more.is_none());
    count.and_then(|item| item[column]["N"].as_str()?.parse().ok()).unwrap_or_default()
}

async fn renews(person: &Person, reminder: &Answer, times: usize) {
    for _ in 0..times {
        let renewed = person.calls(Method::PUT, &path(&reminder.body["id"]), passport(AT)).await;
        assert_eq!(renewed.status, 200, "{renewed}");
    }
}

/// It says until when: midnight in China.
fn assert_over_allowance(scene: &Scene, refused: &Answer) {
    assert_over_allowance_until(scene, refused, "2027-01-11T00:00:00+08:00");
}

fn assert_over_allowance_until(scene: &Scene, refused: &Answer, midnight: &str) {
    assert_eq!(
        (refused.status, refused.body["code"].as_str()),
        (429, Some("too_many_requests")),
        "{refused}"
    );
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    let seconds: i64 =
        refused.headers["retry-after"].to_str().ok().and_then(|s| s.parse().ok()).expect("seconds");
    let again = scene.world.now() + SignedDuration::from_secs(seconds);
    assert_eq!(again.as_second(), instant(midnight).as_second());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_once_make_no_more_active_reminders_than_one_after_the_other() {
    play(async |scene| {
        let person = scene.user("仓库").await;
        for _ in 0..190 {
            registered(&person, passport(AT)).await;
        }
        let statuses = at_once((0..50).map(|_| person.registers(passport(AT)))).await;
        assert_eq!((count(&statuses, 201), count(&statuses, 409)), (10, 40), "{statuses:?}");
        assert_eq!((active(&person).await, counted(scene, "saved")), (200, 200));
        let schedules = scene.world.scheduler().schedules();
        assert_eq!(schedules.iter().filter(|one| one.name != "sweep").count(), 200, "refused ones left none");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_once_use_up_a_day_and_no_more() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let reminder = registered(&person, passport(AT)).await;
        renews(&person, &reminder, 239).await;
        let path = path(&reminder.body["id"]);
        let (made, renewed) = tokio::join!(
            at_once((0..20).map(|_| person.registers(passport(AT)))),
            at_once((0..4).map(|_| person.calls(Method::PUT, &path, passport(AT)))),
        );
        let allowed = count(&made, 201) + count(&renewed, 200);
        assert_eq!((allowed, count(&made, 429) + count(&renewed, 429)), (10, 14), "{made:?} {renewed:?}");
        assert_eq!(counted(scene, "saved"), 250);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn day_has_so_many_reminders_made_or_changed_and_the_next_one_has_as_many() {
    play(async |scene| {
        let mut person = scene.user("小明").await;
        let reminder = registered(&person, passport(AT)).await;
        let path = path(&reminder.body["id"]);
        renews(&person, &reminder, 248).await;
        // What is refused, repeated or ended uses up nothing.
        let key = [("idempotency-key", "k")];
        let stale = [("if-match", "\"1\"")];
        for (method, path, headers, body, status) in [
            (Method::POST, "/reminders", &key, json!({}), 422),
            (Method::POST, "/reminders", &key, passport(AT), 201),
            (Method::POST, "/reminders", &key, passport(AT), 201),
            (Method::PUT, &path, &stale, passport(AT), 412),
            (Method::PUT, &path, &stale, json!({}), 422),
            (Method::PUT, "/reminders/aaaaabbbbbcccccddddd", &stale, passport(AT), 404),
        ] {
            let answer = person.calls_with(method, path, headers, body).await;
            assert_eq!(answer.status, status, "{answer}");
        }
        assert_eq!(counted(scene, "saved"), 250);
        let from = scene.world.journal().last();
        assert_over_allowance(scene, &person.registers(passport(AT)).await);
        assert_over_allowance(scene, &person.calls(Method::PUT, &path, passport(AT)).await);
        let made = |request: &String| request.starts_with("scheduler:") || request.contains("Transact");
        assert!(!scene.requests_since(from).iter().any(made), "it is seen before a schedule is made");
        assert_eq!(person.calls_with(Method::POST, "/reminders", &key, passport(AT)).await.status, 201);
        assert_eq!(person.calls(Method::POST, &format!("{path}/done"), Value::Null).await.status, 200);
        // Forgetting everything gives no new day.
        assert_eq!(person.calls(Method::DELETE, "/me", Value::Null).await.status, 204);
        person.logs_in().await;
        assert_over_allowance(scene, &person.registers(passport(AT)).await);
        scene.advance_to("2027-01-10T23:59:59+08:00").await;
        assert_over_allowance(scene, &person.registers(passport(AT)).await);
        scene.advance(SignedDuration::from_secs(1)).await;
        registered(&person, passport(AT)).await;
        assert_eq!(counted(scene, "saved"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_forgotten_before_they_saved_anything_has_the_whole_day() {
    play(async |scene| {
        let mut person = scene.user("小明").await;
        for saved in [0, 1] {
            assert_eq!(person.calls(Method::DELETE, "/me", Value::Null).await.status, 204);
            assert_eq!((counted(scene, "saved"), counted(scene, "codes")), (saved, 0));
            person.logs_in().await;
            registered(&person, passport(AT)).await;
            assert_eq!(counted(scene, "saved"), saved + 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn write_whose_answer_is_lost_is_counted_once() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.plan(Table::TransactWriteItems, ANSWER_LOST);
        let reminder = registered(&person, passport(AT)).await;
        assert_eq!(counted(scene, "saved"), 1);
        scene.plan(Table::TransactWriteItems, ANSWER_LOST);
        renews(&person, &reminder, 1).await;
        assert_eq!(counted(scene, "saved"), 2);
        assert_eq!(person.gets(&path(&reminder.body["id"])).await.body["revision"], 2);
        scene.plan(Table::TransactWriteItems, ANSWER_LOST);
        person.asks_for_code().await;
        assert_eq!(counted(scene, "codes"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_shown_again_while_it_is_unused_and_good() {
    play(async |scene| {
        let person = scene.nameless("小明").await;
        let code = person.asks_for_code().await;
        scene.advance(SignedDuration::from_mins(45)).await;
        assert_eq!(person.asks_for_code().await, code, "good for fifteen minutes more");
        scene.advance(SignedDuration::from_secs(1)).await;
        let another = person.asks_for_code().await;
        assert_ne!(another, code);
        person.follows_by_code(&another).await;
        assert_ne!(person.asks_for_code().await, another, "it has been used");
        // WeChat makes none: what was asked counts, and is no code to show.
        scene.advance(SignedDuration::from_hours(1)).await;
        scene.plan(Call::QrcodeCreate, scenarios::mishap::refusal(wechat::ErrCode::SYSTEM_ERROR));
        assert_eq!(person.calls(Method::POST, "/me/qrcode", Value::Null).await.status, 503);
        person.asks_for_code().await;
        assert_eq!(counted(scene, "codes"), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn day_has_so_many_codes_and_wechat_is_asked_no_more() {
    play(async |scene| {
        let person = scene.user("小明").await;
        // A whole day.
        scene.advance_to("2027-01-11T00:00:00+08:00").await;
        let from = scene.world.journal().last();
        let ask = || person.calls(Method::POST, "/me/qrcode", Value::Null);
        let statuses = at_once((0..30).map(|_| ask())).await;
        assert!(count(&statuses, 201) + count(&statuses, 429) == 30, "{statuses:?}");
        let asked = |scene: &Scene| {
            let path = Call::QrcodeCreate.path();
            scene.requests_since(from).iter().filter(|request| request.ends_with(path)).count()
        };
        let mut rounds = 0;
        while asked(scene) < 20 {
            scene.advance(SignedDuration::from_mins(46)).await;
            assert_eq!(ask().await.status, 201);
            rounds += 1;
            assert!(rounds < 20, "{} were made", asked(scene));
        }
        scene.advance(SignedDuration::from_mins(46)).await;
        assert_over_allowance_until(scene, &ask().await, "2027-01-12T00:00:00+08:00");
        // In a conversation there is nothing to be refused with.
        person.enters_session("follow").await;
        assert_eq!(asked(scene), 20);
        scene.advance_to("2027-01-12T00:00:00+08:00").await;
        assert_eq!(ask().await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_finished_reminders_the_oldest_go() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let mut short = passport("2027-01-10T10:20:00+08:00");
        short["expires_at"] = json!("2027-01-10T10:30:00+08:00");
        let oldest = registered(&person, short.clone()).await.body["id"].clone();
        scene.advance_to("2027-01-10T10:40:00+08:00").await;
        let done = registered(&person, passport(AT)).await.body["id"].clone();
        person.calls(Method::POST, &format!("{}/done", path(&done)), Value::Null).await;
        let kept = items(scene, &[]).into_iter().find(|item| {
            item["sk"]["S"].as_str().is_some_and(|sk| sk.ends_with(oldest.as_str().expect("an id")))
        });
        let kept = kept.expect("it is kept").to_string();
        // As many again, expired a little later.
        for n in 0..1000 {
            let id = format!("{}{}", "a".repeat(16), base32_of(n));
            let copy = kept.replace(oldest.as_str().expect("an id"), &id).replace("1799548200", "1799548500");
            let item: Value = serde_json::from_str(&copy).expect("JSON");
            let put = json!({"TableName": simulator::stack::TABLE_NAME, "Item": item});
            scene.world.dynamodb().run("PutItem", &put).expect("it is put");
        }
        let finished = |scene: &Scene| {
            items(scene, &[])
                .iter()
                .filter(|item| item["sk"]["S"].as_str().unwrap_or("").starts_with("REMINDER#"))
                .count()
        };
        assert_eq!(finished(scene), 1002);
        for _ in 0..20 {
            registered(&person, passport(AT)).await;
        }
        assert_eq!(finished(scene), 1020, "two went, the oldest");
        assert_eq!(person.gets(&path(&oldest)).await.status, 404);
        assert_eq!(person.gets(&path(&done)).await.status, 200, "what was done last stays");
    })
    .await;
}

/// Four characters of an id.
fn base32_of(n: usize) -> String {
    let digit = |place: u32| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[n / 32_usize.pow(place) % 32]);
    [3, 2, 1, 0].map(digit).iter().collect()
}
