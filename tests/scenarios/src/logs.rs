//! What is logged and counted: enough to know what happens, and never a secret, a person or their words.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::logs::capture;
use simulator::people::{Person, answer, client};
use simulator::wechat::AccountName;

use crate::operations::ask;
use crate::scene::{Scene, passport, play};

const TEMPLATE: &str = include_str!("../../../template.yaml");
const TITLE: &str = "小明的秘密护照";
const NOTE: &str = "放在卧室左边第二个抽屉";
const SAID: &str = "我的身份证号是多少来着";
const SESSION_FROM: &str = "item:this-is-nobody-s-business";

/// The code that a login used, and the bearer token it gave.
async fn login(person: &Person, heard: &mut Vec<String>) {
    let code = person.does("login", json!({})).await.body["code"].clone();
    let login = person.calls(Method::POST, "/login", json!({ "code": code })).await;
    assert_eq!(login.status, 200, "{login}");
    heard.extend([text(&code), text(&login.body["token"])]);
    let refused = person.calls(Method::POST, "/login", json!({ "code": code })).await;
    assert_eq!(refused.status, 401, "{refused}");
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
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
        person.does("enter-session", json!({"session_from": SESSION_FROM})).await;
        for to in ["mini_program", "service_account"] {
            person.does("say", json!({"to": to, "message": {"MsgType": "text", "Content": SAID}})).await;
        }
    }
    scene.plan("/sns/jscode2session", json!({"errcode": -1}));
    let code = subscriber.does("login", json!({})).await.body["code"].clone();
    let failed = subscriber.calls(Method::POST, "/login", json!({ "code": code })).await;
    assert_eq!(failed.status, 503, "{failed}");
    heard.push(text(&code));
    let code = subscriber.calls(Method::POST, "/me/qrcode", json!(null)).await;
    heard.push(text(&code.body["image_url"]));
    let followed =
        subscriber.does("follow", json!({"via": "qrcode", "image_url": code.body["image_url"]})).await;
    assert_eq!(followed.status, 200, "{followed}");
    subscriber.does("unfollow", json!({})).await;
    scene.advance(SignedDuration::from_mins(1)).await;

    scene.plan("/cgi-bin/message/template/send", json!({"drop_reply": true}));
    scene.plan("/cgi-bin/message/template/send", json!({"errcode": 40037}));
    scene.plan("/cgi-bin/message/subscribe/send", json!({"errcode": 47003}));
    scene.plan_times("dynamodb:BatchGetItem", json!({"http_status": 500}), 6);
    scene.advance_to("2027-01-13T12:00:00+08:00").await;
    scene.world.platform().revoke_tokens(AccountName::ServiceAccount);
    scene.world.platform().change_account(AccountName::ServiceAccount, |account| {
        account.ip_whitelist = Some(Vec::new());
    });
    scene.advance_to("2027-01-14T12:00:00+08:00").await;
    scene.world.platform().change_account(AccountName::ServiceAccount, |account| account.ip_whitelist = None);
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

fn names(metric: &Value) -> Vec<String> {
    let listed = metric["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().expect("metrics");
    listed.iter().map(|one| text(&one["Name"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_no_person_and_no_word_of_theirs_is_logged_or_counted() {
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
        let ours = ["reminder_core", "reminder_api", "reminder_dispatch", "wechat_callback", "metrics"];
        assert!(log.contains(&id), "what happened here was not captured");
        for name in ours {
            assert!(log.contains(name), "nothing of {name} was captured");
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
async fn what_the_alarms_watch_is_counted() {
    let captured = capture();
    play(async |scene| {
        let follower = scene.follower("关注者").await;
        let subscriber = scene.user("订阅者").await;
        scene.accepts(&subscriber, 1).await;
        for person in [&follower, &subscriber] {
            assert_eq!(person.registers(passport("2027-01-12T09:00:00+08:00")).await.status, 201);
        }
        scene.world.platform().change_account(AccountName::ServiceAccount, |account| {
            account.ip_whitelist = Some(Vec::new());
        });
        scene.world.platform().revoke_tokens(AccountName::ServiceAccount);
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        let nobody = scene.user("谁也不是").await;
        nobody.registers(passport("2027-01-13T09:00:00+08:00")).await;
        scene.advance_to("2027-01-13T09:01:00+08:00").await;
        let counted: Vec<String> = metrics(&captured.text()).iter().flat_map(names).collect();
        for name in [
            "PushesSent",
            "LatenessSeconds",
            "CreditsUsed",
            "CreditsAccepted",
            "PushesDelivered",
            "PushesRetrying",
            "PushesUndeliverable",
            "TokenRefreshes",
            "TokenRefreshFailures",
            "WechatErrors",
            "WechatConfigErrors",
            "CallbackMilliseconds",
        ] {
            assert!(counted.iter().any(|counted| counted == name), "{name} among {counted:?}");
        }
    })
    .await;
    for metric in metrics(&captured.text()) {
        assert_eq!(metric["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Reminders");
        for name in names(&metric) {
            assert!(metric[&name].is_number(), "{metric}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_wechat_does_not_answer_is_counted() {
    let captured = capture();
    play(async |scene| {
        let person = scene.user("小明").await;
        // A moment that no other scene has.
        scene.advance(SignedDuration::from_millis(7_654_321)).await;
        scene.plan("/sns/jscode2session", json!({"drop_reply": true}));
        let code = person.does("login", json!({})).await.body["code"].clone();
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

#[test]
fn every_metric_of_an_alarm_or_the_dashboard_is_one_of_ours() {
    let ours = include_str!("../../../shared/reminder-core/src/metrics.rs");
    let alarms = TEMPLATE
        .split("Namespace: Reminders")
        .skip(1)
        .filter_map(|rest| rest.lines().find_map(|line| line.trim().strip_prefix("MetricName: ")));
    let alarms: Vec<&str> = alarms.collect();
    assert!(alarms.len() >= 5, "{alarms:?}");
    for name in alarms {
        assert!(ours.contains(&format!("\"{name}\"")), "{name}");
    }
}
