//! Signatures and ciphertext of the message push, from docs/wechat.md §1.2–§1.6.
//!
//! Written apart from the product's own, so that one misreading cannot cancel itself out. The padding is
//! PKCS#7 with blocks of 32 bytes, which no stock unpadder accepts.

use aes::Aes256;
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use sha1::{Digest, Sha1};

/// The last of a key's 43 characters carries two bits that nobody reads; they may be anything.
const KEY_ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

const PADDED_TO: usize = 32;
const RANDOM_LENGTH: usize = 16;
const HEADER_LENGTH: usize = RANDOM_LENGTH + 4;

/// SHA-1 over the parts in byte order, lowercase hex.
pub(crate) fn sign(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    Sha1::digest(sorted.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was inside a ciphertext: the message and the appid behind it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) message: String,
    pub(crate) appid: String,
}

#[derive(Debug)]
pub(crate) struct AesKey([u8; 32]);

impl AesKey {
    /// From the 43 characters of the console; `None` if they are no key.
    pub(crate) fn from_console(encoding_aes_key: &str) -> Option<Self> {
        let decoded = KEY_ENGINE.decode(format!("{encoding_aes_key}=")).ok()?;
        Some(Self(decoded.try_into().ok()?))
    }

    /// `base64(aes-256-cbc(random(16) ‖ length(4, big-endian) ‖ message ‖ appid ‖ padding))`.
    pub(crate) fn seal(&self, random: [u8; RANDOM_LENGTH], message: impl AsRef<[u8]>, appid: &str) -> String {
        let message = message.as_ref();
        let length = u32::try_from(message.len()).expect("no push is longer than 4 GiB");
        let mut plain = random.to_vec();
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(message);
        plain.extend_from_slice(appid.as_bytes());
        let padding = PADDED_TO - plain.len() % PADDED_TO;
        plain.extend(std::iter::repeat_n(padding as u8, padding));

        let cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.initialization_vector().into());
        STANDARD.encode(cipher.encrypt_padded_vec::<NoPadding>(&plain))
    }

    /// The reverse; the reason in words when it cannot be.
    pub(crate) fn open(&self, encrypted: &str) -> Result<Opened, &'static str> {
        let ciphertext = STANDARD.decode(encrypted).map_err(|_| "Encrypt is not base64")?;
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(PADDED_TO) {
            return Err("the ciphertext is not a multiple of 32 bytes");
        }
        let cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.initialization_vector().into());
        let mut plain = cipher
            .decrypt_padded_vec::<NoPadding>(&ciphertext)
            .map_err(|_| "the ciphertext cannot be read")?;

        let padding = usize::from(*plain.last().unwrap_or(&0));
        if padding == 0
            || padding > PADDED_TO
            || plain[plain.len() - padding..].iter().any(|byte| usize::from(*byte) != padding)
        {
            return Err("the padding is wrong");
        }
        plain.truncate(plain.len() - padding);
        let length = plain.get(RANDOM_LENGTH..HEADER_LENGTH).ok_or("the plaintext is too short")?;
        let length =
            u32::from_be_bytes(length.try_into().map_err(|_| "the plaintext is too short")?) as usize;
        let body = &plain[HEADER_LENGTH..];
        if length > body.len() {
            return Err("the message is shorter than it says");
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| "the plaintext is not UTF-8");
        Ok(Opened { message: text(&body[..length])?, appid: text(&body[length..])? })
    }

    fn initialization_vector(&self) -> [u8; 16] {
        std::array::from_fn(|index| self.0[index])
    }
}

#[cfg(test)]
mod tests {
    //! The vectors of docs/wechat.md §1.8.

    use super::*;

    const OFFICIAL_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn key(encoding_aes_key: &str) -> AesKey {
        AesKey::from_console(encoding_aes_key).expect("43 characters")
    }

    #[test]
    fn signatures_are_those_of_the_documentation() {
        for (parts, expected) in [
            (&["AAAAA", "1714036504", "1514711492"][..], "f464b24fc39322e44b38aa78f5edd27bd1441696"),
            (&["AAAAA", "1714037059", "486452656"], "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
            (&["AAAAA", "1714112445", "415670741"], "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
            (&["AAAAA", "1714112445", "415670741", JSON_PUSH], "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
            (&["AAAAA", "1715943329", "1590219412"], "cc0c594499c1634947d5b502f158ee518947db27"),
            (&["AAAAA", "1715943329", "1590219412", XML_PUSH], "6c12a4205838198b8fa631b3220723bb07f1015c"),
            (&["AAAAA", "1713424427", "415670741", REPLY], "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"),
            (&["123456", "1411443780", "437374425", ECHO], "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"),
            (&["123", "345"], "9f537aeb751ec72605f57f94a2f6dc3e3958e1dd"),
        ] {
            assert_eq!(sign(parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn ciphertexts_of_the_documentation_open_to_their_messages() {
        let json = key(OFFICIAL_KEY).open(JSON_PUSH).expect("an official vector");
        assert_eq!(json.appid, "wxba5fad812f8e6fb9");
        assert_eq!(json.message, JSON_MESSAGE);
        let xml = key(OFFICIAL_KEY).open(XML_PUSH).expect("an official vector");
        assert_eq!(xml.appid, "wx134c8103faa5a59e");
        assert_eq!(xml.message.len(), 292);
        assert!(xml.message.starts_with("<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n"));
        let echo = key("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR").open(ECHO).expect("a field vector");
        assert_eq!(echo.message, "5927782489442352469");
        assert_eq!(echo.appid, "wx49f0ab532d5d035a");
    }

    #[test]
    fn messages_seal_to_the_ciphertexts_of_the_documentation() {
        for (encoding_aes_key, random, message, appid, expected) in [
            (OFFICIAL_KEY, b"a8eedb185eb2fecf", JSON_MESSAGE, "wxba5fad812f8e6fb9", JSON_PUSH),
            (OFFICIAL_KEY, b"707722b803182950", r#"{"demo_resp":"good luck"}"#, "wxba5fad812f8e6fb9", REPLY),
            (
                "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
                b"aaaabbbbccccdddd",
                "我是中文abcd123",
                "wxb11529c136998cb6",
                "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
            ),
        ] {
            assert_eq!(key(encoding_aes_key).seal(*random, message, appid), expected);
        }
    }

    #[test]
    fn what_is_no_ciphertext_of_ours_is_refused_in_words() {
        let ours = key(OFFICIAL_KEY);
        assert_eq!(ours.open("%%%"), Err("Encrypt is not base64"));
        assert_eq!(ours.open("AAAA"), Err("the ciphertext is not a multiple of 32 bytes"));
        assert!(key("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR").open(JSON_PUSH).is_err());
        assert!(AesKey::from_console("too short").is_none());
    }

    const JSON_MESSAGE: &str = r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}"#;
    const JSON_PUSH: &str = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
    const XML_PUSH: &str = "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjDv8KenVp+ajKYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg==";
    const REPLY: &str =
        "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==";
    const ECHO: &str =
        "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";
}
