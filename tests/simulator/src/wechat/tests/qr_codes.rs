//! Parametric QR codes: made, shown, scanned, followed by (docs/wechat.md §8).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{SERVICE, World};

fn create(world: &World, expire_seconds: u32) -> Value {
    let scene = json!({ "scene": { "scene_str": "bind:qrscene_1" } });
    let body =
        json!({ "expire_seconds": expire_seconds, "action_name": "QR_STR_SCENE", "action_info": scene });
    world.post_as(SERVICE, "/cgi-bin/qrcode/create", body).json()
}

fn picture_path(code: &Value) -> String {
    let ticket = code["ticket"].as_str().expect("a ticket");
    let escaped = ticket.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("/cgi-bin/showqrcode?ticket={escaped}")
}

/// Event, EventKey and Ticket of every push so far.
fn events(world: &World) -> Vec<(String, Value, bool)> {
    let read = |push: super::super::Callback| {
        let document = super::super::xml::read(&push.document).expect("XML");
        (push.event, document["EventKey"].clone(), document.get("Ticket").is_some())
    };
    world.platform.callbacks().into_iter().map(read).collect()
}

#[tokio::test]
async fn following_by_a_code_tells_its_scene_and_scanning_again_tells_it_bare() {
    let world = World::new().await;
    let code = create(&world, 600);
    assert_eq!(code["expire_seconds"], 600);
    assert!(code.get("errcode").is_none());
    let image_url = format!("http://127.0.0.1:9003{}", picture_path(&code));
    assert_eq!(world.does("alice/scan", json!({ "image_url": image_url })).await["followed"], false);
    world.does("alice/follow", json!({ "via": "qrcode", "image_url": image_url })).await;
    world.does("alice/scan", json!({ "image_url": code["url"] })).await;
    assert_eq!(
        events(&world),
        [
            ("subscribe".to_owned(), json!("qrscene_bind:qrscene_1"), true),
            ("SCAN".to_owned(), json!("bind:qrscene_1"), true),
        ]
    );
    let info = world
        .get_as(SERVICE, &format!("/cgi-bin/user/info?openid={}", world.openid("alice", SERVICE)))
        .json();
    assert_eq!(
        (&info["subscribe_scene"], &info["qr_scene_str"]),
        (&json!("ADD_SCENE_QR_CODE"), &json!("bind:qrscene_1"))
    );
}

#[tokio::test]
async fn an_expired_code_leads_to_the_account_but_tells_no_scene() {
    let world = World::new().await;
    let code = create(&world, 60);
    let picture = world.get(&picture_path(&code));
    assert_eq!((picture.status, picture.content_type.as_str()), (200, "image/jpg"));
    assert_eq!(picture.body[..2], [0xff, 0xd8]);
    world.advance(SignedDuration::from_secs(60)).await;
    assert_eq!(world.get(&picture_path(&code)).status, 404);
    assert_eq!(world.get("/cgi-bin/showqrcode?ticket=x").status, 404);
    world.does("alice/follow", json!({ "via": "qrcode", "image_url": code["url"] })).await;
    assert_eq!(events(&world), [("subscribe".to_owned(), json!(""), false)]);
}

#[tokio::test]
async fn a_picture_sent_on_can_be_scanned_by_its_media_id() {
    let world = World::new().await;
    let code = create(&world, 600);
    let picture = world.get(&picture_path(&code)).body;
    let media_id = world.upload(SERVICE, "qr.jpg", &picture).json()["media_id"].clone();
    world.does("alice/follow", json!({ "via": "qrcode", "image_url": media_id })).await;
    assert_eq!(events(&world)[0].1, "qrscene_bind:qrscene_1");
}

#[tokio::test]
async fn a_plain_follow_has_an_empty_key_or_none_and_an_unfollow_may_carry_junk() {
    let world = World::new().await;
    world.does("alice/follow", json!({ "via": "search" })).await;
    world.does("alice/follow", json!({ "via": "search" })).await;
    world.does("alice/unfollow", json!({ "event_key": "last_trade_no_4003" })).await;
    world.does("alice/unfollow", json!({})).await;
    world.does("alice/follow", json!({ "via": "mini_program" })).await;
    assert_eq!(
        events(&world),
        [
            ("subscribe".to_owned(), json!(""), false),
            ("unsubscribe".to_owned(), json!("last_trade_no_4003"), false),
            ("subscribe".to_owned(), Value::Null, false),
        ]
    );
}
