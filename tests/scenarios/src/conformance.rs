//! Everything WeChat can send (docs/wechat.md §2, §3), in both formats and all three modes, to both accounts: how it
//! is answered. What it does is told in other scenes; here, only that no answer is one WeChat would refuse.

use jiff::SignedDuration;
use scenarios::mishap::{CALLBACK_LOST, Event};
use serde_json::{Map, Value, json};
use simulator::wechat::{AccountName, Format, Mode};

use crate::scene::{NOTIFICATION, SUBSCRIPTION, Scene, passport, play, states};
use crate::wire::{
    MINI, Pictures, Response, SERVICE, account, addressed, call_back, items, post, set_mode, set_replies,
    wrapped,
};

const WELCOME: &str = "欢迎 ]]> <b>&amp; 😀";
const RECEIVED: &str = "收到\n第二行";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    Success,
    Text(&'static str),
    Image,
    Transfer,
}
use Answer::{Image, Success, Text, Transfer};

fn replies(picture: &str) -> Value {
    json!([
        {"account": "service_account", "on": "follow", "reply": [{"text": WELCOME}]},
        {"account": "service_account", "on": "scan", "reply": [{"text": "扫码"}]},
        {"account": "service_account", "on": "text", "equals": "图", "reply": [{"image": picture}]},
        {"account": "service_account", "on": "message", "reply": [{"text": RECEIVED}]},
        {"account": "mini_program", "on": "text", "contains": ["人工"], "reply": [{"transfer_customer_service": {}}]},
        {"account": "mini_program", "on": "enter_session", "reply": [{"text": "您好"}]},
        {"account": "mini_program", "on": "message", "reply": [{"text": "您好"}]},
    ])
}

/// A list of entries as the formats, the documents and the field disagree about it (docs/wechat.md §3.1).
fn lists(wrapper: &str, entry: Value) -> Vec<Value> {
    let two = json!([entry, entry]);
    vec![
        json!({ "List": entry }),
        json!({ "List": two }),
        json!({ "List": [entry] }),
        json!({ wrapper: { "List": entry } }),
        json!({ wrapper: { "List": two } }),
        json!({ "List": [] }),
        json!({}),
    ]
}

fn subscription_events(template_id: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for (event, wrapper, entry) in [
        (
            "subscribe_msg_popup_event",
            "SubscribeMsgPopupEvent",
            json!({"TemplateId": template_id, "SubscribeStatusString": "accept", "PopupScene": "0"}),
        ),
        (
            "subscribe_msg_change_event",
            "SubscribeMsgChangeEvent",
            json!({"TemplateId": template_id, "SubscribeStatusString": "reject"}),
        ),
        (
            "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent",
            json!({"TemplateId": template_id, "MsgID": 1_864_323_726_461_255_680_u64, "ErrorCode": "0", "ErrorStatus": "success"}),
        ),
    ] {
        for mut fields in lists(wrapper, entry) {
            fields["MsgType"] = json!("event");
            fields["Event"] = json!(event);
            rows.push(fields);
        }
    }
    rows
}

fn messages(names: &[(&str, Value)]) -> Vec<Value> {
    let message = |(kind, fields): &(&str, Value)| {
        let mut message = fields.clone();
        message["MsgType"] = json!(kind);
        message
    };
    names.iter().map(message).collect()
}

fn event(name: &str, fields: Value) -> Value {
    let mut event = fields;
    event["MsgType"] = json!("event");
    event["Event"] = json!(name);
    event
}

fn of_service_account() -> Vec<(Value, Answer)> {
    let answered = messages(&[
        ("text", json!({"Content": "你好 <xml>", "MsgId": 24_680_000_000_000_001_u64})),
        ("text", json!({"Content": "", "MsgId": 24_680_000_000_000_002_u64})),
        ("text", json!({"MsgId": 24_680_000_000_000_003_u64, "Content": "x", "bizmsgmenuid": "101"})),
        ("text", json!({"MsgId": 24_680_000_000_000_004_u64, "Content": "x", "MsgDataId": "2247", "Idx": 1})),
        ("image", json!({"PicUrl": "http://mmbiz.qpic.cn/1", "MediaId": "m", "MsgId": 5})),
        ("voice", json!({"MediaId": "m", "Format": "amr", "MediaId16K": "n", "Recognition": "", "MsgId": 6})),
        ("video", json!({"MediaId": "m", "ThumbMediaId": "t", "MsgId": 7})),
        ("shortvideo", json!({"MediaId": "m", "ThumbMediaId": "t", "MsgId": 8})),
        (
            "location",
            json!({"Location_X": 23.134, "Location_Y": "113.358", "Scale": 20, "Label": "广州", "MsgId": 9}),
        ),
        (
            "link",
            json!({"Title": "t", "Description": "d", "Url": "https://example.com/?a=1&b=2", "MsgId": 10}),
        ),
        ("hologram", json!({"Depth": 3, "MsgId": 11})),
        ("text", json!({"Content": "without an id"})),
    ]);
    let welcomed = [
        event("subscribe", json!({})),
        event("subscribe", json!({"EventKey": ""})),
        event("subscribe", json!({"EventKey": "qrscene_123123", "Ticket": "TICKET"})),
        event("subscribe", json!({"EventKey": "qrscene_bind:nobodys", "Ticket": "TICKET"})),
        event("SUBSCRIBE", json!({"EventKey": "last_trade_no_4003"})),
    ];
    let silent = [
        event("unsubscribe", json!({"EventKey": ""})),
        event("unsubscribe", json!({"EventKey": "last_trade_no_4003052001201709"})),
        event("unsubscribe", json!({"EventKey": "qrscene_bind:nobodys"})),
        event("LOCATION", json!({"Latitude": 23.137466, "Longitude": 113.352425, "Precision": "119.385040"})),
        event("CLICK", json!({"EventKey": "help"})),
        event("VIEW", json!({"EventKey": "https://example.com/?a=1&b=2", "MenuId": 1})),
        event("view_miniprogram", json!({"EventKey": "pages/index/index", "MenuId": 1})),
        event(
            "scancode_push",
            json!({"EventKey": "s", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}}),
        ),
        event(
            "pic_weixin",
            json!({"EventKey": "p", "SendPicsInfo": {"Count": 1, "PicList": {"item": {"PicMd5Sum": "5"}}}}),
        ),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": 200_163_836_u64, "Status": "success"})),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": "200163840", "Status": "failed:user block"})),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": 3_u64, "Status": "failed: system failed"})),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": 4_u64, "Status": "failed:freq limit"})),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": 0, "Status": "success"})),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": "", "Status": "success"})),
        event("TEMPLATESENDJOBFINISH", json!({"MsgID": "9".repeat(2_000), "Status": "success"})),
        event("TEMPLATESENDJOBFINISH", json!({"Status": "success"})),
        event("user_info_modified", json!({"OpenID": "o1", "AppID": "wx1", "RevokeInfo": "1"})),
        event("user_authorization_revoke", json!({"OpenID": "o1", "AppID": "wx1", "RevokeInfo": "205"})),
        event(
            "user_authorization_revoke",
            json!({"openid": "o1", "RevokeInfo": 7, "PluginID": "wx2", "OpenPID": "p"}),
        ),
        event("user_authorization_cancellation", json!({"OpenID": "o1", "AppID": "wx1"})),
        event("user_authorization_cancellation", json!({"openid": "o".repeat(2_000)})),
        event("VIEW", json!({"EventKey": "https://example.com", "MenuId": {"a": ""}})),
        event("MASSSENDJOBFINISH", json!({"MsgID": 1, "Status": "send success", "TotalCount": 100})),
        event("kf_create_session", json!({"KfAccount": "a@b"})),
        event("debug_demo", json!({"debug_str": "hello world"})),
        event("", json!({})),
        json!({"MsgType": "event"}),
    ];
    let mut rows: Vec<(Value, Answer)> = answered.into_iter().map(|row| (row, Text(RECEIVED))).collect();
    rows.push((json!({"MsgType": "text", "Content": "图", "MsgId": 12}), Image));
    rows.extend(welcomed.map(|row| (row, Text(WELCOME))));
    rows.push((event("SCAN", json!({"EventKey": 123, "Ticket": "TICKET"})), Text("扫码")));
    rows.push((event("SCAN", json!({"EventKey": "bind:nobodys", "Ticket": "TICKET"})), Text("扫码")));
    rows.extend(silent.map(|row| (row, Success)));
    rows.extend(subscription_events(NOTIFICATION).into_iter().map(|row| (row, Success)));
    rows
}

fn of_mini_program() -> Vec<(Value, Answer)> {
    let cloud_id = "49d72d67b16d115e7935ac386f2f0fa41535298877_1555684067";
    let silent = messages(&[
        ("text", json!({"Content": "this is a test", "MsgId": 1_234_567_890_123_456_u64})),
        ("text", json!({"Content": "from a sub-merchant", "MsgId": cloud_id, "BusinessId": 1})),
        ("image", json!({"PicUrl": "http://mmbiz.qpic.cn/2", "MediaId": "m", "MsgId": 22})),
        (
            "miniprogrampage",
            json!({"Title": "t", "AppId": "wx1", "PagePath": "pages/a?b=1&c=2", "ThumbUrl": "u", "ThumbMediaId": "m", "MsgId": 23}),
        ),
        ("link", json!({"Title": "t", "Description": "d", "Url": "https://example.com", "MsgId": 24})),
        ("voice", json!({"MediaId": "m", "Format": "amr", "MsgId": 25})),
        ("video", json!({"MediaId": "m", "MsgId": 26})),
        ("hologram", json!({"MsgId": 27})),
    ]);
    let events = [
        event("user_enter_tempsession", json!({"SessionFrom": "sessionFrom"})),
        event("user_enter_tempsession", json!({"SessionFrom": ""})),
        event("user_enter_tempsession", json!({})),
        event("user_info_modified", json!({"OpenID": "o1", "AppID": "wx1", "RevokeInfo": "1"})),
        event("user_authorization_revoke", json!({"OpenID": "o1", "AppID": "wx1", "RevokeInfo": "7"})),
        event("user_authorization_revoke", json!({"OpenId": "o1", "RevokeInfo": "", "OpenPID": "p"})),
        event("user_authorization_cancellation", json!({"OpenID": "o1", "AppID": "wx1"})),
        event(
            "wxa_punish_event",
            json!({"event_type": 2, "punish_id": "649557", "illegal_content": ["x"], "detail": "{\"warned_type\":1}"}),
        ),
        event("wxa_illegal_record", json!({"illegal_record_id": "1", "appid": "wx1"})),
        event("wxa_appeal_record", json!({"appeal_record_id": 1, "appeal_status": 1})),
        event("user_enter_tempsession", json!({"SessionFrom": "weapp"})),
        event("subscribe_msg_sent_event", json!({"List": {"TemplateId": SUBSCRIPTION, "ErrorCode": "0"}})),
        event(
            "subscribe_msg_sent_event",
            json!({"List": {"TemplateId": SUBSCRIPTION, "MsgID": 0, "ErrorCode": 0}}),
        ),
        event("wxa_media_check", json!({"trace_id": "1", "result": {"suggest": "pass", "label": 100}})),
        event("debug_demo", json!({"debug_str": "hello world"})),
        // Of the other account; nobody follows a mini program.
        event("subscribe", json!({"EventKey": "qrscene_bind:nobodys"})),
        event("unsubscribe", json!({})),
        json!({"MsgType": "event"}),
        json!({}),
    ];
    let mut rows: Vec<(Value, Answer)> = silent.into_iter().map(|row| (row, Success)).collect();
    rows.push((json!({"MsgType": "text", "Content": "转人工", "MsgId": 30}), Transfer));
    rows.extend(events.map(|row| (row, Success)));
    rows.extend(subscription_events(SUBSCRIPTION).into_iter().map(|row| (row, Success)));
    rows
}

/// What an answer says, if it is one WeChat takes for this callback.
fn read(
    scene: &Scene,
    to: AccountName,
    format: Format,
    answer: &Response,
) -> Result<Map<String, Value>, String> {
    let account = account(scene, to);
    let (fields, encrypted) = account.unwrap_answer(format, &answer.body)?;
    if encrypted != (account.mode != Mode::Plaintext) {
        return Err(format!("encrypted: {encrypted}"));
    }
    let expected = match format {
        Format::Xml => "text/xml",
        Format::Json => "application/json",
    };
    match answer.content_type.starts_with(expected) {
        true => Ok(fields),
        false => Err(format!("it is {}", answer.content_type)),
    }
}

async fn check(
    scene: &Scene,
    to: AccountName,
    format: Format,
    document: &Value,
    expected: Answer,
) -> Result<(), String> {
    let account = account(scene, to);
    let answer = post(scene, to, &wrapped(scene, &account, format, document)).await;
    if answer.status != 200 {
        return Err(format!("status {}", answer.status));
    }
    if expected == Success {
        return if answer.is_success() { Ok(()) } else { Err(String::from_utf8_lossy(&answer.body).into()) };
    }
    let fields = read(scene, to, format, &answer)?;
    let text = |name: &str| match &fields[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if [&fields["ToUserName"], &fields["FromUserName"]]
        != [&document["FromUserName"], &document["ToUserName"]]
        || Some(text("CreateTime")) != document["CreateTime"].as_i64().map(|at| at.to_string())
    {
        return Err(format!("not addressed back: {fields:?}"));
    }
    let is_right = match expected {
        Text(content) => text("MsgType") == "text" && text("Content") == content,
        Image => {
            let media_id = fields["Image"]["MediaId"].as_str().unwrap_or_default();
            text("MsgType") == "image" && scene.world.platform().media_file(media_id).is_some()
        }
        Transfer => text("MsgType") == "transfer_customer_service",
        Success => false,
    };
    if !is_right {
        return Err(format!("{fields:?}"));
    }
    let again = post(scene, to, &wrapped(scene, &account, format, document)).await;
    match read(scene, to, format, &again)? == fields {
        true => Ok(()),
        false => Err("a repeat got another answer".to_owned()),
    }
}

async fn every_callback_is_answered(mode: Mode) {
    play(async |scene| {
        let pictures = Pictures::served().await;
        set_replies(scene, replies(&pictures.url)).await;
        set_mode(scene, mode);
        let person = scene.user("小明").await;
        let openids = [&person.mini_program_openid, person.service_account_openid.as_ref().expect("one")];
        let mut wrong = Vec::new();
        let mut created = scene.world.now().as_second();
        for (to, from, rows) in
            [(MINI, openids[0], of_mini_program()), (SERVICE, openids[1], of_service_account())]
        {
            for format in [Format::Xml, Format::Json] {
                for (fields, expected) in &rows {
                    created += 1;
                    let document = addressed(&account(scene, to), from, json!(created), fields);
                    if let Err(why) = check(scene, to, format, &document, *expected).await {
                        wrong.push(format!("{to:?} {format:?} {fields}: {why}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{mode:?}\n{}", wrong.join("\n"));
        assert_eq!(pictures.fetched(), 1, "the picture is uploaded once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_in_secure_mode_are_answered_as_wechat_expects() {
    every_callback_is_answered(Mode::Secure).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_in_compatible_mode_are_answered_as_wechat_expects() {
    every_callback_is_answered(Mode::Compatible).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_in_plaintext_mode_are_answered_as_wechat_expects() {
    every_callback_is_answered(Mode::Plaintext).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callback_without_its_sender_or_its_kind_is_taken_and_does_nothing() {
    play(async |scene| {
        let before = items(scene, &["HEALTH#", "MINUTES#"]);
        for to in [MINI, SERVICE] {
            for fields in [
                json!({"MsgType": "event", "Event": "unsubscribe"}),
                json!({"MsgType": "text", "Content": "x"}),
                json!({}),
            ] {
                for format in [Format::Xml, Format::Json] {
                    assert!(call_back(scene, to, format, "", &fields).await.is_success(), "{to:?} {fields}");
                }
            }
        }
        assert_eq!(items(scene, &["HEALTH#", "MINUTES#", "SEEN#"]), before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_of_accepts_and_refusals_means_the_same_in_every_shape() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let from = person.mini_program_openid.clone();
        for format in [Format::Xml, Format::Json] {
            for shape in 0..5 {
                let accept = &subscription_events(SUBSCRIPTION)[shape];
                let refuse = &subscription_events(SUBSCRIPTION)[7 + shape];
                for (n, (fields, count)) in [(accept, 1), (accept, 2), (refuse, 0)].into_iter().enumerate() {
                    scene.advance(SignedDuration::from_secs(10)).await;
                    for _ in 0..2 {
                        assert!(call_back(scene, MINI, format, &from, fields).await.is_success());
                    }
                    let credits = person.gets("/me").await.body["credits"][SUBSCRIPTION].clone();
                    assert_eq!(credits.as_i64().unwrap_or(0), count, "{format:?} {n} {fields}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_of_receipts_means_the_same_in_every_shape() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let from = person.mini_program_openid.clone();
        for (n, (format, shape)) in
            [Format::Xml, Format::Json].into_iter().flat_map(|format| [0, 2, 3].map(|shape| (format, shape))).enumerate()
        {
            scene.accepts(&person, 1).await;
            scene.plan(Event::SubscribeMsgSent, CALLBACK_LOST);
            let at = format!("2027-01-1{}T09:00:00+08:00", n + 1);
            let reminder = person.registers(passport(&at)).await;
            scene.advance_to(&at).await;
            scene.advance(SignedDuration::from_secs(5)).await;
            assert_eq!(states(&person, &reminder.body["id"]).await, ["sent mini_subscription"]);
            let msgid = scene.world.platform().sends().last().and_then(|send| send.msgid).expect("a msgid");
            let entry = json!({"TemplateId": SUBSCRIPTION, "MsgID": msgid, "ErrorCode": "0", "ErrorStatus": "success"});
            let mut fields = lists("SubscribeMsgSentEvent", entry)[shape].clone();
            fields["MsgType"] = json!("event");
            fields["Event"] = json!("subscribe_msg_sent_event");
            assert!(call_back(scene, MINI, format, &from, &fields).await.is_success());
            assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"], "{fields}");
        }
    })
    .await;
}
