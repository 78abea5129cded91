//! How WeChat's documents have been seen to differ from the pages that describe them (docs/wechat.md §14.19). None of it
//! unless a world asks for it.

use serde_json::Value;

use super::accounts::{Format, Oddity};
use super::document::{Field, Fields, to_json, to_xml};

/// The field that holds what a user typed.
const TYPED: &str = "Content";
/// Stands for the odd bytes until the document is written: no encoder of ours would let them through.
const PLACEHOLDER: char = '\u{e000}';
const ODD_BYTES: [u8; 2] = [0x01, 0xff];

/// The document as it goes into the envelope.
pub(crate) fn write(fields: &[(String, Field)], format: Format, oddities: &[Oddity]) -> Vec<u8> {
    let has = |oddity| oddities.contains(&oddity);
    let fields: Fields =
        fields.iter().map(|(name, field)| (name.clone(), odd(name, field, oddities))).collect();
    let mut written = match format {
        Format::Xml => to_xml(&fields),
        Format::Json => to_json(&fields),
    };
    if has(Oddity::ListOfOne)
        && let Ok(mut document) = serde_json::from_str::<Value>(&written)
        && let Some(list) = document.get_mut("List").filter(|list| list.is_object())
    {
        *list = Value::Array(vec![list.take()]);
        written = document.to_string();
    }
    let mut placeholder = [0; 4];
    let parts: Vec<&[u8]> =
        written.split(PLACEHOLDER.encode_utf8(&mut placeholder) as &str).map(str::as_bytes).collect();
    parts.join(&ODD_BYTES[..])
}

fn odd(name: &str, field: &Field, oddities: &[Oddity]) -> Field {
    match field {
        Field::Text(text) if name == TYPED && oddities.contains(&Oddity::OddBytes) => {
            Field::text(format!("{text}{PLACEHOLDER}"))
        }
        Field::Digits(digits) if name == "CreateTime" && oddities.contains(&Oddity::CreateTimeNumber) => {
            digits.parse::<i64>().map_or_else(|_| field.clone(), Field::number)
        }
        field => field.clone(),
    }
}

pub(crate) fn content_type(usual: &'static str, oddities: &[Oddity]) -> &'static str {
    if oddities.contains(&Oddity::JsonAsTextXml) { "text/xml" } else { usual }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_is_odd_in_the_ways_that_were_asked_for() {
        let entry = vec![("TemplateId".to_owned(), Field::text("t"))];
        let fields: Fields = vec![
            ("CreateTime".to_owned(), Field::digits(7)),
            ("Content".to_owned(), Field::text("好")),
            ("List".to_owned(), Field::List { wrapper: "Wrapper", entries: vec![entry] }),
        ];
        let written = |format, oddities: &[Oddity]| write(&fields, format, oddities);
        let plain: &[u8] = r#"{"CreateTime":"7","Content":"好","List":{"TemplateId":"t"}}"#.as_bytes();
        assert_eq!(written(Format::Json, &[]), plain);
        let all = [Oddity::OddBytes, Oddity::ListOfOne, Oddity::CreateTimeNumber, Oddity::JsonAsTextXml];
        let odd =
            [r#"{"CreateTime":7,"Content":"好"#.as_bytes(), &ODD_BYTES, br#"","List":[{"TemplateId":"t"}]}"#];
        assert_eq!(written(Format::Json, &all), odd.concat());
        let xml = written(Format::Xml, &all);
        assert!(xml.windows(2).any(|bytes| bytes == ODD_BYTES));
        assert_eq!(content_type("application/json", &all), "text/xml");
        assert_eq!(content_type("application/json", &[]), "application/json");
    }
}
