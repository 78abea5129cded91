//! The three ways a call fails, told apart by what may be done next.
//!
//! No text in here contains an address, a token, an openid or a body: tokens travel in the query string, and
//! an HTTP client's error would print it.

use std::error::Error;
use std::net::IpAddr;

use reqwest::StatusCode;

use crate::{ErrClass, ErrCode, InChinese, Said, said};

/// How much of WeChat's or the system's own words is kept.
const MAX_TEXT: usize = 300;

/// A call that was not answered with success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It never reached WeChat (name, connection or TLS): it may be repeated, whatever it does.
    #[error("not sent: {reason}")]
    NotSent {
        /// What went wrong.
        reason: Said,
    },
    /// It may have reached WeChat, and may have been done: no answer, or none that can be read.
    #[error("outcome unknown: {reason}")]
    Unknown {
        /// What went wrong.
        reason: Said,
        /// WeChat, or what stands before it, answered with an error that does not say whether it was done (a 5xx).
        answered: bool,
    },
    /// WeChat said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// WeChat's no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused by WeChat: {errcode} {errmsg}")]
pub struct Refusal {
    /// The code: what decides.
    pub errcode: ErrCode,
    /// WeChat's words for it: for people. Of 47003 alone they decide something, for it is two faults under one code.
    pub errmsg: String,
    /// The number under which WeChat remembers the call for seven days.
    pub rid: Option<String>,
}

impl CallError {
    pub(super) fn not_sent(reason: Said) -> Self {
        Self::NotSent { reason }
    }

    pub(super) fn unknown(reason: Said) -> Self {
        Self::Unknown { reason, answered: false }
    }

    pub(super) fn without_what_was_asked() -> Self {
        Self::unknown(said!("an answer without what was asked for", "应答里没有要的内容"))
    }

    pub(super) fn status(status: StatusCode) -> Self {
        let code = status.as_u16();
        Self::answered(status, said!("HTTP status {code}", "HTTP 状态码 {code}"))
    }

    pub(super) fn no_json(status: StatusCode) -> Self {
        let code = status.as_u16();
        let reason = said!("HTTP status {code} without a JSON answer", "HTTP 状态码 {code}，应答不是 JSON");
        Self::answered(status, reason)
    }

    fn answered(status: StatusCode, reason: Said) -> Self {
        Self::Unknown { reason, answered: !status.is_success() }
    }

    /// Sorts the HTTP client's errors: only what failed before or while connecting was certainly not sent.
    pub(super) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let (is_connect, is_timeout) = (error.is_connect(), error.is_timeout());
        let cause = || cause(&error);
        match (is_connect, is_timeout) {
            (true, true) => Self::not_sent(said!("no connection in time", "连接超时")),
            (true, false) => {
                let cause = cause();
                Self::not_sent(said!("no connection: {cause}", "连不上：{cause}"))
            }
            (false, true) => Self::unknown(said!("no answer in time", "应答超时")),
            (false, false) if error.is_builder() => {
                Self::not_sent(said!("not a request that can be sent", "请求无法发送"))
            }
            (false, false) => {
                let cause = cause();
                Self::unknown(said!("the connection broke: {cause}", "连接断开：{cause}"))
            }
        }
    }

    /// WeChat's no, if that is what it is.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::NotSent { .. } | Self::Unknown { .. } => None,
        }
    }
}

impl InChinese for CallError {
    fn in_chinese(&self) -> String {
        match self {
            Self::NotSent { reason } => format!("没发出去：{}", reason.chinese),
            Self::Unknown { reason, .. } => format!("结果不明：{}", reason.chinese),
            Self::Refused(refusal) => refusal.in_chinese(),
        }
    }
}

impl InChinese for Refusal {
    /// With the meaning of the code: WeChat's own words are English, and often terse.
    fn in_chinese(&self) -> String {
        let Self { errcode, errmsg, .. } = self;
        format!("微信拒绝：{errcode} {}（{errmsg}）", errcode.meaning_in_chinese())
    }
}

/// The innermost reason, which names the trouble and not the address.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    shortened(&innermost.to_string())
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

impl Refusal {
    /// Makes a refusal of WeChat's code and words.
    pub fn new(errcode: ErrCode, errmsg: &str) -> Self {
        Self { errcode, errmsg: shortened(errmsg), rid: rid(errmsg) }
    }

    /// What to do about it.
    pub fn class(&self) -> ErrClass {
        self.errcode.class()
    }

    /// What it means, for whoever asks: WeChat's own words name our address and the call, which are the operator's matter.
    pub fn told(&self) -> String {
        format!("{} {}", self.errcode, self.errcode.meaning())
    }

    /// The address that WeChat saw us come from, when it is not in the whitelist (40164). An IPv4 address that is
    /// written as IPv6 is given as the whitelist takes it.
    pub fn seen_address(&self) -> Option<IpAddr> {
        if self.errcode != ErrCode::INVALID_IP {
            return None;
        }
        let words = self.errmsg.split(|c: char| c.is_whitespace() || c == ',');
        words.filter_map(|word| word.parse().ok()).map(|address: IpAddr| address.to_canonical()).next()
    }

    /// The keyword whose value is refused (47003); the text may be cut off behind it.
    pub fn keyword(&self) -> Option<&str> {
        if self.errcode != ErrCode::ARGUMENT_INVALID {
            return None;
        }
        let (_, rest) = self.errmsg.split_once("data.")?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        (end > 0).then_some(&rest[..end])
    }

    /// The keyword that is refused has no value at all (47003). The misspelling is WeChat's (docs/wechat.md §9.2).
    pub fn says_empty(&self) -> bool {
        self.errcode == ErrCode::ARGUMENT_INVALID
            && ["is empty", "is emtpy"].iter().any(|words| self.errmsg.contains(words))
    }
}

/// `… rid: 67f3bc42-4b3ea2d7-5e5eaccb`, with or without a comma before it.
fn rid(errmsg: &str) -> Option<String> {
    let (_, rest) = errmsg.split_once("rid:")?;
    let rid: String = rest.trim_start().chars().take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect();
    (!rid.is_empty()).then_some(rid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_diagnostics_are_read_from_the_words() {
        let refusal = Refusal::new;
        let whitelist = refusal(
            ErrCode::INVALID_IP,
            "invalid ip 118.190.42.90 ipv6 ::ffff:118.190.42.90, not in whitelist rid: 60196b9b-4c5ba79c-066b49c8",
        );
        assert_eq!(whitelist.seen_address(), "118.190.42.90".parse().ok());
        let only_mapped = refusal(ErrCode::INVALID_IP, "invalid ip ::ffff:118.190.42.90, not in whitelist");
        assert_eq!(only_mapped.seen_address(), "118.190.42.90".parse().ok());
        let ipv6 = refusal(ErrCode::INVALID_IP, "invalid ip 2001:db8::1, not in whitelist");
        assert_eq!(ipv6.seen_address(), "2001:db8::1".parse().ok());
        assert_eq!(whitelist.rid.as_deref(), Some("60196b9b-4c5ba79c-066b49c8"));
        assert_eq!(whitelist.keyword(), None);
        let keyword = |errmsg| refusal(ErrCode::ARGUMENT_INVALID, errmsg).keyword().map(str::to_owned);
        assert_eq!(
            keyword("argument invalid! data.thing5.value invalid rid: 64d4912a"),
            Some("thing5".into())
        );
        assert_eq!(keyword("argument invalid! data.character_string3.va"), Some("character_string3".into()));
        assert_eq!(keyword("argument invalid! data.thing3"), Some("thing3".into()));
        assert_eq!(keyword("argument invalid!"), None);
        let says_empty = |errcode, errmsg| refusal(errcode, errmsg).says_empty();
        assert!(says_empty(
            ErrCode::ARGUMENT_INVALID,
            "argument invalid! data.thing3.value is emtpy rid: 5f3a7906"
        ));
        assert!(says_empty(ErrCode::ARGUMENT_INVALID, "argument invalid! data.thing3.value is empty"));
        assert!(!says_empty(ErrCode::ARGUMENT_INVALID, "argument invalid! data.thing5.value invalid"));
        assert!(!says_empty(ErrCode::INVALID_CODE, "code is empty"));
        assert_eq!(
            refusal(ErrCode::INVALID_CODE, "invalid code, rid: 62315303-6bf82c14").rid.as_deref(),
            Some("62315303-6bf82c14")
        );
        assert_eq!(refusal(ErrCode::INVALID_CODE, "invalid code").rid, None);
        assert_eq!(refusal(ErrCode::INVALID_CODE, "invalid code").seen_address(), None);
    }
}
