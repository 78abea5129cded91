//! A callback and the bytes it is answered with (docs/wechat.md §1.6).

use jiff::Timestamp;

use super::{EncodingAesKey, signature};
use crate::document::Format;
use crate::reply::{decimal, write_cdata, write_json};
use crate::{AppId, Callback, CallbackToken, Reply};

/// Room for a usual answer, so that writing it allocates once. Allocators hand out up to a kilobyte quickest.
const USUAL_ENVELOPE: usize = 1_024;

/// A callback that came from WeChat, together with what an answer to it needs.
#[derive(Debug)]
pub struct Exchange {
    /// The callback.
    pub callback: Callback,
    pub(super) format: Format,
    pub(super) seal: Option<Seal>,
}

/// How to encrypt the answer: with the key that opened the callback, which may be the previous one.
#[derive(Debug)]
pub(super) struct Seal {
    pub(super) appid: AppId,
    pub(super) callback_token: CallbackToken,
    pub(super) encoding_aes_key: EncodingAesKey,
    pub(super) nonce: String,
}

/// The answer to a callback: status 200, this body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The body.
    pub body: Vec<u8>,
    /// Its type.
    pub content_type: &'static str,
}

impl Answer {
    /// The bare word that WeChat takes for "done", in every mode and format.
    pub fn success() -> Self {
        Self { body: b"success".to_vec(), content_type: "text/plain" }
    }
}

impl Exchange {
    /// The answer to this callback, in the callback's own format, encrypted if the callback was.
    ///
    /// Without a reply it is the bare word `success`, never encrypted; so it is when the callback cannot take the
    /// reply (an empty text, a receipt, a transfer of an event): WeChat takes an impossible reply for a
    /// failure and repeats the callback. `random` is fresh for every answer; the plaintext of a repeat's answer is
    /// identical all the same.
    pub fn answer(&self, reply: Option<&Reply>, now: Timestamp, random: [u8; 16]) -> Answer {
        let Some(reply) = reply.filter(|reply| reply.suits(&self.callback)) else {
            return Answer::success();
        };
        let content_type = match self.format {
            Format::Xml => "text/xml; charset=utf-8",
            Format::Json => "application/json; charset=utf-8",
        };
        let body = match &self.seal {
            None => {
                let mut body = Vec::with_capacity(USUAL_ENVELOPE);
                reply.render(&self.callback, self.format, &mut body);
                body
            }
            Some(seal) => {
                seal.close(self.format, now, random, |out| reply.render(&self.callback, self.format, out))
            }
        };
        Answer { body, content_type }
    }
}

impl Seal {
    /// Encrypts what `write` writes, signs it and puts it in its envelope.
    fn close(
        &self,
        format: Format,
        now: Timestamp,
        random: [u8; 16],
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL_ENVELOPE);
        out.extend_from_slice(match format {
            Format::Xml => b"<xml><Encrypt><![CDATA[",
            Format::Json => b"{\"Encrypt\":\"",
        });
        let start = out.len();
        self.encoding_aes_key.encrypt(random, &self.appid, write, &mut out);
        let mut buffer = [0; 20];
        let timestamp = decimal(now.as_second(), &mut buffer);
        let mut signed =
            [self.callback_token.expose().as_bytes(), timestamp, self.nonce.as_bytes(), &out[start..]];
        let msg_signature = signature::sign(&mut signed);
        match format {
            Format::Xml => {
                out.extend_from_slice(b"]]></Encrypt><MsgSignature><![CDATA[");
                out.extend_from_slice(&msg_signature);
                out.extend_from_slice(b"]]></MsgSignature><TimeStamp>");
                out.extend_from_slice(timestamp);
                out.extend_from_slice(b"</TimeStamp><Nonce>");
                write_cdata(&mut out, &self.nonce);
                out.extend_from_slice(b"</Nonce></xml>");
            }
            Format::Json => {
                out.extend_from_slice(b"\",\"MsgSignature\":\"");
                out.extend_from_slice(&msg_signature);
                out.extend_from_slice(b"\",\"TimeStamp\":");
                out.extend_from_slice(timestamp);
                out.extend_from_slice(b",\"Nonce\":");
                write_json(&mut out, &self.nonce);
                out.push(b'}');
            }
        }
        out
    }
}
