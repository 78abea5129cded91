//! What distinguishes a callback from every other callback of its account (docs/wechat.md §1.7).
//!
//! A repeat has the same document under a new timestamp, nonce and ciphertext, so the identity is made of the
//! document alone: sender and MsgId for a message; sender, time, name and a digest of every other field for an
//! event, because one person can cause two events within one second.

use std::fmt::Write as _;

use sha1::{Digest, Sha1};

use super::{Callback, Content};
use crate::document::{Fields, Node};

/// How long an identity may be: it becomes part of a database key.
const MAX_IDENTITY: usize = 128;

/// Fields that the identity already has in clear, or that differ from one delivery to the next.
const NOT_DISTINGUISHING: [&str; 6] =
    ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "Encrypt"];

/// A digest of all distinguishing fields, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 20]);

impl Fingerprint {
    /// `None` when there is nothing to distinguish; an empty field is the same as none, because a plain follow
    /// comes with an empty EventKey or without one.
    pub(super) fn of(fields: &Fields<'_>) -> Option<Self> {
        let mut digest = None;
        for (name, value) in fields.iter().filter(|(name, _)| !NOT_DISTINGUISHING.contains(name)) {
            digest_value(&mut digest, name, value);
        }
        digest.map(|digest| Self(digest.finalize().into()))
    }
}

fn digest_value(digest: &mut Option<Sha1>, name: &str, value: &Node<'_>) {
    match value {
        Node::Text(text) if text.is_empty() => {}
        Node::Text(text) => digest_text(digest, name, text),
        Node::Number(number) => digest_text(digest, name, &number.to_string()),
        Node::Fields(fields) => fields.iter().for_each(|(name, value)| digest_value(digest, name, value)),
        Node::Items(items) => items.iter().for_each(|item| digest_value(digest, name, item)),
    }
}

/// Lengths first: no two lists of fields give the same bytes.
fn digest_text(digest: &mut Option<Sha1>, name: &str, text: &str) {
    let digest = digest.get_or_insert_with(Sha1::new);
    for part in [name, text] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
}

impl Callback {
    /// What distinguishes this callback from every other callback of this account: at most 128 ASCII characters
    /// without white space, the same in every repeat, whatever way it was encrypted.
    pub fn identity(&self) -> String {
        let sender = self.from.as_str();
        let mut identity = match &self.content {
            Content::Message { msgid, .. } if !msgid.as_str().is_empty() => format!("{sender}:{msgid}"),
            Content::Message { message, .. } => {
                format!("{sender}:{}:{}", self.create_time, message.msg_type())
            }
            Content::Event(event) => {
                format!("{sender}:{}:{}", self.create_time, event.name().to_ascii_lowercase())
            }
        };
        if let Some(fingerprint) = &self.fingerprint {
            identity.push(':');
            push_hex(&mut identity, &fingerprint.0);
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
