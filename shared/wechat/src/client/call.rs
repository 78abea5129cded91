//! One call: the request goes out once, the answer is read within bounds and sorted into the three outcomes.
//!
//! WeChat says 200 for refusals too, leaves out the errcode where it likes and means nothing by its
//! Content-Type, so an answer is judged by its bytes alone (docs/wechat.md §13.1).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{CallError, Refusal};
use super::{Client, lenient};
use crate::{AccessToken, ErrCode, document, said};

/// How long an answer may be. The longest real one is a page of ten thousand followers, some 300 KiB.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// What stays as it is in a query.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What every answer may say about its outcome.
#[derive(Deserialize)]
struct Outcome {
    #[serde(default, deserialize_with = "lenient::number")]
    errcode: i64,
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    errmsg: Option<String>,
}

/// An answer of which only the outcome matters.
#[derive(Deserialize)]
pub(super) struct Acknowledgement {}

impl Client {
    /// Asks with GET.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T, CallError> {
        self.call(self.http.get(address(&self.api_url, path, parameters))).await
    }

    /// Asks with GET, with an access_token.
    pub(super) async fn get_as<T: DeserializeOwned>(
        &self,
        access_token: &AccessToken,
        path: &str,
    ) -> Result<T, CallError> {
        self.get(path, &[("access_token", access_token.expose())]).await
    }

    /// Sends a JSON body, with an access_token.
    pub(super) async fn post_as<T: DeserializeOwned>(
        &self,
        access_token: &AccessToken,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        self.post(path, &[("access_token", access_token.expose())], body).await
    }

    /// Sends a JSON body, in real UTF-8: WeChat refuses `\u` escapes (docs/wechat.md §13.4).
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let body = serde_json::to_vec(body)
            .map_err(|_| CallError::not_sent(said!("the request is no JSON", "请求不是 JSON")))?;
        let request = self.http.post(address(&self.api_url, path, parameters));
        self.call(request.header(CONTENT_TYPE, "application/json").body(body)).await
    }

    /// Sends a request and reads its answer as JSON.
    pub(super) async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CallError> {
        let (status, bytes) = exchange(request, MAX_ANSWER_BYTES).await?;
        check_outcome(status, &bytes)?;
        read(&bytes).ok_or_else(CallError::without_what_was_asked)
    }

    /// Sends a request and returns its answer as it is, unless that is a refusal.
    pub(super) async fn fetch(
        &self,
        request: RequestBuilder,
        max_bytes: usize,
    ) -> Result<Vec<u8>, CallError> {
        let (status, bytes) = exchange(request, max_bytes).await?;
        if is_object(&bytes) {
            check_outcome(status, &bytes)?;
        }
        if status.is_success() { Ok(bytes) } else { Err(unexpected(status)) }
    }
}

/// A path of WeChat's with its parameters.
pub(super) fn address(base: &str, path: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = format!("{base}{path}");
    for (n, (name, value)) in parameters.iter().enumerate() {
        url.push(if n == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, UNRESERVED));
    }
    url
}

async fn exchange(request: RequestBuilder, max_bytes: usize) -> Result<(StatusCode, Vec<u8>), CallError> {
    let response = request.send().await.map_err(CallError::from_transport)?;
    let status = response.status();
    if status.is_server_error() {
        return Err(unexpected(status));
    }
    Ok((status, bounded(response, max_bytes).await?))
}

async fn bounded(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(CallError::from_transport)? {
        if bytes.len() + chunk.len() > max_bytes {
            return Err(CallError::unknown(said!("an answer that is too long", "应答太长")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// `Ok` when the answer is a success.
fn check_outcome(status: StatusCode, bytes: &[u8]) -> Result<(), CallError> {
    let outcome = if is_object(bytes) { read::<Outcome>(bytes) } else { None };
    match outcome {
        Some(outcome) if outcome.errcode != 0 => {
            let errmsg = outcome.errmsg.as_deref().unwrap_or_default();
            Err(CallError::Refused(Refusal::new(ErrCode(outcome.errcode), errmsg)))
        }
        Some(_) if status.is_success() => Ok(()),
        Some(_) => Err(unexpected(status)),
        None => Err(CallError::no_json(status)),
    }
}

fn unexpected(status: StatusCode) -> CallError {
    CallError::status(status)
}

/// What an answer says; a damaged one (half a character in a nickname) as far as it can be mended.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).or_else(|_| serde_json::from_str(&document::mended(bytes))).ok()
}

fn is_object(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped_whatever_they_contain() {
        assert_eq!(
            address("https://a", "/cgi-bin/x", &[("access_token", "76_a-b"), ("ticket", "gQ==/+ &护")]),
            "https://a/cgi-bin/x?access_token=76_a-b&ticket=gQ%3D%3D%2F%2B%20%26%E6%8A%A4"
        );
    }
}
