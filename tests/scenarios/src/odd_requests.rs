//! Requests that no honest client makes: none is another route than it says, none kills an environment, and nothing answered
//! to anybody is kept by a cache.

use http::Method;
use scenarios::mishap::{Call, Table};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::lambda::FunctionName;
use simulator::wechat::{AccountName, Format};

use crate::scene::{AT, Scene, passport, play, registered};
use crate::wire::{SERVICE, account, addressed, wrapped};

/// A call of the API as its Function URL hands it over.
fn event(method: &str, path: &str, token: &str) -> Value {
    like(include_str!("../../../events/api-list.json"), method, path, token)
}

/// The same as an HTTP API hands it over.
fn http_api_event(method: &str, path: &str, token: &str) -> Value {
    like(include_str!("../../../events/http-api-list.json"), method, path, token)
}

fn like(recorded: &str, method: &str, path: &str, token: &str) -> Value {
    let mut event: Value = serde_json::from_str(recorded).expect("JSON");
    event["rawPath"] = json!(path);
    event["rawQueryString"] = json!("");
    event["requestContext"]["http"]["method"] = json!(method);
    event["requestContext"]["http"]["path"] = json!(path);
    event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    event
}

async fn invoke(scene: &Scene, function: FunctionName, event: Value) -> Value {
    scene.world.lambda().invoke(function, event).await.expect("the environment lives")
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_a_surrogate_pair_is_named_with_its_field_and_everything_else_that_is_wrong() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let mut event = event("POST", "/reminders", person.token().expect("a token"));
        event["isBase64Encoded"] = json!(false);
        let mut body = passport(AT);
        (body["title"], body["note"]) = (json!("CUT"), json!("到出入境大厅换发 😀"));
        let text = |title: &str| json!(body.to_string().replace("CUT", title));
        event["body"] = text(r"护照\ud83d\ude00");
        let whole = invoke(scene, FunctionName::ReminderApi, event.clone()).await;
        assert_eq!(whole["statusCode"], 201, "{whole}");
        event["body"] = text(r"护照\ud83d");
        let cut = invoke(scene, FunctionName::ReminderApi, event.clone()).await;
        assert_eq!(cut["statusCode"], 422, "{cut}");
        let problem: Value = serde_json::from_str(cut["body"].as_str().expect("a body")).expect("JSON");
        let (field, code) = (&problem["errors"][0]["field"], &problem["errors"][0]["code"]);
        assert_eq!((field, code), (&json!("title"), &json!("characters")), "{problem}");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(1), "{problem}");
        event["body"] = json!(r#"{"title": "\ud83d"#);
        let torn = invoke(scene, FunctionName::ReminderApi, event).await;
        assert_eq!(torn["statusCode"], 400, "{torn}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn path_with_dot_segments_is_no_route() {
    play(async |scene| {
        let person = scene.user("小明").await;
        registered(&person, passport(AT)).await;
        let token = person.token().expect("a token");
        for path in [
            "/reminders/../me",
            "/reminders/%2e%2E/me",
            "/reminders/.%2e/me",
            "/reminders/%252e%252e/me",
            "/reminders\\..\\me",
            "/reminders/..%5cme",
            "/reminders/..%2Fme",
            "/reminders/.\t./me",
            "/./me",
            "/me/.",
            "/x/../me",
        ] {
            let answer = invoke(scene, FunctionName::ReminderApi, event("DELETE", path, token)).await;
            assert_eq!(answer["statusCode"], 404, "{path}");
        }
        let listed = person.gets("/reminders").await;
        assert_eq!(listed.body["reminders"].as_array().map(Vec::len), Some(1), "nobody was forgotten");
        let signed = {
            let account = account(scene, SERVICE);
            let fields = json!({"MsgType": "event", "Event": "unsubscribe"});
            let document = addressed(&account, "o1", json!(scene.world.now().as_second()), &fields);
            wrapped(scene, &account, Format::Xml, &document)
        };
        let mut dotted = event("POST", "/mini-program/../service-account", token);
        dotted["rawQueryString"] = json!(signed.query_string());
        dotted["body"] = json!(signed.body);
        assert_eq!(invoke(scene, FunctionName::WechatCallback, dotted).await["statusCode"], 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_hosts_schemes_and_paths_are_answered() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let token = person.token().expect("a token");
        for (header, value) in [
            ("host", "a b"),
            ("host", "[::1"),
            ("host", "a:99999"),
            ("host", "user@evil/..//?#"),
            ("host", ""),
            ("x-forwarded-proto", "no scheme"),
            ("x-forwarded-proto", "javascript"),
            ("x-forwarded-proto", ""),
        ] {
            let mut event = event("GET", "/reminders", token);
            event["headers"][header] = json!(value);
            let answer = invoke(scene, FunctionName::ReminderApi, event).await;
            assert_eq!(answer["statusCode"], 200, "{header}: {value:?} {answer}");
        }
        let expanding = ["\"", "护", "{", "\u{7f}", "%"].map(|c| format!("/{}", c.repeat(30_000 / c.len())));
        for path in expanding.iter().map(String::as_str).chain(["", "me", "//", "//evil:x/", ":80", "/%zz"]) {
            for function in [FunctionName::ReminderApi, FunctionName::WechatCallback] {
                let answer = invoke(scene, function, event("GET", path, token)).await;
                assert_eq!(answer["statusCode"], 404, "{path:.20}");
            }
        }
    })
    .await;
}

/// An HTTP API has decoded every escape of the path but `%25` (docs/aws.md §4).
#[tokio::test(flavor = "multi_thread")]
async fn path_that_an_http_api_decoded_is_no_other_route() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let id = registered(&person, passport(AT)).await.body["id"].clone();
        let id = id.as_str().expect("an id");
        let token = person.token().expect("a token");
        let spelled = |spell: fn(char) -> String| id.chars().map(spell).collect::<String>();
        for (asked, handed_over, status) in [
            ("/%6De", "/me", 200),
            ("/me%2F", "/me/", 404),
            ("/me%3Fx", "/me?x", 404),
            ("/me%3F", "/me?", 404),
            ("/me%23x", "/me#x", 404),
            ("/me%5C", "/me\\", 404),
            ("/%5Cme", "/\\me", 404),
            ("/me%20", "/me ", 404),
            ("/m%09e", "/m\te", 404),
            ("/me%0A", "/me\n", 404),
            ("/me%00", "/me\0", 404),
            ("/%256De", "/%256De", 404),
            ("/%E6%8A%A4", "/护", 404),
            ("/%FF", "/\u{fffd}", 404),
            ("/reminders%2F..%2Fme", "/reminders/../me", 404),
            ("/reminders/%252e%252e/me", "/reminders/%252e%252e/me", 404),
            ("/reminders/%3F", "/reminders/?", 404),
            ("/reminders%3Fstate=active", "/reminders?state=active", 404),
            ("/reminders/a%252Fb", "/reminders/a%252Fb", 404),
        ] {
            let answer =
                invoke(scene, FunctionName::ReminderApi, http_api_event("GET", handed_over, token)).await;
            assert_eq!(answer["statusCode"], status, "{asked}");
        }
        for path in [id.to_owned(), spelled(|c| format!("%{:02x}", u32::from(c)))] {
            let event = http_api_event("GET", &format!("/reminders/{path}"), token);
            assert_eq!(invoke(scene, FunctionName::ReminderApi, event).await["statusCode"], 200, "{path}");
        }
        for path in ["/me?x", "/me#x", "/me\\", "/me ", "/m\te"] {
            let event = http_api_event("DELETE", path, token);
            assert_eq!(invoke(scene, FunctionName::ReminderApi, event).await["statusCode"], 404, "{path:?}");
        }
        assert_eq!(person.gets("/me").await.status, 200, "nobody was forgotten");
    })
    .await;
}

fn is_kept_by_nobody(answer: &Value) -> bool {
    answer["headers"]["cache-control"] == "no-store"
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_answered_is_kept() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let token = person.token().expect("a token");
        for (method, path, token, status) in [
            ("GET", "/me", token, 200),
            ("GET", "/openapi.json", "", 200),
            ("GET", "/me", "forged", 401),
            ("GET", "/reminders/none", token, 404),
            ("GET", "/nowhere", token, 404),
            ("GET", "/reminders/../me", token, 404),
            ("PATCH", "/reminders", token, 405),
            ("POST", "/login", "", 400),
        ] {
            for event in [event, http_api_event] {
                let answer = invoke(scene, FunctionName::ReminderApi, event(method, path, token)).await;
                assert_eq!(answer["statusCode"], status, "{method} {path}");
                assert!(is_kept_by_nobody(&answer), "{method} {path}: {answer}");
            }
        }
        for (method, path, status) in [
            ("GET", "/mini-program", 403),
            ("POST", "/service-account", 403),
            ("GET", "/nowhere", 404),
            ("PUT", "/mini-program", 405),
        ] {
            for event in [event, http_api_event] {
                let answer = invoke(scene, FunctionName::WechatCallback, event(method, path, "")).await;
                assert_eq!(answer["statusCode"], status, "{method} {path}");
                assert!(is_kept_by_nobody(&answer), "{method} {path}: {answer}");
            }
        }
        nothing_that_went_wrong_is_kept(scene, token).await;
    })
    .await;
}

async fn nothing_that_went_wrong_is_kept(scene: &Scene, token: &str) {
    let account = account(scene, SERVICE);
    let fields = json!({"MsgType": "event", "Event": "unsubscribe"});
    let document = addressed(&account, "o1", json!(scene.world.now().as_second()), &fields);
    let signed = wrapped(scene, &account, Format::Xml, &document);
    for event in [event, http_api_event] {
        for operation in
            [Table::GetItem, Table::BatchGetItem, Table::Query, Table::PutItem, Table::UpdateItem]
        {
            scene.plan_times(operation, Fault::HttpStatus(500), 20);
        }
        let answer = invoke(scene, FunctionName::ReminderApi, event("GET", "/reminders", token)).await;
        assert_eq!(answer["statusCode"], 503, "{answer}");
        assert!(is_kept_by_nobody(&answer), "{answer}");
        let mut pushed = event("POST", "/service-account", "");
        pushed["rawQueryString"] = json!(signed.query_string());
        pushed["body"] = json!(signed.body);
        let answer = invoke(scene, FunctionName::WechatCallback, pushed).await;
        assert_eq!(answer["statusCode"], 500, "{answer}");
        assert!(is_kept_by_nobody(&answer), "{answer}");
        scene.world.clear_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callback_addresses_work_with_a_trailing_slash() {
    play(async |scene| {
        for name in AccountName::ALL {
            let account = account(scene, name);
            let fields = json!({"MsgType": "event", "Event": "debug_demo", "debug_str": "hello world"});
            let document = addressed(&account, "o1", json!(scene.world.now().as_second()), &fields);
            let signed = wrapped(scene, &account, Format::Xml, &document);
            for (method, echo, body) in [("POST", "", signed.body.as_str()), ("GET", "&echostr=4375", "")] {
                let mut event = event(method, &format!("{}/", name.path()), "");
                event["rawQueryString"] = json!(format!("{}{echo}", signed.query_string()));
                event["body"] = json!(body);
                let answer = invoke(scene, FunctionName::WechatCallback, event).await;
                assert_eq!(answer["statusCode"], 200, "{method} {name:?}: {answer}");
                assert_eq!(answer["body"], if method == "GET" { "4375" } else { "success" });
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_for_a_code_is_not_passed_on_to_wechat() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let asked = |scene: &Scene| {
            let path = Call::Jscode2session.path();
            scene.requests_since(0).iter().filter(|request| request.ends_with(path)).count()
        };
        let before = asked(scene);
        for (code, status) in [
            (" ", 401),
            ("a b", 401),
            ("护照", 401),
            ("a\u{0}b", 401),
            ("a\nb", 401),
            ("", 422),
            (&*"0".repeat(513), 422),
        ] {
            let answer = person.calls(Method::POST, "/login", json!({ "code": code })).await;
            assert_eq!(answer.status, status, "{code:?}: {answer}");
        }
        assert_eq!(asked(scene), before);
        // Whatever WeChat may make of its codes is WeChat's to judge.
        for (n, code) in ["x", "0a3_-~.+/=|:;,!@%&?#", &"Z".repeat(512)].into_iter().enumerate() {
            let answer = person.calls(Method::POST, "/login", json!({ "code": code })).await;
            assert_eq!(
                (answer.status, answer.body["code"].as_str()),
                (401, Some("code_rejected")),
                "{answer}"
            );
            assert_eq!(asked(scene), before + n + 1, "{code}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn token_is_good_for_its_own_mini_program_only() {
    play(async |scene| {
        let person = scene.user("小明").await;
        assert_eq!(person.gets("/me").await.status, 200);
        scene
            .world
            .ssm()
            .change_secrets(|secrets| secrets["mini_program"]["appid"] = json!("wx0000000000000001"));
        scene.world.recycle();
        assert_eq!(person.gets("/me").await.status, 401, "the same key, another mini program");
    })
    .await;
}
