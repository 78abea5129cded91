//! A CDN or relay in front of the API: with an origin secret nothing comes past it, and nothing of what tries is looked at.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::logs::capture;
use simulator::people::{Answer, Person};

use crate::scene::{AT, Scene, passport, play};
use crate::verbs::Verbs;

const OLD: &str = "made-up-0123456789abcdef0123456789";
const NEW: &str = "made-up-fedcba9876543210fedcba9876";

fn set(scene: &Scene, secret: Value, previous: Value) {
    scene.world.ssm().change_secrets(|secrets| {
        secrets["origin_secret"] = secret;
        secrets["previous_origin_secret"] = previous;
    });
}

/// As it comes through a front that adds this.
async fn through(front: &str, person: &Person, method: Method, path: &str, body: Value) -> Answer {
    person.calls_with(method, path, &[("X-Origin-Secret", front)], body).await
}

async fn sees_me(person: &Person, front: &str) -> u16 {
    through(front, person, Method::GET, "/me", Value::Null).await.status
}

#[track_caller]
fn is_refused(answer: &Answer) {
    assert_eq!((answer.status, &answer.body["code"]), (403, &json!("forbidden_origin")), "{answer}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_past_the_front_and_nothing_is_read_for_it() {
    let captured = capture();
    play(async |scene| {
        let person = scene.user("小明").await;
        set(scene, json!(OLD), Value::Null);
        scene.world.recycle();
        assert_eq!(sees_me(&person, OLD).await, 200);
        let since = scene.world.journal().last();
        for (method, path) in [
            (Method::GET, "/me"),
            (Method::DELETE, "/me"),
            (Method::POST, "/login"),
            (Method::POST, "/reminders"),
            (Method::PATCH, "/reminders"),
            (Method::GET, "/openapi.json"),
            (Method::GET, "/nowhere"),
            (Method::DELETE, "/reminders/../me"),
        ] {
            is_refused(&person.calls(method.clone(), path, passport(AT)).await);
            for wrong in ["", NEW, &OLD[1..], &format!("{OLD},{OLD}"), "护照"] {
                is_refused(&through(wrong, &person, method.clone(), path, passport(AT)).await);
            }
        }
        assert_eq!(scene.requests_since(since), [""; 0], "the secrets are not a minute old");

        let code = person.login_code().await;
        let login = through(OLD, &person, Method::POST, "/login", json!({ "code": code })).await;
        assert_eq!(login.status, 200, "{login}");
        assert_eq!(through(OLD, &person, Method::POST, "/reminders", passport(AT)).await.status, 201);
        assert_eq!(through(OLD, &person, Method::GET, "/nowhere", Value::Null).await.status, 404);
        assert_eq!(person.follows().await.status, 200, "WeChat's callbacks carry no header");
        let callbacks = scene.world.platform().callbacks();
        let followed = callbacks.iter().find(|callback| callback.event == "subscribe").expect("it was told");
        assert_eq!(followed.attempts[0].status, Some(200));

        let log = captured.text();
        assert!(log.contains("a request without our origin secret was refused"), "operators are told");
        assert!(!log.contains(OLD) && !log.contains(NEW) && !log.contains(&OLD[1..]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn origin_secret_is_rotated_without_a_refusal() {
    play(async |scene| {
        let person = scene.user("小明").await;
        set(scene, json!(OLD), Value::Null);
        scene.world.recycle();
        assert_eq!(sees_me(&person, OLD).await, 200);
        scene.advance(SignedDuration::from_mins(1)).await;
        set(scene, json!(NEW), json!(OLD));
        // This environment has the old secrets until the front says the new one.
        for front in [OLD, NEW, OLD, NEW] {
            assert_eq!(sees_me(&person, front).await, 200, "{front}");
        }
        set(scene, json!(NEW), Value::Null);
        scene.world.recycle();
        assert_eq!((sees_me(&person, NEW).await, sees_me(&person, OLD).await), (200, 403));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_functions_notice_that_a_secret_was_set_or_taken_away() {
    play(async |scene| {
        let person = scene.user("小明").await;
        assert_eq!(person.gets("/me").await.status, 200, "nobody asks for a header");
        scene.advance(SignedDuration::from_mins(1)).await;
        set(scene, json!(OLD), Value::Null);
        assert_eq!(sees_me(&person, OLD).await, 200);
        is_refused(&person.gets("/me").await);

        set(scene, Value::Null, Value::Null);
        is_refused(&person.gets("/me").await);
        scene.advance(SignedDuration::from_mins(1)).await;
        assert_eq!(person.gets("/me").await.status, 200);

        // A front that adds what nobody asks for has the secrets fetched once a minute, not more.
        let since = scene.world.journal().last();
        for _ in 0..3 {
            assert_eq!(sees_me(&person, OLD).await, 200);
        }
        scene.advance(SignedDuration::from_mins(1)).await;
        for _ in 0..3 {
            assert_eq!(sees_me(&person, OLD).await, 200);
        }
        let fetched =
            scene.requests_since(since).iter().filter(|request| request.starts_with("ssm:")).count();
        assert_eq!(fetched, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_that_anybody_could_guess_closes_the_api_instead_of_opening_it() {
    play(async |scene| {
        let person = scene.user("小明").await;
        set(scene, json!(""), Value::Null);
        assert_eq!(sees_me(&person, "").await, 200, "what runs keeps to the secrets that were good");
        scene.world.recycle();
        for front in ["", OLD] {
            assert_eq!(sees_me(&person, front).await, 503);
        }
        let report = crate::operations::ask(scene, json!({"operation": "doctor"})).await;
        let found = report["findings"].as_array().expect("findings").iter();
        let secrets: Vec<&Value> = found.filter(|finding| finding["check"] == "secrets").collect();
        assert_eq!(secrets[0]["status"], "failed");
        assert!(secrets[0]["what"].as_str().is_some_and(|what| what.contains(": origin_secret must be")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_described_with_this_refusal() {
    play(async |scene| {
        let document = scene.user("小明").await.gets("/openapi.json").await.body;
        let items = document["paths"].as_object().expect("paths").iter();
        let operations = items.flat_map(|(path, item)| {
            item.as_object().expect("operations").iter().map(move |(method, one)| (path, method, one))
        });
        let mut seen = 0;
        for (path, method, operation) in operations {
            let refusal = operation["responses"]["403"].to_string();
            assert!(refusal.contains("`forbidden_origin`"), "{method} {path}: {refusal}");
            assert!(refusal.contains("#/components/schemas/Problem"), "{method} {path}: {refusal}");
            seen += 1;
        }
        assert!(seen >= 11, "{seen}");
    })
    .await;
}
