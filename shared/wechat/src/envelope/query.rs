//! The query of a callback request.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::error::CallbackError;

/// What WeChat puts in the query. `openid` is not among it: nothing covers it, so nothing may rely on it.
///
/// `Debug` names the parameters that are there, without values: in plaintext mode a signature from a log would
/// sign any body for five minutes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CallbackQuery {
    /// Covers token, timestamp and nonce.
    pub signature: Option<String>,
    /// Covers the ciphertext as well.
    pub msg_signature: Option<String>,
    /// Unix seconds, ten digits.
    pub timestamp: Option<String>,
    /// Any text.
    pub nonce: Option<String>,
    /// What the check of the address wants back.
    pub echostr: Option<String>,
    /// `aes` when the body carries ciphertext; `raw` or absent when it is in clear.
    pub encrypt_type: Option<String>,
}

impl CallbackQuery {
    /// Reads a raw query, with or without its `?`. Of a repeated parameter the first counts; unknown ones are
    /// skipped.
    pub fn parse(raw_query: &str) -> Self {
        let mut query = Self::default();
        let raw_query = raw_query.strip_prefix('?').unwrap_or(raw_query);
        for pair in raw_query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let parameter = match name {
                "signature" => &mut query.signature,
                "msg_signature" => &mut query.msg_signature,
                "timestamp" => &mut query.timestamp,
                "nonce" => &mut query.nonce,
                "echostr" => &mut query.echostr,
                "encrypt_type" => &mut query.encrypt_type,
                _ => continue,
            };
            if parameter.is_none() {
                *parameter = Some(decode(value));
            }
        }
        query
    }

    /// Whether what WeChat always sends is there and has its form; whether it is true is another question.
    pub fn looks_like_wechats(&self) -> bool {
        let is_signature = |text: &String| {
            text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_timestamp = |text: &String| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        self.signature.as_ref().is_some_and(is_signature)
            && self.msg_signature.as_ref().is_none_or(is_signature)
            && self.timestamp.as_ref().is_some_and(is_timestamp)
            && self.nonce.is_some()
    }
}

pub(super) fn required<'q>(
    parameter: &'q Option<String>,
    name: &'static str,
) -> Result<&'q str, CallbackError> {
    parameter.as_deref().ok_or(CallbackError::MissingParameter(name))
}

/// Form decoding: `+` is a space.
fn decode(value: &str) -> String {
    if !value.contains(['%', '+']) {
        return value.to_owned();
    }
    percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

impl fmt::Debug for CallbackQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = [
            ("signature", &self.signature),
            ("msg_signature", &self.msg_signature),
            ("timestamp", &self.timestamp),
            ("nonce", &self.nonce),
            ("echostr", &self.echostr),
            ("encrypt_type", &self.encrypt_type),
        ];
        let present = parameters.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name);
        f.write_str("CallbackQuery")?;
        f.debug_set().entries(present).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_parameters_are_found_in_any_order_and_decoded() {
        let query =
            CallbackQuery::parse("?nonce=a%20b&openid=o1&signature=s&signature=t&timestamp=1&echostr=43%2B7");
        assert_eq!(query.nonce.as_deref(), Some("a b"));
        assert_eq!(query.signature.as_deref(), Some("s"));
        assert_eq!(query.echostr.as_deref(), Some("43+7"));
        assert_eq!(query.msg_signature, None);
        assert_eq!(format!("{query:?}"), r#"CallbackQuery{"signature", "timestamp", "nonce", "echostr"}"#);
    }

    #[test]
    fn query_of_wechats_has_a_signature_a_time_and_a_nonce() {
        let signature = "9f537aeb751ec72605f57f94a2f6dc3e3958e1dd";
        let upper = signature.to_uppercase();
        for (query, looks_right) in [
            (format!("signature={signature}&timestamp=1714036504&nonce=x"), true),
            (format!("signature={signature}&timestamp=1714036504&nonce=x&msg_signature={signature}"), true),
            (format!("signature={signature}&timestamp=1714036504&nonce=x&msg_signature=a"), false),
            (format!("signature={upper}&timestamp=1714036504&nonce=x"), false),
            (format!("signature={signature}&timestamp=&nonce=x"), false),
            (format!("signature={signature}&timestamp=-1&nonce=x"), false),
            (format!("signature={signature}&timestamp=17140365040&nonce=x"), false),
            (format!("signature={signature}&timestamp=1714036504"), false),
            ("signature=a&timestamp=1714036504&nonce=1".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(CallbackQuery::parse(&query).looks_like_wechats(), looks_right, "{query}");
        }
    }
}
