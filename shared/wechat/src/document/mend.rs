//! Mends what WeChat writes and no strict reader takes: half a character, raw control bytes and lone surrogates in JSON
//! (docs/wechat.md §14.19).
//!
//! Only a document that could not be read as it is comes here. What is damaged becomes U+FFFD, so that the rest can be
//! read; nothing is guessed.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// What stands for a character that is none.
const REPLACEMENT: &str = "\\ufffd";

const HIGH_SURROGATES: RangeInclusive<u32> = 0xd800..=0xdbff;
const LOW_SURROGATES: RangeInclusive<u32> = 0xdc00..=0xdfff;

/// The same document as text that a strict reader takes, if anything can be made of it.
pub(crate) fn mended(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c == '\u{feff}' || c.is_whitespace() || c.is_control());
    if text.starts_with(['{', '[']) { json(text) } else { text.to_owned() }
}

fn json(text: &str) -> String {
    let mut mended = String::with_capacity(text.len() + 16);
    let mut is_quoted = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => {
                is_quoted = !is_quoted;
                mended.push(c);
            }
            '\\' if is_quoted => {
                let (escape, after) = escape(rest);
                mended.push_str(&escape);
                rest = after;
            }
            c if c < ' ' && is_quoted => {
                write!(mended, "\\u{:04x}", u32::from(c)).expect("a String takes everything");
            }
            c if c < ' ' => mended.push(' '),
            c => mended.push(c),
        }
    }
    mended
}

/// An escape without its backslash, as it should be, and what follows it.
fn escape(rest: &str) -> (Cow<'_, str>, &str) {
    match rest.as_bytes().first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
            (Cow::Owned(format!("\\{}", &rest[..1])), &rest[1..])
        }
        Some(b'u') => match unit(rest) {
            Some(high) if HIGH_SURROGATES.contains(&high) => {
                let low = rest[5..].strip_prefix('\\').and_then(unit);
                match low.is_some_and(|low| LOW_SURROGATES.contains(&low)) {
                    true => (Cow::Owned(format!("\\{}", &rest[..11])), &rest[11..]),
                    false => (Cow::Borrowed(REPLACEMENT), &rest[5..]),
                }
            }
            Some(low) if LOW_SURROGATES.contains(&low) => (Cow::Borrowed(REPLACEMENT), &rest[5..]),
            Some(_) => (Cow::Owned(format!("\\{}", &rest[..5])), &rest[5..]),
            None => (Cow::Borrowed("\\\\"), rest),
        },
        // A backslash that escapes nothing is a backslash.
        _ => (Cow::Borrowed("\\\\"), rest),
    }
}

/// The code unit of `u` and four hexadecimal digits.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_mended_where_it_is_damaged_and_nowhere_else() {
        let table: [(&[u8], &str); 12] = [
            (b"{\"A\":\"a\x01b\nc\"}", r#"{"A":"a\u0001b\u000ac"}"#),
            (b"{\"A\":\"a\xffb\"}", "{\"A\":\"a\u{fffd}b\"}"),
            (b"{\"A\":\"\xe6\x8a\"}", "{\"A\":\"\u{fffd}\"}"),
            (br#"{"A":"\ud83d"}"#, r#"{"A":"\ufffd"}"#),
            (br#"{"A":"\ude00\ud83d\u0041"}"#, r#"{"A":"\ufffd\ufffd\u0041"}"#),
            (br#"{"A":"\ud83d\ud83d\ude00"}"#, r#"{"A":"\ufffd\ud83d\ude00"}"#),
            (br#"{"A":"\x \u12 \" \\ \/"}"#, r#"{"A":"\\x \\u12 \" \\ \/"}"#),
            (b"\xef\xbb\xbf {\"A\":\x0b1}\0", r#"{"A": 1}"#),
            (br#"{"A":"\"#, r#"{"A":"\\"#),
            (b"<xml>\xff</xml>\0", "<xml>\u{fffd}</xml>"),
            (b"<A>\\ud83d</A>", "<A>\\ud83d</A>"),
            (b"\0\xff\0", "\u{fffd}"),
        ];
        for (bytes, expect) in table {
            assert_eq!(mended(bytes), expect, "{}", bytes.escape_ascii());
        }
    }
}
