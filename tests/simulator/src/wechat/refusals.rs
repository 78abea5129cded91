//! WeChat's codes with WeChat's texts (docs/wechat.md §5.2, §9.3, §10.3, §13, §15).
//!
//! Every refusal is HTTP 200; its text ends in a `rid` whose first group is the time of the request. The
//! `sns/*` paths put a comma before it.

use std::net::IpAddr;

use jiff::Timestamp;

use super::random::Random;

/// An API call that WeChat refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) errcode: i64,
    /// Without the rid.
    text: String,
}

impl Refusal {
    pub(crate) fn of(errcode: i64) -> Self {
        Self { errcode, text: text_of(errcode).to_owned() }
    }

    /// A value that breaks its keyword's type.
    pub(crate) fn invalid_value(keyword: &str) -> Self {
        Self { errcode: 47003, text: format!("argument invalid! data.{keyword}.value invalid") }
    }

    /// A value that is empty or missing; the misspelling is WeChat's.
    pub(crate) fn empty_value(keyword: &str) -> Self {
        Self { errcode: 47003, text: format!("argument invalid! data.{keyword}.value is emtpy") }
    }

    /// A caller outside the whitelist is told the address WeChat saw.
    pub(crate) fn not_in_whitelist(caller_ip: IpAddr) -> Self {
        let mapped = match caller_ip {
            IpAddr::V4(address) => format!("::ffff:{address}"),
            IpAddr::V6(address) => address.to_string(),
        };
        Self { errcode: 40164, text: format!("invalid ip {caller_ip} ipv6 {mapped}, not in whitelist") }
    }

    pub(crate) fn to_json(&self, path: &str, now: Timestamp, random: &mut Random) -> String {
        let comma = if path.starts_with("/sns/") { "," } else { "" };
        let rid = format!("{:08x}-{}-{}", now.as_second(), random.hex(8), random.hex(8));
        serde_json::json!({ "errcode": self.errcode, "errmsg": format!("{}{comma} rid: {rid}", self.text) })
            .to_string()
    }
}

fn text_of(errcode: i64) -> &'static str {
    match errcode {
        -1 => "system error",
        40001 => {
            "invalid credential, access_token is invalid or not latest, could get access_token by \
             getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
        }
        40002 => "invalid grant_type",
        40003 => "invalid openid",
        40004 => "invalid media type",
        40005 => "invalid file type",
        40006 => "invalid media size",
        40007 => "invalid media_id",
        40008 => "invalid message type",
        40013 => "invalid appid",
        40014 => "invalid access_token",
        40029 => "invalid code",
        40032 => "invalid openid list size",
        40033 => "invalid charset. please check your request, if include \\uxxxx will create fail!",
        40035 => "invalid parameter",
        40036 => "invalid template_id size",
        40037 => "invalid template_id",
        40039 => "invalid url size",
        40053 => "invalid action info",
        40058 => "invalid parameter",
        40066 => "invalid url",
        40097 => "invalid args",
        40125 => "invalid appsecret",
        40163 => "code been used",
        40164 => "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
        40165 => "invalid weapp pagepath",
        40201 => "callback url is not set",
        40226 => "code blocked",
        40230..=40240 => "invalid api signature or encryption",
        40241 => "The message is duplicate in 60 seconds",
        40243 => "AppSecret已被冻结，请解冻后再次调用",
        40249 => "this template msg has been blocked for illegal content",
        41001 => "access_token missing",
        41002 => "appid missing",
        41004 => "appsecret missing",
        41005 => "media data missing",
        41008 => "missing code",
        41009 => "missing openid",
        41030 => "invalid page",
        42001 => "access_token expired",
        43001 => "require GET method",
        43002 => "require POST method",
        43003 => "require https",
        43004 => "require subscribe",
        43005 => "require friend relation",
        43019 => "require remove blacklist",
        43101 => "user refuse to accept the msg",
        43107 => "subscribe message is banned",
        43108 => "concurrent send to the same user",
        43116 => "This template_id is banned",
        43117 => "Sending messages to this openid too frequently, please try later",
        44002 => "empty post data",
        44004 => "empty content",
        45001 => "media size out of limit",
        45002 => "content size out of limit",
        45008 => "article size out of limit",
        45009 => "reach max api daily quota limit",
        45011 => "api minute-quota reach limit, must slower, retry next minute",
        45015 => "response out of time limit or subscription is canceled",
        45047 => "out of response count limit",
        45065 => "clientmsgid exist",
        45066 => "same clientmsgid retry too fast",
        45067 => "clientmsgid size out of limit",
        45072 => "invalid command",
        45080 => "no interaction within 30 seconds",
        45081 => "you are already typing",
        45168 => "content contains sensitive words",
        46004 => "user does not exist",
        47001 => "data format error",
        47003 => "argument invalid! data.thing1.value invalid",
        48001 => "api unauthorized",
        48002 => "user refuse to accept message",
        48003 => "user not agree mass-send protocol",
        48004 => "api forbidden for irregularities",
        48006 => "forbid to clear quota because of reaching the limit",
        48008 => "no permission for this msgtype",
        50001 => "user unauthorized",
        50002 => "user limited",
        50004 => "access_token api forbidden",
        50005 => "user unsubscribed",
        50007 => "account frozen",
        61004 => "access clientip is not registered, not in ip-white-list",
        61450 => "system error",
        70000 => "为保护未成年人权益，该条消息发送失败",
        76021 => "cgi_path not found",
        76022 => "could not use this cgi_path, no permission",
        89503 => "此次调用需要管理员确认，请耐心等候",
        89506 => "该IP调用请求已被公众号管理员拒绝，请24小时后再试",
        89507 => "该IP调用请求已被公众号管理员拒绝，请1小时后再试",
        _ => "unknown error",
    }
}
