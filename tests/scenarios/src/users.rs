//! What operators ask about one user, and how long users are kept who do nothing.

use jiff::{SignedDuration, Timestamp};
use scenarios::mishap::{ANSWER_LOST, Call, Event};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;

use crate::operations::{ask, wants_no_repeats};
use crate::scene::{AT, SUBSCRIPTION, Scene, passport, path, play, registered, service_openid};
use crate::verbs::Verbs;

async fn about(scene: &Scene, operation: &str, person: &Person) -> Value {
    ask(scene, json!({"operation": operation, "openid": person.mini_program_openid})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_id_finds_its_owner_without_reading_the_table() {
    play(async |scene| {
        let mut people = Vec::new();
        for name in ["小明", "小红", "小刚"] {
            let person = scene.user(name).await;
            let id = registered(&person, passport(AT)).await.body["id"].clone();
            let key = [("idempotency-key", "milk")];
            let keyed =
                person.calls_with(http::Method::POST, "/reminders", &key, passport(AT)).await.body["id"]
                    .clone();
            people.push((person, [id, keyed]));
        }
        for (person, ids) in &people {
            for id in ids {
                let from = scene.world.journal().last();
                let found = ask(scene, json!({"operation": "user.find", "reminder": id})).await;
                assert_eq!(found, json!({"openid": person.mini_program_openid, "id": id}));
                let requests = scene.requests_since(from);
                assert_eq!(requests, ["dynamodb:Query", "dynamodb:GetItem"], "of the whole table");
            }
        }
        let (person, [id, _]) = &people[0];
        let find = json!({"operation": "user.find", "reminder": id});
        ask(scene, json!({"operation": "user.forget", "openid": person.mini_program_openid})).await;
        let found = ask(scene, find).await;
        assert!(found["error"].as_str().is_some_and(|error| error.contains("was forgotten")), "{found}");
        for (reminder, field) in [(json!("护照"), "reminder"), (json!(7), "reminder")] {
            let answer = ask(scene, json!({"operation": "user.find", "reminder": reminder})).await;
            assert_eq!(answer["errors"][0]["field"], field, "{answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_shown_without_their_words() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        scene.accepts(&person, 2).await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        let shown = about(scene, "user.show", &person).await;
        for (field, value) in [("follows", json!(true)), ("linked", json!(true)), ("blocked", json!(false))] {
            assert_eq!(shown[field], value, "{field}: {shown}");
        }
        assert_eq!(shown["credits"][SUBSCRIPTION], json!({"confirmed": 2, "reported": 0, "uncertain": 0}));
        let reminder = &shown["reminders"][0];
        assert_eq!((&reminder["id"], &reminder["state"]), (&id, &json!("active")));
        assert_eq!(reminder["pushes"][0]["state"], "scheduled");
        assert!(!shown.to_string().contains("护照"));
        person.calls(http::Method::DELETE, &path(&id), Value::Null).await;
        assert_eq!(about(scene, "user.show", &person).await["reminders"][0]["state"], "deleted");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn export_holds_every_item_that_names_the_user() {
    play(async |scene| {
        wants_no_repeats(scene).await;
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        person.asks_for_code().await;
        registered(&person, passport("2027-01-10T12:00:00+08:00")).await;
        scene.advance_to("2027-01-10T12:10:00+08:00").await;
        person.unfollows().await;
        scene.plan(Call::SubscribeSend, ANSWER_LOST);
        scene.plan(Event::SubscribeMsgSent, Fault::Drop(true));
        registered(&person, passport("2027-01-10T13:00:00+08:00")).await;
        scene.advance_to("2027-01-10T15:00:00+08:00").await;
        let exported = about(scene, "user.export", &person).await;
        let keys = |item: &Value| (item["pk"].clone(), item["sk"].clone());
        let mut found = Vec::new();
        collect(&exported, &mut |item| found.push(keys(item)));
        let names = [person.mini_program_openid.clone(), service_openid(&person)];
        for item in scene.world.dynamodb().items().expect("a table") {
            if names.iter().any(|name| item.to_string().contains(name.as_str())) {
                let key = (item["pk"]["S"].clone(), item["sk"]["S"].clone());
                assert!(found.contains(&key), "{key:?} is not in {exported}");
            }
        }
        assert!(exported.to_string().contains("到出入境大厅换发"));
    })
    .await;
}

/// Everything in a document that is an item of the table.
fn collect(value: &Value, found: &mut impl FnMut(&Value)) {
    if value["pk"].is_string() {
        found(value);
    }
    let inside = value
        .as_array()
        .into_iter()
        .flatten()
        .chain(value.as_object().into_iter().flat_map(|all| all.values()));
    inside.for_each(|value| collect(value, found));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_nobody_to_every_operation() {
    play(async |scene| {
        let person = scene.user("小明").await;
        for operation in ["user.show", "user.export", "user.forget"] {
            let answer = ask(scene, json!({"operation": operation, "openid": "oNobody"})).await;
            assert_eq!(
                answer,
                json!({"error": "the mini program has no user of this openid"}),
                "{operation}"
            );
            let answer = ask(scene, json!({"operation": operation, "openid": "o nobody"})).await;
            assert_eq!(answer["errors"][0]["field"], "openid", "{operation}");
            let answer = ask(scene, json!({ "operation": operation })).await;
            assert_eq!(answer["errors"][0]["message"], "is required", "{operation}");
        }
        let forgotten = about(scene, "user.forget", &person).await;
        assert!(forgotten["forgotten_at"].is_string(), "{forgotten}");
        assert_eq!(person.gets("/me").await.status, 401);
        for operation in ["user.show", "user.export", "user.forget"] {
            let answer = about(scene, operation, &person).await;
            assert!(
                answer["error"].as_str().is_some_and(|error| error.contains("was forgotten")),
                "{answer}"
            );
            assert_eq!(answer["forgotten_at"], forgotten["forgotten_at"]);
        }
    })
    .await;
}

/// How many days from now the item under this partition is kept; none: for ever.
fn kept_days(scene: &Scene, partition: &str, sort: &str) -> Option<i64> {
    let items = scene.world.dynamodb().items().expect("a table");
    let item = items.iter().find(|item| item["pk"]["S"] == partition && item["sk"]["S"] == sort);
    let ttl = item.unwrap_or_else(|| panic!("{partition}"))["ttl"]["N"].as_str()?.parse().expect("seconds");
    Some(Timestamp::from_second(ttl).expect("an instant").duration_since(scene.world.now()).as_hours() / 24)
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_kept_for_a_year_after_their_last_login_and_as_long_as_their_reminders() {
    play(async |scene| {
        let mut person = scene.user("小明").await;
        let partition = format!("USER#{}", person.mini_program_openid);
        let kept = |scene: &Scene| kept_days(scene, &partition, "PROFILE").expect("a time");
        let mut writes = 0;
        for _ in 0..40 {
            scene.advance(SignedDuration::from_hours(24)).await;
            let from = scene.world.journal().last();
            person.logs_in().await;
            person.gets("/me").await;
            assert!((365..=397).contains(&kept(scene)), "{}", kept(scene));
            let puts = scene.requests_since(from).iter().filter(|one| *one == "dynamodb:PutItem").count();
            writes += usize::from(puts > 0);
        }
        assert!(writes <= 2, "written on {writes} of 40 days");

        let from = scene.world.journal().last();
        let mut reminder = passport("2027-03-30T09:00:00+08:00");
        reminder["expires_at"] = json!("2027-06-01T00:00:00+08:00");
        registered(&person, reminder.clone()).await;
        let puts = |from| scene.requests_since(from).iter().filter(|one| *one == "dynamodb:PutItem").count();
        assert_eq!(puts(from), 0, "the reminder alone, with its place in the allowance");
        let from = scene.world.journal().last();
        reminder["expires_at"] = json!("2032-06-01T00:00:00+08:00");
        registered(&person, reminder.clone()).await;
        assert_eq!(puts(from), 1, "the profile");
        assert!(kept(scene) > 5 * 365, "as long as what expires in five years");
        let from = scene.world.journal().last();
        registered(&person, reminder).await;
        assert_eq!(puts(from), 0, "the reminder alone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_who_left_and_is_nobodys_is_kept_for_a_year() {
    play(async |scene| {
        let person = Person::arrives(&scene.world, "路人", true).await;
        let partition = format!("FOLLOWER#{}", service_openid(&person));
        person.follows().await;
        assert_eq!(kept_days(scene, &partition, "PROFILE"), None, "as long as they follow");
        scene.advance(SignedDuration::from_hours(24 * 30)).await;
        person.unfollows().await;
        assert_eq!(kept_days(scene, &partition, "PROFILE"), Some(365));
        let unions = scene.world.dynamodb().items().expect("a table");
        let union = unions.iter().find(|item| item["sk"]["S"] == "LINK").expect("their union item");
        assert!(union["ttl"]["N"].is_string(), "{union}");
        scene.advance(SignedDuration::from_hours(1)).await;
        person.follows().await;
        assert_eq!(kept_days(scene, &partition, "PROFILE"), None);
    })
    .await;
}
