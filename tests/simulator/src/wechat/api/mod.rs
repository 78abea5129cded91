//! The platform's HTTP face: which paths there are, who may call them, and how answers are written.
//!
//! Business errors are HTTP 200 (docs/wechat.md §13.1), and the content type of an answer promises nothing.

mod admin;
mod answer;
mod call;
mod credentials;
mod custom;
mod media;
pub(crate) mod others;
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

use self::answer::{Answer, Outcome};
use self::call::Call;
use super::accounts::AccountName;
use super::refusals::Refusal;
use super::state::State;

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
    handler: fn(&mut State, &Call, AccountName) -> Outcome,
}

const MINI: Audience = Audience::Only(AccountName::MiniProgram);
const SERVICE: Audience = Audience::Only(AccountName::ServiceAccount);

macro_rules! apis {
    ($($method:ident $path:literal $audience:expr, $handler:path;)*) => {
        &[$(Api { path: $path, method: Method::$method, audience: $audience, handler: $handler }),*]
    };
}

const APIS: &[Api] = apis! {
    POST "/cgi-bin/message/subscribe/send" MINI, subscription::send;
    POST "/cgi-bin/message/subscribe/bizsend" SERVICE, subscription::bizsend;
    POST "/cgi-bin/message/template/send" SERVICE, template::send;
    POST "/cgi-bin/message/custom/send" Audience::Both, custom::send;
    POST "/cgi-bin/message/custom/typing" Audience::Both, custom::typing;
    POST "/cgi-bin/message/custom/business/typing" MINI, custom::typing;
    POST "/cgi-bin/media/upload" Audience::Both, media::upload;
    GET "/cgi-bin/media/get" Audience::Both, media::get;
    GET "/cgi-bin/user/info" SERVICE, user::info;
    POST "/cgi-bin/user/info/batchget" SERVICE, user::batch;
    GET "/cgi-bin/user/get" SERVICE, user::followers;
    POST "/cgi-bin/qrcode/create" SERVICE, qrcode::create;
    GET "/wxaapi/newtmpl/gettemplate" Audience::Both, templates::subscription;
    GET "/cgi-bin/template/get_all_private_template" SERVICE, templates::private;
    GET "/cgi-bin/getcallbackip" Audience::Both, admin::callback_addresses;
    GET "/cgi-bin/get_api_domain_ip" Audience::Both, admin::api_addresses;
    POST "/cgi-bin/callback/check" Audience::Both, admin::check_callback;
    POST "/cgi-bin/openapi/quota/get" Audience::Both, admin::quota;
    POST "/cgi-bin/clear_quota" Audience::Both, admin::clear_quota;
};

/// Those of them that put something on a phone.
const SENDS: [&str; 4] = [
    "/cgi-bin/message/subscribe/send",
    "/cgi-bin/message/subscribe/bizsend",
    "/cgi-bin/message/template/send",
    CUSTOM_SEND,
];
const CUSTOM_SEND: &str = "/cgi-bin/message/custom/send";

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

/// The account as which the request would send a message, if it is a request to send and its token is good.
pub(crate) fn sends_as(state: &State, request: &http::Request<Bytes>, now: Timestamp) -> Option<AccountName> {
    let access_token =
        SENDS.contains(&request.uri().path()).then(|| call::parameter(request.uri(), "access_token"))?;
    state.tokens.account_of(&access_token?, now).ok()
}

/// To whom the request would send a message that counts as one of several at the same moment (docs/wechat.md §9.3).
pub(crate) fn recipient(request: &http::Request<Bytes>) -> Option<String> {
    let counts = SENDS.contains(&request.uri().path()) && request.uri().path() != CUSTOM_SEND;
    let message = counts.then(|| serde_json::from_slice::<serde_json::Value>(request.body()).ok())??;
    message["touser"].as_str().map(str::to_owned)
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
    state.quotas.spend(account, api.path, call.now)?;
    (api.handler)(state, call, account)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::wechat::quotas::LIMITS;

    #[test]
    fn every_api_has_a_limit_and_nothing_else_but_the_two_that_make_tokens() {
        let limited: BTreeSet<&str> = LIMITS.iter().map(|(path, _)| *path).collect();
        let tokens = ["/cgi-bin/token", "/cgi-bin/stable_token"];
        assert_eq!(limited, APIS.iter().map(|api| api.path).chain(tokens).collect());
        assert_eq!(limited.len(), LIMITS.len(), "no path twice");
    }
}
