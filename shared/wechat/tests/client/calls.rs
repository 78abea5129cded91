//! Each call's request as WeChat sees it, and its answer as the caller sees it.

use std::time::Duration;

use super::server::{Act, Request, Server};
use jiff::SignedDuration;
use serde_json::{Value, json};
use wechat::*;

/// A client and a server that gives this one answer.
async fn answering(answer: Value) -> (Client, Server) {
    acting(Act::Say(answer.to_string())).await
}

async fn acting(act: Act) -> (Client, Server) {
    let server = Server::new([act]).await;
    let timeout = Duration::from_secs(5);
    let config =
        ClientConfig { api_url: server.url.clone(), mp_url: server.url.clone(), timeout, proxy_url: None };
    (Client::new(config).expect("a client"), server)
}

fn only_request(server: &Server) -> Request {
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    requests[0].clone()
}

fn token() -> AccessToken {
    AccessToken::from("76_tok")
}

fn data() -> Vec<(String, String)> {
    vec![("thing2".into(), "护照\n\"x\"".into()), ("date1".into(), "2027年3月1日".into())]
}

fn link() -> MiniProgramLink {
    MiniProgramLink { appid: AppId::from("wx1"), pagepath: Some("pages/item/item?id=42".into()) }
}

#[tokio::test]
async fn stable_token_asks_by_body_and_reads_the_remaining_life() {
    let (client, server) = answering(json!({"access_token": "76_tok", "expires_in": 345})).await;
    let issued =
        client.stable_token(&AppId::from("wx1"), &AppSecret::from("s"), false).await.expect("a token");
    assert_eq!(issued, IssuedToken { access_token: token(), expires_in: SignedDuration::from_secs(345) });
    let request = only_request(&server);
    assert_eq!(request.line, "POST /cgi-bin/stable_token HTTP/1.1");
    let body = r#"{"grant_type":"client_credential","appid":"wx1","secret":"s","force_refresh":false}"#;
    assert_eq!(request.json(), serde_json::from_str::<Value>(body).expect("JSON"));
    for answer in [json!({}), json!({"access_token": "", "expires_in": 1})] {
        let (client, _server) = answering(answer).await;
        let refused = client.stable_token(&AppId::from("wx1"), &AppSecret::from("s"), true).await;
        assert!(matches!(refused, Err(CallError::Unknown { .. })));
    }
}

#[tokio::test]
async fn jscode2session_reads_escaped_slashes_and_a_missing_unionid() {
    let say = r#"{"session_key":"gvTFdoQbA\/WG1KzzPjvdrQ==","openid":"o1q_"}"#;
    let (client, server) = acting(Act::Answer("200 OK", "Content-Type: text/plain\r\n", say.into())).await;
    let session =
        client.jscode2session(&AppId::from("wx1"), &AppSecret::from("a/b"), "0c&1").await.expect("a session");
    assert_eq!(session.openid, OpenId::from("o1q_"));
    assert_eq!(session.unionid, None);
    assert_eq!(session.session_key.expose(), "gvTFdoQbA/WG1KzzPjvdrQ==");
    assert_eq!(
        only_request(&server).line,
        "GET /sns/jscode2session?appid=wx1&secret=a%2Fb&js_code=0c%261&grant_type=authorization_code HTTP/1.1"
    );
    let (client, _server) =
        answering(json!({"errcode": 40163, "errmsg": "code been used, rid: 6538ac7d"})).await;
    let used = client.jscode2session(&AppId::from("wx1"), &AppSecret::from("s"), "0c1").await;
    assert_eq!(used.expect_err("used").refusal().map(Refusal::class), Some(ErrClass::Login));
}

#[tokio::test]
async fn user_info_reads_a_follower_and_somebody_else() {
    let (client, server) = answering(json!({
        "subscribe": 1, "openid": "o6_", "language": "zh_CN", "subscribe_time": 1382694957, "unionid": "u6_",
        "groupid": 0, "tagid_list": [128, 2], "subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene": 98765,
        "qr_scene_str": ""
    }))
    .await;
    let info = client.user_info(&token(), &OpenId::from("o6_")).await.expect("info");
    let follower = UserInfo {
        subscribe: true,
        openid: OpenId::from("o6_"),
        unionid: Some(UnionId::from("u6_")),
        subscribe_time: Some(1_382_694_957),
        subscribe_scene: Some("ADD_SCENE_QR_CODE".into()),
        qr_scene_str: None,
    };
    assert_eq!(info, follower);
    assert_eq!(
        only_request(&server).line,
        "GET /cgi-bin/user/info?access_token=76_tok&openid=o6_&lang=zh_CN HTTP/1.1"
    );
    let (client, server) = answering(
        json!({"user_info_list": [{"subscribe": 0, "openid": "o7_"}, {"subscribe": "1", "openid": "o8_"}]}),
    )
    .await;
    let openids = [OpenId::from("o7_"), OpenId::from("o8_")];
    let infos = client.user_info_batchget(&token(), &openids).await.expect("infos");
    assert_eq!(infos.iter().map(|info| info.subscribe).collect::<Vec<_>>(), [false, true]);
    assert_eq!(
        only_request(&server).json(),
        json!({"user_list": [{"openid": "o7_", "lang": "zh_CN"}, {"openid": "o8_", "lang": "zh_CN"}]})
    );
}

#[tokio::test]
async fn one_odd_byte_or_field_costs_no_unionid() {
    let answers: [&[u8]; 4] = [
        b"{\"subscribe\":1,\"openid\":\"o6_\",\"remark\":\"\xe6\x8a\",\"unionid\":\"u6_\"}",
        b"{\"subscribe\":1,\"openid\":\"o6_\",\"remark\":\"a\x01\nb\",\"unionid\":\"u6_\"}",
        br#"{"subscribe":"1","openid":"o6_","remark":"\ud83d","unionid":"u6_"}"#,
        br#"{"subscribe":1,"openid":"o6_","qr_scene_str":7,"subscribe_scene":[],"unionid":"u6_"}"#,
    ];
    for answer in answers {
        let (client, _server) = acting(Act::Answer("200 OK", "", answer.to_vec())).await;
        let info = client.user_info(&token(), &OpenId::from("o6_")).await;
        let unionid = info.map(|info| (info.subscribe, info.unionid));
        assert_eq!(unionid, Ok((true, Some(UnionId::from("u6_")))), "{}", answer.escape_ascii());
    }
    let long = "u".repeat(2_000);
    let entries = json!([{"subscribe": 1, "openid": "o7_", "unionid": long}, {"subscribe": 1}, {"subscribe": 1, "openid": "o8_"}]);
    let (client, _server) = answering(json!({ "user_info_list": entries })).await;
    let infos = client.user_info_batchget(&token(), &[]).await.expect("infos");
    assert_eq!(
        infos.iter().map(|info| (info.openid.as_str(), &info.unionid)).collect::<Vec<_>>(),
        [("o7_", &None), ("o8_", &None)]
    );
}

#[tokio::test]
async fn user_get_knows_the_last_page_in_all_its_shapes() {
    let first = json!({"total": 2, "count": 2, "data": {"openid": ["O1", "O2"]}, "next_openid": "O2"});
    let (client, server) = answering(first).await;
    let page = client.user_get(&token(), None).await.expect("a page");
    assert_eq!((page.total, page.openids.len()), (2, 2));
    assert_eq!(page.next_openid, Some(OpenId::from("O2")));
    assert_eq!(only_request(&server).line, "GET /cgi-bin/user/get?access_token=76_tok&next_openid= HTTP/1.1");
    for last in [
        json!({"total": 2, "count": 0, "next_openid": ""}),
        json!({"total": 2, "count": 0, "data": null, "next_openid": ""}),
        json!({"total": 2, "count": 0, "data": {"openid": []}, "next_openid": "O2"}),
    ] {
        let (client, _server) = answering(last).await;
        let page = client.user_get(&token(), Some(&OpenId::from("O2"))).await.expect("a page");
        assert_eq!(page, FollowerPage { total: 2, openids: vec![], next_openid: None });
    }
}

#[tokio::test]
async fn template_send_writes_real_utf8_and_keeps_the_order() {
    let (client, server) =
        acting(Act::Say(r#"{"errcode":0,"errmsg":"ok","msgid":4674045479742390277}"#.into())).await;
    let message = TemplateMessage {
        touser: OpenId::from("oA"),
        template_id: TemplateId::from("T1"),
        url: Some("https://a/b".into()),
        miniprogram: Some(link()),
        client_msg_id: Some("p1".into()),
        data: data(),
    };
    let sent = client.template_send(&token(), &message).await.expect("sent");
    assert_eq!(sent.msgid, Some(MsgId::from("4674045479742390277")));
    let request = only_request(&server);
    assert_eq!(request.line, "POST /cgi-bin/message/template/send?access_token=76_tok HTTP/1.1");
    assert!(request.head.contains("content-type: application/json\r\n"), "{}", request.head);
    assert_eq!(
        request.text(),
        r#"{"touser":"oA","template_id":"T1","url":"https://a/b","miniprogram":{"appid":"wx1","pagepath":"pages/item/item?id=42"},"client_msg_id":"p1","data":{"thing2":{"value":"护照\n\"x\""},"date1":{"value":"2027年3月1日"}}}"#
    );
}

#[tokio::test]
async fn template_send_takes_a_client_msg_id_sent_before_for_a_success() {
    let (client, _server) =
        answering(json!({"errcode": 45065, "errmsg": "clientmsgid exist rid: 1-2-3"})).await;
    let message = TemplateMessage {
        touser: OpenId::from("oA"),
        template_id: TemplateId::from("T1"),
        url: None,
        miniprogram: None,
        client_msg_id: Some("p1".into()),
        data: vec![],
    };
    assert_eq!(client.template_send(&token(), &message).await, Ok(SentMessage { msgid: None }));
}

#[tokio::test]
async fn subscribe_send_and_bizsend_write_what_wechat_documents() {
    let (client, server) =
        answering(json!({"errcode": 0, "errmsg": "ok", "msgid": "3248682510344192008"})).await;
    let message = SubscribeMessage {
        touser: OpenId::from("oA"),
        template_id: TemplateId::from("T1"),
        page: Some("pages/item/item?id=42".into()),
        data: data(),
        miniprogram_state: MiniProgramState::Formal,
        lang: "zh_CN",
    };
    let sent = client.subscribe_send(&token(), &message).await.expect("sent");
    assert_eq!(sent.msgid, Some(MsgId::from("3248682510344192008")));
    let request = only_request(&server);
    assert_eq!(request.line, "POST /cgi-bin/message/subscribe/send?access_token=76_tok HTTP/1.1");
    assert_eq!(
        request.text(),
        r#"{"touser":"oA","template_id":"T1","page":"pages/item/item?id=42","data":{"thing2":{"value":"护照\n\"x\""},"date1":{"value":"2027年3月1日"}},"miniprogram_state":"formal","lang":"zh_CN"}"#
    );
    let (client, server) = answering(json!({"errcode": 0, "errmsg": "ok"})).await;
    let notification = Notification {
        touser: OpenId::from("oB"),
        template_id: TemplateId::from("T2"),
        page: None,
        miniprogram: Some(link()),
        data: vec![],
    };
    assert_eq!(client.subscribe_bizsend(&token(), &notification).await, Ok(SentMessage { msgid: None }));
    let request = only_request(&server);
    assert_eq!(request.line, "POST /cgi-bin/message/subscribe/bizsend?access_token=76_tok HTTP/1.1");
    assert_eq!(
        request.text(),
        r#"{"touser":"oB","template_id":"T2","miniprogram":{"appid":"wx1","pagepath":"pages/item/item?id=42"},"data":{}}"#
    );
}

#[tokio::test]
async fn custom_send_writes_every_kind_of_message() {
    let link = CustomMessage::Link {
        title: "T".into(),
        description: "D".into(),
        url: "https://a".into(),
        thumb_url: "https://b".into(),
    };
    let card = |appid| CustomMessage::MiniProgramPage {
        title: "T".into(),
        pagepath: "pages/a?b=1".into(),
        thumb_media_id: MediaId::from("M1"),
        appid,
    };
    let table = [
        (CustomMessage::Text("你好".into()), r#"{"touser":"oA","msgtype":"text","text":{"content":"你好"}}"#),
        (
            CustomMessage::Image(MediaId::from("M1")),
            r#"{"touser":"oA","msgtype":"image","image":{"media_id":"M1"}}"#,
        ),
        (
            link,
            r#"{"touser":"oA","msgtype":"link","link":{"title":"T","description":"D","url":"https://a","thumb_url":"https://b"}}"#,
        ),
        (
            card(None),
            r#"{"touser":"oA","msgtype":"miniprogrampage","miniprogrampage":{"title":"T","pagepath":"pages/a?b=1","thumb_media_id":"M1"}}"#,
        ),
        (
            card(Some(AppId::from("wx1"))),
            r#"{"touser":"oA","msgtype":"miniprogrampage","miniprogrampage":{"title":"T","pagepath":"pages/a?b=1","thumb_media_id":"M1","appid":"wx1"}}"#,
        ),
    ];
    for (message, body) in table {
        let (client, server) = answering(json!({"errcode": 0, "errmsg": "ok"})).await;
        client.custom_send(&token(), &OpenId::from("oA"), &message).await.expect("sent");
        let request = only_request(&server);
        assert_eq!(request.line, "POST /cgi-bin/message/custom/send?access_token=76_tok HTTP/1.1");
        assert_eq!(request.text(), body);
    }
}

#[tokio::test]
async fn picture_is_fetched_recognised_and_uploaded() {
    let png = b"\x89PNG\r\n\x1a\nrest".to_vec();
    let (client, server) = acting(Act::Answer("200 OK", "Content-Type: text/html\r\n", png.clone())).await;
    let picture = client.fetch_picture(&client.showqrcode_url("gQ==/+")).await.expect("a picture");
    assert_eq!(
        (picture.mime, picture.filename(), picture.bytes.as_ref()),
        ("image/png", "picture.png", &png[..])
    );
    assert_eq!(only_request(&server).line, "GET /cgi-bin/showqrcode?ticket=gQ%3D%3D%2F%2B HTTP/1.1");

    let (client, server) =
        answering(json!({"type": "image", "media_id": "M1", "created_at": 1672500000})).await;
    let uploaded = client
        .media_upload_image(&token(), picture.filename(), picture.mime, picture.bytes)
        .await
        .expect("uploaded");
    assert_eq!(uploaded, UploadedMedia { media_id: MediaId::from("M1"), created_at: 1_672_500_000 });
    let request = only_request(&server);
    assert_eq!(request.line, "POST /cgi-bin/media/upload?access_token=76_tok&type=image HTTP/1.1");
    let part = "Content-Disposition: form-data; name=\"media\"; filename=\"picture.png\"\r\nContent-Type: image/png\r\n\r\n";
    assert!(request.text().contains(part), "{}", request.text());
    assert!(request.body.windows(png.len()).any(|window| window == png));
}

#[tokio::test]
async fn picture_that_is_none_is_not_taken() {
    let reason = |error: CallError| match error {
        CallError::Unknown { reason, .. } => reason.english,
        other => other.to_string(),
    };
    let mut long = b"GIF89a".to_vec();
    long.resize(MAX_PICTURE_BYTES + 1, 0);
    let table = [
        (Act::Say("<svg/>".into()), "not a PNG, JPEG or GIF picture"),
        (Act::Answer("404 Not Found", "", b"GIF89a".to_vec()), "HTTP status 404"),
        (Act::Answer("302 Found", "Location: /b.gif\r\n", vec![]), "HTTP status 302"),
        (Act::Answer("200 OK", "", long), "an answer that is too long"),
        (
            Act::Say(r#"{"errcode":40007,"errmsg":"invalid media_id"}"#.into()),
            "refused by WeChat: 40007 invalid media_id",
        ),
    ];
    for (act, expect) in table {
        let (client, server) = acting(act).await;
        let error = client.fetch_picture(&format!("{}/a.gif", server.url)).await.expect_err("no picture");
        assert_eq!(reason(error), expect);
    }
}

#[tokio::test]
async fn qrcode_is_made_for_a_scene() {
    let say = r#"{"ticket":"gQ==","expire_seconds":600,"url":"http:\/\/weixin.qq.com\/q\/kZ"}"#;
    let (client, server) = acting(Act::Say(say.into())).await;
    let code =
        client.qrcode_create(&token(), "bind:abc", SignedDuration::from_mins(10)).await.expect("a code");
    let expect =
        QrCode { ticket: "gQ==".into(), url: "http://weixin.qq.com/q/kZ".into(), expire_seconds: 600 };
    assert_eq!(code, expect);
    let request = only_request(&server);
    assert_eq!(request.line, "POST /cgi-bin/qrcode/create?access_token=76_tok HTTP/1.1");
    assert_eq!(
        request.text(),
        r#"{"expire_seconds":600,"action_name":"QR_STR_SCENE","action_info":{"scene":{"scene_str":"bind:abc"}}}"#
    );
}

#[tokio::test]
async fn account_questions_of_operators_are_answered() {
    let (client, server) = answering(json!({
        "errcode": 0, "errmsg": "ok", "quota": {"daily_limit": 500000, "used": 2, "remain": 499998},
        "rate_limit": {"call_count": 2000000, "refresh_second": 60}
    }))
    .await;
    let quota = client.quota_get(&token(), "/cgi-bin/message/custom/send").await.expect("a quota");
    let rate_limit = Some(RateLimit { call_count: 2_000_000, refresh_second: 60 });
    assert_eq!(quota, Quota { daily_limit: 500_000, used: 2, remain: 499_998, rate_limit });
    assert_eq!(only_request(&server).json(), json!({"cgi_path": "/cgi-bin/message/custom/send"}));

    let (client, server) = answering(json!({"errcode": 0, "errmsg": "ok", "data": [{
        "priTmplId": "T1", "title": "到期提醒", "content": "物品:{{thing1.DATA}}\n到期时间:{{date2.DATA}}\n",
        "example": "物品:护照\n", "type": 2
    }]}))
    .await;
    let templates = client.newtmpl_gettemplate(&token()).await.expect("templates");
    assert_eq!(templates[0].template_id, TemplateId::from("T1"));
    assert_eq!((templates[0].kind, templates[0].keywords()), (2, vec!["thing1", "date2"]));
    assert_eq!(only_request(&server).line, "GET /wxaapi/newtmpl/gettemplate?access_token=76_tok HTTP/1.1");

    let (client, server) = answering(json!({"template_list": [{
        "template_id": "T2", "title": "到期提醒", "primary_industry": "", "content": "{{thing1.DATA}}"
    }]}))
    .await;
    let templates = client.get_all_private_template(&token()).await.expect("templates");
    assert_eq!((templates[0].template_id.as_str(), templates[0].keywords()), ("T2", vec!["thing1"]));
    assert_eq!(
        only_request(&server).line,
        "GET /cgi-bin/template/get_all_private_template?access_token=76_tok HTTP/1.1"
    );
}
