//! The owner's own server calls the API by its key, about the reminders of users who are known, and about nothing else.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::logs::capture;
use simulator::people::{Answer, Client, Person, answer, client};

use crate::forgotten_meanwhile::forgotten_meanwhile;
use crate::scene::{AT, Scene, passport, path, play, registered, told};

const OLD: &str = "made-up-server-0123456789abcdef0123";
const NEW: &str = "made-up-server-fedcba9876543210fedc";
const SOMEBODY: &str = "oMadeUpAndNeverLoggedIn00001";

/// A program of the owner's, somewhere.
struct Server {
    key: &'static str,
    client: Client,
    api: String,
}

impl Server {
    fn of(scene: &Scene, key: &'static str) -> Self {
        let addresses = scene.world.addresses();
        Self { key, client: client(), api: addresses.url(addresses.reminder_api) }
    }

    /// With these openids, each in a header of its own.
    async fn calls_of(&self, openids: &[&str], method: Method, path: &str, body: &Value) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.api));
        request = request.header("authorization", format!("Bearer {}", self.key));
        for openid in openids {
            request = request.header("x-openid", *openid);
        }
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        answer(request).await
    }

    async fn calls(&self, person: &Person, method: Method, path: &str, body: Value) -> Answer {
        self.calls_of(&[&person.mini_program_openid], method, path, &body).await
    }

    async fn lists(&self, person: &Person) -> Answer {
        self.calls(person, Method::GET, "/reminders", Value::Null).await
    }
}

fn set(scene: &Scene, key: Value, previous: Value) {
    scene.world.ssm().change_secrets(|secrets| {
        secrets["server_key"] = key;
        secrets["previous_server_key"] = previous;
    });
}

/// A server whose key stands in the secrets from the start.
fn server(scene: &Scene) -> Server {
    set(scene, json!(OLD), Value::Null);
    scene.world.recycle();
    Server::of(scene, OLD)
}

/// Every call about reminders.
fn about_reminders(id: &Value) -> [(Method, String, Value); 6] {
    let one = path(id);
    [
        (Method::POST, "/reminders".to_owned(), passport(AT)),
        (Method::GET, "/reminders".to_owned(), Value::Null),
        (Method::GET, one.clone(), Value::Null),
        (Method::PUT, one.clone(), passport(AT)),
        (Method::POST, format!("{one}/done"), Value::Null),
        (Method::DELETE, one, Value::Null),
    ]
}

#[track_caller]
fn is_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{answer}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

/// Something is wrong with `X-Openid`, and with nothing else.
#[track_caller]
fn names_the_openid(answer: &Answer) {
    is_problem(answer, 422, "invalid");
    let fields: Vec<&Value> =
        answer.body["errors"].as_array().expect("errors").iter().map(|one| &one["field"]).collect();
    assert_eq!(fields, [&json!("X-Openid")], "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_keeps_the_reminders_of_a_user_who_is_told() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let server = server(scene);
        let made = server.calls(&person, Method::POST, "/reminders", passport(AT)).await;
        assert_eq!(made.status, 201, "{made}");
        assert_eq!(made.body["coverage"]["covered"], 1);
        let path = path(&made.body["id"]);
        assert_eq!(person.gets(&path).await.body["title"], "护照", "it is the user's");
        let listed = server.lists(&person).await;
        assert_eq!(listed.body, person.gets("/reminders").await.body);
        assert_eq!(listed.body["reminders"][0]["id"], made.body["id"]);

        let mut later = passport("2027-01-13T09:00:00+08:00");
        later["title"] = json!("新护照");
        let renewed = server.calls(&person, Method::PUT, &path, later).await;
        assert_eq!((renewed.status, &renewed.body["revision"]), (200, &json!(2)), "{renewed}");
        scene.advance_to("2027-01-14T09:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-13 09:00 template in service_account"]);
        let shown = server.calls(&person, Method::GET, &path, Value::Null).await;
        assert_eq!(shown.body["pushes"][0]["state"], "delivered");
        assert!(shown.body["timeline"].is_array());

        let done = server.calls(&person, Method::POST, &format!("{path}/done"), Value::Null).await;
        assert_eq!((done.status, &done.body["state"]), (200, &json!("done")));
        assert_eq!(server.calls(&person, Method::DELETE, &path, Value::Null).await.status, 204);
        is_problem(&server.calls(&person, Method::GET, &path, Value::Null).await, 404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_whom_nobody_knows_is_unknown_to_every_call() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        let server = server(scene);
        assert_eq!(server.lists(&person).await.status, 200);
        assert_eq!(person.calls(Method::DELETE, "/me", Value::Null).await.status, 204);
        for openid in [SOMEBODY, &person.mini_program_openid] {
            for (method, path, body) in about_reminders(&reminder.body["id"]) {
                let answer = server.calls_of(&[openid], method, &path, &body).await;
                is_problem(&answer, 404, "user_unknown");
            }
        }
        scene.advance(SignedDuration::from_hours(48)).await;
        assert_eq!(told(&person).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_of_one_user_are_not_another_ones_to_the_server_either() {
    play(async |scene| {
        let (owner, reminder) = scene.follower_with_passport().await;
        let other = scene.user("小红").await;
        let server = server(scene);
        for (method, path, body) in &about_reminders(&reminder.body["id"])[2..] {
            let answer = server.calls(&other, method.clone(), path, body.clone()).await;
            is_problem(&answer, 404, "not_found");
        }
        assert_eq!(server.lists(&other).await.body["reminders"], json!([]));
        assert_eq!(server.lists(&owner).await.body["reminders"][0]["revision"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_users_own_takes_no_server_key() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let server = server(scene);
        for (method, path) in [
            (Method::GET, "/me"),
            (Method::DELETE, "/me"),
            (Method::POST, "/me/qrcode"),
            (Method::POST, "/subscriptions"),
        ] {
            let body = json!({"results": {}});
            is_problem(
                &server.calls(&person, method.clone(), path, body.clone()).await,
                403,
                "not_for_servers",
            );
            is_problem(&server.calls_of(&[], method, path, &body).await, 403, "not_for_servers");
        }
        assert_eq!(person.gets("/me").await.body["followed"], true, "nobody was forgotten");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn key_says_of_whom_and_a_login_token_does_not() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        let server = server(scene);
        assert_eq!(server.lists(&person).await.status, 200);
        let mine = person.mini_program_openid.clone();
        let since = scene.world.journal().last();
        for (method, path, body) in about_reminders(&reminder.body["id"]) {
            for openids in [vec![], vec![""], vec!["two words"], vec!["小明"], vec![&*mine, &*mine]] {
                names_the_openid(&server.calls_of(&openids, method.clone(), &path, &body).await);
            }
            names_the_openid(&server.calls_of(&[&"o".repeat(129)], method.clone(), &path, &body).await);
            for openid in [&*mine, SOMEBODY] {
                let headers = [("x-openid", openid)];
                names_the_openid(&person.calls_with(method.clone(), &path, &headers, body.clone()).await);
            }
        }
        assert_eq!(scene.requests_since(since), [""; 0], "nothing is read for it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_saves_counts_in_the_users_allowance() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let server = server(scene);
        let reminder = registered(&person, passport(AT)).await;
        let path = path(&reminder.body["id"]);
        for nth in 0..249 {
            let renewed = match nth % 2 {
                0 => server.calls(&person, Method::PUT, &path, passport(AT)).await,
                _ => person.calls(Method::PUT, &path, passport(AT)).await,
            };
            assert_eq!(renewed.status, 200, "{nth}: {renewed}");
        }
        let refused = server.calls(&person, Method::POST, "/reminders", passport(AT)).await;
        is_problem(&refused, 429, "too_many_requests");
        assert!(refused.headers.contains_key("retry-after"));
        is_problem(&person.registers(passport(AT)).await, 429, "too_many_requests");
        assert_eq!(server.lists(&person).await.status, 200, "reading is not counted");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn server_key_is_rotated_without_a_refusal_and_guesses_fetch_no_secrets() {
    let captured = capture();
    play(async |scene| {
        let person = scene.follower("小明").await;
        let (old, new) = (Server::of(scene, OLD), Server::of(scene, NEW));
        assert_eq!(person.gets("/reminders").await.status, 200);
        is_problem(&old.lists(&person).await, 401, "unauthorized");
        scene.advance(SignedDuration::from_mins(1)).await;
        set(scene, json!(OLD), Value::Null);
        assert_eq!(old.lists(&person).await.status, 200, "running functions notice that there is one");

        let since = scene.world.journal().last();
        for _ in 0..3 {
            is_problem(&new.lists(&person).await, 401, "unauthorized");
        }
        assert_eq!(scene.requests_since(since).iter().filter(|one| one.starts_with("ssm:")).count(), 0);

        scene.advance(SignedDuration::from_mins(1)).await;
        set(scene, json!(NEW), json!(OLD));
        for server in [&old, &new, &old, &new] {
            assert_eq!(server.lists(&person).await.status, 200, "{}", server.key);
        }
        set(scene, json!(NEW), Value::Null);
        scene.world.recycle();
        assert_eq!(new.lists(&person).await.status, 200);
        is_problem(&old.lists(&person).await, 401, "unauthorized");
        let log = captured.text();
        assert!(!log.contains(OLD) && !log.contains(NEW) && !log.contains(&person.mini_program_openid));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn key_that_anybody_could_guess_is_no_key() {
    play(async |scene| {
        let person = scene.user("小明").await;
        set(scene, json!("short"), Value::Null);
        scene.world.recycle();
        let guessed = Server::of(scene, "short").lists(&person).await;
        is_problem(&guessed, 503, "unavailable");
        let report = crate::operations::ask(scene, json!({"operation": "doctor"})).await;
        let found = report["findings"].as_array().expect("findings").iter();
        let secrets: Vec<&Value> = found.filter(|finding| finding["check"] == "secrets").collect();
        assert!(secrets[0]["what"].as_str().is_some_and(|what| what.contains(": server_key must be")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_is_forgotten_while_the_server_saves_is_unknown_to_it() {
    let mut before_anything_is_written = 0;
    for kth in 1..=4 {
        play(async |scene| {
            let person = scene.follower("小明").await;
            let server = server(scene);
            assert_eq!(server.lists(&person).await.status, 200);
            let saving = server.calls(&person, Method::POST, "/reminders", passport(AT));
            let ended = forgotten_meanwhile(scene, &person, kth, saving).await;
            if ended.had_written == Some(false) {
                before_anything_is_written += 1;
                is_problem(&ended.answer, 404, "user_unknown");
            }
        })
        .await;
    }
    assert!(before_anything_is_written >= 2, "{before_anything_is_written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reminder_calls_alone_are_described_as_open_to_the_server() {
    play(async |scene| {
        let document = scene.user("小明").await.gets("/openapi.json").await.body;
        let schemes = &document["components"]["securitySchemes"];
        assert_eq!(schemes["server_key"]["scheme"], "bearer");
        assert_eq!(
            (&schemes["openid"]["in"], &schemes["openid"]["name"]),
            (&json!("header"), &json!("X-Openid"))
        );
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let server = json!({"server_key": [], "openid": []});
                let security = operation["security"].as_array();
                let is_open = security.is_some_and(|ways| ways.contains(&server));
                assert_eq!(is_open, path.starts_with("/reminders"), "{method} {path}: {security:?}");
            }
        }
    })
    .await;
}
