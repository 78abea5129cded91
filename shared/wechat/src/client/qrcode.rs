//! QR codes that make whoever scans them follow, and say which code it was (docs/wechat.md §8).

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::call::address;
use super::{CallError, Client, lenient};
use crate::AccessToken;

/// The longest life of a temporary code, in seconds: 30 days. Longer ones are shortened to it.
const MAX_QRCODE_EXPIRY_S: i64 = 2_592_000;

/// A temporary code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QrCode {
    /// Names its picture.
    pub ticket: String,
    /// What the picture says, for drawing it oneself.
    pub url: String,
    /// How long it works from now.
    #[serde(default, deserialize_with = "lenient::number")]
    pub expire_seconds: i64,
}

impl Client {
    /// Makes a temporary code with a scene of 1 to 64 characters. Whoever scans it, however
    /// many, follows with this scene: as a bearer ticket it has to be guarded by its receiver.
    ///
    /// # Errors
    /// [`CallError`]; a repeat is harmless, it only makes a second code.
    pub async fn qrcode_create(
        &self,
        access_token: &AccessToken,
        scene_str: &str,
        expires_in: SignedDuration,
    ) -> Result<QrCode, CallError> {
        // Always said: what WeChat takes without it is 30 or 60 seconds, depending on which page one reads.
        let body = json!({
            "expire_seconds": expires_in.as_secs().clamp(1, MAX_QRCODE_EXPIRY_S),
            "action_name": "QR_STR_SCENE",
            "action_info": { "scene": { "scene_str": scene_str } },
        });
        self.post_as(access_token, "/cgi-bin/qrcode/create", &body).await
    }

    /// Where the picture of a code is; it needs no token.
    pub fn showqrcode_url(&self, ticket: &str) -> String {
        address(&self.mp_url, "/cgi-bin/showqrcode", &[("ticket", ticket)])
    }
}
