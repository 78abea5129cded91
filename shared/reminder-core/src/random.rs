//! The one place where randomness is drawn: ids, nonces and tickets, never a decision.
//! What has to be spread out in time is spread by a hash, so that a run can be repeated.

/// `N` bytes from the operating system.
#[expect(clippy::disallowed_methods, reason = "this is the one place that draws randomness")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// How long ids are, those drawn here and those derived from a hash.
pub const ID_CHARS: usize = 20;

/// An id of 100 random bits in 20 characters of lower-case base32.
pub fn id() -> String {
    base32(&bytes::<13>(), ID_CHARS)
}

/// A short one, of 60 random bits: for what need only differ from others of one user, or of one item.
pub fn short_id() -> String {
    base32(&bytes::<8>(), 12)
}

/// Whether a text can be an id.
pub fn is_id(text: &str) -> bool {
    text.len() == ID_CHARS && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

/// The first `length` characters of `bytes` in lower-case base32 (`a`–`z`, `2`–`7`): safe in a schedule's
/// name, a URL path and a `client_msg_id` alike.
pub fn base32(bytes: &[u8], length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    (0..length)
        .map(|at| {
            let (byte, shift) = (at * 5 / 8, at * 5 % 8);
            let pair = (u16::from(bytes[byte]) << 8) | u16::from(bytes.get(byte + 1).copied().unwrap_or(0));
            char::from(ALPHABET[usize::from((pair >> (11 - shift)) & 31)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648_in_lower_case() {
        assert_eq!(base32(b"foobar", 9), "mzxw6ytbo");
        assert_eq!(base32(&[0xff; 13], 20), "7".repeat(20));
        assert!(is_id(&id()));
        for text in [
            "",
            "abc",
            "abcdefghij234567abc1",
            "ABCDEFGHIJ234567ABCD",
            "abcdefghij234567abcde",
            "护照护照护照护照护照护照护",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }
}
