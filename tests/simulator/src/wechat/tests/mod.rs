//! The platform alone, at explicit pace: people with phones on one side, a caller of the API on the other.

mod callback_server;
mod chats;
mod logins;
mod messages;
mod others;
mod overlaps;
mod pushing;
mod qr_codes;
mod situations;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use futures::FutureExt;
use http::{Method, Request};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{AccountName, Api, Kind, Options, Platform, Template, control};
use crate::faults::Faults;
use crate::timeline::{Pace, Timeline};

pub(super) const MINI: AccountName = AccountName::MiniProgram;
pub(super) const SERVICE: AccountName = AccountName::ServiceAccount;

pub(super) const START: &str = "2027-01-01T00:00:00Z";
/// The first group of every rid at that time.
pub(super) const START_IN_HEX: &str = "6b36ec80";

/// An answer of the API.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON answer")
    }

    pub(super) fn errcode(&self) -> i64 {
        self.json().get("errcode").map_or(0, |errcode| errcode.as_i64().expect("a number"))
    }
}

pub(super) struct World {
    pub(super) platform: Platform,
    pub(super) timeline: Timeline,
    pub(super) faults: Faults,
}

impl World {
    /// Both accounts, one template of each sort, and alice, who follows nothing yet.
    pub(super) async fn new() -> Self {
        Self::of(Options::default()).await
    }

    pub(super) async fn of(options: Options) -> Self {
        let timeline = Timeline::new(Pace::Explicit { now: START.parse().expect("a valid instant") });
        let faults = Faults::default();
        let platform = Platform::new(timeline.clone(), faults.clone(), options);
        for (account, template_id, kind, api) in [
            (MINI, "ONE_TIME", Kind::OneTime, Api::Subscription),
            (MINI, "LONG_TERM", Kind::LongTerm, Api::Subscription),
            (SERVICE, "TEMPLATE", Kind::OneTime, Api::Template),
            (SERVICE, "NOTIFICATION", Kind::OneTime, Api::Subscription),
        ] {
            platform.add_template(Template {
                account,
                template_id: template_id.to_owned(),
                title: "到期提醒".to_owned(),
                keywords: vec!["thing1".to_owned(), "date2".to_owned()],
                fixed_values: BTreeMap::new(),
                kind,
                api,
            });
        }
        let world = Self { platform, timeline, faults };
        world.does("", json!({ "name": "alice" })).await;
        world
    }

    /// A control call under `/sim/users`; it must succeed.
    pub(super) async fn does(&self, verb: &str, body: Value) -> Value {
        let path = if verb.is_empty() { "/sim/users".to_owned() } else { format!("/sim/users/{verb}") };
        let (status, answer) = self.control(Method::POST, &path, &body.to_string()).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(super) async fn control(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).body(body.to_owned().into());
        let request: Request<axum::body::Body> = request.expect("a valid request");
        let response = control::router(self.platform.clone()).oneshot(request).await.expect("infallible");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a whole body").to_bytes();
        (status, serde_json::from_slice(&body).expect("a JSON answer"))
    }

    pub(super) async fn inbox(&self, name: &str) -> Vec<Value> {
        let (_, inbox) = self.control(Method::GET, &format!("/sim/users/{name}/inbox"), "").await;
        inbox.as_array().expect("a list").clone()
    }

    pub(super) fn openid(&self, name: &str, account: AccountName) -> String {
        let state = self.platform.state();
        let user = state.users.named(name).expect("a known name");
        state.users.get(user).openid(account).expect("an openid").to_owned()
    }

    pub(super) fn request(&self, request: http::request::Builder, body: impl Into<Bytes>) -> Reply {
        let request = request.body(body.into()).expect("a valid request");
        let caller = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let response = self.platform.answer(request, caller).now_or_never().expect("answers at once");
        let content_type = response.headers()["content-type"].to_str().expect("ASCII").to_owned();
        Reply { status: response.status().as_u16(), content_type, body: response.into_body() }
    }

    pub(super) fn get(&self, path_and_query: &str) -> Reply {
        self.request(Request::get(path_and_query), "")
    }

    pub(super) fn post(&self, path_and_query: &str, body: Value) -> Reply {
        self.request(Request::post(path_and_query), body.to_string())
    }

    /// A call with a token of the account.
    pub(super) fn get_as(&self, account: AccountName, path_and_query: &str) -> Reply {
        self.get(&self.with_token(account, path_and_query))
    }

    pub(super) fn post_as(&self, account: AccountName, path: &str, body: Value) -> Reply {
        self.post(&self.with_token(account, path), body)
    }

    pub(super) fn with_token(&self, account: AccountName, path_and_query: &str) -> String {
        let joint = if path_and_query.contains('?') { '&' } else { '?' };
        format!("{path_and_query}{joint}access_token={}", self.token(account))
    }

    pub(super) fn token(&self, account: AccountName) -> String {
        let answer = self.post("/cgi-bin/stable_token", self.credentials(account)).json();
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    pub(super) fn credentials(&self, account: AccountName) -> Value {
        let accounts = self.platform.accounts();
        let account = accounts.get(account).expect("both accounts exist");
        json!({ "grant_type": "client_credential", "appid": account.appid, "secret": account.app_secret })
    }

    /// A subscription message of the mini program.
    pub(super) fn subscription(&self, changes: Value) -> Value {
        let message =
            json!({ "touser": self.openid("alice", MINI), "template_id": "ONE_TIME", "data": data() });
        changed(message, changes)
    }

    /// A template message of the service account.
    pub(super) fn template(&self, changes: Value) -> Value {
        let message =
            json!({ "touser": self.openid("alice", SERVICE), "template_id": "TEMPLATE", "data": data() });
        changed(message, changes)
    }

    pub(super) fn text_to(&self, account: AccountName, content: &str) -> Value {
        json!({ "touser": self.openid("alice", account), "msgtype": "text", "text": { "content": content } })
    }

    pub(super) fn upload(&self, account: AccountName, filename: &str, picture: &[u8]) -> Reply {
        let head = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{filename}\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        );
        let body = [head.as_bytes(), picture, b"\r\n--XX--\r\n"].concat();
        let path = self.with_token(account, "/cgi-bin/media/upload?type=image");
        self.request(Request::post(path).header("content-type", "multipart/form-data; boundary=XX"), body)
    }

    pub(super) async fn advance(&self, span: SignedDuration) {
        self.timeline.advance_to(self.timeline.now() + span).await;
    }
}

fn data() -> Value {
    json!({ "thing1": { "value": "护照" }, "date2": { "value": "2027年3月1日" } })
}

/// `changes` laid over `message`; `null` takes a field away.
fn changed(mut message: Value, changes: Value) -> Value {
    let fields = message.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    message
}
