//! What distinguishes a callback from every other callback of its account (docs/wechat.md §1.7).
//!
//! A repeat has the same document under a new timestamp, nonce and ciphertext, so the identity is made of the
//! document alone: sender and MsgId for a message; sender, time, name and a digest of every other field for an
//! event, because one person can cause two events within one second.

use std::fmt::Write as _;

use sha1::{Digest, Sha1};

use super::{Callback, Content};

/// How long an identity may be: it becomes part of a database key.
const MAX_IDENTITY: usize = 128;

impl Callback {
    /// What distinguishes this callback from every other callback of this account: at most 128 ASCII characters
    /// without white space, the same in every repeat, whatever way it was encrypted.
    pub fn identity(&self) -> String {
        let sender = self.from.as_str();
        let create_time = if self.is_dated { self.create_time } else { 0 };
        let mut identity = match &self.content {
            Content::Message { msgid, .. } if !msgid.as_str().is_empty() => format!("{sender}:{msgid}"),
            Content::Message { message, .. } => {
                format!("{sender}:{create_time}:{}", message.msg_type())
            }
            Content::Event(event) => {
                format!("{sender}:{create_time}:{}", event.name().to_ascii_lowercase())
            }
        };
        if let Some(fingerprint) = &self.fingerprint {
            identity.push(':');
            push_hex(&mut identity, fingerprint.bytes());
        }
        if identity.len() > MAX_IDENTITY || !identity.bytes().all(|byte| byte.is_ascii_graphic()) {
            let digest = Sha1::digest(&identity);
            identity.clear();
            push_hex(&mut identity, &digest);
        }
        identity
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String takes everything");
    }
}
