//! Messages that are taken: who sees them, what they cost, and what is told of them afterwards.

use std::collections::BTreeMap;

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{MINI, SERVICE, World};
use crate::wechat::templates::{Api, Kind, Template};

const SUBSCRIBE_SEND: &str = "/cgi-bin/message/subscribe/send";
const BIZSEND: &str = "/cgi-bin/message/subscribe/bizsend";
const TEMPLATE_SEND: &str = "/cgi-bin/message/template/send";

/// The pushes of one event, as plain documents.
fn documents(world: &World, event: &str) -> Vec<String> {
    world
        .platform
        .callbacks()
        .into_iter()
        .filter(|push| push.event == event)
        .map(|push| push.document)
        .collect()
}

#[tokio::test]
async fn an_accept_is_worth_one_message_and_accepts_add_up() {
    let world = World::new().await;
    let answer =
        world.does("alice/subscribe", json!({ "template_ids": ["ONE_TIME"], "answer": "accept" })).await;
    assert_eq!(answer, json!({ "errMsg": "requestSubscribeMessage:ok", "ONE_TIME": "accept" }));
    world.does("alice/subscribe", json!({ "template_ids": "ONE_TIME", "silent": true })).await;
    let send = || {
        world.post_as(MINI, SUBSCRIBE_SEND, world.subscription(json!({ "page": "pages/item/item?id=42" })))
    };
    let first = send().json();
    assert!(first["msgid"].as_u64().expect("a number") > 1 << 53);
    assert_eq!(send().errcode(), 0);
    assert_eq!(send().errcode(), 43101);
    world.advance(SignedDuration::from_secs(1)).await;

    assert_eq!(documents(&world, "subscribe_msg_popup_event").len(), 1, "a silent accept tells nobody");
    let receipts = documents(&world, "subscribe_msg_sent_event");
    assert_eq!(receipts.len(), 2);
    let receipt: Value = serde_json::from_str(&receipts[0]).expect("JSON");
    let list = json!({
        "TemplateId": "ONE_TIME", "MsgID": first["msgid"].to_string(), "ErrorCode": "0", "ErrorStatus": "success"
    });
    assert_eq!(receipt["List"], list);
    assert_eq!(receipt["CreateTime"], json!((world.timeline.now().as_second()).to_string()));

    let inbox = world.inbox("alice").await;
    assert_eq!(inbox.len(), 2);
    assert_eq!(inbox[0]["at"], "2027-01-01T00:00:00Z");
    assert_eq!(
        (&inbox[0]["in"], &inbox[0]["kind"]),
        (&json!("service_notifications"), &json!("subscription"))
    );
    assert_eq!(inbox[0]["body"], world.subscription(json!({ "page": "pages/item/item?id=42" })));
}

#[tokio::test]
async fn a_long_term_grant_does_not_run_out_and_a_refusal_ends_it() {
    let world = World::new().await;
    world.does("alice/subscribe", json!({ "template_ids": "LONG_TERM" })).await;
    let send =
        || world.post_as(MINI, SUBSCRIBE_SEND, world.subscription(json!({ "template_id": "LONG_TERM" })));
    for _ in 0..5 {
        assert_eq!(send().errcode(), 0);
    }
    world.does("alice/refuse", json!({ "template_ids": "LONG_TERM" })).await;
    assert_eq!(send().errcode(), 43101);
    let change: Value =
        serde_json::from_str(&documents(&world, "subscribe_msg_change_event")[0]).expect("JSON");
    assert_eq!(change["List"], json!({ "TemplateId": "LONG_TERM", "SubscribeStatusString": "reject" }));
}

#[tokio::test]
async fn prompts_are_told_of_by_template_and_bans_are_not() {
    let world = World::new().await;
    let template =
        json!({ "account": "mini_program", "template_id": "OTHER", "title": "t", "keywords": ["thing1"] });
    world.control(Method::POST, "/sim/templates", &template.to_string()).await;
    let answer = json!({ "ONE_TIME": "accept", "OTHER": "reject" });
    world.does("alice/subscribe", json!({ "template_ids": ["ONE_TIME", "OTHER"], "answer": answer })).await;
    world.does("alice/subscribe", json!({ "template_ids": ["ONE_TIME"], "answer": "ban" })).await;
    let told = documents(&world, "subscribe_msg_popup_event");
    assert_eq!(told.len(), 1);
    let told: Value = serde_json::from_str(&told[0]).expect("JSON");
    assert_eq!(
        told["List"],
        json!([
            { "TemplateId": "ONE_TIME", "SubscribeStatusString": "accept", "PopupScene": "0" },
            { "TemplateId": "OTHER", "SubscribeStatusString": "reject", "PopupScene": "0" },
        ])
    );
    let mixed = json!({ "template_ids": ["ONE_TIME", "LONG_TERM"] }).to_string();
    assert_eq!(world.control(Method::POST, "/sim/users/alice/subscribe", &mixed).await.0, 422);
}

#[tokio::test]
async fn a_notification_reaches_the_chat_of_a_follower_and_the_notifications_of_others() {
    let world = World::new().await;
    world.does("alice/subscribe", json!({ "template_ids": "NOTIFICATION" })).await;
    world.does("alice/subscribe", json!({ "template_ids": "NOTIFICATION", "popup_scene": 1 })).await;
    let send = || world.post_as(SERVICE, BIZSEND, world.template(json!({ "template_id": "NOTIFICATION" })));
    assert_eq!(send().errcode(), 0);
    world.does("alice/follow", json!({})).await;
    assert_eq!(send().errcode(), 0);
    let places: Vec<Value> = world.inbox("alice").await.iter().map(|item| item["in"].clone()).collect();
    assert_eq!(places, ["service_notifications", "service_account"]);
    let told = documents(&world, "subscribe_msg_popup_event");
    assert!(told[0].contains(
        "<SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString><PopupScene>2</PopupScene>"
    ));
    assert!(told[1].contains("<PopupScene>1</PopupScene></List></SubscribeMsgPopupEvent></xml>"));
}

#[tokio::test]
async fn a_repeated_client_msg_id_gets_the_same_msgid_and_delivers_nothing_for_ten_minutes() {
    let world = World::new().await;
    world.does("alice/follow", json!({})).await;
    let send =
        || world.post_as(SERVICE, TEMPLATE_SEND, world.template(json!({ "client_msg_id": "push-1" }))).json();
    let first = send();
    world.advance(SignedDuration::from_secs(599)).await;
    assert_eq!(send(), first);
    assert_eq!(world.inbox("alice").await.len(), 1);
    assert_eq!(documents(&world, "TEMPLATESENDJOBFINISH").len(), 1);
    world.advance(SignedDuration::from_secs(1)).await;
    assert_ne!(send(), first);
    assert_eq!(world.inbox("alice").await.len(), 2);
    let repeated: Vec<bool> = world.platform.sends().iter().map(|send| send.repeated).collect();
    assert_eq!(repeated, [false, true, false]);
}

#[tokio::test]
async fn whoever_blocked_the_account_sees_nothing_and_the_receipt_says_so() {
    let world = World::new().await;
    world.does("alice/follow", json!({})).await;
    world.does("alice/block", json!({})).await;
    let blocked = world.post_as(SERVICE, TEMPLATE_SEND, world.template(json!({}))).json();
    assert_eq!(blocked["errcode"], 0);
    world.does("alice/unblock", json!({})).await;
    assert_eq!(world.post_as(SERVICE, TEMPLATE_SEND, world.template(json!({}))).errcode(), 0);
    assert_eq!(
        documents(&world, "TEMPLATESENDJOBFINISH"),
        Vec::<String>::new(),
        "receipts wait for the clock"
    );
    world.advance(SignedDuration::from_secs(1)).await;
    let receipts = documents(&world, "TEMPLATESENDJOBFINISH");
    let expected = format!(
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>\
         <MsgID>{}</MsgID><Status><![CDATA[failed:user block]]></Status></xml>",
        blocked["msgid"]
    );
    assert!(receipts[0].ends_with(&expected), "{}", receipts[0]);
    assert!(receipts[1].ends_with("<Status><![CDATA[success]]></Status></xml>"));
    assert_eq!(world.inbox("alice").await.len(), 1);
}

#[tokio::test]
async fn values_of_a_historic_template_are_cut_in_silence_and_those_of_the_library_refused() {
    let world = World::new().await;
    world.does("alice/follow", json!({})).await;
    world.platform.add_template(Template {
        account: SERVICE,
        template_id: "HISTORIC".to_owned(),
        title: "到期提醒".to_owned(),
        keywords: vec!["first".to_owned(), "keyword1".to_owned()],
        fixed_values: BTreeMap::new(),
        kind: Kind::OneTime,
        api: Api::Template,
    });
    let long = json!({ "value": format!("🛂{}\n尾", "护".repeat(25)), "color": "#173177" });
    let historic = json!({ "keyword1": long, "first": { "value": "好" }, "thing9": { "value": "extra" } });
    let historic = world.template(json!({ "template_id": "HISTORIC", "data": historic }));
    assert_eq!(world.post_as(SERVICE, TEMPLATE_SEND, historic).errcode(), 0);
    let shown = world.inbox("alice").await[0]["body"]["data"].clone();
    assert_eq!(shown["keyword1"]["value"], json!("护".repeat(20)));
    assert_eq!(shown["thing9"]["value"], "extra", "extra keys do no harm");
    let typed = json!({ "thing1": long, "date2": { "value": "2027-03-01" } });
    assert_eq!(
        world.post_as(SERVICE, TEMPLATE_SEND, world.template(json!({ "data": typed }))).errcode(),
        47003
    );
}
