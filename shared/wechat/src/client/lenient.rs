//! Reads WeChat's fields as they come: numbers that are now and then strings, and empty text for nothing.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};
use serde_json::Value;

use crate::{MsgId, UnionId};

/// A number, written as number or string.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(maybe_number(deserializer)?.unwrap_or(0))
}

/// A number, written as number or string; `null` and empty text are none.
pub(super) fn maybe_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct NumberOrText;

    impl Visitor<'_> for NumberOrText {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, or a number in a string")
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Option<i64>, E> {
            Ok(Some(number))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Option<i64>, E> {
            i64::try_from(number).map(Some).map_err(E::custom)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Option<i64>, E> {
            match text.trim() {
                "" => Ok(None),
                text => text.parse().map(Some).map_err(E::custom),
            }
        }

        fn visit_unit<E: Error>(self) -> Result<Option<i64>, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(NumberOrText)
}

/// The entries of a list that can be read: one that cannot costs no other.
pub(super) fn readable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let entries = Vec::<Value>::deserialize(deserializer)?;
    Ok(entries.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect())
}

/// An identifier of a person, in which nothing means none; so does what is no text, or longer than any of WeChat's.
pub(super) fn maybe_unionid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnionId>, D::Error> {
    Ok(maybe_text(deserializer)?.and_then(UnionId::of_wechats))
}

/// The id of a message that was taken; none when it cannot be one. What is wrong with it must not make anybody believe
/// that the message was not taken.
pub(super) fn maybe_msgid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MsgId>, D::Error> {
    Ok(maybe_text(deserializer)?.and_then(MsgId::of_wechats).filter(|msgid| !msgid.is_zero()))
}

/// Text in which nothing means none. A number is its text; whatever else is none, because it is never what an answer is
/// asked for.
pub(super) fn maybe_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    let text = match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    Ok(Some(text).filter(|text| !text.is_empty()).map(T::from))
}
