//! Passive replies: what the answer to a callback can carry (docs/wechat.md §2.4).
//!
//! A reply says the callback's own CreateTime, so that a repeat of the callback gets the identical document without
//! anything being stored.

use std::fmt;

use crate::document::Format;
use crate::{Callback, MediaId};

/// What to answer a callback with.
///
/// `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq)]
pub enum Reply {
    /// Words, not empty; WeChat takes up to 2048 bytes. Service accounts only.
    Text(String),
    /// A picture. Service accounts only.
    Image(MediaId),
    /// Hands the user to a human agent. Messages only, not events.
    TransferCustomerService,
}

impl Reply {
    /// Whether this reply may be given to this callback; WeChat takes an impossible one for a failure.
    pub(crate) fn suits(&self, callback: &Callback) -> bool {
        match self {
            Self::Text(text) => !text.is_empty() && callback.event().is_none_or(crate::Event::takes_reply),
            Self::Image(_) => callback.event().is_none_or(crate::Event::takes_reply),
            Self::TransferCustomerService => callback.message().is_some(),
        }
    }

    fn msg_type(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::TransferCustomerService => "transfer_customer_service",
        }
    }

    /// Writes the reply document, addressed back to the sender.
    pub(crate) fn render(&self, callback: &Callback, format: Format, out: &mut Vec<u8>) {
        match format {
            Format::Xml => self.render_xml(callback, out),
            Format::Json => self.render_json(callback, out),
        }
    }

    fn render_xml(&self, callback: &Callback, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<xml><ToUserName>");
        write_cdata(out, callback.from.as_str());
        out.extend_from_slice(b"</ToUserName><FromUserName>");
        write_cdata(out, callback.to.as_str());
        out.extend_from_slice(b"</FromUserName><CreateTime>");
        write_number(out, callback.create_time);
        out.extend_from_slice(b"</CreateTime><MsgType>");
        write_cdata(out, self.msg_type());
        out.extend_from_slice(b"</MsgType>");
        match self {
            Self::Text(text) => {
                out.extend_from_slice(b"<Content>");
                write_cdata(out, text);
                out.extend_from_slice(b"</Content>");
            }
            Self::Image(media_id) => {
                out.extend_from_slice(b"<Image><MediaId>");
                write_cdata(out, media_id.as_str());
                out.extend_from_slice(b"</MediaId></Image>");
            }
            Self::TransferCustomerService => {}
        }
        out.extend_from_slice(b"</xml>");
    }

    fn render_json(&self, callback: &Callback, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"ToUserName\":");
        write_json(out, callback.from.as_str());
        out.extend_from_slice(b",\"FromUserName\":");
        write_json(out, callback.to.as_str());
        out.extend_from_slice(b",\"CreateTime\":");
        write_number(out, callback.create_time);
        out.extend_from_slice(b",\"MsgType\":");
        write_json(out, self.msg_type());
        match self {
            Self::Text(text) => {
                out.extend_from_slice(b",\"Content\":");
                write_json(out, text);
            }
            Self::Image(media_id) => {
                out.extend_from_slice(b",\"Image\":{\"MediaId\":");
                write_json(out, media_id.as_str());
                out.push(b'}');
            }
            Self::TransferCustomerService => {}
        }
        out.push(b'}');
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.msg_type())
    }
}

/// Writes text as CDATA: the closing mark is split over two sections, and characters that XML cannot carry are
/// left out, because one of them would make WeChat refuse the whole answer.
pub(crate) fn write_cdata(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"<![CDATA[");
    if is_plain(text) {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_split(out, text);
    }
    out.extend_from_slice(b"]]>");
}

/// Whether text can stand in CDATA as it is. Looks at every byte without stopping early, because that is what a
/// processor does many bytes at a time.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & (byte != b']') & !is_forbidden(byte))
}

fn is_forbidden(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
}

fn write_split(out: &mut Vec<u8>, text: &str) {
    let mut brackets = 0_usize;
    let mut start = 0;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        if is_forbidden(byte) {
            out.extend_from_slice(&text.as_bytes()[start..at]);
            start = at + 1;
            continue;
        }
        if byte == b'>' && brackets >= 2 {
            out.extend_from_slice(&text.as_bytes()[start..at]);
            out.extend_from_slice(b"]]><![CDATA[");
            start = at;
        }
        brackets = if byte == b']' { brackets + 1 } else { 0 };
    }
    out.extend_from_slice(&text.as_bytes()[start..]);
}

/// Writes text as a JSON string, in real UTF-8.
pub(crate) fn write_json(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a Vec takes everything and a str is always JSON");
}

/// Writes a number in decimal.
fn write_number(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(decimal(number, &mut [0; 20]));
}

/// A number in decimal, in a buffer that is long enough for every number.
pub(crate) fn decimal(number: i64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut start = buffer.len();
    let mut rest = number.unsigned_abs();
    loop {
        start -= 1;
        buffer[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        start -= 1;
        buffer[start] = b'-';
    }
    &buffer[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cdata_carries_any_text() {
        let cdata = |text: &str| {
            let mut out = Vec::new();
            write_cdata(&mut out, text);
            String::from_utf8(out).expect("text")
        };
        assert_eq!(cdata("护照 <a> & b"), "<![CDATA[护照 <a> & b]]>");
        assert_eq!(cdata("a]]>b"), "<![CDATA[a]]]]><![CDATA[>b]]>");
        assert_eq!(cdata("]]]>"), "<![CDATA[]]]]]><![CDATA[>]]>");
        assert_eq!(cdata("a\u{0}b\u{1f}c\nd"), "<![CDATA[abc\nd]]>");
    }

    #[test]
    fn numbers_are_written_as_everybody_writes_them() {
        for number in [0, 7, -1, 1_714_112_400, i64::MAX, i64::MIN] {
            assert_eq!(decimal(number, &mut [0; 20]), number.to_string().as_bytes());
        }
    }
}
