//! Every recorded event of `events/` goes through its function, as it is or with what cannot be recorded: a fresh code,
//! a fresh token, the id of an existing reminder. What comes by HTTP is there as a Function URL hands it over and, with
//! `http-` before its name, as an HTTP API does.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use simulator::functions;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::timeline::Pace;
use simulator::wechat::AccountName;
use simulator::world::World;

use crate::operations::ask;
use crate::scene::{AT, SUBSCRIPTION, Scene, passport, play};
use crate::verbs::Verbs;

/// What the names of events begin with that came by a Function URL, and by an HTTP API.
const WAYS: [&str; 2] = ["", "http-"];

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");

/// Each names every sample of an operation.
const DOCUMENTS: [(&str, &str); 2] = [
    ("operations.md", include_str!("../../../docs/operations.md")),
    ("operations.zh-CN.md", include_str!("../../../docs/operations.zh-CN.md")),
];

fn recorded(name: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(EVENTS).join(name)).expect("a recorded event");
    serde_json::from_str(&text).expect("JSON")
}

/// All files whose names begin so, without the ending.
fn names(prefix: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(EVENTS).expect("the folder of events");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    names
        .filter(|name| name.starts_with(prefix))
        .map(|name| name.trim_end_matches(".json").to_owned())
        .collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

async fn invoke(world: &World, function: FunctionName, event: Value) -> (u64, String) {
    let answer = world.lambda().invoke(function, event).await.expect("an answer");
    let status = answer["statusCode"].as_u64().expect("a status");
    (status, answer["body"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn recorded_events_are_all_played_below() {
    let kinds = ["api-", "callback-", "http-api-", "http-callback-", "dispatch-", "operations-"];
    let played = kinds.map(names).into_iter().flatten();
    let all = names("");
    assert_eq!(all, played.chain(["settings".to_owned()]).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_calls_of_the_api_are_answered() {
    for way in WAYS {
        recorded_calls_are_answered(way).await;
    }
}

async fn recorded_calls_are_answered(way: &str) {
    play(async |scene| {
        let calls = ["list", "login", "me", "register"].map(|call| format!("{way}api-{call}"));
        assert_eq!(names(&format!("{way}api-")), calls.into());
        let person = scene.follower("小明").await;
        let mut login = recorded(&format!("{way}api-login.json"));
        let code = person.login_code().await;
        login["body"] = json!(json!({ "code": code }).to_string());
        let (status, body) = invoke(&scene.world, FunctionName::ReminderApi, login).await;
        assert_eq!(status, 200, "{body}");
        let token: Value = serde_json::from_str(&body).expect("JSON");
        let token = token["token"].as_str().expect("a token").to_owned();
        for (name, expected) in [("api-me", 200), ("api-register", 201), ("api-list", 200)] {
            let mut event = recorded(&format!("{way}{name}.json"));
            event["headers"]["authorization"] = json!(format!("Bearer {token}"));
            let (status, body) = invoke(&scene.world, FunctionName::ReminderApi, event).await;
            assert_eq!(status, expected, "{name}: {body}");
            assert_eq!(body.contains("护照"), name != "api-me", "{name}: {body}");
        }
    })
    .await;
}

/// The account they were recorded for: WeChat's own published example.
fn recorded_account(account: &mut simulator::wechat::Account) {
    account.appid = "wxba5fad812f8e6fb9".to_owned();
    account.callback_token = "AAAAA".to_owned();
    account.encoding_aes_key = "A".repeat(43);
    account.original_id = "gh_97417a04a28d".to_owned();
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_callbacks_are_accepted_at_their_time_and_refused_later() {
    for way in WAYS {
        recorded_callbacks_are_accepted(way).await;
    }
}

async fn recorded_callbacks_are_accepted(way: &str) {
    let callbacks = ["subscribe", "verify"].map(|callback| format!("{way}callback-{callback}"));
    assert_eq!(names(&format!("{way}callback-")), callbacks.into());
    let now = jiff::Timestamp::from_second(1_714_036_504).expect("an instant");
    let options = Options { pace: Pace::Explicit { now }, ..Options::default() };
    let world = World::start(options, functions::built_in()).await.expect("a world");
    world.platform().change_account(AccountName::ServiceAccount, recorded_account);
    let accounts = world.platform().accounts();
    let service_account = accounts.service_account.expect("there is one");
    world.ssm().change_secrets(|secrets| {
        secrets["mini_program"]["callback_token"] = json!("AAAAA");
        let own = &mut secrets["service_account"];
        own["appid"] = json!(service_account.appid);
        own["callback_token"] = json!(service_account.callback_token);
        own["encoding_aes_key"] = json!(service_account.encoding_aes_key);
        own["original_id"] = json!(service_account.original_id);
    });
    let verify = recorded(&format!("{way}callback-verify.json"));
    let answer = invoke(&world, FunctionName::WechatCallback, verify.clone()).await;
    assert_eq!(answer, (200, "4375120948345356249".to_owned()));

    world.advance_to(jiff::Timestamp::from_second(1_714_112_445).expect("an instant")).await;
    assert_eq!(invoke(&world, FunctionName::WechatCallback, verify).await.0, 403, "a day old");
    let subscribe = recorded(&format!("{way}callback-subscribe.json"));
    let (status, body) = invoke(&world, FunctionName::WechatCallback, subscribe).await;
    assert_eq!(status, 200);
    assert!(body.starts_with("<xml><Encrypt>"), "the new follower is welcomed: {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn query_that_is_no_part_of_any_uri_is_answered_like_another() {
    play(async |scene| {
        let longest = "x".repeat(70_000);
        for (name, function, path, query, expected) in [
            ("callback-verify", FunctionName::WechatCallback, None, "signature=a b&echostr=<\"#\u{7f}>", 403),
            ("callback-verify", FunctionName::WechatCallback, None, "护照=%FF&%", 403),
            ("callback-verify", FunctionName::WechatCallback, None, longest.as_str(), 404),
            ("callback-verify", FunctionName::WechatCallback, Some(longest.as_str()), "", 404),
            ("api-list", FunctionName::ReminderApi, None, "cursor=a b", 401),
            ("api-list", FunctionName::ReminderApi, Some("/a b\"<>{}|\\^`护"), "a=\t", 404),
        ] {
            let mut event = recorded(&format!("{name}.json"));
            event["rawQueryString"] = json!(query);
            if let Some(path) = path {
                event["rawPath"] = json!(path);
            }
            assert_eq!(invoke(&scene.world, function, event).await.0, expected, "{path:?} {query:.60}");
        }
        // What a bare space stands for is read as one.
        let person = scene.user("小明").await;
        let mut event = recorded("api-list.json");
        event["headers"]["authorization"] = json!(format!("Bearer {}", person.token().expect("a token")));
        event["rawQueryString"] = json!("state=so on");
        let (status, body) = invoke(&scene.world, FunctionName::ReminderApi, event).await;
        assert_eq!(status, 422, "{body}");
        assert!(body.contains(r#""field":"state""#), "{body}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_wake_ups_are_understood() {
    play(async |scene| {
        assert_eq!(names("dispatch-"), set(["dispatch-erase", "dispatch-reminder", "dispatch-sweep"]));
        for name in names("dispatch-") {
            let event = recorded(&format!("{name}.json"));
            let answer = scene.world.lambda().invoke(FunctionName::ReminderDispatch, event).await;
            assert_eq!(answer, Ok(json!({"did": "nothing"})), "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_operations_are_done() {
    let operations = [
        "operations-arrivals-show",
        "operations-doctor",
        "operations-followers-sync",
        "operations-push-redrive",
        "operations-push-test",
        "operations-quota-show",
        "operations-reminder-show",
        "operations-settings-get",
        "operations-settings-put",
        "operations-settings-history",
        "operations-settings-restore",
        "operations-stats",
        "operations-templates-list",
        "operations-user-export",
        "operations-user-find",
        "operations-user-show",
        // The last: nothing is left to ask for.
        "operations-user-forget",
    ];
    assert_eq!(names("operations-"), set(operations));
    for (document, text) in DOCUMENTS {
        for name in operations {
            assert!(text.contains(&format!("events/{name}.json")), "{name} in {document}");
        }
    }
    play(async |scene: &Scene| {
        let person = scene.follower("小明").await;
        let id = person.registers(passport(AT)).await.body["id"].clone();
        for name in operations {
            let mut event = recorded(&format!("{name}.json"));
            for (field, value) in
                [("openid", json!(person.mini_program_openid)), ("id", id.clone()), ("reminder", id.clone())]
            {
                if event.get(field).is_some() {
                    event[field] = value;
                }
            }
            // Which the reader is to fill in, and which is refused until then.
            if name == "operations-settings-put" {
                event["settings"]["templates"]["expiry"]["mini_subscription"]["template_id"] =
                    json!(SUBSCRIPTION);
            }
            let answer = ask(scene, event).await;
            assert_eq!(answer.get("error"), None, "{name}: {answer}");
            assert_eq!(answer.get("errors"), None, "{name}: {answer}");
        }
    })
    .await;
}
