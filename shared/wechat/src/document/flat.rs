//! The XML that WeChat itself writes, read straight through: one level of elements, each CDATA or plain text.
//!
//! It exists for speed: nearly every callback and every envelope looks like this, and the general reader would
//! take as long as all cryptography together. Whatever looks different in any way is left to that reader; what
//! this one does read, both read alike (a property test holds them to it).

use std::borrow::Cow;

use super::fields::{Fields, MAX_FIELDS, Node};

const OPENING: &str = "<xml>";
const CLOSING: &str = "</xml>";
const CDATA: &str = "<![CDATA[";

/// Reads the fields of `<xml>`; `None` when the general reader has to look.
pub(super) fn parse(text: &str) -> Option<Fields<'_>> {
    let mut rest = text.trim_ascii_start().strip_prefix(OPENING)?;
    let mut fields = Fields::with_usual_capacity();
    for _ in 0..MAX_FIELDS {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(CLOSING) {
            return after.trim_ascii_start().is_empty().then_some(fields);
        }
        let (name, value, after) = field(rest)?;
        fields.push(Cow::Borrowed(name), Node::Text(Cow::Borrowed(value)));
        rest = after;
    }
    None
}

/// Finds one field of `<xml>` without reading on behind it; `None` when the general reader has to look.
pub(super) fn find<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = text.trim_ascii_start().strip_prefix(OPENING)?;
    loop {
        let (name, value, after) = field(rest.trim_ascii_start())?;
        if name == wanted {
            return Some(value);
        }
        rest = after;
    }
}

/// One element: its name, its text, and what follows it.
fn field(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.strip_prefix('<')?;
    let length = text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_'))?;
    let (name, rest) = text.split_at(length);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let rest = rest.strip_prefix('>')?;
    let (value, rest) = match rest.strip_prefix(CDATA) {
        Some(rest) => cdata(rest)?,
        None => {
            let (value, rest) = rest.split_at(rest.find('<')?);
            if value.contains('&') {
                return None;
            }
            (value.trim(), rest)
        }
    };
    let after = rest.strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
    Some((name, value, after))
}

/// Up to the first closing mark, and what follows it. Looks for single brackets, because that is quicker than
/// looking for the mark.
fn cdata(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(']')?;
        if let Some(after) = text[at..].strip_prefix("]]>") {
            return Some((&text[..at], after));
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::super::xml;
    use super::*;

    #[test]
    fn flat_reader_reads_straight_what_wechat_writes() {
        let texts = |xml: &str| {
            let fields = parse(xml)?;
            Some(["A", "B"].map(|name| fields.text(name).map(str::to_owned)))
        };
        let some = |text: &str| Some(text.to_owned());
        let table = [
            ("<xml><A><![CDATA[a]] b & <c>]]></A><B>42</B></xml>", Some([some("a]] b & <c>"), some("42")])),
            (" <xml>\n<A><![CDATA[]]></A>\n<B>\n护照 </B>\n</xml>\n", Some([None, some("护照")])),
            ("<xml></xml>", Some([None, None])),
            ("<xml><A>a &amp; b</A></xml>", None),
            ("<xml><A><B>1</B></A></xml>", None),
            ("<xml><A/></xml>", None),
            ("<xml><A>1</B></xml>", None),
            ("<xml><A>1</A></xml><xml></xml>", None),
            ("<xml><A x=\"1\">1</A></xml>", None),
            ("<xml><A><![CDATA[a]]><![CDATA[b]]></A></xml>", None),
            ("<xml><A>1</A>", None),
        ];
        for (xml, expect) in table {
            assert_eq!(texts(xml), expect, "{xml}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn flat_and_general_reader_agree(
            body in r#"(<A>|</A>|<B_1>|</B_1>|<!\[CDATA\[|\]\]>|\]|&lt;|<A/>|>|[ \n]|护|[a\PC]){0,12}"#,
            value in r#"(\]|>|<|&|[ \n]|\PC){0,8}"#,
        ) {
            let quoted = format!("<xml><A><![CDATA[{value}]]></A>{body}</xml>");
            let plain = format!("<xml><A>{value}</A><B_1>{body}</B_1></xml>");
            for text in [quoted, plain, format!("<xml>{body}</xml>")] {
                if let Some(fields) = parse(&text) {
                    assert_eq!(find(&text, "B_1"), fields.find("B_1").is_some().then(|| fields.text("B_1").unwrap_or_default()));
                    assert_eq!(xml::parse(&text), Ok(fields), "{text}");
                }
            }
        }
    }
}
