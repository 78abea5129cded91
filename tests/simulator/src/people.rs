//! People of the simulated world: what they do on their phones, and what their mini program calls for them.
//!
//! They know addresses only: everything goes over HTTP, as it would from outside.

use std::fmt;

use http::Method;
pub use reqwest::Client;
use serde_json::{Value, json};

use crate::addresses::Addresses;
use crate::world::World;

/// An answer over HTTP, read as JSON where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Value,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}

/// Somebody with a phone.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub mini_program_openid: String,
    pub service_account_openid: Option<String>,
    token: Option<String>,
    client: Client,
    control: String,
    api: String,
}

impl Person {
    /// Somebody new, whom WeChat gives a unionid or not.
    pub async fn arrives(world: &World, name: &str, unionid: bool) -> Self {
        Self::arrives_with(world, &client(), name, unionid).await
    }

    /// The same, with a client shared by many.
    pub async fn arrives_with(world: &World, client: &Client, name: &str, unionid: bool) -> Self {
        let addresses: &Addresses = world.addresses();
        let mut person = Self {
            name: name.to_owned(),
            mini_program_openid: String::new(),
            service_account_openid: None,
            token: None,
            client: client.clone(),
            control: addresses.url(addresses.control),
            api: addresses.url(addresses.reminder_api),
        };
        let user = person.control("/sim/users", json!({ "name": name, "unionid": unionid })).await;
        let text = |key: &str| user.body[key].as_str().map(str::to_owned);
        person.mini_program_openid = text("mini_program_openid").unwrap_or_default();
        person.service_account_openid = text("service_account_openid");
        person
    }

    /// Something done on the phone: a verb of the control API under this user.
    pub async fn does(&self, verb: &str, details: Value) -> Answer {
        self.control(&format!("/sim/users/{}/{verb}", self.name), details).await
    }

    /// `wx.login`, and what the mini program makes of it; later calls carry the token.
    pub async fn logs_in(&mut self) -> Answer {
        let code = self.does("login", json!({})).await.body["code"].clone();
        let answer = self.calls(Method::POST, "/login", json!({ "code": code })).await;
        if let Some(token) = answer.body["token"].as_str() {
            self.token = Some(token.to_owned());
        }
        answer
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The API, with the user's token if they have one.
    pub async fn calls(&self, method: Method, path: &str, body: Value) -> Answer {
        self.calls_with(method, path, &[], body).await
    }

    /// The API, with further headers.
    pub async fn calls_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.api));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        answer(request).await
    }

    pub async fn gets(&self, path: &str) -> Answer {
        self.calls(Method::GET, path, Value::Null).await
    }

    /// Accepts a prompt for these templates, and the mini program reports it.
    pub async fn accepts(&self, template_ids: &[&str]) -> Answer {
        let results =
            self.does("subscribe", json!({ "template_ids": template_ids, "answer": "accept" })).await;
        self.calls(Method::POST, "/subscriptions", json!({ "results": results.body })).await
    }

    pub async fn registers(&self, reminder: Value) -> Answer {
        self.calls(Method::POST, "/reminders", reminder).await
    }

    /// What reached the phone, oldest first.
    pub async fn inbox(&self) -> Vec<Value> {
        let request = self.client.get(format!("{}/sim/users/{}/inbox", self.control, self.name));
        answer(request).await.body.as_array().cloned().unwrap_or_default()
    }

    async fn control(&self, path: &str, body: Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.control));
        answer(request.header("content-type", "application/json").body(body.to_string())).await
    }
}

/// A client that speaks to this machine only, and never through a proxy.
pub fn client() -> Client {
    crate::wechat::loopback_client()
}

/// Sends, and reads what comes; status 0 when nothing did.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    match request.send().await {
        Ok(response) => {
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let text = response.text().await.unwrap_or_default();
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            Answer { status, headers, body }
        }
        Err(error) => Answer {
            status: 0,
            headers: http::HeaderMap::new(),
            body: Value::String(error.without_url().to_string()),
        },
    }
}
