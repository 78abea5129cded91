//! The platform's identifiers, one newtype each, so that an openid is never taken for a template id.
//!
//! All are opaque text. [`OpenId`] and [`UnionId`] name a person: they have no `Display`, and their `Debug`
//! shows four characters, so that `{:?}` in a log line is harmless.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

/// How long an identifier may be, in bytes. An openid has 28 characters, and WeChat's longest (message ids of cloud
/// functions) some sixty; they become parts of database keys, which have an end.
pub(crate) const MAX_IDENTIFIER: usize = 128;

/// What all identifiers have in common: text in, text out.
macro_rules! identifier {
    ($name:ident) => {
        impl $name {
            /// The identifier as WeChat writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

/// An identifier that may be shown.
macro_rules! public_identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, DeriveDeserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        identifier!($name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }
    };
}

/// An identifier of a person: never printed in full.
macro_rules! personal_identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        identifier!($name);

        impl $name {
            /// What WeChat wrote, unless it is empty or longer than any of its identifiers.
            pub fn of_wechats(text: String) -> Option<Self> {
                (1..=MAX_IDENTIFIER).contains(&text.len()).then_some(Self(text))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::of_wechats(text).ok_or_else(|| D::Error::custom(concat!("no ", stringify!($name))))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown: String = self.0.chars().take(4).collect();
                write!(f, concat!(stringify!($name), "({}…)"), shown.escape_debug())
            }
        }
    };
}

personal_identifier! {
    /// A user within one account. The same person has another one at every account.
    OpenId
}
personal_identifier! {
    /// A user across the accounts of one Open Platform account.
    UnionId
}
public_identifier! {
    /// A mini program or a service account (`wx…`).
    AppId
}
public_identifier! {
    /// The name by which callbacks address an account (`gh_…`); not the [`AppId`].
    OriginalId
}
public_identifier! {
    /// A message template that an account has chosen.
    TemplateId
}
public_identifier! {
    /// Uploaded media; lives three days, bound to the account that uploaded it.
    MediaId
}

/// A message, one way or the other: decimal text, up to 2^63 (some callbacks carry text that is no number).
///
/// Reads a JSON number or a JSON string, always writes a string: as a JSON number it would lose digits in
/// programs that count in doubles.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct MsgId(String);

identifier!(MsgId);

impl MsgId {
    /// What WeChat wrote, unless it is empty or longer than any id of a message: such a receipt tells of no message.
    pub fn of_wechats(text: String) -> Option<Self> {
        (1..=MAX_IDENTIFIER).contains(&text.len()).then_some(Self(text))
    }

    /// Whether it is the `0` that some receipts carry instead of an id (docs/wechat.md §10.4).
    pub fn is_zero(&self) -> bool {
        self.0 == "0"
    }
}

impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MsgId({:?})", self.0)
    }
}

impl<'de> Deserialize<'de> for MsgId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = MsgId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message id, as a number or a string")
            }

            fn visit_i64<E: Error>(self, id: i64) -> Result<MsgId, E> {
                Ok(MsgId(id.to_string()))
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<MsgId, E> {
                Ok(MsgId(id.to_string()))
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<MsgId, E> {
                Ok(MsgId(id.to_owned()))
            }

            fn visit_string<E: Error>(self, id: String) -> Result<MsgId, E> {
                Ok(MsgId(id))
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_person_are_never_printed_in_full() {
        assert_eq!(format!("{:?}", OpenId::from("o9AgO5Kd5ggOC-bXrbNODIiE3bGY")), "OpenId(o9Ag…)");
        assert_eq!(format!("{:?}", UnionId::from("用户统一标识符")), "UnionId(用户统一…)");
        assert_eq!(format!("{:?}", TemplateId::from("T1")), "TemplateId(\"T1\")");
    }

    #[test]
    fn identifiers_longer_than_wechats_are_none() {
        let of = |length: usize| "o".repeat(length);
        for (length, is_one) in
            [(0, false), (1, true), (28, true), (MAX_IDENTIFIER, true), (MAX_IDENTIFIER + 1, false)]
        {
            assert_eq!(OpenId::of_wechats(of(length)).is_some(), is_one, "{length}");
            assert_eq!(MsgId::of_wechats(of(length)).is_some(), is_one, "{length}");
            assert_eq!(serde_json::from_value::<UnionId>(of(length).into()).is_ok(), is_one, "{length}");
        }
    }

    #[test]
    fn message_ids_keep_every_digit_as_number_and_as_text() {
        let read = |json: &str| serde_json::from_str::<MsgId>(json).expect("an id").to_string();
        assert_eq!(read("9223372036854775807"), "9223372036854775807");
        assert_eq!(read("\"1864323726461255680\""), "1864323726461255680");
        assert_eq!(read("\"49d72d67b16d_1555684067\""), "49d72d67b16d_1555684067");
        assert!(serde_json::from_str::<MsgId>("1.5").is_err());
        assert_eq!(
            serde_json::to_string(&MsgId::from("4674045479742390277")).expect("json"),
            "\"4674045479742390277\""
        );
    }
}
