//! What WeChat refuses, situation by situation: the code, the text, and the rid behind it
//! (docs/wechat.md §15).

use futures::future::BoxFuture;
use http::{Method, Request};
use jiff::SignedDuration;
use serde_json::json;

use super::{MINI, Reply, SERVICE, START_IN_HEX, World};

const SUBSCRIBE_SEND: &str = "/cgi-bin/message/subscribe/send";
const BIZSEND: &str = "/cgi-bin/message/subscribe/bizsend";
const TEMPLATE_SEND: &str = "/cgi-bin/message/template/send";
const CUSTOM_SEND: &str = "/cgi-bin/message/custom/send";
const TYPING: &str = "/cgi-bin/message/custom/business/typing";
const QRCODE: &str = "/cgi-bin/qrcode/create";

type Happens = for<'a> fn(&'a World) -> BoxFuture<'a, Reply>;

macro_rules! situations {
    ($($errcode:literal $errmsg:literal, $name:literal, |$world:ident| $happens:expr;)*) => {
        [$(($name, $errcode, $errmsg, (|$world| Box::pin(async move { $happens })) as Happens)),*]
    };
}

#[tokio::test]
async fn every_refusal_has_its_situation() {
    let situations = situations! {
        41001 "access_token missing ", "no token", |w| w.post(SUBSCRIBE_SEND, json!({}));
        40014 "invalid access_token ", "a token of the wrong shape", |w| w.get("/cgi-bin/getcallbackip?access_token=x");
        40001 "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r ",
            "a revoked token", |w| {
                let path = w.with_token(MINI, "/cgi-bin/getcallbackip");
                w.control(Method::POST, "/sim/accounts/mini_program/revoke-token", "").await;
                w.get(&path)
            };
        40002 "invalid grant_type ", "another grant type", |w| w.get("/cgi-bin/token?grant_type=password");
        41002 "appid missing ", "no appid", |w| w.get("/cgi-bin/token?grant_type=client_credential");
        41004 "appsecret missing ", "no secret", |w| w.get("/cgi-bin/token?grant_type=client_credential&appid=wx1");
        40013 "invalid appid ", "an appid of nobody", |w|
            w.get("/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=s");
        40125 "invalid appsecret ", "a wrong secret", |w| {
            let mut credentials = w.credentials(MINI);
            credentials["secret"] = json!("wrong");
            w.post("/cgi-bin/stable_token", credentials)
        };
        40164 "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist ", "a caller outside the whitelist", |w| {
            w.platform.change_account(SERVICE, |account| account.ip_whitelist = Some(Vec::new()));
            w.post("/cgi-bin/stable_token", w.credentials(SERVICE))
        };
        43002 "require POST method ", "a token asked for by GET", |w| w.get("/cgi-bin/stable_token");
        45009 "reach max api daily quota limit ", "the day's last token is gone", |w| {
            w.platform.limit_calls(MINI, "/cgi-bin/stable_token", 1);
            w.token(MINI);
            w.post("/cgi-bin/stable_token", w.credentials(MINI))
        };

        40013 "invalid appid, ", "a login with an appid of nobody", |w|
            w.get("/sns/jscode2session?appid=wx1&secret=s&js_code=c&grant_type=authorization_code");
        40125 "invalid appsecret, ", "a login with a wrong secret", |w| w.login("wrong", "c");
        41008 "missing code, ", "a login without code", |w| w.login("", "");
        40029 "invalid code, ", "a login with a code of nobody", |w| w.login("", "c");
        40163 "code been used, ", "a code exchanged twice", |w| {
            let code = w.does("alice/login", json!({})).await["code"].as_str().expect("a code").to_owned();
            w.login("", &code);
            w.login("", &code)
        };

        40003 "invalid openid ", "a subscription message to the other account's openid", |w|
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "touser": w.openid("alice", SERVICE) })));
        40037 "invalid template_id ", "a subscription template of nobody", |w|
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "template_id": "UNKNOWN" })));
        40037 "invalid template_id ", "a template of the wrong class", |w|
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "template_id": "NOTIFICATION" })));
        41030 "invalid page ", "a page with a leading slash", |w|
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "page": "/pages/item/item" })));
        41030 "invalid page ", "a page that was never released", |w| {
            let pages = vec!["pages/index/index".to_owned()];
            w.platform.change_account(MINI, |account| account.released_pages = Some(pages));
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "page": "pages/item/item?id=1" })))
        };
        43101 "user refuse to accept the msg ", "nobody was asked", |w|
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({})));
        43101 "user refuse to accept the msg ", "the user said no", |w| {
            w.does("alice/subscribe", json!({ "template_ids": "ONE_TIME", "answer": "reject" })).await;
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({})))
        };
        43101 "user refuse to accept the msg ", "a second message for one accept", |w| {
            w.does("alice/subscribe", json!({ "template_ids": "ONE_TIME" })).await;
            assert_eq!(w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({}))).errcode(), 0);
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({})))
        };
        43101 "user refuse to accept the msg ", "the user took it back", |w| {
            w.does("alice/subscribe", json!({ "template_ids": "ONE_TIME" })).await;
            w.does("alice/refuse", json!({ "template_ids": "ONE_TIME" })).await;
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({})))
        };
        43101 "user refuse to accept the msg ", "a notification nobody asked for", |w|
            w.post_as(SERVICE, BIZSEND, w.template(json!({ "template_id": "NOTIFICATION" })));
        47003 "argument invalid! data.thing1.value invalid ", "a thing of 21 characters", |w| {
            let data = json!({ "thing1": { "value": "护".repeat(21) }, "date2": { "value": "2027-03-01" } });
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "data": data })))
        };
        47003 "argument invalid! data.date2.value invalid ", "a date that is none", |w| {
            let data = json!({ "thing1": { "value": "护照" }, "date2": { "value": "soon" } });
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "data": data })))
        };
        47003 "argument invalid! data.thing1.value is emtpy ", "an empty value", |w| {
            let data = json!({ "thing1": { "value": "" }, "date2": { "value": "2027-03-01" } });
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "data": data })))
        };
        47003 "argument invalid! data.date2.value is emtpy ", "a keyword left out", |w|
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "data": { "thing1": { "value": "护照" } } })));
        47001 "data format error ", "data that is a string", |w|
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({ "data": "护照" })));
        47001 "data format error ", "broken JSON", |w|
            w.request(Request::post(w.with_token(MINI, SUBSCRIBE_SEND)), "{");
        47001 "data format error ", "a form", |w| {
            let form = "application/x-www-form-urlencoded";
            w.request(Request::post(w.with_token(MINI, SUBSCRIBE_SEND)).header("content-type", form), "{}")
        };
        44002 "empty post data ", "no body", |w| w.request(Request::post(w.with_token(MINI, SUBSCRIBE_SEND)), "");
        43002 "require POST method ", "a message sent by GET", |w| w.get_as(MINI, SUBSCRIBE_SEND);
        43001 "require GET method ", "user/info by POST", |w| w.post_as(SERVICE, "/cgi-bin/user/info", json!({}));
        40033 "invalid charset. please check your request, if include \\uxxxx will create fail! ", "escaped text", |w|
            w.request(Request::post(w.with_token(MINI, SUBSCRIBE_SEND)), r#"{"touser":"\u62a4"}"#);
        45009 "reach max api daily quota limit ", "the day's last message is gone", |w| {
            w.platform.limit_calls(MINI, SUBSCRIBE_SEND, 1);
            w.post_as(MINI, SUBSCRIBE_SEND, json!({}));
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({})))
        };
        48001 "api unauthorized ", "a mini program sends a template message", |w|
            w.post_as(MINI, TEMPLATE_SEND, w.template(json!({})));
        40066 "invalid url ", "a path that does not exist", |w| w.post_as(MINI, "/cgi-bin/message/none", json!({}));

        43004 "require subscribe ", "a template message to somebody who does not follow", |w|
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({})));
        43004 "require subscribe ", "a template message to somebody who left", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            w.does("alice/unfollow", json!({})).await;
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({})))
        };
        43019 "require remove blacklist ", "a template message to somebody on the blacklist", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            w.does("alice/blacklist", json!({})).await;
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({})))
        };
        43101 "user refuse to accept the msg ", "a template message that the user switched off, and followed anew", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            w.does("alice/refuse-template", json!({ "template_id": "TEMPLATE" })).await;
            w.does("alice/unfollow", json!({})).await;
            w.does("alice/follow", json!({ "via": "search" })).await;
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({})))
        };
        40003 "invalid openid ", "a template message to the other account's openid", |w|
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "touser": w.openid("alice", MINI) })));
        40036 "invalid template_id size ", "a template message without template", |w|
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "template_id": null })));
        40037 "invalid template_id ", "a template of nobody", |w|
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "template_id": "UNKNOWN" })));
        40013 "invalid appid ", "a card of a mini program that is not ours", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            let card = json!({ "appid": "wx0000000000000000", "pagepath": "pages/item/item" });
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "miniprogram": card })))
        };
        40165 "invalid weapp pagepath ", "a card that leads nowhere", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            let card = json!({ "appid": w.platform.accounts().mini_program.appid, "pagepath": "/pages/item/item" });
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "miniprogram": card })))
        };
        47003 "argument invalid! data.date2.value invalid ", "a template message with a date that is none", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            let data = json!({ "thing1": { "value": "护照" }, "date2": { "value": "soon" } });
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({ "data": data })))
        };

        40249 "this template msg has been blocked for illegal content ", "a template message with words not allowed", |w| {
            w.does("alice/follow", json!({ "via": "search" })).await;
            w.platform.change_account(SERVICE, |account| account.forbidden_words = vec!["护照".to_owned()]);
            w.post_as(SERVICE, TEMPLATE_SEND, w.template(json!({})))
        };
        45168 "content contains sensitive words ", "a subscription message with words not allowed", |w| {
            w.does("alice/subscribe", json!({ "template_ids": "ONE_TIME" })).await;
            w.platform.change_account(MINI, |account| account.forbidden_words = vec!["护".to_owned()]);
            w.post_as(MINI, SUBSCRIBE_SEND, w.subscription(json!({})))
        };

        45015 "response out of time limit or subscription is canceled ", "no window was ever opened", |w|
            w.post_as(MINI, CUSTOM_SEND, w.text_to(MINI, "你好"));
        45047 "out of response count limit ", "a third message after entering", |w| {
            w.does("alice/enter-session", json!({ "session_from": "follow" })).await;
            for _ in 0..2 {
                assert_eq!(w.post_as(MINI, CUSTOM_SEND, w.text_to(MINI, "你好")).errcode(), 0);
            }
            w.post_as(MINI, CUSTOM_SEND, w.text_to(MINI, "你好"))
        };
        40003 "invalid openid ", "a custom message to nobody", |w|
            w.post_as(MINI, CUSTOM_SEND, json!({ "touser": "o", "msgtype": "text", "text": { "content": "x" } }));
        40008 "invalid message type ", "a type of message that is none", |w|
            w.post_as(MINI, CUSTOM_SEND, json!({ "touser": w.openid("alice", MINI), "msgtype": "song", "song": {} }));
        44004 "empty content ", "an empty text", |w| w.post_as(MINI, CUSTOM_SEND, w.text_to(MINI, ""));
        45002 "content size out of limit ", "a text of 2049 bytes", |w|
            w.post_as(MINI, CUSTOM_SEND, w.text_to(MINI, &"x".repeat(2049)));
        40007 "invalid media_id ", "a picture of nobody", |w| {
            let openid = w.openid("alice", MINI);
            let image = json!({ "touser": openid, "msgtype": "image", "image": { "media_id": "x" } });
            w.post_as(MINI, CUSTOM_SEND, image)
        };
        40007 "invalid media_id ", "a picture of the other account", |w| {
            let media_id = w.upload(SERVICE, "a.jpg", b"picture").json()["media_id"].clone();
            let openid = w.openid("alice", MINI);
            let image = json!({ "touser": openid, "msgtype": "image", "image": { "media_id": media_id } });
            w.post_as(MINI, CUSTOM_SEND, image)
        };
        45072 "invalid command ", "an unknown typing command", |w|
            w.post_as(MINI, TYPING, json!({ "touser": w.openid("alice", MINI), "command": "Sleep" }));
        45080 "no interaction within 30 seconds ", "typing to somebody silent", |w|
            w.post_as(MINI, TYPING, json!({ "touser": w.openid("alice", MINI), "command": "Typing" }));
        45081 "you are already typing ", "typing twice", |w| {
            w.does("alice/enter-session", json!({})).await;
            let typing = json!({ "touser": w.openid("alice", MINI), "command": "Typing" });
            w.post_as(MINI, TYPING, typing.clone());
            w.post_as(MINI, TYPING, typing)
        };

        40004 "invalid media type ", "an upload of no known kind", |w|
            w.post_as(MINI, "/cgi-bin/media/upload?type=book", json!({}));
        41005 "media data missing ", "an upload without file", |w|
            w.post_as(MINI, "/cgi-bin/media/upload?type=image", json!({}));
        40005 "invalid file type ", "an upload without extension", |w| w.upload(MINI, "picture", b"x");
        45001 "media size out of limit ", "an upload too large", |w| w.upload(MINI, "a.png", &vec![0; 2_097_153]);
        40007 "invalid media_id ", "media of nobody", |w| w.get_as(MINI, "/cgi-bin/media/get?media_id=x");

        41009 "missing openid ", "user/info of nobody in particular", |w| w.get_as(SERVICE, "/cgi-bin/user/info");
        40003 "invalid openid ", "user/info of the other account's openid", |w|
            w.get_as(SERVICE, &format!("/cgi-bin/user/info?openid={}", w.openid("alice", MINI)));
        40003 "invalid openid ", "a batch with one stranger", |w| {
            let list = json!({ "user_list": [{ "openid": w.openid("alice", SERVICE) }, { "openid": "o" }] });
            w.post_as(SERVICE, "/cgi-bin/user/info/batchget", list)
        };
        40032 "invalid openid list size ", "a batch of 101", |w| {
            let list = vec![json!({ "openid": w.openid("alice", SERVICE) }); 101];
            w.post_as(SERVICE, "/cgi-bin/user/info/batchget", json!({ "user_list": list }))
        };
        40003 "invalid openid ", "a page of followers after nobody", |w|
            w.get_as(SERVICE, "/cgi-bin/user/get?next_openid=o");

        40097 "invalid args ", "a QR code of no known kind", |w|
            w.post_as(SERVICE, QRCODE, json!({ "action_name": "QR", "action_info": { "scene": {} } }));
        40053 "invalid action info ", "a QR code without scene", |w|
            w.post_as(SERVICE, QRCODE, json!({ "action_name": "QR_STR_SCENE", "action_info": { "scene": {} } }));
        40053 "invalid action info ", "a scene of 65 characters", |w| {
            let scene = json!({ "scene": { "scene_str": "x".repeat(65) } });
            w.post_as(SERVICE, QRCODE, json!({ "action_name": "QR_STR_SCENE", "action_info": scene }))
        };
        40058 "invalid parameter ", "a QR code for 31 days", |w| {
            let scene = json!({ "scene": { "scene_str": "x" } });
            let body = json!({ "action_name": "QR_STR_SCENE", "expire_seconds": 2_592_001, "action_info": scene });
            w.post_as(SERVICE, QRCODE, body)
        };
        48001 "api unauthorized ", "a QR code of the mini program", |w| w.post_as(MINI, QRCODE, json!({}));

        76021 "cgi_path not found ", "the quota of a path that does not exist", |w|
            w.post_as(MINI, "/cgi-bin/openapi/quota/get", json!({ "cgi_path": "/cgi-bin/none" }));
        48006 "forbid to clear quota because of reaching the limit ", "an eleventh clearing in a month", |w| {
            let body = json!({ "appid": w.platform.accounts().mini_program.appid });
            for _ in 0..10 {
                assert_eq!(w.post_as(MINI, "/cgi-bin/clear_quota", body.clone()).errcode(), 0);
            }
            w.post_as(MINI, "/cgi-bin/clear_quota", body)
        };
        40201 "callback url is not set ", "a check of a callback that is not there", |w|
            w.post_as(MINI, "/cgi-bin/callback/check", json!({ "action": "all", "check_operator": "DEFAULT" }));
    };
    for (name, errcode, text, happens) in situations {
        let world = World::new().await;
        let reply = happens(&world).await;
        assert_eq!(reply.status, 200, "{name}");
        assert_eq!(reply.errcode(), errcode, "{name}: {}", reply.json());
        let errmsg = reply.json()["errmsg"].as_str().expect("a text").to_owned();
        let rid = errmsg.strip_prefix(text).and_then(|rest| rest.strip_prefix("rid: "));
        assert!(rid.is_some_and(is_rid), "{name}: {errmsg}");
    }
}

/// Three groups of eight hex digits, the first of them the time of the request.
fn is_rid(rid: &str) -> bool {
    let groups: Vec<&str> = rid.split('-').collect();
    let hex = |group: &&str| group.len() == 8 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.len() == 3 && groups.iter().all(hex) && groups[0] == START_IN_HEX
}

#[tokio::test]
async fn tokens_expire_and_codes_grow_old() {
    let world = World::new().await;
    let path = world.with_token(MINI, "/cgi-bin/getcallbackip");
    let code = world.does("alice/login", json!({})).await["code"].as_str().expect("a code").to_owned();
    assert_eq!(world.get(&path).errcode(), 0);
    world.advance(SignedDuration::from_mins(5)).await;
    assert_eq!(world.login("", &code).errcode(), 40029);
    world.advance(SignedDuration::from_mins(115)).await;
    assert_eq!(world.get(&path).errcode(), 42001);
}

#[tokio::test]
async fn a_planned_errcode_reads_as_if_wechat_had_thought_of_it() {
    let world = World::new().await;
    for (path, errcode, text) in [
        (SUBSCRIBE_SEND, 43101, "user refuse to accept the msg rid: "),
        ("/sns/jscode2session", -1, "system error, rid: "),
        (TEMPLATE_SEND, 45011, "api minute-quota reach limit, must slower, retry next minute rid: "),
    ] {
        let response = world.platform.refusal(path, errcode);
        assert_eq!(response.status(), 200);
        let body: serde_json::Value = serde_json::from_slice(response.body()).expect("JSON");
        assert_eq!(body["errcode"], errcode);
        assert!(body["errmsg"].as_str().expect("a text").starts_with(text), "{body}");
    }
}

impl World {
    /// `jscode2session` with the right secret if none is given.
    pub(super) fn login(&self, secret: &str, code: &str) -> Reply {
        let account = self.platform.accounts().mini_program;
        let secret = if secret.is_empty() { &account.app_secret } else { secret };
        let appid = &account.appid;
        self.get(&format!(
            "/sns/jscode2session?appid={appid}&secret={secret}&js_code={code}&grant_type=authorization_code"
        ))
    }
}
