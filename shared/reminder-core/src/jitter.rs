//! Spreading in time without randomness: the same push always lands on the same spot,
//! so that a simulated month can be repeated to the second.

use jiff::SignedDuration;

/// FNV-1a over the parts, each closed by a byte that no text contains.
pub(crate) fn hash(parts: &[&str]) -> u32 {
    parts
        .iter()
        .flat_map(|part| part.bytes().chain([0xff]))
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A whole number of seconds from zero up to and without `width`, fixed for these parts.
pub(crate) fn within(width: SignedDuration, parts: &[&str]) -> SignedDuration {
    let seconds = width.as_secs().max(1);
    // FNV's low bits follow the last bytes closely; fold the high half in.
    let hash = hash(parts);
    SignedDuration::from_secs(i64::from(hash ^ (hash >> 16)) % seconds)
}
