//! Customer service: sessions, windows and pictures (docs/wechat.md §4).

use jiff::SignedDuration;
use serde_json::json;

use super::{MINI, SERVICE, World};

const CUSTOM_SEND: &str = "/cgi-bin/message/custom/send";

#[tokio::test]
async fn entering_allows_two_messages_for_a_minute_and_writing_five_for_two_days() {
    let world = World::new().await;
    let sent = |account| {
        (0..10)
            .take_while(|_| {
                world.post_as(account, CUSTOM_SEND, world.text_to(account, "你好")).errcode() == 0
            })
            .count()
    };
    world.does("alice/enter-session", json!({ "session_from": "item:42" })).await;
    assert_eq!(sent(MINI), 2);
    let say = |to: &str| json!({ "to": to, "message": { "MsgType": "text", "Content": "人工" } });
    world.does("alice/say", say("mini_program")).await;
    assert_eq!(sent(MINI), 5);
    world.does("alice/say", say("mini_program")).await;
    world.advance(SignedDuration::from_hours(48)).await;
    assert_eq!(sent(MINI), 0);

    world.does("alice/follow", json!({})).await;
    assert_eq!(sent(SERVICE), 3);
    world.does("alice/click", json!({ "key": "help" })).await;
    world.advance(SignedDuration::from_secs(60)).await;
    assert_eq!(sent(SERVICE), 0);
    world.does("alice/say", say("service_account")).await;
    world.does("alice/unfollow", json!({})).await;
    assert_eq!(sent(SERVICE), 0, "whoever leaves cannot be written to");

    let inbox = world.inbox("alice").await;
    assert_eq!(inbox.len(), 10);
    assert_eq!((&inbox[0]["in"], &inbox[0]["kind"]), (&json!("mini_program_session"), &json!("custom")));
    assert_eq!(inbox[0]["body"]["text"]["content"], "你好");
    assert_eq!(inbox[9]["in"], "service_account");
}

#[tokio::test]
async fn pictures_and_cards_need_media_of_the_last_three_days() {
    let world = World::new().await;
    world
        .does("alice/say", json!({ "to": "mini_program", "message": { "MsgType": "text", "Content": "" } }))
        .await;
    let uploaded = world.upload(MINI, "qr.jpg", b"picture").json();
    assert_eq!(uploaded["type"], "image");
    let media_id = uploaded["media_id"].as_str().expect("an id");
    let downloaded = world.get_as(MINI, &format!("/cgi-bin/media/get?media_id={media_id}"));
    assert_eq!((downloaded.content_type.as_str(), &downloaded.body[..]), ("image/jpeg", &b"picture"[..]));

    let openid = world.openid("alice", MINI);
    let image = json!({ "touser": openid, "msgtype": "image", "image": { "media_id": media_id } });
    let page = json!({ "title": "护照", "pagepath": "pages/item/item?id=42", "thumb_media_id": media_id });
    let card = json!({ "touser": openid, "msgtype": "miniprogrampage", "miniprogrampage": page });
    assert_eq!(world.post_as(MINI, CUSTOM_SEND, image.clone()).errcode(), 0);
    assert_eq!(world.post_as(MINI, CUSTOM_SEND, card).errcode(), 0);
    world.advance(SignedDuration::from_hours(72)).await;
    assert_eq!(world.post_as(MINI, CUSTOM_SEND, image).errcode(), 40007);
}

#[tokio::test]
async fn a_session_is_told_of_in_the_fields_of_the_wire() {
    let world = World::new().await;
    world.does("alice/enter-session", json!({ "session_from": "follow" })).await;
    let message = json!({ "MsgType": "image" });
    world.does("alice/say", json!({ "to": "mini_program", "message": message })).await;
    let callbacks = world.platform.callbacks();
    let account = world.platform.accounts().mini_program;
    let openid = world.openid("alice", MINI);
    let entered = format!(
        r#"{{"ToUserName":"{}","FromUserName":"{openid}","CreateTime":1798761600,"MsgType":"event","Event":"user_enter_tempsession","SessionFrom":"follow"}}"#,
        account.original_id
    );
    assert_eq!(callbacks[0].document, entered);
    let image: serde_json::Value = serde_json::from_str(&callbacks[1].document).expect("JSON");
    assert!(image["PicUrl"].is_string() && image["MediaId"].is_string());
    assert!(image["MsgId"].as_u64().expect("a number") > 1 << 53);
}
