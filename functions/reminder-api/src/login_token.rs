//! The bearer token a login answers with: a signed statement of who somebody is, good for thirty days.
//!
//! HS256 with the session signing key; while that key is rotated, tokens of the previous one are good too. Its time is
//! our clock's.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use reminder_core::app::secrets::Secrets;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use wechat::OpenId;

/// Long enough that opening the mini program now and then is all it takes (docs/design.md §5).
pub(crate) const VALID_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
const AUDIENCE: &str = "reminder-api";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
}

pub(crate) fn issue(secrets: &Secrets, openid: &OpenId, now: Timestamp) -> (String, Timestamp) {
    let expires_at = now + VALID_FOR;
    let claims = Claims {
        sub: openid.as_str().to_owned(),
        aud: AUDIENCE.to_owned(),
        iat: now.as_second(),
        exp: expires_at.as_second(),
    };
    let key = EncodingKey::from_secret(secrets.session_signing_key.expose_secret().as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key).expect("HMAC takes any key");
    (token, expires_at)
}

/// Whose token this is; `None` for one that is forged, expired, or meant for somebody else.
pub(crate) fn verify(secrets: &Secrets, token: &str, now: Timestamp) -> Option<OpenId> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "aud", "sub"]);
    // The library would ask the machine's clock; ours is an argument.
    validation.validate_exp = false;
    let check = |key: &SecretString| {
        let key = DecodingKey::from_secret(key.expose_secret().as_bytes());
        decode::<Claims>(token, &key, &validation).ok().map(|token| token.claims)
    };
    let claims = check(&secrets.session_signing_key)
        .or_else(|| secrets.previous_session_signing_key.as_ref().and_then(check))?;
    (now.as_second() < claims.exp).then(|| OpenId::from(claims.sub))
}
