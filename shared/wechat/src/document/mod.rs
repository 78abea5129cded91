//! A callback as fields with names, whichever of the two formats it came in.
//!
//! WeChat writes one and the same document as XML or as JSON, by a switch in its console; the first byte that
//! is no space tells which (docs/wechat.md §1.1). Values are borrowed from the input where they can be, and a
//! number reads like the text of that number, because WeChat mixes the two (docs/wechat.md §3).

mod fields;
mod flat;
mod json;
mod xml;

use std::borrow::Cow;

pub(crate) use fields::{Fields, Malformation, Node};

/// The two formats of a callback; the answer is written in the callback's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

/// Reads a document of either format.
pub(crate) fn parse(bytes: &[u8]) -> Result<(Format, Fields<'_>), Malformation> {
    let (format, text) = sniff(bytes)?;
    let fields = match format {
        Format::Xml => flat::parse(text).map_or_else(|| xml::parse(text), Ok)?,
        Format::Json => json::parse(text)?,
    };
    Ok((format, fields))
}

/// Reads an envelope: of its fields only `Encrypt` matters, empty when there is none.
pub(crate) fn parse_encrypt(bytes: &[u8]) -> Result<Cow<'_, str>, Malformation> {
    match sniff(bytes)? {
        (Format::Xml, text) => match flat::find(text, "Encrypt") {
            Some(sealed) => Ok(Cow::Borrowed(sealed)),
            None => Ok(xml::parse(text)?.into_text("Encrypt")),
        },
        (Format::Json, text) => json::parse_encrypt(text),
    }
}

fn sniff(bytes: &[u8]) -> Result<(Format, &str), Malformation> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'<') => Ok((Format::Xml, text)),
        Some(b'{') => Ok((Format::Json, text)),
        Some(_) => Err("neither XML nor JSON"),
        None => Err("an empty document"),
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
        assert_eq!(format("success"), Err("neither XML nor JSON"));
        assert_eq!(format(" \n"), Err("an empty document"));
    }
}
