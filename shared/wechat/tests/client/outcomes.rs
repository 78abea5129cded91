//! How a call ends: not sent, unknown or refused, once each, and what its error says.

use std::time::Duration;

use super::server::{Act, Server};
use wechat::{
    AccessToken, CallError, Client, ClientConfig, ClientError, ErrClass, ErrCode, MsgId, OpenId, SentMessage,
    TemplateId, TemplateMessage,
};

const TOKEN: &str = "76_secret-token";

fn client(api_url: &str, proxy_url: Option<String>) -> Client {
    let timeout = Duration::from_millis(400);
    let config =
        ClientConfig { api_url: api_url.into(), mp_url: "https://mp.test".into(), timeout, proxy_url };
    Client::new(config).expect("a client")
}

fn message() -> TemplateMessage {
    TemplateMessage {
        touser: OpenId::from("oAliceAliceAlice"),
        template_id: TemplateId::from("T1"),
        url: None,
        miniprogram: None,
        client_msg_id: Some("p1".into()),
        data: vec![("thing1".into(), "护照".into())],
    }
}

async fn send(client: &Client) -> Result<SentMessage, CallError> {
    client.template_send(&AccessToken::from(TOKEN), &message()).await
}

/// Sends one message to a server that acts so; returns what came of it, and how often the server was asked.
async fn sent_to(act: Act) -> (Result<SentMessage, CallError>, usize) {
    let server = Server::new([act]).await;
    let outcome = send(&client(&server.url, None)).await;
    (outcome, server.requests().len())
}

/// Why nobody knows what came of it, and whether somebody answered.
fn unknown(outcome: &Result<SentMessage, CallError>) -> Option<(&str, bool)> {
    match outcome {
        Err(CallError::Unknown { reason, answered }) => Some((&reason.english, *answered)),
        _ => None,
    }
}

fn html() -> Vec<u8> {
    b"<html>busy</html>".to_vec()
}

#[tokio::test]
async fn answer_that_is_none_leaves_the_outcome_unknown_and_is_not_asked_for_again() {
    let table = [
        (Act::StaySilent, "no answer in time"),
        (Act::Answer("500 Internal Server Error", "", html()), "HTTP status 500"),
        (Act::Answer("502 Bad Gateway", "", br#"{"errcode":0}"#.to_vec()), "HTTP status 502"),
        (Act::Answer("200 OK", "", html()), "HTTP status 200 without a JSON answer"),
        (Act::Answer("200 OK", "", vec![]), "HTTP status 200 without a JSON answer"),
        (Act::Answer("200 OK", "", b"[]".to_vec()), "HTTP status 200 without a JSON answer"),
        (Act::Answer("404 Not Found", "", html()), "HTTP status 404 without a JSON answer"),
        (Act::Answer("403 Forbidden", "", br#"{"message":"no"}"#.to_vec()), "HTTP status 403"),
        (Act::Answer("302 Found", "Location: /elsewhere\r\n", br#"{"a":1}"#.to_vec()), "HTTP status 302"),
        (Act::Answer("200 OK", "", vec![b' '; 1024 * 1024 + 1]), "an answer that is too long"),
    ];
    for (act, reason) in table {
        // Whatever is no success says at least that somebody was there.
        let answered = reason.starts_with("HTTP status") && !reason.starts_with("HTTP status 2");
        let (outcome, asked) = sent_to(act).await;
        assert_eq!((unknown(&outcome), asked), (Some((reason, answered)), 1), "{outcome:?}");
    }
}

#[tokio::test]
async fn odd_answer_to_a_send_that_was_taken_says_that_it_was_taken() {
    let taken = |msgid: Option<&str>| Ok(SentMessage { msgid: msgid.map(MsgId::from) });
    let long = format!(r#"{{"errcode":0,"msgid":"{}"}}"#, "9".repeat(2_000));
    let table: [(&[u8], Option<&str>); 7] = [
        (br#"{"errcode":0,"errmsg":"ok","msgid":[]}"#, None),
        (br#"{"errcode":0,"errmsg":"ok","msgid":0}"#, None),
        (br#"{"errcode":0,"errmsg":"ok","msgid":""}"#, None),
        (long.as_bytes(), None),
        (b"\xef\xbb\xbf{\"errcode\":0,\"errmsg\":\"o\xffk\x01\",\"msgid\":7}", Some("7")),
        (br#"{"errcode":0,"errmsg":"\ud83d","msgid":"7"}"#, Some("7")),
        (br#"{"errcode":"0","errmsg":{},"msgid":7}"#, Some("7")),
    ];
    for (answer, msgid) in table {
        let act = Act::Answer("200 OK", "", answer.to_vec());
        assert_eq!(sent_to(act).await, (taken(msgid), 1), "{}", answer.escape_ascii());
    }
    let refused =
        sent_to(Act::Answer("200 OK", "", b"{\"errcode\":43004,\"errmsg\":\"\xff\"}".to_vec())).await;
    assert_eq!(refused.0.expect_err("a no").refusal().map(|no| no.errcode), Some(ErrCode::REQUIRE_SUBSCRIBE));
}

#[tokio::test]
async fn connection_that_breaks_after_the_request_leaves_the_outcome_unknown() {
    for act in [Act::Close, Act::BreakOff] {
        let (outcome, asked) = sent_to(act).await;
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn request_that_never_reached_a_server_was_not_sent() {
    let server = Server::new([]).await;
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let without_tls = server.url.replace("http:", "https:");
    for (api_url, proxy_url) in [
        (nobody.as_str(), None),
        (without_tls.as_str(), None),
        ("https://api.test", Some(nobody.clone())),
        ("https://api.test", Some(server.url.clone())),
    ] {
        let outcome = send(&client(api_url, proxy_url.clone())).await;
        assert!(matches!(outcome, Err(CallError::NotSent { .. })), "{api_url} {proxy_url:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn request_on_a_pooled_connection_that_the_server_closes_is_not_repeated() {
    let ok = r#"{"errcode":0}"#;
    let server = Server::new([Act::Say(ok.into()), Act::Close, Act::Say(ok.into())]).await;
    let client = client(&server.url, None);
    assert!(send(&client).await.is_ok());
    let outcome = send(&client).await;
    assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn pooled_connection_that_was_closed_meanwhile_is_replaced_and_the_request_arrives_once() {
    let ok = r#"{"errcode":0}"#;
    let server = Server::new([Act::SayAndClose(ok.into()), Act::Say(ok.into()), Act::Say(ok.into())]).await;
    let client = client(&server.url, None);
    assert!(send(&client).await.is_ok());
    server.has_closed().await;
    for _ in 0..200 {
        // Lets the client's side of the connection notice.
        tokio::task::yield_now().await;
    }
    assert_eq!(send(&client).await, Ok(SentMessage { msgid: None }));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn refusals_are_read_whatever_their_dress() {
    let table = [
        (r#"{"errcode":43004,"errmsg":"require subscribe rid: 64489d92-7465ac28-12ccf767"}"#, "200 OK", ""),
        (
            r#" {"errcode":"43004","errmsg":"require subscribe rid: 64489d92-7465ac28-12ccf767"}"#,
            "200 OK",
            "",
        ),
        (
            r#"{"errmsg":"require subscribe rid: 64489d92-7465ac28-12ccf767","errcode":43004,"x":null}"#,
            "200 OK",
            "Content-Type: text/plain\r\n",
        ),
        (
            r#"{"errcode":43004,"errmsg":"require subscribe rid: 64489d92-7465ac28-12ccf767"}"#,
            "412 Precondition Failed",
            "",
        ),
    ];
    for (body, status, headers) in table {
        let (outcome, _) = sent_to(Act::Answer(status, headers, body.into())).await;
        let error = outcome.expect_err("a refusal");
        let refusal = error.refusal().expect("a refusal");
        assert_eq!(refusal.errcode, ErrCode::REQUIRE_SUBSCRIBE);
        assert_eq!(refusal.class(), ErrClass::Recipient);
        assert_eq!(refusal.rid.as_deref(), Some("64489d92-7465ac28-12ccf767"));
        assert_eq!(
            error.to_string(),
            "refused by WeChat: 43004 require subscribe rid: 64489d92-7465ac28-12ccf767"
        );
    }
}

#[tokio::test]
async fn errors_show_no_address_no_token_and_no_openid() {
    let nobody = "http://127.0.0.1:9";
    let mut errors = vec![send(&client(nobody, None)).await.expect_err("nobody there")];
    let acts = [
        Act::StaySilent,
        Act::Close,
        Act::BreakOff,
        Act::Answer("500 x", "", html()),
        Act::Say("<html>".into()),
    ];
    for act in acts {
        errors.push(sent_to(act).await.0.expect_err("no answer"));
    }
    let bad_url = client(nobody, None).fetch_picture("http://secret-token.example:99999/").await;
    errors.push(bad_url.expect_err("not an address"));
    for error in errors {
        let printed = format!("{error} {error:?}");
        for secret in ["secret-token", "oAlice", "127.0.0.1", "http:", "cgi-bin", "护照"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
    assert!(!format!("{:?}", message()).contains("护照"));
}

#[tokio::test]
async fn proxy_is_used_for_wechat_and_nothing_else() {
    let proxy = Server::new([Act::Say(r#"{"errcode":0,"msgid":1}"#.into())]).await;
    let elsewhere = Server::new([Act::Answer("200 OK", "", b"GIF89a".to_vec())]).await;
    let with_password = proxy.url.replace("http://", "http://user:pass@");
    let client = client("http://api.test", Some(with_password));
    assert!(send(&client).await.is_ok());
    assert!(client.fetch_picture(&format!("{}/a.gif", elsewhere.url)).await.is_ok());
    let request = &proxy.requests()[0];
    assert!(
        request.line.starts_with("POST http://api.test/cgi-bin/message/template/send?"),
        "{}",
        request.line
    );
    assert!(
        request.head.to_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnz"),
        "{}",
        request.head
    );
    assert_eq!((proxy.requests().len(), elsewhere.requests().len()), (1, 1));
}

#[test]
fn client_is_made_of_addresses_only() {
    let made = |api_url: &str, proxy_url: Option<&str>| {
        let timeout = Duration::from_secs(1);
        let proxy_url = proxy_url.map(str::to_owned);
        let config =
            ClientConfig { api_url: api_url.into(), mp_url: "https://mp.test".into(), timeout, proxy_url };
        Client::new(config).map(|client| client.showqrcode_url("t"))
    };
    assert_eq!(made("https://api.test/", None).as_deref(), Ok("https://mp.test/cgi-bin/showqrcode?ticket=t"));
    for wrong in ["", "api.test", "ftp://api.test", "https://api.test?x=1"] {
        assert_eq!(made(wrong, None), Err(ClientError::Address("the API's address")), "{wrong}");
    }
    assert_eq!(made("https://api.test", Some("proxy")), Err(ClientError::Address("the proxy's address")));
}
