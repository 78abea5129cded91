//! The platform's HTTP face: which paths there are, who may call them, and how answers are written.
//!
//! Business errors are HTTP 200 (docs/wechat.md §13.1), and the content type of an answer promises nothing.

mod admin;
mod call;
mod credentials;
mod custom;
mod media;
mod qrcode;
mod sending;
mod subscription;
mod template;
mod templates;
mod user;

use std::net::IpAddr;

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;

use self::call::Call;
use super::accounts::AccountName;
use super::refusals::Refusal;
use super::state::State;

/// What a call that was not refused gets.
#[derive(Debug)]
pub(crate) enum Answer {
    Json(Value),
    /// JSON that calls itself text, with `\/` for every slash.
    EscapedText(Value),
    Binary {
        content_type: String,
        disposition: Option<String>,
        bytes: Bytes,
    },
    NotFound,
}

type Outcome = Result<Answer, Refusal>;

/// Which accounts have an API; the others are told 48001.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Both,
    Only(AccountName),
}

/// One API that wants an access token.
struct Api {
    path: &'static str,
    method: Method,
    audience: Audience,
    per_day: u32,
    handler: fn(&mut State, &Call, AccountName) -> Outcome,
}

const MINI: Audience = Audience::Only(AccountName::MiniProgram);
const SERVICE: Audience = Audience::Only(AccountName::ServiceAccount);

/// Where docs/wechat.md names no limit.
const USUAL: u32 = 1_000_000;

macro_rules! apis {
    ($($method:ident $path:literal $audience:expr, $per_day:expr, $handler:path;)*) => {
        &[$(Api { path: $path, method: Method::$method, audience: $audience, per_day: $per_day, handler: $handler }),*]
    };
}

/// Calls per day as in docs/wechat.md §4, §7–§10.
const APIS: &[Api] = apis! {
    POST "/cgi-bin/message/subscribe/send" MINI, 10_000_000, subscription::send;
    POST "/cgi-bin/message/subscribe/bizsend" SERVICE, 100_000, subscription::bizsend;
    POST "/cgi-bin/message/template/send" SERVICE, 100_000, template::send;
    POST "/cgi-bin/message/custom/send" Audience::Both, 500_000, custom::send;
    POST "/cgi-bin/message/custom/typing" Audience::Both, USUAL, custom::typing;
    POST "/cgi-bin/message/custom/business/typing" MINI, USUAL, custom::typing;
    POST "/cgi-bin/media/upload" Audience::Both, 100_000, media::upload;
    GET "/cgi-bin/media/get" Audience::Both, 200_000, media::get;
    GET "/cgi-bin/user/info" SERVICE, 5_000_000, user::info;
    POST "/cgi-bin/user/info/batchget" SERVICE, 5_000_000, user::batch;
    GET "/cgi-bin/user/get" SERVICE, 500, user::followers;
    POST "/cgi-bin/qrcode/create" SERVICE, 100_000, qrcode::create;
    GET "/wxaapi/newtmpl/gettemplate" Audience::Both, USUAL, templates::subscription;
    GET "/cgi-bin/template/get_all_private_template" SERVICE, USUAL, templates::private;
    GET "/cgi-bin/getcallbackip" Audience::Both, USUAL, admin::callback_addresses;
    GET "/cgi-bin/get_api_domain_ip" Audience::Both, USUAL, admin::api_addresses;
    POST "/cgi-bin/callback/check" Audience::Both, USUAL, admin::check_callback;
    POST "/cgi-bin/openapi/quota/get" Audience::Both, USUAL, admin::quota;
    POST "/cgi-bin/clear_quota" Audience::Both, USUAL, admin::clear_quota;
};

/// Calls of the endpoints that need the secret instead of a token, per day.
const TOKEN_CALLS_PER_DAY: u32 = 2000;
const STABLE_TOKEN_CALLS_PER_DAY: u32 = 500_000;

pub(crate) fn answer(
    state: &mut State,
    request: http::Request<Bytes>,
    caller_ip: IpAddr,
    now: Timestamp,
) -> Response<Bytes> {
    let call = Call::read(request, caller_ip, now);
    match route(state, &call) {
        Ok(answer) => write(answer),
        Err(refusal) => refuse(state, &call.path, &refusal, now),
    }
}

fn route(state: &mut State, call: &Call) -> Outcome {
    match call.path.as_str() {
        "/sns/jscode2session" => credentials::jscode2session(state, call),
        "/cgi-bin/token" => credentials::token(state, call),
        "/cgi-bin/stable_token" => credentials::stable_token(state, call),
        "/cgi-bin/clear_quota/v2" => admin::clear_quota_with_secret(state, call),
        "/cgi-bin/showqrcode" => qrcode::show(state, call),
        path => match APIS.iter().find(|api| api.path == path) {
            Some(api) => call_api(state, call, api),
            None if path.starts_with("/cgi-bin/") || path.starts_with("/wxa") => Err(Refusal::of(40066)),
            None => Ok(Answer::NotFound),
        },
    }
}

fn call_api(state: &mut State, call: &Call, api: &Api) -> Outcome {
    let access_token = call.parameter("access_token").ok_or_else(|| Refusal::of(41001))?;
    let account = state.tokens.account_of(access_token, call.now)?;
    call.require(&api.method)?;
    if let Audience::Only(name) = api.audience
        && name != account
    {
        return Err(Refusal::of(48001));
    }
    state.quotas.spend(account, api.path, api.per_day, call.now)?;
    (api.handler)(state, call, account)
}

/// What an API may be called per day unless a test says otherwise; `None`: no such API.
fn usual_limit(path: &str) -> Option<u32> {
    match path {
        "/cgi-bin/token" => Some(TOKEN_CALLS_PER_DAY),
        "/cgi-bin/stable_token" => Some(STABLE_TOKEN_CALLS_PER_DAY),
        _ => APIS.iter().find(|api| api.path == path).map(|api| api.per_day),
    }
}

pub(crate) fn refuse(state: &mut State, path: &str, refusal: &Refusal, now: Timestamp) -> Response<Bytes> {
    let body = match refusal.errcode {
        0 => r#"{"errcode":0,"errmsg":"ok"}"#.to_owned(),
        _ => refusal.to_json(path, now, &mut state.random),
    };
    let content_type = if path.starts_with("/sns/") || path == "/cgi-bin/media/get" { TEXT } else { JSON };
    response(content_type, Bytes::from(body))
}

const JSON: &str = "application/json; encoding=utf-8";
const TEXT: &str = "text/plain";

fn write(answer: Answer) -> Response<Bytes> {
    match answer {
        Answer::Json(value) => response(JSON, Bytes::from(value.to_string())),
        // A slash stands in JSON only inside strings.
        Answer::EscapedText(value) => response(TEXT, Bytes::from(value.to_string().replace('/', "\\/"))),
        Answer::Binary { content_type, disposition, bytes } => {
            let mut response = response(&content_type, bytes);
            if let Some(value) = disposition.and_then(|text| text.parse().ok()) {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
            }
            response
        }
        Answer::NotFound => {
            let mut page =
                response("text/html", Bytes::from_static(b"<html><body>404 Not Found</body></html>"));
            *page.status_mut() = StatusCode::NOT_FOUND;
            page
        }
    }
}

fn response(content_type: &str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}
