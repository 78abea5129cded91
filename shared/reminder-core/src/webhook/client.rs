//! The request that tells the owner's backend of an event. It knows neither events nor secrets.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HOST};

/// Nobody waits for the answer but an environment of dispatch, which is paid for.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct WebhookClient {
    http: reqwest::Client,
    /// Requests go there instead of to the host of their address, which they name all the same: for trying it out.
    via: Option<String>,
}

/// What is sent beside the body.
#[derive(Debug)]
pub struct Signed<'a> {
    pub id: &'a str,
    pub second: i64,
    pub signature: String,
}

/// Whether the receiver has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Taken,
    Status(u16),
    None,
}

impl WebhookClient {
    /// `http` follows no redirects and repeats nothing.
    pub(crate) fn new(http: reqwest::Client, via: Option<String>) -> Self {
        Self { http, via }
    }

    pub async fn post(&self, url: &str, signed: Signed<'_>, body: String) -> Answer {
        let request = match &self.via {
            None => self.http.post(url),
            Some(via) => {
                let (host, path) = host_and_path(url);
                self.http.post(format!("{via}{path}")).header(HOST, host)
            }
        };
        let request = request
            .timeout(TIMEOUT)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.second)
            .header("webhook-signature", signed.signature)
            .body(body);
        // The body of the answer is nobody's business, and not read.
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Answer::Taken,
            Ok(answer) => Answer::Status(answer.status().as_u16()),
            Err(_) => Answer::None,
        }
    }
}

fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_parted_before_its_path() {
        for (url, host, path) in [
            ("https://owner.example/hooks?a=1", "owner.example", "/hooks?a=1"),
            ("https://owner.example:8443", "owner.example:8443", ""),
            ("https://owner.example?a=/", "owner.example", "?a=/"),
        ] {
            assert_eq!(host_and_path(url), (host, path));
        }
    }
}
