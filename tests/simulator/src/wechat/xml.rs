//! The XML that comes back from a callback, as JSON.
//!
//! Elements become objects, text becomes strings, repeated names become arrays. Attributes are skipped; what is not
//! well-formed is refused, and a document type with it.

use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// What is inside the document's one element; `None` if it is not well-formed.
pub(crate) fn read(text: &str) -> Option<Value> {
    let document = Document::parse(text).ok()?;
    Some(value(document.root_element()))
}

fn value(element: Node<'_, '_>) -> Value {
    let mut children = Map::new();
    for child in element.children().filter(Node::is_element) {
        insert(&mut children, child.tag_name().name(), value(child));
    }
    if children.is_empty() {
        let texts = element.children().filter(Node::is_text).filter_map(|text| text.text());
        Value::String(texts.collect())
    } else {
        Value::Object(children)
    }
}

fn insert(children: &mut Map<String, Value>, name: &str, value: Value) {
    match children.get_mut(name) {
        None => {
            children.insert(name.to_owned(), value);
        }
        Some(Value::Array(several)) => several.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_text_and_repetition_are_read() {
        for (text, expected) in [
            ("<xml><A>1</A></xml>", json!({"A": "1"})),
            (
                "<?xml version=\"1.0\"?>\n<xml> <A><![CDATA[a<b]]></A>\n<B/></xml>\n",
                json!({"A": "a<b", "B": ""}),
            ),
            ("<xml><A>&lt;&#20320;&#x4f60;&amp;</A></xml>", json!({"A": "<你你&"})),
            ("<xml><L><T>1</T></L><L><T>2</T></L></xml>", json!({"L": [{"T": "1"}, {"T": "2"}]})),
            ("<xml a=\"1\"><A><!-- no text -->1</A>\n</xml>", json!({"A": "1"})),
            ("<xml><A><![CDATA[x]]]]><![CDATA[>y]]></A></xml>", json!({"A": "x]]>y"})),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_well_formed_or_has_a_document_type_is_refused() {
        for text in [
            "",
            "success",
            "<xml>",
            "<xml><A></xml></A>",
            "<xml></xml>junk",
            "<xml></xml><xml></xml>",
            "<xml>&nbsp;</xml>",
            "<xml><A>a & b</A></xml>",
            "<xml><A><![CDATA[a</A></xml>",
            "<!DOCTYPE xml [<!ENTITY a \"b\">]><xml>&a;</xml>",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
