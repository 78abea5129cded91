//! Plain HTTP in, an event of payload format 2.0, and plain HTTP out again.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::lambda::{Functions, HttpFunction, factory};
use simulator::world::World;

use crate::support::{self, Seen, send};

/// A world whose API answers the event it got.
async fn mirror() -> World {
    let mirror = || |event: Value| async move { Ok(json!({ "statusCode": 200, "body": event.to_string() })) };
    let functions =
        Functions { reminder_api: factory(move |_, _| Ok(mirror())), ..support::fakes(&Seen::default()) };
    World::start(support::bare(), functions).await.expect("a world")
}

#[tokio::test]
async fn the_event_has_the_shape_of_a_function_url() {
    let world = mirror().await;
    let address = world.addresses().reminder_api;
    let url = format!("http://{address}/reminders/%E6%8A%A4?state=active&tag=a&tag=b%20c");
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-Two", "1"),
        ("X-Two", "2"),
        ("cookie", "a=b"),
    ];
    let answer = send(Method::PUT, &url, &headers, r#"{"title":"护照"}"#).await.expect("an answer");
    let mut event = answer.json();
    let host = address.to_string();
    assert_eq!(event["requestContext"]["domainName"], host);
    event["requestContext"]["domainName"] = json!("HOST");
    event["headers"]["host"] = json!("HOST");
    event["requestContext"]["requestId"] = json!("ID");
    event["headers"]["x-amzn-trace-id"] = json!("TRACE");
    assert_eq!(
        event,
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/reminders/%E6%8A%A4",
            "rawQueryString": "state=active&tag=a&tag=b%20c",
            "headers": {
                "content-type": "application/json; charset=utf-8",
                "x-two": "1,2",
                "host": "HOST",
                "content-length": "18",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-proto": "https",
                "x-forwarded-port": "443",
                "x-amzn-trace-id": "TRACE",
            },
            "cookies": ["a=b"],
            "queryStringParameters": { "state": "active", "tag": "a,b c" },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "reminder-api",
                "domainName": "HOST",
                "domainPrefix": "reminder-api",
                "http": {
                    "method": "PUT",
                    "path": "/reminders/%E6%8A%A4",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "",
                },
                "requestId": "ID",
                "routeKey": "$default",
                "stage": "$default",
                "time": "01/Jan/2027:00:00:00 +0000",
                "timeEpoch": 1_798_761_600_000_i64,
            },
            "isBase64Encoded": false,
            "body": r#"{"title":"护照"}"#,
        })
    );
}

#[tokio::test]
async fn only_some_content_types_are_text() {
    let world = mirror().await;
    let url = format!("http://{}/", world.addresses().reminder_api);
    for (content_type, body, expected) in [
        ("text/xml", &b"<xml/>"[..], (false, "<xml/>")),
        ("text/plain; charset=gbk", b"hi", (false, "hi")),
        ("application/xml", b"<xml/>", (false, "<xml/>")),
        ("application/javascript", b"1", (false, "1")),
        ("Application/JSON", b"{}", (false, "{}")),
        ("text/plain", b"\xff\xfe", (true, "//4=")),
        ("application/octet-stream", b"hi", (true, "aGk=")),
        ("application/x-www-form-urlencoded", b"a=b", (true, "YT1i")),
        ("multipart/form-data; boundary=x", b"hi", (true, "aGk=")),
        ("", b"hi", (true, "aGk=")),
    ] {
        let headers = [("content-type", content_type)];
        let headers = if content_type.is_empty() { &[][..] } else { &headers[..] };
        let event = send(Method::POST, &url, headers, body).await.expect("an answer").json();
        let seen = (event["isBase64Encoded"].as_bool(), event["body"].as_str());
        assert_eq!(seen, (Some(expected.0), Some(expected.1)), "{content_type}");
    }
    let event = send(Method::GET, &url, &[], "").await.expect("an answer").json();
    assert_eq!(event.get("body"), None);
}

#[tokio::test]
async fn a_body_over_six_megabytes_is_refused() {
    let world = mirror().await;
    let url = format!("http://{}/", world.addresses().reminder_api);
    let answer = send(Method::POST, &url, &[], vec![b' '; 6 * 1024 * 1024 + 1]).await.expect("an answer");
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_answer_is_a_response_a_body_or_a_502() {
    for (answer, status, body) in [
        (json!({ "statusCode": 404, "body": "no" }), 404, "no"),
        (json!({ "statusCode": 200, "body": "aGk=", "isBase64Encoded": true }), 200, "hi"),
        (json!({ "statusCode": 204 }), 204, ""),
        (json!({ "any": "thing" }), 200, r#"{"any":"thing"}"#),
        (json!({ "statusCode": "much" }), 502, r#"{"Message":"Internal Server Error"}"#),
        (
            json!({ "statusCode": 200, "headers": { "a b": "c" } }),
            502,
            r#"{"Message":"Internal Server Error"}"#,
        ),
    ] {
        let given = answer.clone();
        let functions = Functions {
            reminder_api: factory(move |_, _| {
                let given = given.clone();
                Ok(move |_: Value| std::future::ready(Ok(given.clone())))
            }),
            ..support::fakes(&Seen::default())
        };
        let world = World::start(support::bare(), functions).await.expect("a world");
        let url = format!("http://{}/", world.addresses().reminder_api);
        let seen = send(Method::GET, &url, &[], "").await.expect("an answer");
        assert_eq!(
            (seen.status.as_u16(), String::from_utf8_lossy(&seen.body).as_ref()),
            (status, body),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_axum_router_is_a_function() {
    let echo = |request: Request| async move {
        let about = format!("{} {}", request.method(), request.uri());
        let content_type = request.headers().get(header::CONTENT_TYPE).cloned();
        let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.expect("a body");
        let mut response: Response =
            ([("x-about", about), ("set-cookie", "a=b".to_owned())], Body::from(body)).into_response();
        if let Some(content_type) = content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        }
        *response.status_mut() = StatusCode::CREATED;
        response
    };
    let router = Router::new().fallback(echo);
    let functions = Functions {
        wechat_callback: factory(move |_, _| Ok(HttpFunction::new(router.clone()))),
        ..support::fakes(&Seen::default())
    };
    let world = World::start(support::bare(), functions).await.expect("a world");
    let url = format!("http://{}/mini-program?signature=a%2Bb", world.addresses().wechat_callback);
    for (content_type, body) in [
        ("text/xml", "<xml>您好</xml>".as_bytes()),
        ("application/octet-stream", b"\x00\xff"),
        ("text/plain", b""),
    ] {
        let answer =
            send(Method::POST, &url, &[("content-type", content_type)], body).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::CREATED);
        assert_eq!(answer.body, body);
        assert_eq!(answer.headers["set-cookie"], "a=b");
        let about = answer.headers["x-about"].to_str().expect("text");
        assert!(about.ends_with("/mini-program?signature=a%2Bb"), "{about}");
    }
}
