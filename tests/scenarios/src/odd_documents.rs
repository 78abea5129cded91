//! Odd documents that are WeChat's, and captured ones that come again (docs/wechat.md §14.16, §14.19, §14.20).

use jiff::SignedDuration;
use scenarios::walk::Chance;
use serde_json::{Value, json};
use simulator::logs::capture;
use simulator::wechat::{Account, AccountName, Envelope, Format};

use crate::scene::{SUBSCRIPTION, Scene, play, service_openid, session};
use crate::verbs::Verbs;
use crate::wire::{
    MINI, Response, SERVICE, account, addressed, call_back, items, post, put_replies, set_replies, wrapped,
    written,
};

/// Posts these bytes as WeChat's own, sealed as of now, under the content type of XML.
async fn sealed(scene: &Scene, to: AccountName, bytes: &[u8]) -> Response {
    let wrapped =
        account(scene, to).wrap(Format::Xml, bytes, "o1", scene.world.now(), "7", *b"0123456789abcdef");
    post(scene, to, &wrapped).await
}

/// A text of `from` whose content is these bytes, as they are.
fn json_text(scene: &Scene, from: &str, msgid: u64, content: &[u8]) -> Vec<u8> {
    let created = scene.world.now().as_second();
    let head = format!(
        r#"{{"ToUserName":"gh_1","FromUserName":"{from}","CreateTime":"{created}","MsgType":"text","MsgId":{msgid},"Content":""#
    );
    [head.as_bytes(), content, b"\"}"].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_documents_are_answered_like_any_other() {
    play(async |scene| {
        let rule = json!([{"account": "mini_program", "on": "text", "contains": ["x"], "reply": [{"text": "收到"}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        // Opens the window for five replies.
        person.says("mini_program", "在吗").await;
        let from = &person.mini_program_openid;
        let contents: [&[u8]; 5] = [b"x\x01\n", b"x\xe6\x8a", br"x\ud83d", b"\xffx", b"x\x7f\0"];
        for (n, content) in contents.into_iter().enumerate() {
            let document = json_text(scene, from, n as u64 + 1, content);
            assert!(sealed(scene, MINI, &document).await.is_success(), "{}", content.escape_ascii());
            assert!(sealed(scene, MINI, &document).await.is_success(), "a repeat");
            assert_eq!(session(&person).await.len(), n + 1, "{}", content.escape_ascii());
        }
        let follow = format!(
            "\u{feff}<xml><FromUserName>{}</FromUserName><MsgType>event</MsgType><Event>subscribe</Event><Nick>&nbsp;\u{1}",
            service_openid(&person)
        );
        let follow = [follow.as_bytes(), b"\xff</Nick></xml>\0"].concat();
        assert_eq!(sealed(scene, SERVICE, &follow).await.status, 200);
        assert!(items(scene, &[]).iter().any(|item| item["pk"]["S"] == format!("FOLLOWER#{}", service_openid(&person))));
    })
    .await;
}

/// Genuine documents with some of their bytes replaced, doubled or cut away, and bytes that never were a document: seeded.
fn damaged(whole: &[u8], seed: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed);
    let any = |chance: &mut Chance| u8::try_from(chance.below(256)).unwrap_or_default();
    if chance.one_in(8) {
        return (0..chance.below(300)).map(|_| any(&mut chance)).collect();
    }
    let mut bytes = whole.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.index(bytes.len());
        let end = (at + chance.index(12)).min(bytes.len());
        match chance.below(4) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.extend_from_within(at..end),
            2 => bytes.truncate(at.max(1)),
            _ => bytes[at] = any(&mut chance),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_behind_a_right_signature_are_taken() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let from = service_openid(&person);
        let of = |to, fields: &Value| addressed(&account(scene, to), &from, json!(scene.world.now().as_second()), fields);
        let genuine = [
            (SERVICE, json!({"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_x", "Ticket": "t"})),
            (SERVICE, json!({"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": 7, "Status": "success"})),
            (MINI, json!({"MsgType": "event", "Event": "subscribe_msg_popup_event", "List": [
                {"TemplateId": SUBSCRIPTION, "SubscribeStatusString": "accept", "PopupScene": "0"}]})),
            (MINI, json!({"MsgType": "text", "Content": "护照", "MsgId": 77})),
            (MINI, json!({"MsgType": "event", "Event": "user_authorization_revoke", "RevokeInfo": "7"})),
        ];
        for seed in 0..400 {
            let (to, fields) = &genuine[usize::try_from(seed).unwrap_or_default() % genuine.len()];
            let format = if seed % 2 == 0 { Format::Xml } else { Format::Json };
            let bytes = damaged(written(format, &of(*to, fields)).as_bytes(), seed);
            let answer = sealed(scene, *to, &bytes).await;
            assert_eq!(answer.status, 200, "seed {seed}: {}", bytes.escape_ascii());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_passed_over_and_told_to_the_operator() {
    let captured = capture();
    play(async |scene| {
        let before = items(scene, &["HEALTH#"]);
        let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
        let documents: [&[u8]; 7] =
            [b"", b"\xff\xfe", b"success", b"{\"a\"", b"[1]", b"<!DOCTYPE x><xml/>", deep.as_bytes()];
        for to in [MINI, SERVICE] {
            for document in documents {
                assert!(sealed(scene, to, document).await.is_success(), "{}", document.escape_ascii());
            }
        }
        assert!(items(scene, &["HEALTH#"]) == before);
        let noted =
            items(scene, &[]).into_iter().filter(|item| item.get("callback_unreadable").is_some()).count();
        assert_eq!(noted, 2);
        let told =
            |line: &&str| line.contains("ERROR") && line.contains("could not be read; it is passed over");
        assert!(captured.text().lines().filter(told).count() >= documents.len() * 2);
    })
    .await;
}

/// The same request with its timestamp and its nonce exchanged.
fn exchanged(mut envelope: Envelope) -> Envelope {
    for (name, _) in &mut envelope.query {
        *name = match *name {
            "timestamp" => "nonce",
            "nonce" => "timestamp",
            other => other,
        };
    }
    envelope
}

/// A follow of `created`, sent `at`, with this nonce.
fn follow(scene: &Scene, account: &Account, openid: &str, created: i64, nonce: &str) -> Envelope {
    let fields = json!({"MsgType": "event", "Event": "subscribe", "EventKey": ""});
    let document = written(Format::Xml, &addressed(account, openid, json!(created), &fields));
    account.wrap(Format::Xml, document, openid, scene.world.now(), nonce, *b"0123456789abcdef")
}

#[tokio::test(flavor = "multi_thread")]
async fn captured_follow_is_not_obeyed_a_month_later() {
    play(async |scene| {
        let month = SignedDuration::from_hours(30 * 24);
        let person = scene.user("小明").await;
        let openid = service_openid(&person);
        let account = account(scene, SERVICE);
        let now = scene.world.now().as_second();
        let nonce = (now + month.as_secs()).to_string();
        let captured = follow(scene, &account, &openid, now, &nonce);
        assert_eq!(post(scene, SERVICE, &captured).await.status, 200);
        person.unfollows().await;
        scene.advance(month).await;
        let before = items(scene, &["HEALTH#"]);
        assert_eq!(post(scene, SERVICE, &captured).await.status, 403, "it is a month old");
        assert_eq!(post(scene, SERVICE, &exchanged(captured)).await.status, 403);
        assert!(items(scene, &["HEALTH#"]) == before);
        // A follow of a month ago that WeChat itself delivers only now.
        let late = follow(scene, &account, "oLate", now, "1234567890");
        assert_eq!(post(scene, SERVICE, &late).await.status, 200);
        assert!(items(scene, &[]).iter().any(|item| item["pk"]["S"] == "FOLLOWER#oLate"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn default_session_from_gets_the_default_rule_whatever_it_is() {
    play(async |scene| {
        let text = |text: &str| json!([{ "text": text }]);
        let replies = json!([
            {"account": "mini_program", "on": "enter_session", "session_from": "follow", "reply": text("关注")},
            {"account": "mini_program", "on": "enter_session", "session_from_prefix": "item:", "reply": text("物品")},
            {"account": "mini_program", "on": "enter_session", "reply": text("您好")},
        ]);
        set_replies(scene, replies).await;
        let person = scene.user("小明").await;
        for (n, session_from) in ["weapp", "wxapp", "", "sessionFrom", "undefined", "Follow"].into_iter().enumerate() {
            person.enters_session(session_from).await;
            let replies = session(&person).await;
            assert_eq!((replies.len(), &replies[n]["text"]["content"]), (n + 1, &json!("您好")), "{session_from:?}");
            scene.advance(SignedDuration::from_mins(2)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tap_on_the_menu_is_answered_by_its_key() {
    play(async |scene| {
        let rule = |key: Value, text: &str| {
            let mut rule = json!({"account": "service_account", "on": "click", "reply": [{"text": text}]});
            if key.is_string() {
                rule["key"] = key;
            }
            rule
        };
        set_replies(scene, json!([rule(Value::Null, "菜单"), rule(json!("help"), "帮助")])).await;
        let person = scene.follower("小明").await;
        for key in ["help", "other"] {
            assert_eq!(person.does("click", json!({"key": key})).await.status, 200);
        }
        let inbox = person.inbox().await;
        let replies: Vec<&Value> = inbox.iter().filter(|item| item["kind"] == "reply").collect();
        let texts: Vec<&Value> = replies.iter().map(|reply| &reply["body"]["Content"]).collect();
        assert_eq!(texts, ["帮助", "菜单"], "{inbox:?}");
        let wrong =
            json!([{"account": "mini_program", "on": "click", "key": "help", "reply": [{"text": "帮助"}]}]);
        assert_eq!(put_replies(scene, wrong).await[0]["field"], "replies[0].on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_forms_of_lists_and_menus_change_what_they_should() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let entry = json!({"templateid": SUBSCRIPTION, "SUBSCRIBESTATUSSTRING": "accept", "PopupScene": 0});
        let fields = json!({"MsgType": "EVENT", "Event": "subscribe_msg_popup_event", "List": [entry]});
        let document = addressed(&account(scene, MINI), &person.mini_program_openid, json!(scene.world.now().as_second().to_string()), &fields);
        let mut envelope = wrapped(scene, &account(scene, MINI), Format::Json, &document);
        envelope.content_type = "text/xml";
        assert!(post(scene, MINI, &envelope).await.is_success());
        assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 1);
        let view = json!({"MsgType": "event", "Event": "VIEW", "EventKey": "https://example.com", "MenuId": {"a": []}});
        assert!(call_back(scene, SERVICE, Format::Json, &service_openid(&person), &view).await.is_success());
    })
    .await;
}
