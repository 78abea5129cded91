//! The local world's `operations`, by its control API (docs/design.md §9).

use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use serde_json::Value;

use crate::failure::Failure;
use crate::language::Language;
use crate::words::Word;

/// A whole `followers.sync` at real pace.
const TIMEOUT: Duration = Duration::from_secs(310);

#[derive(Debug)]
pub(crate) struct Local {
    http: Client,
    url: String,
}

impl Local {
    pub(crate) fn at(url: &str, language: Language) -> Result<Self, Failure> {
        let wrong = || Failure::Usage(language.say(Word::LocalUrl, &[&url]));
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        if parsed.scheme() != "http" || !parsed.host_str().is_some_and(is_this_machine) {
            return Err(wrong());
        }
        let http = Client::builder().no_proxy().timeout(TIMEOUT);
        let http = match wechat::tls() {
            Ok(tls) => http.tls_backend_preconfigured(tls).build().ok(),
            Err(_) => None,
        };
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http: http.ok_or_else(wrong)?, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn invoke(&self, event: &Value, language: Language) -> Result<Value, Failure> {
        let unreachable = |_| Failure::Unreachable(language.say(Word::NoLocalWorld, &[&self.url]));
        let body = event.to_string();
        let request = self.http.post(format!("{}/sim/operations", self.url));
        let answer = request.header("content-type", "application/json").body(body).send().await;
        let answer = answer.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        let value: Option<Value> = serde_json::from_str(&text).ok();
        match (status, value) {
            (StatusCode::OK, Some(value)) => Ok(value),
            (StatusCode::BAD_GATEWAY, Some(value)) => {
                let why = value["message"].as_str().unwrap_or_default();
                Err(Failure::Broke(language.say(Word::FunctionFailed, &[&why])))
            }
            _ => Err(Failure::Unreachable(language.say(Word::NoLocalWorld, &[&self.url]))),
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_world_is_on_this_machine() {
        for (url, fine) in [
            ("http://127.0.0.1:9000", true),
            ("http://localhost:9000/", true),
            ("http://[::1]:9000", true),
            ("https://127.0.0.1:9000", false),
            ("http://127.example.com", false),
            ("http://example.com", false),
            ("127.0.0.1:9000", false),
        ] {
            assert_eq!(Local::at(url, Language::English).is_ok(), fine, "{url}");
        }
    }
}
