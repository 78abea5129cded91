//! Function URLs: plain HTTP becomes an event of payload format 2.0, and the answer plain HTTP again.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{FunctionName, InvokeError, Lambda};
use crate::listen::{self, Reply};
use crate::sabotage::Sabotage;

/// AWS takes no larger request, and no larger answer.
const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;

/// The URL of one function.
#[derive(Debug, Clone)]
pub(crate) struct FunctionUrl {
    lambda: Lambda,
    function: FunctionName,
}

impl FunctionUrl {
    pub(crate) fn new(lambda: Lambda, function: FunctionName) -> Self {
        Self { lambda, function }
    }

    pub(crate) async fn answer(self, request: Request<Bytes>, caller: IpAddr) -> Reply {
        if request.body().len() > BODY_BYTES_MAX {
            return Ok(message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"));
        }
        let (parts, body) = request.into_parts();
        let event = self.event(&parts, &body, caller);
        Ok(match self.lambda.invoke(self.function, event).await {
            Ok(answer) if self.opens_doors(&answer) => message(StatusCode::OK, "come in"),
            Ok(answer) => {
                response(answer).unwrap_or_else(|| message(StatusCode::BAD_GATEWAY, "Internal Server Error"))
            }
            Err(InvokeError::Throttled) => message(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
            Err(error) => {
                tracing::info!(function = self.function.as_str(), %error, "an invocation failed");
                message(StatusCode::BAD_GATEWAY, "Internal Server Error")
            }
        })
    }

    fn opens_doors(&self, answer: &Value) -> bool {
        self.lambda.shared.options.sabotage == Some(Sabotage::OpensDoors) && answer["statusCode"] == 404
    }

    fn event(&self, request: &Parts, body: &[u8], caller: IpAddr) -> Value {
        let now = self.lambda.shared.timeline.now();
        let path = request.uri.path();
        let query = request.uri.query().unwrap_or_default();
        let host = text(request.headers.get(header::HOST));
        let request_id = self.lambda.request_id();
        let mut headers = headers(&request.headers);
        headers.insert("x-forwarded-for".to_owned(), caller.to_string().into());
        headers.insert("x-forwarded-proto".to_owned(), "https".into());
        headers.insert("x-forwarded-port".to_owned(), "443".into());
        headers.insert("x-amzn-trace-id".to_owned(), trace_id(now.as_second(), &request_id).into());
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": self.function.as_str(),
                "domainName": host,
                "domainPrefix": self.function.as_str(),
                "http": {
                    "method": request.method.as_str(),
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": caller.to_string(),
                    "userAgent": text(request.headers.get(header::USER_AGENT)),
                },
                "requestId": request_id,
                "routeKey": "$default",
                "stage": "$default",
                "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": now.as_millisecond(),
            },
            "isBase64Encoded": false,
        });
        let cookies: Vec<_> =
            request.headers.get_all(header::COOKIE).iter().map(|value| text(Some(value))).collect();
        if !cookies.is_empty() {
            event["cookies"] = cookies.into();
        }
        if !query.is_empty() {
            event["queryStringParameters"] = parameters(&request.uri).into();
        }
        if !body.is_empty() {
            let as_text = std::str::from_utf8(body).ok().filter(|_| is_text(&request.headers));
            event["isBase64Encoded"] = as_text.is_none().into();
            event["body"] = as_text.map_or_else(|| BASE64.encode(body), str::to_owned).into();
        }
        event
    }
}

/// Lower-case names, several values of one name joined by commas; cookies stand apart.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let mut joined = Map::new();
    for name in headers.keys().filter(|name| **name != header::COOKIE) {
        let values: Vec<_> = headers.get_all(name).iter().map(|value| text(Some(value))).collect();
        joined.insert(name.as_str().to_owned(), values.join(",").into());
    }
    joined
}

fn parameters(uri: &http::Uri) -> Map<String, Value> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
    let mut joined = Map::new();
    for (name, value) in pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default() {
        let all = match joined.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        joined.insert(name, all.into());
    }
    joined
}

/// The content types AWS hands over as text; everything else comes in Base64.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = text(headers.get(header::CONTENT_TYPE)).to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.starts_with("text/")
        || matches!(media_type, "application/json" | "application/xml" | "application/javascript")
}

/// The function's answer; one without a status code is a body of its own. Nothing when it breaks the format.
fn response(answer: Value) -> Option<Response<Bytes>> {
    let Some(status) = answer.get("statusCode") else {
        return Some(listen::json(StatusCode::OK, &answer));
    };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let body = match answer.get("isBase64Encoded") {
        Some(Value::Bool(true)) => BASE64.decode(body).ok()?,
        _ => body.as_bytes().to_vec(),
    };
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie.as_str()?).ok()?);
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    // The connection has its own.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    Some(response)
}

fn message(status: StatusCode, message: &str) -> Response<Bytes> {
    listen::json(status, &json!({ "Message": message }))
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn trace_id(epoch_seconds: i64, request_id: &str) -> String {
    let number = request_id.rsplit('-').next().unwrap_or_default();
    format!("Root=1-{epoch_seconds:08x}-{number:0>24}")
}
