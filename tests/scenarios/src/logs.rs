//! What is logged and counted: enough to know what happens, and never a secret, a person or their words.

use std::collections::BTreeSet;

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Event, Table, refusal};
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use simulator::faults::Fault;
use simulator::logs::capture;
use simulator::options::Options;
use simulator::people::{Person, answer, client};
use simulator::wechat::Format;
use wechat::ErrCode;

use crate::operations::{ask, wants_no_repeats};
use crate::scene::{AT, Scene, passport, play, play_with, states};
use crate::verbs::Verbs;
use crate::wire::{MINI, SERVICE, call_back};

const TEMPLATE: &str = include_str!("../../../template.yaml");
const TITLE: &str = "小明的秘密护照";
const NOTE: &str = "放在卧室左边第二个抽屉";
const SAID: &str = "我的身份证号是多少来着";
const SESSION_FROM: &str = "item:this-is-nobody-s-business";

/// The code that a login used, and the bearer token it gave.
async fn login(person: &Person, heard: &mut Vec<String>) {
    let code = person.login_code().await;
    let login = person.calls(Method::POST, "/login", json!({ "code": code })).await;
    assert_eq!(login.status, 200, "{login}");
    heard.extend([text(&code), text(&login.body["token"])]);
    let refused = person.calls(Method::POST, "/login", json!({ "code": code })).await;
    assert_eq!(refused.status, 401, "{refused}");
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// Whoever knows one of these can scan the code: its ticket at WeChat, as it is and as an address carries it, and what
/// the code says.
fn bearers_of_the_code(scene: &Scene, image_url: &str) -> Vec<String> {
    let (_, escaped) = image_url.split_once("ticket=").expect("the address of a picture has a ticket");
    let ticket = escaped.replace("%3D", "=").replace("%2F", "/").replace("%2B", "+");
    assert!(!ticket.contains('%'), "{ticket}");
    let items = scene.world.dynamodb().items().expect("a table");
    let keys = items.iter().filter_map(|item| item["pk"]["S"].as_str());
    let scenes: Vec<String> = keys.filter_map(|key| key.strip_prefix("BIND#")).map(str::to_owned).collect();
    assert!(scenes.len() == 1 && scenes[0].starts_with("bind:"), "{scenes:?}");
    [vec![ticket, escaped.to_owned()], scenes].concat()
}

/// Nearly everything that happens to people, well and badly. Answers what was heard on the way, and the id of a reminder,
/// which the log may name.
async fn a_broad_life(scene: &Scene) -> (Vec<String>, String) {
    let mut heard: Vec<String> = [TITLE, NOTE, SAID, SESSION_FROM].map(str::to_owned).to_vec();
    let follower = scene.follower("关注者").await;
    let subscriber = scene.user("订阅者").await;
    let mut id = String::new();
    for person in [&follower, &subscriber] {
        login(person, &mut heard).await;
        heard.extend(person.token().map(str::to_owned));
        heard.push(person.mini_program_openid.clone());
        heard.extend(person.service_account_openid.clone());
        let reminder = json!({"title": TITLE, "note": NOTE, "template": "expiry",
            "expires_at": "2027-03-01T00:00:00+08:00", "pushes": [{"at": "2027-01-12T09:00:00+08:00"},
            {"at": "2027-01-13T09:00:00+08:00"}, {"at": "2027-01-14T09:00:00+08:00"}]});
        scene.accepts(person, 1).await;
        let registered = person.registers(reminder).await;
        assert_eq!(registered.status, 201, "{registered}");
        id = text(&registered.body["id"]);
        person.registers(json!({"title": TITLE, "note": 7})).await;
        person.enters_session(SESSION_FROM).await;
        for to in ["mini_program", "service_account"] {
            person.says(to, SAID).await;
        }
    }
    scene.plan(Call::Jscode2session, refusal(ErrCode::SYSTEM_ERROR));
    let code = subscriber.login_code().await;
    let failed = subscriber.calls(Method::POST, "/login", json!({ "code": code })).await;
    assert_eq!(failed.status, 503, "{failed}");
    heard.push(text(&code));
    let code = subscriber.calls(Method::POST, "/me/qrcode", json!(null)).await;
    heard.push(text(&code.body["image_url"]));
    heard.extend(bearers_of_the_code(scene, &text(&code.body["image_url"])));
    let followed = subscriber.follows_by_code(&code.body["image_url"]).await;
    assert_eq!(followed.status, 200, "{followed}");
    subscriber.unfollows().await;
    scene.advance(SignedDuration::from_mins(1)).await;

    scene.plan(Call::TemplateSend, ANSWER_LOST);
    scene.plan(Call::TemplateSend, refusal(ErrCode::INVALID_TEMPLATE_ID));
    scene.plan(Call::SubscribeSend, refusal(ErrCode::ARGUMENT_INVALID));
    scene.plan_times(Table::BatchGetItem, Fault::HttpStatus(500), 6);
    scene.advance_to("2027-01-13T12:00:00+08:00").await;
    scene.world.platform().revoke_tokens(SERVICE);
    scene.change_account(SERVICE, |account| {
        account.ip_whitelist = Some(Vec::new());
    });
    scene.advance_to("2027-01-14T12:00:00+08:00").await;
    scene.change_account(SERVICE, |account| account.ip_whitelist = None);
    scene.advance_to("2027-01-15T12:00:00+08:00").await;

    let addresses = scene.world.addresses();
    let forged =
        "/service-account?signature=f0f0&timestamp=1799985600&nonce=1&encrypt_type=aes&msg_signature=f0f0";
    let url = format!("{}{forged}", addresses.url(addresses.wechat_callback));
    answer(client().post(url).body(format!("<xml><Encrypt>{SAID}</Encrypt></xml>"))).await;
    for operation in ["doctor", "followers.sync", "quota.show", "templates.list", "settings.get"] {
        ask(scene, json!({ "operation": operation })).await;
    }
    ask(scene, json!({"operation": "push.redrive", "since": "2027-01-12T00:00:00+08:00"})).await;
    follower.calls(Method::DELETE, "/me", json!(null)).await;
    scene.advance(SignedDuration::from_hours(1)).await;
    (heard, id)
}

/// Everything that must stay between WeChat, AWS and us.
async fn secrets(scene: &Scene) -> Vec<String> {
    let stored = scene.world.ssm().secrets();
    let mut secrets = vec![text(&stored["session_signing_key"])];
    let addresses = scene.world.addresses();
    for account in ["mini_program", "service_account"] {
        let own = &stored[account];
        secrets.extend(["app_secret", "callback_token", "encoding_aes_key"].map(|key| text(&own[key])));
        let url = format!("{}/cgi-bin/stable_token", addresses.url(addresses.wechat));
        let asked =
            json!({"grant_type": "client_credential", "appid": own["appid"], "secret": own["app_secret"]});
        secrets.push(text(&answer(client().post(url).body(asked.to_string())).await.body["access_token"]));
    }
    secrets
}

/// The metrics among the captured lines.
fn metrics(captured: &str) -> Vec<Value> {
    let lines = captured.lines().filter_map(|line| line.find(r#"{"_aws""#).map(|at| &line[at..]));
    lines.map(|line| serde_json::from_str(line).expect("a metric is JSON")).collect()
}

fn directives(metric: &Value) -> &[Value] {
    metric["_aws"]["CloudWatchMetrics"].as_array().expect("directives")
}

fn names(metric: &Value) -> Vec<String> {
    let listed = directives(metric).iter().flat_map(|one| one["Metrics"].as_array().expect("metrics"));
    listed.map(|one| text(&one["Name"])).collect()
}

/// A metric as it is paid for: its name, with its dimension and the word in that.
type Series = (String, Option<(String, String)>);

/// What CloudWatch makes of a line.
fn series(metric: &Value) -> Vec<Series> {
    let mut made = Vec::new();
    for directive in directives(metric) {
        for set in directive["Dimensions"].as_array().expect("sets of dimensions") {
            let dimensions: Vec<String> = set.as_array().expect("a set").iter().map(text).collect();
            assert!(dimensions.len() <= 1, "{metric}");
            let dimension = dimensions.first().map(|name| (name.clone(), text(&metric[name])));
            let names =
                directive["Metrics"].as_array().expect("metrics").iter().map(|one| text(&one["Name"]));
            made.extend(names.map(|name| (name, dimension.clone())));
        }
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_have_no_secret_no_person_and_no_word_of_theirs() {
    let captured = capture();
    play(async |scene| {
        let mut hidden = secrets(scene).await;
        let (heard, id) = a_broad_life(scene).await;
        hidden.extend(heard);
        hidden.extend(secrets(scene).await);
        hidden.extend(scene.world.platform().secrets_told());
        let users = scene.world.platform().users();
        hidden.extend(users.iter().filter_map(|user| user.unionid.clone()));
        assert!(hidden.len() > 30 && hidden.iter().all(|word| word.chars().count() > 6), "{hidden:?}");

        let log = captured.text();
        let ours = [
            "reminder_core",
            "reminder_api",
            "reminder_dispatch",
            "wechat_callback",
            "operations",
            "metrics",
        ];
        assert!(log.contains(&id), "what happened here was not captured");
        for name in ours {
            assert!(log.contains(&format!(" {name}:")), "nothing of {name} was captured");
        }
        for word in hidden {
            if let Some(line) = log.lines().find(|line| line.contains(&word)) {
                panic!("{word:?} is in the log: {line}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_the_alarms_watch() {
    let captured = capture();
    play(async |scene| {
        let follower = scene.follower("关注者").await;
        let subscriber = scene.subscriber("订阅者", 1).await;
        for person in [&follower, &subscriber] {
            assert_eq!(person.registers(passport(AT)).await.status, 201);
        }
        scene.change_account(SERVICE, |account| {
            account.ip_whitelist = Some(Vec::new());
        });
        scene.world.platform().revoke_tokens(SERVICE);
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        let nobody = scene.user("谁也不是").await;
        nobody.registers(passport("2027-01-13T09:00:00+08:00")).await;
        scene.advance_to("2027-01-13T09:01:00+08:00").await;
        a_push_ends_unknown(scene).await;
        let addresses = scene.world.addresses();
        let knock = format!("{}/mini-program", addresses.url(addresses.wechat_callback));
        assert_eq!(answer(client().post(knock)).await.status, 403);
        let login = nobody.calls(Method::POST, "/login", json!({"code": "made-up"})).await;
        assert_eq!(login.status, 401, "{login}");
        let punished = json!({"MsgType": "event", "Event": "wxa_punish_event"});
        assert!(call_back(scene, MINI, Format::Json, "", &punished).await.is_success());
        let counted: Vec<String> = metrics(&captured.text()).iter().flat_map(names).collect();
        for name in [
            "LatenessSeconds",
            "CreditsAccepted",
            "PushesDelivered",
            "PushesRetrying",
            "PushesUndeliverable",
            "PushesUnknown",
            "TokenRefreshes",
            "TokenRefreshFailures",
            "WechatErrors",
            "WechatConfigErrors",
            "CallbacksRefused",
            "LoginsRejected",
            "WechatPunishments",
        ] {
            assert!(counted.iter().any(|counted| counted == name), "{name} among {counted:?}");
        }
    })
    .await;
    let read = read_by_an_alarm_or_a_widget();
    for metric in metrics(&captured.text()) {
        assert!(directives(&metric).iter().all(|one| one["Namespace"] == "Reminders"), "{metric}");
        for name in names(&metric) {
            assert!(metric[&name].is_number(), "{metric}");
        }
        for made in series(&metric) {
            assert!(read.contains(&made), "{made:?} is paid for and nobody reads it: {metric}");
        }
    }
}

/// Neither WeChat's answer nor its receipt comes, and the owner wants no repeats.
async fn a_push_ends_unknown(scene: &Scene) {
    wants_no_repeats(scene).await;
    let person = scene.subscriber("没回音", 2).await;
    let id = person.registers(passport("2027-01-14T09:00:00+08:00")).await.body["id"].clone();
    scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
    scene.advance_to("2027-01-14T08:59:00+08:00").await;
    scene.plan(Call::SubscribeSend, ANSWER_LOST);
    scene.advance_to("2027-01-14T10:00:00+08:00").await;
    assert!(states(&person, &id).await[0].starts_with("unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_that_wechat_does_not_answer_is_counted() {
    let captured = capture();
    play(async |scene| {
        let person = scene.user("小明").await;
        // A moment that no other scene has.
        scene.advance(SignedDuration::from_millis(7_654_321)).await;
        scene.plan(Call::Jscode2session, ANSWER_LOST);
        let code = person.login_code().await;
        let answer = person.calls(Method::POST, "/login", json!({ "code": code })).await;
        assert_eq!(answer.body["code"], "wechat_unavailable", "{answer}");
        let now = json!(scene.world.now().as_millisecond());
        let counted = metrics(&captured.text());
        let mut counted = counted.iter().filter(|metric| metric["_aws"]["Timestamp"] == now);
        assert!(
            counted.any(|metric| metric["Class"] == "no_answer" && names(metric) == ["WechatErrors"]),
            "it was not counted"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_said_aloud_by_each_environment_and_not_for_each_push() {
    const PUSHES: usize = 100;
    const ENVIRONMENTS: usize = 4;
    let captured = capture();
    play_with(Options { dispatch_at_once: Some(ENVIRONMENTS), ..Options::default() }, async |scene| {
        let person = scene.follower("小明").await;
        let mut ids = Vec::new();
        for _ in 0..PUSHES {
            ids.push(text(&person.registers(passport(AT)).await.body["id"]));
        }
        // The account lost a permission; each push is tried twice until then.
        scene.plan_times(
            Call::TemplateSend,
            refusal(ErrCode::API_UNAUTHORIZED),
            2 * u32::try_from(PUSHES).expect("few"),
        );
        scene.advance_to("2027-01-12T09:29:00+08:00").await;
        let log = captured.text();
        let of_ours = |line: &&str| ids.iter().any(|id| line.contains(id.as_str()));
        let said: Vec<&str> =
            log.lines().filter(|line| line.contains("needs attention")).filter(of_ours).collect();
        let aloud = said.iter().filter(|line| line.contains("ERROR")).count();
        assert_eq!(said.len(), 2 * PUSHES, "it is said of every attempt");
        assert!((1..=2 * ENVIRONMENTS).contains(&aloud), "said aloud {aloud} times");
    })
    .await;
}

/// What there is of a metric: as a whole, or by a dimension, with its words.
fn exists(metric: &str, dimension: Option<(&str, &str)>) -> bool {
    match (metric, dimension) {
        ("LatenessSeconds", Some(("Channel", word))) => {
            ["service_template", "mini_subscription", "service_notification"].contains(&word)
        }
        ("PushesUndeliverable", Some(("Reason", word))) => {
            ["unreachable", "refused", "settings", "expired"].contains(&word)
        }
        ("WechatErrors", Some(("Class", word))) => ["not_sent", "no_answer"].contains(&word),
        (_, dimension) => dimension.is_none(),
    }
}

fn is_ours(metric: &str, dimensions: &[(&str, &str)]) {
    let ours = include_str!("../../../shared/reminder-core/src/app/metrics.rs");
    assert!(ours.contains(&format!("\"{metric}\"")), "{metric}");
    assert!(dimensions.len() <= 1, "{metric} exists by one dimension at most: {dimensions:?}");
    assert!(exists(metric, dimensions.first().copied()), "{metric} by {dimensions:?}");
}

fn template() -> Yaml {
    serde_yaml_ng::from_str(TEMPLATE).expect("YAML")
}

/// The rows of every widget's metrics, CloudWatch's shorthand written out: `.` is what stands above it, `...` all of it
/// but as many as follow.
fn dashboard_metrics() -> Vec<Vec<String>> {
    let document = template();
    let Yaml::Tagged(body) = &document["Resources"]["Dashboard"]["Properties"]["DashboardBody"] else {
        panic!("the dashboard is a !Sub")
    };
    let body: Value =
        serde_json::from_str(body.value[0].as_str().expect("text")).expect("the dashboard is JSON");
    let mut rows = Vec::new();
    for widget in body["widgets"].as_array().expect("widgets") {
        let mut above: Vec<String> = Vec::new();
        for row in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            let written: Vec<&str> =
                row.as_array().expect("a row").iter().filter_map(Value::as_str).collect();
            let whole: Vec<String> = match written.split_first() {
                Some((&"...", own)) => {
                    let kept = above.len().checked_sub(own.len()).expect("a row that long above");
                    above[..kept].iter().cloned().chain(own.iter().map(|word| (*word).to_owned())).collect()
                }
                _ => {
                    let word = |(n, word): (usize, &&str)| match *word {
                        "." => above[n].clone(),
                        word => word.to_owned(),
                    };
                    written.iter().enumerate().map(word).collect()
                }
            };
            assert!(whole.len() >= 2 && whole.len().is_multiple_of(2), "{row} below {above:?}");
            rows.push(whole.clone());
            above = whole;
        }
    }
    rows
}

/// Of every alarm over our own metrics: the metric, and its dimensions.
fn alarm_metrics() -> Vec<(String, Vec<(String, String)>)> {
    let document = template();
    let resources = document["Resources"].as_mapping().expect("resources");
    let text = |value: &Yaml| value.as_str().expect("text").to_owned();
    resources
        .values()
        .filter(|resource| resource["Type"].as_str() == Some("AWS::CloudWatch::Alarm"))
        .map(|resource| &resource["Properties"])
        .filter(|alarm| alarm["Namespace"].as_str() == Some("Reminders"))
        .map(|alarm| {
            let dimensions = alarm["Dimensions"].as_sequence().into_iter().flatten();
            let dimensions = dimensions.map(|one| (text(&one["Name"]), text(&one["Value"])));
            (text(&alarm["MetricName"]), dimensions.collect())
        })
        .collect()
}

/// A row of the dashboard as a metric of ours: what comes behind the namespace and the name are pairs.
fn pairs(row: &[String]) -> Vec<(String, String)> {
    row[2..].chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

fn read_by_an_alarm_or_a_widget() -> BTreeSet<Series> {
    let shown = dashboard_metrics().into_iter().filter(|row| row[0] == "Reminders");
    let shown = shown.map(|row| (row[1].clone(), pairs(&row)));
    alarm_metrics().into_iter().chain(shown).map(|(name, mut pairs)| (name, pairs.pop())).collect()
}

#[test]
fn metrics_of_alarms_and_dashboard_are_ours_and_free() {
    let alarms = alarm_metrics();
    assert!(alarms.len() >= 7, "{alarms:?}");
    let shown = dashboard_metrics();
    let ours: Vec<&Vec<String>> = shown.iter().filter(|row| row[0] == "Reminders").collect();
    assert!(ours.len() >= 15 && shown.len() > ours.len(), "{shown:?}");
    assert!(shown.len() <= 50, "a dashboard of {} metrics is not free (docs/aws.md §4)", shown.len());
    let shown_ours = ours.into_iter().map(|row| (row[1].clone(), pairs(row)));
    for (metric, dimensions) in alarms.into_iter().chain(shown_ours) {
        let dimensions: Vec<(&str, &str)> =
            dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        is_ours(&metric, &dimensions);
    }
    assert!(
        shown
            .iter()
            .any(|row| row[1] == "WriteThrottleEvents" && row.last().is_some_and(|word| word == "due"))
    );
}
