//! A digest of what a callback says beyond sender, time and kind.

use sha1::{Digest, Sha1};

use crate::document::{Fields, Node};

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

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
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
