//! Reads the JSON of callbacks into the same fields as the XML: numbers and booleans become their text, `null`
//! is the same as absent.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::fields::{Budget, Fields, MAX_DEPTH, Node};
use super::malformation::Malformation;

/// Reads the members of the outermost object.
pub(super) fn parse(text: &str) -> Result<Fields<'_>, Malformation> {
    let mut budget = Budget::new();
    let mut refusal = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Value { depth: 0, budget: &mut budget, refusal: &mut refusal }
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value));
    match value {
        Ok(Some(Node::Fields(fields))) => Ok(fields),
        Ok(_) => Err(Malformation::NotAnObject),
        Err(_) => Err(refusal.unwrap_or(Malformation::IllFormedJson)),
    }
}

/// Reads the `Encrypt` of an envelope, empty when there is none.
pub(super) fn parse_encrypt(text: &str) -> Result<Cow<'_, str>, Malformation> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(default, borrow, rename = "Encrypt")]
        encrypt: Cow<'a, str>,
    }

    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| Malformation::IllFormedJson)?;
    Ok(envelope.encrypt)
}

/// One value at a depth, under the limits of the whole document. `refusal` keeps our own reason for stopping,
/// which the JSON reader would only turn into text.
struct Value<'b> {
    depth: usize,
    budget: &'b mut Budget,
    refusal: &'b mut Option<Malformation>,
}

impl Value<'_> {
    fn inner(&mut self) -> Value<'_> {
        Value { depth: self.depth + 1, budget: &mut *self.budget, refusal: &mut *self.refusal }
    }

    fn spend<E: Error>(&mut self) -> Result<(), E> {
        self.budget.spend().map_err(|refusal| {
            *self.refusal = Some(refusal);
            E::custom(refusal)
        })
    }

    fn check_depth<E: Error>(&mut self) -> Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        *self.refusal = Some(Malformation::TooDeep);
        Err(E::custom(Malformation::TooDeep))
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Option<Node<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Option<Node<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        let node = i64::try_from(number).map(Node::Number);
        Ok(Some(node.unwrap_or_else(|_| Node::Text(Cow::Owned(number.to_string())))))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Node::Number(number)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(Cow::Owned(number.to_string()))))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(Cow::Borrowed(if value { "true" } else { "false" }))))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self::Value, A::Error> {
        self.check_depth()?;
        let mut fields = Fields::with_usual_capacity();
        while let Some(name) = members.next_key_seed(Name)? {
            self.spend()?;
            if let Some(value) = members.next_value_seed(self.inner())? {
                fields.push(name, value);
            }
        }
        Ok(Some(Node::Fields(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<Self::Value, A::Error> {
        self.check_depth()?;
        let mut items = Vec::new();
        while let Some(item) = elements.next_element_seed(self.inner())? {
            self.spend()?;
            items.extend(item);
        }
        Ok(Some(Node::Items(items)))
    }
}

/// A member's name, borrowed unless it is written with escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_scalars_read_as_their_text() {
        let json = r#"{"A":1700827132819554304,"B":"x\/y 护照","C":-1,"D":true,"E":null,"F":{"G":[1,"2"]},"H":23.5,"I":18446744073709551615}"#;
        let fields = parse(json).expect("a document");
        let texts = ["A", "B", "C", "D", "E", "F", "H", "I"].map(|name| fields.string(name));
        let expect = [
            Some("1700827132819554304"),
            Some("x/y 护照"),
            Some("-1"),
            Some("true"),
            None,
            None,
            Some("23.5"),
            Some("18446744073709551615"),
        ];
        assert_eq!(texts, expect.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn json_that_is_not_one_plain_object_is_refused() {
        let deep = format!("{}{}", r#"{"a":"#.repeat(9), "}".repeat(9));
        let wide = format!("[{}1]", "1,".repeat(1_001));
        let table = [
            ("[]", Malformation::NotAnObject),
            ("{", Malformation::IllFormedJson),
            ("{}{}", Malformation::IllFormedJson),
            ("{\"a\":\"\u{1}\"}", Malformation::IllFormedJson),
            (&deep, Malformation::TooDeep),
            (&wide, Malformation::TooManyFields),
        ];
        for (json, expect) in table {
            assert_eq!(parse(json), Err(expect), "{json}");
        }
    }
}
