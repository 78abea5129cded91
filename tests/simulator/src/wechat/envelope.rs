//! A document in the envelope in which WeChat posts it, and an answer out of its own (docs/wechat.md §1.3–§1.6).
//!
//! Public, so that tests can post what this platform would not: forgeries, replays, documents of other shapes.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::accounts::{Account, AccountName, Format, Mode};
use super::crypto::{AesKey, sign};
use super::document::{Field, to_json, to_xml};
use super::reply;

/// One POST to a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// In wire order, not yet escaped; nothing in it needs to be.
    pub query: Vec<(&'static str, String)>,
    pub content_type: &'static str,
    pub body: String,
}

impl Envelope {
    pub fn query_string(&self) -> String {
        let pairs: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

impl AccountName {
    /// The path of this account's callback.
    pub fn path(self) -> &'static str {
        self.callback_path()
    }
}

impl Account {
    /// Wraps `document`, which is in `format`, as this account's mode says. `random` heads the ciphertext. What is no
    /// text comes through encrypted only; in clear it is made text.
    ///
    /// # Panics
    /// When the account's EncodingAESKey is no key.
    pub fn wrap(
        &self,
        format: Format,
        document: impl AsRef<[u8]>,
        openid: &str,
        at: Timestamp,
        nonce: &str,
        random: [u8; 16],
    ) -> Envelope {
        let document = document.as_ref();
        let clear = String::from_utf8_lossy(document);
        let timestamp = at.as_second().to_string();
        let mut query = vec![
            ("signature", sign(&[&self.callback_token, &timestamp, nonce])),
            ("timestamp", timestamp.clone()),
            ("nonce", nonce.to_owned()),
            ("openid", openid.to_owned()),
        ];
        let body = match self.mode {
            Mode::Plaintext => clear.into_owned(),
            Mode::Compatible | Mode::Secure => {
                let key = AesKey::from_console(&self.encoding_aes_key).expect("43 letters and digits");
                let encrypted = key.seal(random, document, &self.appid);
                let signature = sign(&[&self.callback_token, &timestamp, nonce, &encrypted]);
                query.push(("encrypt_type", "aes".to_owned()));
                query.push(("msg_signature", signature));
                self.envelope(format, &clear, encrypted)
            }
        };
        let content_type = match format {
            Format::Xml => "text/xml",
            Format::Json => "application/json",
        };
        Envelope { query, content_type, body }
    }

    /// The ciphertext, and in compatible mode every field in clear before it.
    fn envelope(&self, format: Format, document: &str, encrypted: String) -> String {
        let to = ("ToUserName".to_owned(), Field::text(self.original_id.as_str()));
        let sealed = ("Encrypt".to_owned(), Field::text(encrypted));
        match (self.mode, format) {
            (Mode::Compatible, Format::Xml) => {
                let sealed = to_xml(&[sealed]);
                format!("{}{}", document.trim_end().trim_end_matches("</xml>"), &sealed["<xml>".len()..])
            }
            (Mode::Compatible, Format::Json) => {
                let clear = document.trim_end().strip_suffix('}').unwrap_or(document);
                format!("{clear},{}", &to_json(&[sealed])[1..])
            }
            (_, Format::Xml) => to_xml(&[to, sealed]),
            (_, Format::Json) => to_json(&[to, sealed]),
        }
    }

    /// The fields of an answer that is a document in `format`, decrypted if it was encrypted; the flag says whether.
    /// In words why WeChat would not take it.
    pub fn unwrap_answer(&self, format: Format, answer: &[u8]) -> Result<(Map<String, Value>, bool), String> {
        let account = Self { format, ..self.clone() };
        let text = std::str::from_utf8(answer).map_err(|_| "the answer is not UTF-8")?;
        let outer = reply::document(text, format)?;
        if !outer.contains_key("Encrypt") {
            return Ok((outer, false));
        }
        Ok((reply::document(&reply::open(&outer, &account)?, format)?, true))
    }
}
