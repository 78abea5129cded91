//! Stands in for the simulated WeChat, so that the world around it can be built and tested alone.

use std::net::IpAddr;

use bytes::Bytes;
use http::{Request, Response};
use serde::{Deserialize, Serialize};

use crate::faults::Faults;
use crate::timeline::Timeline;

#[derive(Debug, Clone)]
pub struct Options {
    pub service_account: bool,
    pub random_seed: u64,
    pub deliveries: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { service_account: true, random_seed: 0, deliveries: 3 }
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Account {
    pub appid: String,
    pub app_secret: String,
    pub original_id: String,
    pub callback_token: String,
    pub encoding_aes_key: String,
    pub mode: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Accounts {
    pub mini_program: Account,
    pub service_account: Option<Account>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Template {
    pub account: String,
    pub template_id: String,
    pub title: String,
    pub keywords: Vec<String>,
    pub kind: String,
    pub api: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    pub name: String,
}

#[derive(Debug, Clone)]
pub struct Platform {
    options: Options,
}

impl Platform {
    pub fn new(_timeline: Timeline, _faults: Faults, options: Options) -> Self {
        Self { options }
    }

    pub fn accounts(&self) -> Accounts {
        let account = |appid: &str| Account {
            appid: appid.to_owned(),
            app_secret: "0123456789abcdef0123456789abcdef".to_owned(),
            original_id: format!("gh_{appid}"),
            callback_token: "token".to_owned(),
            encoding_aes_key: "a".repeat(43),
            mode: "secure".to_owned(),
        };
        Accounts {
            mini_program: account("wx0000000000000001"),
            service_account: self.options.service_account.then(|| account("wx0000000000000002")),
        }
    }

    pub fn send_callbacks_to(&self, _base_url: String) {}

    pub async fn answer(&self, request: Request<Bytes>, _caller_ip: IpAddr) -> Response<Bytes> {
        Response::new(Bytes::from(format!(r#"{{"path":"{}"}}"#, request.uri().path())))
    }

    pub fn refusal(&self, _path: &str, errcode: i64) -> Response<Bytes> {
        Response::new(Bytes::from(format!(r#"{{"errcode":{errcode},"errmsg":"refused"}}"#)))
    }

    pub fn control(&self) -> axum::Router {
        let accounts = serde_json::to_value(self.accounts()).unwrap_or_default();
        axum::Router::new().route("/sim/accounts", axum::routing::get(move || async { axum::Json(accounts) }))
    }

    pub fn add_template(&self, _template: Template) {}

    pub fn users(&self) -> Vec<UserView> {
        Vec::new()
    }
}
