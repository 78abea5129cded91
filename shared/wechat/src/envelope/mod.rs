//! The callback: is this WeChat, what does it say, and how is it answered (docs/wechat.md §1; docs/design.md §6).
//!
//! The mode is pinned per account. A signature in the query covers no body, so in the encrypted modes only what
//! was decrypted is acted on, and only under `msg_signature`. Nonces are not remembered: repeats are recognised
//! by [`Callback::identity`](crate::Callback::identity).

mod answer;
mod encoding_aes_key;
mod error;
mod query;
mod sent;
mod signature;
#[cfg(test)]
mod vectors;

use jiff::Timestamp;
use serde::Deserialize;

pub use answer::{Answer, Exchange};
pub use encoding_aes_key::{EncodingAesKey, KeyError};
pub use error::CallbackError;
pub use query::CallbackQuery;
pub use sent::MAX_CLOCK_SKEW_S;

use crate::document::{self, Fields, Format};
use crate::{AppId, Callback, CallbackToken, Malformation};
use answer::Seal;
use query::required;
use sent::Sent;

/// How long the body of a callback may be. WeChat's longest, in compatible mode, are a tenth of it (docs/design.md §6).
pub const MAX_CALLBACK_BYTES: usize = 256 * 1024;

/// How an account's callbacks are protected; a choice in WeChat's console, pinned here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackMode {
    /// Encrypted (安全模式).
    #[default]
    Secure,
    /// Encrypted and in clear at once (兼容模式); the clear part is ignored.
    Compatible,
    /// In clear (明文模式): the body is not authenticated at all.
    Plaintext,
}

/// What one account shares with WeChat for its callbacks.
#[derive(Debug, Clone)]
pub struct CallbackAccount {
    /// Who we are; the end of every ciphertext must say the same.
    pub appid: AppId,
    /// Signs the query.
    pub callback_token: CallbackToken,
    /// Encrypts the body.
    pub encoding_aes_key: EncodingAesKey,
    /// The key before the last change; WeChat may use it for a while.
    pub previous_encoding_aes_key: Option<EncodingAesKey>,
    /// What WeChat's console is set to.
    pub mode: CallbackMode,
}

impl CallbackAccount {
    /// Answers WeChat's check of the callback's address: the echostr, to be sent back verbatim.
    ///
    /// It is in clear in all three modes (docs/wechat.md §1.2).
    ///
    /// # Errors
    /// When the request does not come from WeChat, or not from now.
    pub fn verify_url(&self, query: &CallbackQuery, now: Timestamp) -> Result<String, CallbackError> {
        let echostr = query.echostr.as_deref().ok_or(CallbackError::MissingParameter("echostr"))?;
        self.check_query(query, now)?;
        Ok(echostr.to_owned())
    }

    /// Opens a callback: checks it, decrypts it, reads it.
    ///
    /// # Errors
    /// When it does not come from WeChat, is not from now, not meant for this account or cannot be read.
    /// Nothing must be done then.
    pub fn open(
        &self,
        query: &CallbackQuery,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Exchange, CallbackError> {
        if body.len() > MAX_CALLBACK_BYTES {
            return Err(CallbackError::NotWechats(Malformation::TooLong));
        }
        match self.mode {
            CallbackMode::Plaintext => self.open_plain(query, body, now),
            CallbackMode::Secure | CallbackMode::Compatible => self.open_sealed(query, body, now),
        }
    }

    /// A callback in clear. One of compatible mode, which has every field in clear as well, is taken too: so an
    /// account can change from clear to encrypted without losing a callback on the way.
    fn open_plain(
        &self,
        query: &CallbackQuery,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Exchange, CallbackError> {
        let sent = self.check_query(query, now)?;
        let (format, fields) = document::parse(body).map_err(CallbackError::Malformed)?;
        if fields.text("MsgType").is_none() && fields.text("Encrypt").is_some() {
            return Err(CallbackError::WrongMode);
        }
        Ok(Exchange { callback: sent.dates(Callback::from_fields(&fields))?, format, seal: None })
    }

    fn open_sealed(
        &self,
        query: &CallbackQuery,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Exchange, CallbackError> {
        if query.encrypt_type.as_deref() != Some("aes") {
            // Only who signs as WeChat does is told apart: a stranger's request says nothing about the mode.
            self.check_query(query, now)?;
            return Err(CallbackError::WrongMode);
        }
        let msg_signature = required(&query.msg_signature, "msg_signature")?;
        let sent = Sent::of(query, now)?;
        let envelope = document::parse_encrypt(body).map_err(CallbackError::NotWechats)?;
        let sealed = envelope.trim();
        if sealed.is_empty() {
            return Err(CallbackError::NotWechats(Malformation::NoEncrypt));
        }
        let signed = [self.callback_token.expose(), sent.timestamp, sent.nonce, sealed];
        if !signature::matches(signed, msg_signature) {
            return Err(CallbackError::BadSignature);
        }
        let (key, format, callback) = self.decrypt(sealed)?;
        let seal = Seal {
            appid: self.appid.clone(),
            callback_token: self.callback_token.clone(),
            encoding_aes_key: key.clone(),
            nonce: sent.nonce.to_owned(),
        };
        Ok(Exchange { callback: sent.dates(callback)?, format, seal: Some(seal) })
    }

    /// Decrypts with the current key, else with the previous one; says which it was.
    fn decrypt(&self, sealed: &str) -> Result<(&EncodingAesKey, Format, Callback), CallbackError> {
        let with = |key: &EncodingAesKey| {
            key.decrypt(sealed, &self.appid, |message| {
                let (format, fields): (Format, Fields<'_>) =
                    document::parse(message).map_err(CallbackError::Malformed)?;
                Ok((format, Callback::from_fields(&fields)))
            })
        };
        let current = &self.encoding_aes_key;
        match (with(current), &self.previous_encoding_aes_key) {
            (Ok((format, callback)), _) => Ok((current, format, callback)),
            (Err(error), Some(previous)) if error.is_signature() => {
                let (format, callback) = with(previous)?;
                Ok((previous, format, callback))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Checks the signature that covers the query alone.
    fn check_query<'q>(&self, query: &'q CallbackQuery, now: Timestamp) -> Result<Sent<'q>, CallbackError> {
        let expected = required(&query.signature, "signature")?;
        let sent = Sent::of(query, now)?;
        let signed = [self.callback_token.expose(), sent.timestamp, sent.nonce];
        if signature::matches(signed, expected) { Ok(sent) } else { Err(CallbackError::BadSignature) }
    }
}
