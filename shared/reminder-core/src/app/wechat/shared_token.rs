//! An access token where it is kept: in the table, which all environments share, and in the memory of one.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wechat::{AccessToken, AppId, ErrCode, Refusal};

use crate::table::{Item, keys};

/// How long before its end a token is replaced. During its last five minutes the next one is good as well
/// (docs/wechat.md §5.1), and a fresh one always has more left than this.
const REFRESH_MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// After WeChat refused to give a token, no environment asks again for this long.
const REFUSED_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// In memory.
#[derive(Clone)]
pub(super) struct CachedToken {
    pub(super) token: AccessToken,
    pub(super) expires_at: Timestamp,
}

impl CachedToken {
    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        now + REFRESH_MARGIN < self.expires_at
    }
}

/// In the table: the token, or that WeChat gives none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SharedToken {
    appid: AppId,
    /// Empty while WeChat gives none.
    access_token: String,
    expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<Refused>,
}

/// With what WeChat refused.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    errcode: i64,
    errmsg: String,
}

impl SharedToken {
    pub(super) fn issued(appid: AppId, issued: &CachedToken) -> Self {
        let access_token = issued.token.expose().to_owned();
        Self { appid, access_token, expires_at: issued.expires_at, refused_at: None, refusal: None }
    }

    pub(super) fn refused(appid: AppId, refusal: &Refusal, now: Timestamp) -> Self {
        let Refusal { errcode, errmsg, .. } = refusal.clone();
        Self {
            appid,
            access_token: String::new(),
            expires_at: now,
            refused_at: Some(now),
            refusal: Some(Refused { errcode: errcode.0, errmsg }),
        }
    }

    /// The token, if it is good and not the one that WeChat refused (`failed`).
    pub(super) fn good(&self, failed: Option<&AccessToken>, now: Timestamp) -> Option<CachedToken> {
        let token = AccessToken::from(self.access_token.clone());
        let cached = CachedToken { token, expires_at: self.expires_at };
        (cached.is_good(now) && Some(&cached.token) != failed).then_some(cached)
    }

    /// Why WeChat is not asked at this moment: its refusal of a short while ago.
    pub(super) fn refusal_to_wait_for(&self, now: Timestamp) -> Option<Refusal> {
        let is_recent = self.refused_at.is_some_and(|at| now.duration_since(at) < REFUSED_WAIT);
        let refused = self.refusal.as_ref().filter(|_| is_recent)?;
        Some(Refusal::new(ErrCode(refused.errcode), &refused.errmsg))
    }
}

impl Item for SharedToken {
    const KIND: &'static str = "access token";

    fn key(&self) -> keys::Key {
        keys::token(&self.appid)
    }
}
