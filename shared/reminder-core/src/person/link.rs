//! The link of a user of the mini program with a follower of the service account: two openids of one person, as far as
//! anybody knows.

use serde::{Deserialize, Serialize};
use wechat::OpenId;

/// Both sides hold it, each with the openid of the other; they are written together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// In the other account.
    pub openid: OpenId,
    pub ground: Ground,
}

/// Why the two are taken to be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// WeChat gives both the same unionid, and that is proof.
    Unionid,
    /// The follower scanned the user's code at this moment (WeChat's `CreateTime`, epoch seconds). Anybody's code can be
    /// put in front of anybody.
    Code { at: i64 },
}

/// A link by a code, as the follower holds it after a newer scan took its place: an undo brings it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLink {
    pub mini_openid: OpenId,
    /// When that code was scanned.
    pub at: i64,
    /// Epoch seconds; afterwards there is nothing to go back to.
    pub until: i64,
}
