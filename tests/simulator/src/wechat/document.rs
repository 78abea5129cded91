//! The document of a push, and how it is written in XML and in JSON (docs/wechat.md §2, §3).
//!
//! One list of fields in wire order serves both formats. The two differ in more than brackets: JSON has no
//! wrapper around the `List` of a subscription event, and a list of one entry is that entry itself.

use serde_json::{Map, Number, Value};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    /// CDATA in XML.
    Text(String),
    /// A number in both formats.
    Number(Number),
    /// A bare number in XML, a string in JSON: how subscription events write theirs.
    Digits(String),
    /// Entries of a subscription event, inside `wrapper` in XML only.
    List { wrapper: &'static str, entries: Vec<Fields> },
}

pub(crate) type Fields = Vec<(String, Field)>;

impl Field {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    pub(crate) fn number(value: impl Into<Number>) -> Self {
        Self::Number(value.into())
    }

    pub(crate) fn digits(value: impl ToString) -> Self {
        Self::Digits(value.to_string())
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(value) | Self::Digits(value) => Value::String(value.clone()),
            Self::Number(value) => Value::Number(value.clone()),
            Self::List { entries, .. } => match entries.as_slice() {
                [only] => json(only),
                several => several.iter().map(|entry| json(entry)).collect(),
            },
        }
    }
}

/// `<xml>…</xml>` without a declaration, as WeChat writes it.
pub(crate) fn to_xml(fields: &[(String, Field)]) -> String {
    format!("<xml>{}</xml>", elements(fields))
}

pub(crate) fn to_json(fields: &[(String, Field)]) -> String {
    json(fields).to_string()
}

fn json(fields: &[(String, Field)]) -> Value {
    let mut object = Map::new();
    for (name, field) in fields {
        let name = if matches!(field, Field::List { .. }) { "List" } else { name };
        object.insert(name.to_owned(), field.to_json());
    }
    Value::Object(object)
}

fn elements(fields: &[(String, Field)]) -> String {
    fields.iter().map(|(name, field)| element(name, field)).collect()
}

fn element(name: &str, field: &Field) -> String {
    match field {
        Field::Text(value) => format!("<{name}>{}</{name}>", character_data(value)),
        Field::Number(value) => format!("<{name}>{value}</{name}>"),
        Field::Digits(value) => format!("<{name}>{value}</{name}>"),
        Field::List { wrapper, entries } => {
            let lists: String =
                entries.iter().map(|entry| format!("<List>{}</List>", elements(entry))).collect();
            format!("<{wrapper}>{lists}</{wrapper}>")
        }
    }
}

fn character_data(value: &str) -> String {
    format!("<![CDATA[{}]]>", value.replace("]]>", "]]]]><![CDATA[>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn popup(entries: usize) -> Fields {
        let entry = |n: usize| {
            vec![
                ("TemplateId".to_owned(), Field::text(format!("T{n}"))),
                ("PopupScene".to_owned(), Field::digits(0)),
            ]
        };
        vec![
            ("FromUserName".to_owned(), Field::text("o]]>x")),
            ("CreateTime".to_owned(), Field::number(1610969440)),
            (
                "List".to_owned(),
                Field::List {
                    wrapper: "SubscribeMsgPopupEvent",
                    entries: (1..=entries).map(entry).collect(),
                },
            ),
        ]
    }

    #[test]
    fn xml_wraps_the_list_and_json_does_not() {
        assert_eq!(
            to_xml(&popup(2)),
            "<xml><FromUserName><![CDATA[o]]]]><![CDATA[>x]]></FromUserName><CreateTime>1610969440</CreateTime>\
             <SubscribeMsgPopupEvent><List><TemplateId><![CDATA[T1]]></TemplateId><PopupScene>0</PopupScene></List>\
             <List><TemplateId><![CDATA[T2]]></TemplateId><PopupScene>0</PopupScene></List></SubscribeMsgPopupEvent></xml>"
        );
        assert_eq!(
            to_json(&popup(2)),
            r#"{"FromUserName":"o]]>x","CreateTime":1610969440,"List":[{"TemplateId":"T1","PopupScene":"0"},{"TemplateId":"T2","PopupScene":"0"}]}"#
        );
    }

    #[test]
    fn a_list_of_one_is_written_as_the_entry_itself() {
        assert_eq!(
            to_json(&popup(1)),
            r#"{"FromUserName":"o]]>x","CreateTime":1610969440,"List":{"TemplateId":"T1","PopupScene":"0"}}"#
        );
    }
}
