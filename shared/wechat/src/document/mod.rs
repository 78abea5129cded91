//! A callback as fields with names, whichever of the two formats it came in.
//!
//! WeChat writes one and the same document as XML or as JSON, by a switch in its console; the first byte that
//! is no space tells which (docs/wechat.md §1.1). Values are borrowed from the input where they can be, and a
//! number reads like the text of that number, because WeChat mixes the two (docs/wechat.md §3).

mod fields;
mod flat;
mod flat_json;
mod json;
mod malformation;
mod mend;
mod xml;

use std::borrow::Cow;

pub(crate) use fields::{Fields, Node};
pub use malformation::Malformation;
pub(crate) use mend::mended;

/// The two formats of a callback; the answer is written in the callback's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

/// Reads a document of either format; one that is damaged as far as it can be mended.
pub(crate) fn parse(bytes: &[u8]) -> Result<(Format, Fields<'_>), Malformation> {
    parse_strictly(bytes).or_else(|_| {
        let mended = mended(bytes);
        let (format, fields) = parse_strictly(mended.as_bytes())?;
        Ok((format, fields.into_owned()))
    })
}

fn parse_strictly(bytes: &[u8]) -> Result<(Format, Fields<'_>), Malformation> {
    let (format, text) = sniff(bytes)?;
    let fields = match format {
        Format::Xml => flat::parse(text).map_or_else(|| xml::parse(text), Ok)?,
        Format::Json => flat_json::parse(text).map_or_else(|| json::parse(text), Ok)?,
    };
    Ok((format, fields))
}

/// Reads an envelope: of its fields only `Encrypt` matters, empty when there is none. What stands in clear beside it, in
/// compatible mode, may be damaged as any document may.
pub(crate) fn parse_encrypt(bytes: &[u8]) -> Result<Cow<'_, str>, Malformation> {
    parse_encrypt_strictly(bytes).or_else(|_| {
        let (_, fields) = parse(bytes)?;
        Ok(fields.into_text("Encrypt"))
    })
}

fn parse_encrypt_strictly(bytes: &[u8]) -> Result<Cow<'_, str>, Malformation> {
    match sniff(bytes)? {
        (Format::Xml, text) => match flat::find(text, "Encrypt") {
            Some(sealed) => Ok(Cow::Borrowed(sealed)),
            None => Ok(xml::parse(text)?.into_text("Encrypt")),
        },
        (Format::Json, text) => match flat_json::find(text, "Encrypt") {
            Some(sealed) => Ok(Cow::Borrowed(sealed)),
            None => json::parse_encrypt(text),
        },
    }
}

fn sniff(bytes: &[u8]) -> Result<(Format, &str), Malformation> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformation::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'<') => Ok((Format::Xml, text)),
        Some(b'{') => Ok((Format::Json, text)),
        Some(_) => Err(Malformation::NeitherXmlNorJson),
        None => Err(Malformation::Empty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_is_told_by_the_first_byte_that_is_no_space() {
        let format = |text: &str| parse(text.as_bytes()).map(|(format, _)| format);
        assert_eq!(format(" \n<xml/>"), Ok(Format::Xml));
        assert_eq!(format("\u{feff}{}"), Ok(Format::Json));
        assert_eq!(format("\0\u{feff} {}\0"), Ok(Format::Json));
        assert_eq!(format("success"), Err(Malformation::NeitherXmlNorJson));
        assert_eq!(format(" \n"), Err(Malformation::Empty));
    }

    #[test]
    fn damage_costs_no_more_than_what_is_damaged() {
        let documents: [&[u8]; 6] = [
            b"<xml><A><![CDATA[a\xff]]></A><B>1</B></xml>",
            b"<xml><A>a &nbsp; & b &#xd83d;</A><B>1</B></xml>",
            b"\xef\xbb\xbf<xml><A>\x01</A><B>1</B></xml>",
            b"{\"A\":\"a\x01\xe6\x8a\",\"B\":1}",
            br#"{"A":"\ud83d","B":"1"}"#,
            b"\n{\"A\":\"\t\",\"B\":1}\0\0",
        ];
        for document in documents {
            let (_, fields) = parse(document).expect("a document");
            assert_eq!(fields.number("B"), Some(1), "{}", document.escape_ascii());
            assert!(fields.text("A").is_some(), "{}", document.escape_ascii());
        }
        let compatible: [&[u8]; 2] = [
            b"<xml><Content>\xff</Content><Encrypt>AAAA</Encrypt></xml>",
            b"{\"Content\":\"\x01\",\"Encrypt\":\"AAAA\"}",
        ];
        for envelope in compatible {
            assert_eq!(parse_encrypt(envelope).as_deref(), Ok("AAAA"), "{}", envelope.escape_ascii());
        }
    }
}
