//! The JSON that WeChat itself writes, read straight through: one object of texts without escapes and of whole numbers.
//!
//! It exists for speed, as [`super::flat`] does for XML. Whatever looks different in any way is left to the general
//! reader; what this one does read, both read alike (a property test holds them to it).

use std::borrow::Cow;

use super::fields::{Fields, MAX_FIELDS, Node};

/// Reads the members of the object; `None` when the general reader has to look.
pub(super) fn parse(text: &str) -> Option<Fields<'_>> {
    let mut rest = past_space(past_space(text).strip_prefix('{')?);
    let mut fields = Fields::with_usual_capacity();
    for _ in 0..MAX_FIELDS {
        let (name, value, after) = member(rest)?;
        fields.push(Cow::Borrowed(name), value);
        let after = past_space(after);
        match after.strip_prefix(',') {
            Some(next) => rest = past_space(next),
            None => return past_space(after.strip_prefix('}')?).is_empty().then_some(fields),
        }
    }
    None
}

/// Finds one text of the object without reading on behind it; `None` when the general reader has to look.
pub(super) fn find<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = past_space(past_space(text).strip_prefix('{')?);
    loop {
        let (name, value, after) = member(rest)?;
        match value {
            Node::Text(Cow::Borrowed(value)) if name == wanted => return Some(value),
            _ if name == wanted => return None,
            _ => rest = past_space(past_space(after).strip_prefix(',')?),
        }
    }
}

/// One member: its name, its value, and what follows it.
fn member(text: &str) -> Option<(&str, Node<'_>, &str)> {
    let (name, rest) = string(text)?;
    let rest = past_space(past_space(rest).strip_prefix(':')?);
    match string(rest) {
        Some((value, rest)) => Some((name, Node::Text(Cow::Borrowed(value)), rest)),
        None => number(rest).map(|(number, rest)| (name, Node::Number(number), rest)),
    }
}

/// Up to the closing quote, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let (value, rest) = text.split_at(plain_length(text.as_bytes())?);
    Some((value, rest.strip_prefix('"')?))
}

/// Up to the first quote, backslash or control character. Sixteen bytes at a time, which the compiler makes one comparison of.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    let is_special = |byte: &u8| (*byte == b'"') | (*byte == b'\\') | (*byte < b' ');
    let (chunks, _) = bytes.as_chunks::<16>();
    let is_plain = |chunk: &&[u8; 16]| !chunk.iter().fold(false, |special, byte| special | is_special(byte));
    let plain = 16 * chunks.iter().take_while(is_plain).count();
    bytes[plain..].iter().position(is_special).map(|length| plain + length)
}

/// A number that is written as we would write it, and what follows it: no fraction, no exponent, no zero too many.
fn number(text: &str) -> Option<(i64, &str)> {
    let length = text.bytes().position(|byte| !(byte.is_ascii_digit() || byte == b'-'))?;
    let (digits, rest) = text.split_at(length);
    let is_plain = digits == "0" || !digits.trim_start_matches('-').starts_with('0');
    is_plain.then(|| digits.parse().ok().zip(Some(rest))).flatten()
}

/// Of white space JSON knows less than ASCII does.
fn past_space(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(b' ' | b'\n' | b'\r' | b'\t') => text.trim_start_matches([' ', '\n', '\r', '\t']),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::super::json;
    use super::*;

    #[test]
    fn flat_reader_reads_straight_what_wechat_writes() {
        let texts = |json: &str| {
            let fields = parse(json)?;
            Some(["A", "B"].map(|name| fields.string(name)))
        };
        let some = |text: &str| Some(text.to_owned());
        let table = [
            (r#"{"A":"a]] b & <c>","B":42}"#, Some([some("a]] b & <c>"), some("42")])),
            (" {\n\"A\" : \"\" ,\r\t\"B\": \"护照\" } ", Some([None, some("护照")])),
            (r#"{"A":-7,"B":0}"#, Some([some("-7"), some("0")])),
            ("{}", None),
            (r#"{"A":"a\"b"}"#, None),
            ("{\"A\":\"\u{1}\"}", None),
            ("{\u{c}\"A\":1}", None),
            (r#"{"A":1.5}"#, None),
            (r#"{"A":1e3}"#, None),
            (r#"{"A":-0}"#, None),
            (r#"{"A":01}"#, None),
            (r#"{"A":9223372036854775808}"#, None),
            (r#"{"A":null}"#, None),
            (r#"{"A":{"B":1}}"#, None),
            (r#"{"A":1,}"#, None),
            (r#"{"A":1}{}"#, None),
            (r#"{"A":"a""#, None),
        ];
        for (json, expect) in table {
            assert_eq!(texts(json), expect, "{json}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn flat_and_general_reader_agree(
            body in r#"("A"|"B"|:|,|\{|\}|\[|\]|"|\\|-?[0-9]{1,20}|[0-9]\.[0-9]|null|true|[ \n\f]|护){0,12}"#,
            value in r#"("|\\|[ \n]|\PC){0,8}"#,
            number in r#"-?[0-9]{1,20}"#,
        ) {
            let quoted = format!(r#"{{"A":"{value}","B":{number}}}"#);
            let plain = format!(r#"{{"A":{body},"B":"{value}"}}"#);
            for text in [quoted, plain, format!("{{{body}}}")] {
                if let Some(fields) = parse(&text) {
                    let first = fields.iter().find(|(name, _)| *name == "B").map(|(_, value)| value);
                    let found = find(&text, "B").map(|text| Node::Text(Cow::Borrowed(text)));
                    assert_eq!(found.as_ref(), first.filter(|value| matches!(value, Node::Text(_))), "{text}");
                    assert_eq!(json::parse(&text), Ok(fields), "{text}");
                }
            }
        }
    }
}
