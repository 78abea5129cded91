//! WeChat's signature: SHA-1 over the parts, sorted as bytes and joined without separator, in lowercase hex
//! (docs/wechat.md §1.2). The token among the parts is the secret.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// A signature in lowercase hex.
pub(super) type Signature = [u8; 40];

/// Signs the parts; their order in the slice does not matter and is changed.
pub(super) fn sign(parts: &mut [&[u8]]) -> Signature {
    parts.sort_unstable();
    let mut digest = Sha1::new();
    for part in parts {
        digest.update(part);
    }
    let digest = digest.finalize();
    let mut hex = [0; 40];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(digest) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    hex
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Whether the parts sign to what was given, compared in constant time: by words, because the comparison keeps
/// the compiler from doing several bytes at a time.
pub(super) fn matches<const N: usize>(parts: [&str; N], given: &str) -> bool {
    let Ok(given) = Signature::try_from(given.as_bytes()) else {
        return false;
    };
    words(&sign(&mut parts.map(str::as_bytes))).ct_eq(&words(&given)).into()
}

fn words(signature: &Signature) -> [u64; 5] {
    let mut words = [0; 5];
    for (word, bytes) in words.iter_mut().zip(signature.as_chunks::<8>().0) {
        *word = u64::from_ne_bytes(*bytes);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_sorts_its_parts_as_bytes() {
        let expect = *b"9f537aeb751ec72605f57f94a2f6dc3e3958e1dd";
        assert_eq!(sign(&mut [b"123", b"345"]), expect);
        assert_eq!(sign(&mut [b"345", b"123"]), expect);
    }
}
