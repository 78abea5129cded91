//! A small reader for the XML that comes back from a callback.
//!
//! Elements become JSON objects, text becomes strings, repeated names become arrays. Attributes are skipped;
//! anything that is not well-formed is refused.

use serde_json::{Map, Value};

/// What is inside the document's one element; `None` if it is not well-formed.
pub(crate) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    reader.skip_prologue()?;
    let (_, value) = reader.element()?;
    reader.skip_prologue()?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip_prologue(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start();
            if self.eat("<?") {
                self.until("?>")?;
            } else if self.eat("<!--") {
                self.until("-->")?;
            } else {
                return Some(());
            }
        }
    }

    fn element(&mut self) -> Option<(&'a str, Value)> {
        if !self.eat("<") {
            return None;
        }
        let tag = self.until(">")?;
        let name = tag.trim_end_matches('/').split_whitespace().next()?;
        if tag.ends_with('/') {
            return Some((name, Value::String(String::new())));
        }
        let mut text = String::new();
        let mut children = Map::new();
        loop {
            if self.eat("</") {
                if self.until(">")?.trim_end() != name {
                    return None;
                }
                let value = if children.is_empty() { Value::String(text) } else { Value::Object(children) };
                return Some((name, value));
            } else if self.eat("<![CDATA[") {
                text.push_str(self.until("]]>")?);
            } else if self.eat("<!--") {
                self.until("-->")?;
            } else if self.rest.starts_with('<') {
                let (child, value) = self.element()?;
                insert(&mut children, child, value);
            } else {
                let end = self.rest.find('<')?;
                text.push_str(&unescape(&self.rest[..end])?);
                self.rest = &self.rest[end..];
            }
        }
    }

    fn eat(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn until(&mut self, end: &str) -> Option<&'a str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
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

fn unescape(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';')?;
        plain.push_str(before);
        plain.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            coded => {
                let number = coded.strip_prefix('#')?;
                let number = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(number)?
            }
        });
        rest = after;
    }
    plain.push_str(rest);
    Some(plain)
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
            ("<xml><A><![CDATA[x]]]]><![CDATA[>y]]></A></xml>", json!({"A": "x]]>y"})),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in ["", "success", "<xml>", "<xml><A></xml></A>", "<xml></xml>junk", "<xml>&nbsp;</xml>"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
