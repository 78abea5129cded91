//! Text that must not be seen: credentials and the callback token. Printed as `[redacted]`, wiped on drop,
//! never serialized, cheap to clone; whoever needs the value says `expose()`, which is easy to search for.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Arc<SecretString>);

        impl $name {
            /// The secret itself. Not for logs, errors or URLs that end up in either.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::new(SecretString::from(text)))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::new(SecretString::from(text)))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

secret! {
    /// The credential of API calls, of one account, for at most two hours (docs/wechat.md §5).
    AccessToken
}
secret! {
    /// What an account proves itself with when it asks for an [`AccessToken`].
    AppSecret
}
secret! {
    /// The key of one mini-program login; stays on the server (docs/wechat.md §6.1).
    SessionKey
}
secret! {
    /// The word shared with WeChat that signs every callback: "Token" in its console (docs/wechat.md §1.1).
    CallbackToken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_printed_redacted_and_compare_by_value() {
        assert_eq!(format!("{:?}", AccessToken::from("76_abc")), "AccessToken([redacted])");
        assert_eq!(AccessToken::from("a"), AccessToken::from("a".to_owned()));
        assert_ne!(AccessToken::from("a"), AccessToken::from("ab"));
    }
}
