//! WeChat's side of the callback, written apart from the crate: seals callbacks, opens answers.

use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha1::{Digest, Sha1};
use wechat::{AppId, CallbackAccount, CallbackMode, CallbackQuery, CallbackToken, EncodingAesKey};

pub(crate) const NOW: i64 = 1_714_112_445;
pub(crate) const NONCE: &str = "415670741";
pub(crate) const TOKEN: &str = "pamtest";
pub(crate) const APPID: &str = "wxb11529c136998cb6";
pub(crate) const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
pub(crate) const OTHER_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}

pub(crate) fn account(mode: CallbackMode) -> CallbackAccount {
    CallbackAccount {
        appid: AppId::from(APPID),
        callback_token: CallbackToken::from(TOKEN),
        encoding_aes_key: EncodingAesKey::parse(KEY).expect("a key"),
        previous_encoding_aes_key: None,
        mode,
    }
}

pub(crate) fn sha1_of(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort();
    Sha1::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 32 bytes of a key. Its last character is read as if the two bits it has too many were zero.
pub(crate) fn key_bytes(key: &str) -> [u8; 32] {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = ALPHABET.find(&key[42..]).expect("a base64 character") & !3;
    let key = format!("{}{}=", &key[..42], &ALPHABET[last..=last]);
    STANDARD.decode(key).expect("base64").try_into().expect("32 bytes")
}

pub(crate) fn seal(key: &str, message: &[u8], appid: &str) -> String {
    let key = key_bytes(key);
    let mut bytes = b"0123456789abcdef".to_vec();
    bytes.extend((message.len() as u32).to_be_bytes());
    bytes.extend(message);
    bytes.extend(appid.as_bytes());
    let padding = 32 - bytes.len() % 32;
    bytes.extend(vec![padding as u8; padding]);
    seal_raw(&key, bytes)
}

pub(crate) fn seal_raw(key: &[u8; 32], mut bytes: Vec<u8>) -> String {
    let iv: [u8; 16] = key[..16].try_into().expect("16 bytes");
    let mut encryptor = cbc::Encryptor::<aes::Aes256>::new(key.into(), &iv.into());
    for block in bytes.chunks_exact_mut(16) {
        encryptor.encrypt_block(<&mut Array<u8, _>>::try_from(block).expect("16 bytes"));
    }
    STANDARD.encode(bytes)
}

/// The message in an `Encrypt`, after checking that it says it is from `APPID`.
pub(crate) fn unseal(key: &str, sealed: &str) -> String {
    let key = key_bytes(key);
    let iv: [u8; 16] = key[..16].try_into().expect("16 bytes");
    let mut bytes = STANDARD.decode(sealed).expect("base64");
    let mut decryptor = cbc::Decryptor::<aes::Aes256>::new(&key.into(), &iv.into());
    for block in bytes.chunks_exact_mut(16) {
        decryptor.decrypt_block(<&mut Array<u8, _>>::try_from(block).expect("16 bytes"));
    }
    let padding = usize::from(*bytes.last().expect("padding"));
    bytes.truncate(bytes.len() - padding);
    let length = u32::from_be_bytes(bytes[16..20].try_into().expect("4 bytes")) as usize;
    assert_eq!(&bytes[20 + length..], APPID.as_bytes());
    String::from_utf8(bytes[20..20 + length].to_vec()).expect("text")
}

/// The query of an encrypted callback.
pub(crate) fn signed(sealed: &str) -> CallbackQuery {
    let timestamp = NOW.to_string();
    CallbackQuery::parse(&format!(
        "signature={}&timestamp={timestamp}&nonce={NONCE}&openid=o1&encrypt_type=aes&msg_signature={}",
        sha1_of(&[TOKEN, &timestamp, NONCE]),
        sha1_of(&[TOKEN, &timestamp, NONCE, sealed]),
    ))
}

/// The query of a callback in clear.
pub(crate) fn signed_plain() -> CallbackQuery {
    let timestamp = NOW.to_string();
    let signature = sha1_of(&[TOKEN, &timestamp, NONCE]);
    CallbackQuery::parse(&format!("signature={signature}&timestamp={timestamp}&nonce={NONCE}"))
}

/// The body of an encrypted callback, in the format of what it carries.
pub(crate) fn envelope(message: &str, sealed: &str) -> String {
    if message.trim_start().starts_with('<') {
        format!("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>")
    } else {
        format!(r#"{{"ToUserName":"gh_1","Encrypt":"{sealed}"}}"#)
    }
}
