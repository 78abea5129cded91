//! Logins, tokens and lists as they look when they succeed (docs/wechat.md §5, §6, §7).

use http::Method;
use jiff::SignedDuration;
use serde_json::json;

use super::{MINI, SERVICE, World};

#[tokio::test]
async fn a_login_yields_openid_and_unionid_without_errcode() {
    let world = World::new().await;
    world.does("", json!({ "name": "bob", "unionid": false })).await;
    for (name, with_unionid) in [("alice", true), ("bob", false)] {
        let code = world.does(&format!("{name}/login"), json!({})).await["code"].as_str().unwrap().to_owned();
        let reply = world.login("", &code);
        assert_eq!(reply.content_type, "text/plain");
        let session = reply.json();
        assert_eq!(session["openid"], json!(world.openid(name, MINI)));
        assert_eq!(session.get("unionid").is_some(), with_unionid);
        assert!(session.get("errcode").is_none());
        let text = String::from_utf8(reply.body.to_vec()).expect("UTF-8");
        assert_eq!(text.matches('/').count(), text.matches("\\/").count(), "slashes are escaped");
    }
}

#[tokio::test]
async fn the_two_token_endpoints_keep_apart() {
    let world = World::new().await;
    let stable = world.token(MINI);
    let account = world.platform.accounts().mini_program;
    let path = format!(
        "/cgi-bin/token?grant_type=client_credential&appid={}&secret={}",
        account.appid, account.app_secret
    );
    let rotating = world.get(&path).json();
    assert_eq!(rotating["expires_in"], 7200);
    assert_ne!(rotating["access_token"], json!(stable));
    world.advance(SignedDuration::from_secs(100)).await;
    let again = world.post("/cgi-bin/stable_token", world.credentials(MINI)).json();
    assert_eq!(again, json!({ "access_token": stable, "expires_in": 7100 }));
    let old = format!("/cgi-bin/getcallbackip?access_token={}", rotating["access_token"].as_str().unwrap());
    world.get(&path);
    assert_eq!(world.get(&old).errcode(), 0, "the old one has five minutes left");
    world.advance(SignedDuration::from_secs(300)).await;
    assert_eq!(world.get(&old).errcode(), 40001);
}

#[tokio::test]
async fn a_follower_is_described_and_somebody_else_is_not() {
    let world = World::new().await;
    let info = format!("/cgi-bin/user/info?openid={}&lang=zh_CN", world.openid("alice", SERVICE));
    let stranger = world.get_as(SERVICE, &info).json();
    assert_eq!(stranger, json!({ "subscribe": 0, "openid": world.openid("alice", SERVICE) }));
    world.does("alice/follow", json!({ "via": "mini_program" })).await;
    let follower = world.get_as(SERVICE, &info).json();
    assert_eq!(follower["subscribe"], 1);
    assert_eq!(follower["subscribe_scene"], "ADD_SCENE_WXA");
    assert_eq!(follower["subscribe_time"], world.timeline.now().as_second());
    assert!(follower["unionid"].is_string());
    assert!(follower.get("errcode").is_none());
}

#[tokio::test]
async fn description_that_lags_hears_of_changes_late() {
    let world = World::new().await;
    let lags = r#"{"user_info_lag_s": 30}"#;
    assert_eq!(world.control(Method::POST, "/sim/accounts/service_account", lags).await.0, 200);
    let info = format!("/cgi-bin/user/info?openid={}", world.openid("alice", SERVICE));
    for (verb, before, after) in [("alice/follow", 0, 1), ("alice/unfollow", 1, 0)] {
        world.does(verb, json!({})).await;
        for (seconds, said) in [(0, before), (29, before), (1, after)] {
            world.advance(SignedDuration::from_secs(seconds)).await;
            assert_eq!(world.get_as(SERVICE, &info).json()["subscribe"], said, "{verb} {seconds}");
        }
    }
}

#[tokio::test]
async fn followers_are_listed_page_by_page() {
    let world = World::new().await;
    world.platform.page_followers_by(2);
    for name in ["bob", "carol", "dave"] {
        world.does("", json!({ "name": name })).await;
        world.does(&format!("{name}/follow"), json!({})).await;
        world.advance(SignedDuration::from_secs(1)).await;
    }
    let first = world.get_as(SERVICE, "/cgi-bin/user/get").json();
    let (bob, carol, dave) =
        (world.openid("bob", SERVICE), world.openid("carol", SERVICE), world.openid("dave", SERVICE));
    assert_eq!(
        first,
        json!({ "total": 3, "count": 2, "data": { "openid": [bob, carol] }, "next_openid": carol })
    );
    let second = world.get_as(SERVICE, &format!("/cgi-bin/user/get?next_openid={carol}")).json();
    assert_eq!(second, json!({ "total": 3, "count": 1, "data": { "openid": [dave] }, "next_openid": dave }));
    let end = world.get_as(SERVICE, &format!("/cgi-bin/user/get?next_openid={dave}")).json();
    assert_eq!(end, json!({ "total": 3, "count": 0, "next_openid": "" }));
}

#[tokio::test]
async fn a_cleared_quota_counts_from_nothing() {
    let world = World::new().await;
    world.platform.limit_calls(SERVICE, "/cgi-bin/user/get", 3);
    world.get_as(SERVICE, "/cgi-bin/user/get");
    let quota =
        || world.post_as(SERVICE, "/cgi-bin/openapi/quota/get", json!({ "cgi_path": "/cgi-bin/user/get" }));
    assert_eq!(quota().json()["quota"], json!({ "daily_limit": 3, "used": 1, "remain": 2 }));
    let account = world.platform.accounts().service_account.expect("it has one");
    let path = format!("/cgi-bin/clear_quota/v2?appid={}&appsecret={}", account.appid, account.app_secret);
    assert_eq!(world.request(http::Request::post(path), "").errcode(), 0);
    assert_eq!(quota().json()["quota"]["used"], 0);
    world.get_as(SERVICE, "/cgi-bin/user/get");
    // 16:00 in London is midnight in China.
    world.timeline.advance_to("2027-01-01T15:59:59Z".parse().unwrap()).await;
    assert_eq!(quota().json()["quota"]["used"], 1);
    world.timeline.advance_to("2027-01-01T16:00:00Z".parse().unwrap()).await;
    assert_eq!(quota().json()["quota"]["used"], 0);
}

#[tokio::test]
async fn templates_are_listed_with_their_keywords() {
    let world = World::new().await;
    let listed = world.get_as(MINI, "/wxaapi/newtmpl/gettemplate").json();
    assert_eq!(listed["data"][0]["priTmplId"], "ONE_TIME");
    assert_eq!(listed["data"][0]["content"], "事项:{{thing1.DATA}}\n时间:{{date2.DATA}}\n");
    assert_eq!((&listed["data"][0]["type"], &listed["data"][1]["type"]), (&json!(2), &json!(3)));
    let private = world.get_as(SERVICE, "/cgi-bin/template/get_all_private_template").json();
    assert_eq!(private["template_list"][0]["template_id"], "TEMPLATE");
    assert_eq!(private["template_list"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_control_api_shows_the_accounts_and_says_in_words_what_it_does_not_take() {
    let world = World::new().await;
    let (_, accounts) = world.control(Method::GET, "/sim/accounts", "").await;
    let fields: Vec<&String> = accounts["service_account"].as_object().expect("an object").keys().collect();
    assert_eq!(fields, ["appid", "original_id", "callback_token", "encoding_aes_key", "mode"]);
    assert_eq!(accounts["mini_program"]["mode"], "secure");
    for (path, body, status, error) in [
        ("/sim/users/nobody/login", "{}", 404, "nobody is called \"nobody\""),
        ("/sim/accounts/shop/revoke-token", "", 404, "there is no account \"shop\" in this world"),
        ("/sim/users", "{\"name\":\"alice\"}", 422, "name: somebody has that name already"),
        ("/sim/users", "{}", 422, "body: missing field `name` at line 1 column 2"),
        (
            "/sim/users/alice/follow",
            "{\"via\":\"qrcode\",\"image_url\":\"x\"}",
            422,
            "image_url: is not the address of a QR code of the service account",
        ),
        (
            "/sim/users/alice/say",
            "{\"to\":\"mini_program\",\"message\":{}}",
            422,
            "message.MsgType: must be the type of a message, such as \"text\"",
        ),
        (
            "/sim/users/alice/subscribe",
            "{\"template_ids\":[\"X\"]}",
            422,
            "template_ids: \"X\" is no template for subscription messages of either account (10004)",
        ),
        (
            "/sim/templates",
            "{\"account\":\"mini_program\",\"template_id\":\"X\",\"keywords\":[]}",
            422,
            "keywords: must name at least one keyword, such as \"thing1\"",
        ),
    ] {
        let answer = world.control(Method::POST, path, body).await;
        assert_eq!(answer, (status, json!({ "error": error })), "{path} {body}");
    }
    let (status, _) = world.control(Method::GET, "/sim/users/alice/login", "").await;
    assert_eq!(status, 405);
}
