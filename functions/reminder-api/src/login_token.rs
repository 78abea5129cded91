//! The bearer token a login answers with: a signed statement of who somebody is, good for thirty days.
//!
//! A JSON Web Token (RFC 7519) signed by HS256 with the session signing key; while that key is rotated, tokens of the
//! previous one are good too. Its issuer is this stack and this mini program: two that share a key do not share their
//! users. Its time is our clock's.
//!
//! Written out here, because it is sixty lines: the one header that is ours is the one that is taken, so there is no
//! algorithm to choose, and a claim of another type than ours makes no token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use reminder_core::App;
use reminder_core::app::secrets::Secrets;
use reminder_core::person::login::Login;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use wechat::OpenId;

/// Long enough that opening the mini program now and then is all it takes (docs/design.md §5).
pub(crate) const VALID_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
const AUDIENCE: &str = "reminder-api";

/// `{"typ":"JWT","alg":"HS256"}`
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: OpenId,
    aud: String,
    /// Which of the user's profiles: when it was made, in milliseconds.
    profile: i64,
    iat: i64,
    exp: i64,
}

pub(crate) fn issue(app: &App, secrets: &Secrets, login: Login) -> (String, Timestamp) {
    let now = app.now();
    let expires_at = now + VALID_FOR;
    let claims = Claims {
        iss: issuer(app, secrets),
        sub: login.openid,
        aud: AUDIENCE.to_owned(),
        profile: login.profile,
        iat: now.as_second(),
        exp: expires_at.as_second(),
    };
    (written(&claims, &secrets.session_signing_key), expires_at)
}

/// Whose token this is; `None` for one that is forged, expired, or meant for somebody else. Whether that profile is there
/// still, whoever reads the user sees.
pub(crate) fn verify(app: &App, secrets: &Secrets, token: &str) -> Option<Login> {
    let previous = secrets.previous_session_signing_key.as_ref();
    let claims = read(token, &secrets.session_signing_key).or_else(|| read(token, previous?))?;
    let is_ours = claims.iss == issuer(app, secrets) && claims.aud == AUDIENCE;
    let login = Login { openid: claims.sub, profile: claims.profile };
    (is_ours && app.now().as_second() < claims.exp).then_some(login)
}

/// The stack by its table, for that is where its users are, and the mini program whose openids they have.
fn issuer(app: &App, secrets: &Secrets) -> String {
    format!("{}/{}", app.table.name(), secrets.mini_program.appid())
}

fn written(claims: &Claims, key: &SecretString) -> String {
    let claims = serde_json::to_vec(claims).expect("claims are plain data");
    let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(digest(&signed, key).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// The claims, if they are signed with this key. Compared in constant time.
fn read(token: &str, key: &SecretString) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let claims = signed.strip_prefix(HEADER)?.strip_prefix('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    digest(signed, key).verify_slice(&signature).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

fn digest(signed: &str, key: &SecretString) -> Hmac<Sha256> {
    let key = key.expose_secret().as_bytes();
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length").chain_update(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs any payload under any header as [`written`] does its own.
    fn token(header: &str, payload: &str, key: &SecretString) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(digest(&signed, key).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    #[test]
    fn signature_is_that_of_every_other_hs256() {
        let key = SecretString::from("your-256-bit-secret");
        let payload = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        assert_eq!(
            token(r#"{"alg":"HS256","typ":"JWT"}"#, payload, &key),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        );
        assert_eq!(URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#), HEADER);
    }

    #[test]
    fn token_is_read_with_its_key_and_under_its_header_only() {
        let key = SecretString::from("0123456789abcdef0123456789abcdef");
        let claims = Claims {
            iss: "t/wx1".into(),
            sub: "o1".into(),
            aud: AUDIENCE.into(),
            profile: 3,
            iat: 1,
            exp: 2,
        };
        let good = written(&claims, &key);
        assert_eq!(read(&good, &key), Some(claims));
        let ours = r#"{"typ":"JWT","alg":"HS256"}"#;
        let payload = r#"{"iss":"t/wx1","sub":"o1","aud":"reminder-api","profile":3,"iat":1,"exp":2}"#;
        assert_eq!(token(ours, payload, &key), good);
        let (unsigned, signature) = good.rsplit_once('.').expect("three parts");
        for bad in [
            token(r#"{"typ":"JWT","alg":"none"}"#, payload, &key),
            token(r#"{"alg":"HS256","typ":"JWT"}"#, payload, &key),
            token(ours, &payload.replace("\"exp\":2", "\"exp\":\"2\""), &key),
            token(ours, &payload.replace("\"exp\":2", "\"exp\":1e99"), &key),
            token(ours, &payload.replace(",\"exp\":2", ""), &key),
            token(ours, &payload.replace("\"iss\":\"t/wx1\",", ""), &key),
            token(ours, &payload.replace("\"profile\":3,", ""), &key),
            token(ours, &payload.replace("\"o1\"", "\"\""), &key),
            token(ours, payload, &SecretString::from("another")),
            format!("{unsigned}."),
            unsigned.to_owned(),
            format!("{good}="),
            format!("{good}.{signature}"),
            format!("{unsigned}.{}", &signature[1..]),
            String::new(),
        ] {
            assert_eq!(read(&bad, &key), None, "{bad}");
        }
    }
}
