//! Another system on the same account, receipts that name no message, and a console in which things are taken away.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{MINI, SERVICE, World};
use crate::faults::{Fault, Planned};

const SUBSCRIBE_SEND: &str = "/cgi-bin/message/subscribe/send";
const TEMPLATE_SEND: &str = "/cgi-bin/message/template/send";

async fn told(world: &World, template_id: &str) -> (u16, Value) {
    let body = json!({ "template_id": template_id }).to_string();
    world.control(Method::POST, "/sim/users/alice/told-by-others", &body).await
}

fn receipts(world: &World, event: &str) -> Vec<String> {
    let callbacks = world.platform.callbacks().into_iter().filter(|callback| callback.event == event);
    callbacks.map(|callback| callback.document).collect()
}

#[tokio::test]
async fn a_message_of_another_system_has_a_receipt_like_ours() {
    let world = World::new().await;
    assert_eq!(told(&world, "TEMPLATE").await.0, 422, "alice does not follow");
    assert_eq!(told(&world, "NOTIFICATION").await.0, 422, "alice accepted nothing");
    assert_eq!(told(&world, "NOBODYS").await.0, 422);
    world.does("alice/follow", json!({})).await;
    world.does("alice/subscribe", json!({ "template_ids": "ONE_TIME" })).await;
    let ours = world.post_as(SERVICE, TEMPLATE_SEND, world.template(json!({}))).json();
    let mut msgids = vec![ours["msgid"].clone()];
    for _ in 0..2 {
        let (status, theirs) = told(&world, "TEMPLATE").await;
        assert_eq!((status, &theirs["reached"]), (200, &json!(true)));
        msgids.push(theirs["msgid"].clone());
    }
    assert_eq!(told(&world, "ONE_TIME").await.0, 200);
    world.advance(SignedDuration::from_secs(1)).await;
    let receipts = receipts(&world, "TEMPLATESENDJOBFINISH");
    assert_eq!(receipts.len(), 3);
    for (receipt, msgid) in receipts.iter().zip(&msgids) {
        assert!(receipt.contains(&format!("<MsgID>{msgid}</MsgID>")), "{receipt}");
        assert!(receipt.contains(&world.openid("alice", SERVICE)));
    }
    assert_eq!(world.inbox("alice").await.len(), 4);
    assert_eq!(world.platform.sends().len(), 1, "the books are about what we asked for");
    let again = world.post_as(MINI, SUBSCRIBE_SEND, world.subscription(json!({})));
    assert_eq!(again.errcode(), 43101, "theirs has used the accept");
}

#[tokio::test]
async fn a_receipt_names_no_message_on_demand() {
    let world = World::new().await;
    world.does("alice/follow", json!({})).await;
    let endpoint = "push:TEMPLATESENDJOBFINISH".to_owned();
    world.faults.plan(Planned { endpoint, fault: Fault::ZeroMsgid(true), times: 1 });
    for client_msg_id in ["a", "b"] {
        let message = world.template(json!({ "client_msg_id": client_msg_id }));
        assert_eq!(world.post_as(SERVICE, TEMPLATE_SEND, message).errcode(), 0);
        world.advance(SignedDuration::from_secs(2)).await;
    }
    let receipts = receipts(&world, "TEMPLATESENDJOBFINISH");
    assert!(receipts[0].contains("<MsgID>0</MsgID><Status><![CDATA[success]]></Status>"), "{}", receipts[0]);
    assert!(!receipts[1].contains("<MsgID>0</MsgID>"));
    assert!(world.faults.not_met().is_empty());
}

#[tokio::test]
async fn a_deleted_template_is_unknown_until_it_is_there_again() {
    let world = World::new().await;
    world.does("alice/subscribe", json!({ "template_ids": "ONE_TIME" })).await;
    let send = || world.post_as(MINI, SUBSCRIBE_SEND, world.subscription(json!({}))).errcode();
    let delete = async || {
        let request = http::Request::delete("/sim/templates/ONE_TIME").body(axum::body::Body::empty());
        let router = super::control::router(world.platform.clone());
        let answer = tower::ServiceExt::oneshot(router, request.expect("a valid request")).await;
        answer.expect("infallible").status().as_u16()
    };
    assert_eq!((delete().await, send(), delete().await), (204, 40037, 404));
    let template =
        json!({ "account": "mini_program", "template_id": "ONE_TIME", "keywords": ["thing1", "date2"] });
    world.control(Method::POST, "/sim/templates", &template.to_string()).await;
    assert_eq!(send(), 0, "the accept was for this template, and still is");
}
