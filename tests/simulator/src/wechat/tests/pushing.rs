//! Pushes over a real socket: envelopes, repeats, replies, faults and the blackout (docs/wechat.md §1).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::callback_server::{CallbackServer, Delivered};
use super::{MINI, SERVICE, World};
use crate::faults::{Fault, Planned};
use crate::wechat::crypto::{AesKey, sign};
use crate::wechat::{Account, Attempt, Format, Mode, xml};

async fn served() -> (World, CallbackServer) {
    let (world, server) = (World::new().await, CallbackServer::default());
    world.platform.send_callbacks_to(server.start().await);
    (world, server)
}

fn service_account(world: &World) -> Account {
    world.platform.accounts().service_account.expect("it has one")
}

/// What is inside a delivery, after every signature was checked.
fn opened(delivered: &Delivered, account: &Account) -> String {
    let (timestamp, nonce) = (delivered.parameter("timestamp"), delivered.parameter("nonce"));
    let token = account.callback_token.as_str();
    assert_eq!(delivered.parameter("signature"), sign(&[token, timestamp, nonce]));
    if account.mode == Mode::Plaintext {
        assert_eq!(delivered.parameter("encrypt_type"), "");
        return delivered.body.clone();
    }
    assert_eq!(delivered.parameter("encrypt_type"), "aes");
    let outer = fields(&delivered.body, account.format);
    let encrypted = outer["Encrypt"].as_str().expect("ciphertext");
    assert_eq!(delivered.parameter("msg_signature"), sign(&[token, timestamp, nonce, encrypted]));
    assert_eq!(outer["ToUserName"], json!(account.original_id));
    assert_eq!(outer.get("FromUserName").is_some(), account.mode == Mode::Compatible);
    let opened = key(account).open(encrypted).expect("our own ciphertext");
    assert_eq!(opened.appid, account.appid);
    opened.message
}

fn fields(document: &str, format: Format) -> Value {
    match format {
        Format::Xml => xml::read(document).expect("XML"),
        Format::Json => serde_json::from_str(document).expect("JSON"),
    }
}

fn key(account: &Account) -> AesKey {
    AesKey::from_console(&account.encoding_aes_key).expect("43 characters")
}

/// A passive text reply, encrypted and signed as WeChat wants it.
fn encrypted_reply(world: &World, appid: &str, signed_with: &str) -> String {
    let account = service_account(world);
    let plain = plain_reply(world);
    let encrypted = key(&account).seal(*b"0123456789abcdef", &plain, appid);
    let signature = sign(&[signed_with, "1798761600", "77", &encrypted]);
    format!(
        "<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>\
         <TimeStamp>1798761600</TimeStamp><Nonce><![CDATA[77]]></Nonce></xml>"
    )
}

fn plain_reply(world: &World) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[{}]]></FromUserName>\
         <CreateTime>1798761600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[欢迎]]></Content></xml>",
        world.openid("alice", SERVICE),
        service_account(world).original_id
    )
}

fn attempts(world: &World, n: usize) -> Vec<Attempt> {
    world.platform.callbacks()[n - 1].attempts.clone()
}

fn plan(world: &World, endpoint: &str, fault: Fault) {
    world.faults.plan(Planned { endpoint: endpoint.to_owned(), fault, times: 1 });
}

#[tokio::test]
async fn every_mode_and_format_carries_the_same_document() {
    for mode in [Mode::Plaintext, Mode::Compatible, Mode::Secure] {
        for format in [Format::Xml, Format::Json] {
            let (world, server) = served().await;
            for name in [MINI, SERVICE] {
                world
                    .platform
                    .change_account(name, |account| (account.mode, account.format) = (mode, format));
            }
            world.does("alice/enter-session", json!({ "session_from": "a]]>b" })).await;
            world.does("alice/follow", json!({ "via": "search" })).await;
            let delivered = server.delivered();
            assert_eq!(delivered[0].path, "/mini-program");
            assert_eq!(delivered[1].path, "/service-account");
            let entered = opened(&delivered[0], &world.platform.accounts().mini_program);
            assert_eq!(entered, world.platform.callbacks()[0].document);
            assert_eq!(fields(&entered, format)["SessionFrom"], "a]]>b");
            let followed = fields(&opened(&delivered[1], &service_account(&world)), format);
            assert_eq!((&followed["Event"], &followed["EventKey"]), (&json!("subscribe"), &json!("")));
            assert_eq!(
                delivered[1].parameter("openid"),
                followed["FromUserName"].as_str().expect("an openid")
            );
        }
    }
}

#[tokio::test]
async fn a_push_is_repeated_after_five_and_ten_seconds_in_a_new_envelope() {
    let (world, server) = served().await;
    for _ in 0..3 {
        server.answers(500, "oops");
    }
    world.does("alice/follow", json!({})).await;
    assert_eq!(attempts(&world, 1).len(), 1, "repeats wait for the clock");
    world.advance(SignedDuration::from_hours(1)).await;
    let at: Vec<String> = attempts(&world, 1).into_iter().map(|attempt| attempt.at).collect();
    assert_eq!(at, ["2027-01-01T00:00:00Z", "2027-01-01T00:00:05Z", "2027-01-01T00:00:10Z"]);
    assert_eq!((attempts(&world, 1)[0].status, attempts(&world, 1)[0].answer.as_str()), (Some(500), "oops"));

    let delivered = server.delivered();
    let account = service_account(&world);
    let inside: Vec<String> = delivered.iter().map(|delivered| opened(delivered, &account)).collect();
    assert!(inside.iter().all(|document| *document == inside[0]));
    assert_ne!(delivered[0].body, delivered[1].body);
    assert_ne!(delivered[0].parameter("timestamp"), delivered[1].parameter("timestamp"));
    assert_ne!(delivered[1].parameter("nonce"), delivered[2].parameter("nonce"));
}

#[tokio::test]
async fn a_good_answer_ends_the_repeats() {
    let (world, server) = served().await;
    server.answers(403, "");
    server.answers(200, "");
    world.does("alice/follow", json!({})).await;
    world.advance(SignedDuration::from_secs(60)).await;
    assert_eq!(attempts(&world, 1).len(), 2);
    assert_eq!(attempts(&world, 1)[1].refused, None);
}

#[tokio::test]
async fn an_encrypted_reply_reaches_the_user_once() {
    let (world, server) = served().await;
    plan(&world, "push:subscribe", Fault::Repeat(2));
    let reply =
        encrypted_reply(&world, &service_account(&world).appid, &service_account(&world).callback_token);
    for _ in 0..3 {
        server.answers(200, reply.clone());
    }
    world.does("alice/follow", json!({})).await;
    assert_eq!(attempts(&world, 1).len(), 3);
    assert!(attempts(&world, 1).iter().all(|attempt| attempt.refused.is_none()));
    let inbox = world.inbox("alice").await;
    assert_eq!(inbox.len(), 1);
    assert_eq!((&inbox[0]["in"], &inbox[0]["kind"]), (&json!("service_account"), &json!("reply")));
    assert_eq!(inbox[0]["body"]["Content"], "欢迎");
}

#[tokio::test]
async fn answers_that_are_not_to_the_letter_count_as_none() {
    let (world, server) = served().await;
    let account = service_account(&world);
    let refusals = [
        ("\"success\"".to_owned(), "the answer is neither success nor a document in Xml"),
        (plain_reply(&world), "in secure mode a reply must be encrypted"),
        (encrypted_reply(&world, &account.appid, "wrong"), "the reply's MsgSignature is wrong"),
        (
            encrypted_reply(&world, "wx0000000000000000", &account.callback_token),
            "the appid inside the reply is not the account's",
        ),
    ];
    for (n, (answer, reason)) in refusals.into_iter().enumerate() {
        server.answers(200, answer);
        world.does("alice/click", json!({ "key": "help" })).await;
        world.advance(SignedDuration::from_secs(60)).await;
        let attempts = attempts(&world, n + 1);
        assert_eq!(attempts[0].refused.as_deref(), Some(reason));
        assert_eq!(attempts.len(), 2);
    }
    assert!(world.inbox("alice").await.is_empty());
}

#[tokio::test]
async fn a_mini_program_takes_no_passive_reply_but_may_hand_over_to_a_human() {
    let (world, server) = served().await;
    world.platform.change_account(MINI, |account| account.mode = Mode::Plaintext);
    let original_id = world.platform.accounts().mini_program.original_id;
    let reply = |kind: &str| {
        json!({
            "ToUserName": world.openid("alice", MINI), "FromUserName": original_id, "CreateTime": 1_798_761_600,
            "MsgType": kind, "Content": "x",
        })
        .to_string()
    };
    let say = json!({ "to": "mini_program", "message": { "MsgType": "text", "Content": "人工" } });
    server.answers(200, reply("text"));
    world.does("alice/say", say.clone()).await;
    assert_eq!(
        attempts(&world, 1)[0].refused.as_deref(),
        Some("a mini program's messages take no passive reply")
    );
    world.advance(SignedDuration::from_secs(10)).await;
    server.answers(200, reply("transfer_customer_service"));
    world.does("alice/enter-session", json!({})).await;
    let refused = attempts(&world, 2)[0].refused.clone();
    assert_eq!(refused.as_deref(), Some("only messages can be handed to a human, events cannot"));
    world.advance(SignedDuration::from_secs(10)).await;
    server.answers(200, reply("transfer_customer_service"));
    assert_eq!(world.does("alice/say", say.clone()).await["pushed"], true);
    assert_eq!(world.does("alice/say", say.clone()).await["pushed"], false);
    world.advance(SignedDuration::from_mins(30)).await;
    assert_eq!(world.does("alice/say", say).await["pushed"], true);
}

#[tokio::test]
async fn planned_faults_drop_repeat_and_delay_pushes() {
    let (world, server) = served().await;
    plan(&world, "push:CLICK", Fault::Drop(true));
    plan(&world, "push:CLICK", Fault::Repeat(2));
    plan(&world, "push:CLICK", Fault::AfterS(3));
    for key in ["dropped", "repeated", "late"] {
        world.does("alice/click", json!({ "key": key })).await;
    }
    assert_eq!(server.delivered().len(), 3);
    world.does("alice/click", json!({ "key": "prompt" })).await;
    world.advance(SignedDuration::from_secs(3)).await;
    let keys: Vec<String> = world
        .platform
        .callbacks()
        .iter()
        .map(|push| {
            let key = xml::read(&push.document).expect("XML")["EventKey"].as_str().expect("a key").to_owned();
            format!("{key} at {} ×{}", push.at, push.attempts.len())
        })
        .collect();
    assert_eq!(
        keys,
        [
            "dropped at 2027-01-01T00:00:00Z ×0",
            "repeated at 2027-01-01T00:00:00Z ×3",
            "prompt at 2027-01-01T00:00:00Z ×1",
            "late at 2027-01-01T00:00:03Z ×1",
        ]
    );
    assert!(world.faults.not_met().is_empty());
}

#[tokio::test]
async fn ten_pushes_in_vain_silence_the_account_for_a_minute() {
    let (world, server) = served().await;
    for _ in 0..30 {
        server.answers(500, "");
    }
    for _ in 0..10 {
        world.does("alice/click", json!({ "key": "x" })).await;
    }
    world.advance(SignedDuration::from_secs(10)).await;
    assert_eq!(server.delivered().len(), 30);
    world.does("alice/click", json!({ "key": "lost" })).await;
    world.does("alice/enter-session", json!({})).await;
    world.advance(SignedDuration::from_secs(60)).await;
    world.does("alice/click", json!({ "key": "heard" })).await;
    let callbacks = world.platform.callbacks();
    assert!(callbacks[10].lost.is_some() && callbacks[10].attempts.is_empty());
    assert_eq!(callbacks[11].attempts.len(), 1, "the other account is not silenced");
    assert_eq!(callbacks[12].attempts.len(), 1);
}

#[tokio::test]
async fn a_callback_nobody_serves_gets_attempts_without_status() {
    let world = World::new().await;
    world.platform.send_callbacks_to("http://127.0.0.1:1".to_owned());
    world.does("alice/follow", json!({})).await;
    assert_eq!(attempts(&world, 1)[0].status, None);
    assert_eq!(attempts(&world, 1)[0].refused.as_deref(), Some("there was no answer"));
}

#[tokio::test]
async fn a_new_url_is_verified_by_its_echo() {
    let (world, server) = served().await;
    let (_, verdict) = world.control(http::Method::POST, "/sim/accounts/mini_program/verify-url", "").await;
    assert_eq!(verdict, json!({ "ok": true }));
    let asked = &server.delivered()[0];
    let token = world.platform.accounts().mini_program.callback_token;
    let expected = sign(&[&token, asked.parameter("timestamp"), asked.parameter("nonce")]);
    assert_eq!(asked.parameter("signature"), expected);
}

#[tokio::test]
async fn callbacks_go_to_what_is_entered_in_the_accounts_console() {
    let (world, usual) = served().await;
    let entered = super::callback_server::CallbackServer::default();
    let url = format!("{}/elsewhere", entered.start().await);
    let change = json!({ "callback_url": url, "callback_token": "another" }).to_string();
    world.control(http::Method::POST, "/sim/accounts/mini_program", &change).await;
    let (_, verdict) = world.control(http::Method::POST, "/sim/accounts/mini_program/verify-url", "").await;
    assert_eq!(verdict, json!({ "ok": true }));
    let asked = &entered.delivered()[0];
    assert_eq!(asked.path, "/elsewhere");
    let expected = sign(&["another", asked.parameter("timestamp"), asked.parameter("nonce")]);
    assert_eq!(asked.parameter("signature"), expected);
    assert!(usual.delivered().is_empty());
    world.control(http::Method::POST, "/sim/accounts/service_account/verify-url", "").await;
    assert_eq!((usual.delivered().len(), entered.delivered().len()), (1, 1), "the other account's stay");
}

#[tokio::test]
async fn withdrawn_consent_comes_from_the_platform_and_names_the_user_inside() {
    let (world, _server) = served().await;
    let body = json!({ "account": "service_account", "event": "user_authorization_cancellation" });
    world.does("alice/cancel-authorization", body).await;
    let document = xml::read(&world.platform.callbacks()[0].document).expect("XML");
    assert_eq!(document["OpenID"], json!(world.openid("alice", SERVICE)));
    assert_ne!(document["FromUserName"], document["OpenID"]);
}
