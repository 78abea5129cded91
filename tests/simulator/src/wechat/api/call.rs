//! One API call, read as far as every API reads it.

use std::net::IpAddr;

use axum::extract::Query;
use bytes::Bytes;
use http::{Method, header};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::wechat::refusals::Refusal;

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    query: Vec<(String, String)>,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    pub(crate) caller_ip: IpAddr,
    pub(crate) now: Timestamp,
}

impl Call {
    pub(crate) fn read(request: http::Request<Bytes>, caller_ip: IpAddr, now: Timestamp) -> Self {
        let (parts, body) = request.into_parts();
        let query = query(&parts.uri);
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query,
            content_type: content_type.unwrap_or_default().to_owned(),
            body,
            caller_ip,
            now,
        }
    }

    /// A query parameter that is there and not empty.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        given(&self.query, name)
    }

    pub(crate) fn require(&self, method: &Method) -> Result<(), Refusal> {
        match method {
            _ if self.method == *method => Ok(()),
            &Method::GET => Err(Refusal::of(43001)),
            _ => Err(Refusal::of(43002)),
        }
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::of(44002));
        }
        if self.content_type.starts_with("application/x-www-form-urlencoded") {
            return Err(Refusal::of(47001));
        }
        serde_json::from_slice(&self.body).map_err(|_| Refusal::of(47001))
    }

    /// The body of a message, whose text must be real UTF-8 (docs/wechat.md §13.4).
    pub(crate) fn message(&self) -> Result<Map<String, Value>, Refusal> {
        let message = self.json()?;
        if has_unicode_escape(&self.body) {
            return Err(Refusal::of(40033));
        }
        Ok(message)
    }
}

/// A query parameter of a request that has not been read yet.
pub(crate) fn parameter(uri: &http::Uri, name: &str) -> Option<String> {
    given(&query(uri), name).map(str::to_owned)
}

fn query(uri: &http::Uri) -> Vec<(String, String)> {
    Query::try_from_uri(uri).map(|Query(query)| query).unwrap_or_default()
}

fn given<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = query.iter().find(|(key, _)| key == name)?;
    Some(value.as_str()).filter(|value| !value.is_empty())
}

/// Whether JSON text holds a `\uXXXX` for something that could have been written as itself.
fn has_unicode_escape(body: &[u8]) -> bool {
    let mut at = 0;
    while at + 1 < body.len() {
        if body[at] != b'\\' {
            at += 1;
        } else if body[at + 1] == b'u' && !body[at + 2..].starts_with(b"00") {
            return true;
        } else {
            at += 2;
        }
    }
    false
}

/// A string field that is there and not empty.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|value| !value.is_empty())
}
