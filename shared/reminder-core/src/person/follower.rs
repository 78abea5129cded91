//! A follower of the service account, known by an openid of that account; and the link of the two accounts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wechat::{OpenId, TemplateId, UnionId};

use crate::person::ledger::Ledger;
use crate::person::user::{Block, Follow, KEPT, ROUNDED_UP_BY};
use crate::table::{IndexEntries, Item, keys};

/// Nothing is kept that would have to be deleted after an unfollow (docs/wechat.md §14).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Follower {
    /// In the service account.
    pub openid: OpenId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unionid: Option<UnionId>,
    /// In the mini program, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_openid: Option<OpenId>,
    #[serde(default)]
    pub follow: Follow,
    #[serde(default, skip_serializing_if = "Block::is_unknown")]
    pub block: Block,
    /// Credits of the service account's own subscription notifications while nobody knows whose they are;
    /// they move to the user when linked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub credits: BTreeMap<TemplateId, Ledger>,
    /// When WeChat told of something they did last; what rides along in a write.
    pub active_at: Timestamp,
    /// When their user was forgotten, if that was lately: what is older is nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten_at: Option<Timestamp>,
}

impl Follower {
    pub fn new(openid: OpenId, now: Timestamp) -> Self {
        Self {
            openid,
            unionid: None,
            mini_openid: None,
            follow: Follow::default(),
            block: Block::default(),
            credits: BTreeMap::new(),
            active_at: now,
            forgotten_at: None,
        }
    }

    /// Whether what was accepted at this second is from before they were forgotten. While they are nobody's, that very
    /// second is.
    pub fn is_younger_than(&self, second: i64) -> bool {
        let is_nobodys = i64::from(self.mini_openid.is_none());
        self.forgotten_at.is_some_and(|at| second < at.as_second() + is_nobodys)
    }

    /// Nobody's, and nothing has come of them since `at`: what there is of them is from before.
    pub fn is_left_from(&self, at: Timestamp) -> bool {
        self.mini_openid.is_none() && self.follow.at.is_none_or(|since| since <= at.as_second())
    }
}

impl Item for Follower {
    const KIND: &'static str = "follower";

    fn key(&self) -> keys::Key {
        keys::follower(&self.openid)
    }

    /// Whoever follows, or is somebody's, is kept.
    fn indexed(&self) -> IndexEntries {
        let may_go = !self.follow.followed && self.mini_openid.is_none();
        IndexEntries { ttl: may_go.then(|| self.active_at + KEPT), ..IndexEntries::default() }
    }
}

/// Where the two sides of one person meet: both write here and read back what the other wrote, so that
/// login-then-follow and follow-then-login end alike, whatever the interleaving.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Union {
    pub unionid: UnionId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_openid: Option<OpenId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_openid: Option<OpenId>,
    #[serde(default)]
    pub follow: Follow,
    /// When either side wrote here last, within a month.
    pub active_at: Timestamp,
}

impl Union {
    pub fn new(unionid: UnionId, now: Timestamp) -> Self {
        Self { unionid, mini_openid: None, service_openid: None, follow: Follow::default(), active_at: now }
    }

    /// A side that is there has said so within a month.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.active_at + ROUNDED_UP_BY
    }

    pub fn is_empty(&self) -> bool {
        self.mini_openid.is_none() && self.service_openid.is_none()
    }
}

impl Item for Union {
    const KIND: &'static str = "union";

    fn key(&self) -> keys::Key {
        keys::union(&self.unionid)
    }

    /// Who follows without ever logging in is kept; others come by when they log in.
    fn indexed(&self) -> IndexEntries {
        let may_go = !self.follow.followed;
        IndexEntries { ttl: may_go.then(|| self.active_at + KEPT + ROUNDED_UP_BY), ..IndexEntries::default() }
    }
}
