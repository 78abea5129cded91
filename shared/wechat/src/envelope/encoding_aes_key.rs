//! The key of the encrypted modes: AES-256-CBC with WeChat's own padding (docs/wechat.md §1.5).
//!
//! ```text
//! Encrypt = base64( AES-256-CBC( random:16 ‖ length:4, big-endian ‖ message ‖ appid ‖ padding ) )
//! ```
//! Two surprises: the initialisation vector is the head of the key, and the padding is PKCS#7 to blocks of 32
//! bytes, not 16, so a stock unpadder refuses half of all callbacks.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use serde::de::{Deserialize, Deserializer, Error};

use super::CallbackError;
use crate::{AppId, InChinese};

/// WeChat pads to multiples of this, with 1 to 32 bytes.
const PADDING_BLOCK: usize = 32;

/// The length of the random head of a plaintext.
const RANDOM: usize = 16;

/// The length of head and message length together.
const HEAD: usize = RANDOM + 4;

/// Room for a usual reply, so that writing it allocates once.
const USUAL_PLAINTEXT: usize = 768;

/// An EncodingAESKey has 43 characters: 32 bytes in base64 without the `=`, of whose last character two bits
/// are left over. WeChat fills them with anything.
const KEY_BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// The number of characters of a key as the console shows it.
const KEY_CHARACTERS: usize = 43;

/// A key shared with WeChat, ready for use: its schedules are computed once. Cheap to clone.
#[derive(Clone)]
pub struct EncodingAesKey(Arc<Schedules>);

struct Schedules {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
    initialisation_vector: Array<u8, U16>,
}

/// A text that is no EncodingAESKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is cut off or has something added.
    #[error("an EncodingAESKey has 43 characters")]
    Length,
    /// It has other characters than letters and digits.
    #[error("an EncodingAESKey has letters and digits only")]
    Alphabet,
}

impl InChinese for KeyError {
    fn in_chinese(&self) -> String {
        match self {
            Self::Length => "EncodingAESKey 是 43 个字符",
            Self::Alphabet => "EncodingAESKey 只有字母和数字",
        }
        .to_owned()
    }
}

impl EncodingAesKey {
    /// Reads a key as WeChat's console shows it.
    ///
    /// # Errors
    /// When it is no such key.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() != KEY_CHARACTERS {
            return Err(KeyError::Length);
        }
        let key = KEY_BASE64.decode(text).map_err(|_| KeyError::Alphabet)?;
        let key: [u8; 32] = key.try_into().map_err(|_| KeyError::Length)?;
        let mut initialisation_vector = Array::default();
        initialisation_vector.copy_from_slice(&key[..16]);
        Ok(Self(Arc::new(Schedules {
            encrypt: Aes256Enc::new(&key.into()),
            decrypt: Aes256Dec::new(&key.into()),
            initialisation_vector,
        })))
    }

    /// Decrypts an `Encrypt` meant for this appid and hands its message to `read`, without copying it.
    pub(super) fn decrypt<T>(
        &self,
        sealed: &str,
        appid: &AppId,
        read: impl FnOnce(&[u8]) -> Result<T, CallbackError>,
    ) -> Result<T, CallbackError> {
        let mut bytes = STANDARD.decode(sealed).map_err(|_| CallbackError::Undecryptable)?;
        if bytes.is_empty() || bytes.len() % PADDING_BLOCK != 0 {
            return Err(CallbackError::Undecryptable);
        }
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Decryptor::inner_iv_init(&self.0.decrypt, &self.0.initialisation_vector).decrypt_blocks(blocks);
        let (message, receiver) = parts(&bytes).ok_or(CallbackError::Undecryptable)?;
        if &bytes[receiver] != appid.as_str().as_bytes() {
            return Err(CallbackError::ForeignAppid);
        }
        read(&bytes[message])
    }

    /// Encrypts the message that `write` writes, from this appid, and appends the text of its `Encrypt`.
    pub(super) fn encrypt(
        &self,
        random: [u8; RANDOM],
        appid: &AppId,
        write: impl FnOnce(&mut Vec<u8>),
        out: &mut Vec<u8>,
    ) {
        let mut bytes = Vec::with_capacity(USUAL_PLAINTEXT);
        bytes.extend_from_slice(&random);
        bytes.extend_from_slice(&[0; 4]);
        write(&mut bytes);
        let length = u32::try_from(bytes.len() - HEAD).expect("a reply is far below four gigabytes");
        bytes[RANDOM..HEAD].copy_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(appid.as_str().as_bytes());
        let padding = PADDING_BLOCK - bytes.len() % PADDING_BLOCK;
        bytes.resize(bytes.len() + padding, padding as u8);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Encryptor::inner_iv_init(&self.0.encrypt, &self.0.initialisation_vector).encrypt_blocks(blocks);
        let start = out.len();
        out.resize(start + bytes.len().div_ceil(3) * 4, 0);
        STANDARD
            .encode_slice(&bytes, &mut out[start..])
            .expect("base64 makes four characters of three bytes");
    }
}

/// Where in a plaintext the message is, and the receiver's appid behind it.
fn parts(plaintext: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let padding = usize::from(*plaintext.last()?);
    if padding == 0 || padding > PADDING_BLOCK {
        return None;
    }
    let end = plaintext.len().checked_sub(padding)?;
    if plaintext[end..].iter().any(|&byte| usize::from(byte) != padding) {
        return None;
    }
    let length = plaintext[..end].get(RANDOM..HEAD)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    let message_end = HEAD.checked_add(usize::try_from(length).ok()?)?;
    (message_end <= end).then_some((HEAD..message_end, message_end..end))
}

impl fmt::Debug for EncodingAesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodingAesKey([redacted])")
    }
}

impl<'de> Deserialize<'de> for EncodingAesKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_checked_byte_by_byte() {
        let plaintext = |length: u32, padding: &[u8]| {
            let mut bytes = vec![0; RANDOM];
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(b"msgwx1");
            bytes.extend_from_slice(padding);
            bytes
        };
        assert_eq!(parts(&plaintext(3, &[2, 2])), Some((20..23, 23..26)));
        assert_eq!(parts(&plaintext(3, &[32; 32])), Some((20..23, 23..26)));
        let refused: [(u32, &[u8]); 6] =
            [(3, &[0]), (3, &[33; 33]), (3, &[1, 2]), (7, &[1]), (u32::MAX, &[1]), (3, &[30])];
        for (length, padding) in refused {
            assert_eq!(parts(&plaintext(length, padding)), None, "{length} {padding:?}");
        }
        assert_eq!(parts(&[]), None);
    }
}
