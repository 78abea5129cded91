//! The signature by which a receiver knows that an event is ours, as Standard Webhooks prescribes it
//! (<https://www.standardwebhooks.com>): HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use wechat::{Said, said};

use crate::app::shared_secret::with_the_one_before;

const PREFIX: &str = "whsec_";
/// What the standard wants of a key.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// With the secret before it, while the receiver is being changed: then there are two signatures.
#[derive(Debug)]
pub struct WebhookSecret {
    keys: Vec<SecretSlice<u8>>,
}

impl WebhookSecret {
    /// See [`with_the_one_before`].
    pub(crate) fn check(current: Option<String>, previous: Option<String>) -> Result<Option<Self>, Said> {
        let both =
            with_the_one_before("webhook_secret", current, previous, |name, secret| key(name, &secret))?;
        Ok(both.map(|(current, previous)| Self { keys: std::iter::once(current).chain(previous).collect() }))
    }

    /// The header `webhook-signature`.
    pub fn sign(&self, id: &str, second: i64, body: &str) -> String {
        let signatures = self.keys.iter().map(|key| {
            let mac =
                Hmac::<Sha256>::new_from_slice(key.expose_secret()).expect("HMAC takes a key of any length");
            let mac = mac.chain_update(format!("{id}.{second}.{body}"));
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

fn key(name: &str, secret: &str) -> Result<SecretSlice<u8>, Said> {
    let bytes = secret.strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok());
    match bytes.filter(|bytes| KEY_BYTES.contains(&bytes.len())) {
        Some(bytes) => Ok(bytes.into()),
        None => Err(said!(
            "{name} must be {PREFIX} and 24 to 64 bytes in base64",
            "{name} 是 {PREFIX} 加 base64 编码的 24 至 64 字节"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn sign(current: &str, previous: Option<&str>) -> String {
        let secret = WebhookSecret::check(Some(current.to_owned()), previous.map(str::to_owned));
        let secret = secret.expect("good ones").expect("there is one");
        secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#)
    }

    #[test]
    fn signature_is_that_of_the_standard() {
        assert_eq!(sign(SECRET, None), SIGNATURE);
        assert_eq!(sign(SECRET, Some("")), SIGNATURE);
        let other = format!("whsec_{}", STANDARD.encode([7; 32]));
        let both = sign(&other, Some(SECRET));
        let (new, old) = both.split_once(' ').expect("two signatures");
        assert_eq!((new, old), (sign(&other, None).as_str(), SIGNATURE));
    }

    #[test]
    fn secret_that_is_none_of_the_standard_is_refused_and_never_printed() {
        let check = |current: Option<&str>, previous: Option<&str>| {
            WebhookSecret::check(current.map(str::to_owned), previous.map(str::to_owned))
        };
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for bad in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_no base64!", &short, &long] {
            let error = check(Some(bad), None).expect_err(bad);
            assert_eq!(error.english, "webhook_secret must be whsec_ and 24 to 64 bytes in base64");
            assert_eq!(check(Some(SECRET), Some(bad)).is_err(), !bad.is_empty(), "{bad}");
        }
        assert!(check(None, None).expect("none").is_none() && check(None, Some(SECRET)).is_err());
        let printed = format!("{:?}", check(Some(SECRET), None));
        assert!(!printed.contains("MfKQ") && !printed.contains("49"), "{printed}");
    }
}
