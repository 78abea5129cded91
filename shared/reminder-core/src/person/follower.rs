//! A follower of the service account, known by an openid of that account; and where a person's two accounts meet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wechat::{OpenId, TemplateId, UnionId};

use crate::person::ledger::Ledger;
use crate::person::link::{KeptLink, Link};
use crate::person::user::{Block, Follow, News};
use crate::table::{IndexEntries, Item, keys};

/// Nothing is kept that would have to be deleted after an unfollow (docs/wechat.md §14).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Follower {
    /// In the service account.
    pub openid: OpenId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unionid: Option<UnionId>,
    /// Which user of the mini program they are, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// The newest scan or undo of theirs that decided about links by codes, epoch seconds: what is older comes too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<i64>,
    /// Their newest unfollow, epoch seconds: links by codes from before it are over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptLink>,
    #[serde(default)]
    pub follow: Follow,
    /// When a message was sent that WeChat refused because they do not follow, while no event had told so, epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_up: Option<LookUp>,
    #[serde(default, skip_serializing_if = "Block::is_unknown")]
    pub block: Block,
    /// Credits of the service account's own subscription notifications while nobody knows whose they are;
    /// they move to the user when linked, and come back with the end of the link.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub credits: BTreeMap<TemplateId, Ledger>,
}

/// WeChat could not be asked about them: it is to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    pub at: Timestamp,
    /// How often it was tried already.
    pub tries: u32,
}

impl Follower {
    pub fn new(openid: OpenId) -> Self {
        Self {
            openid,
            unionid: None,
            link: None,
            decided_at: None,
            left_at: None,
            kept: None,
            follow: Follow::default(),
            refused_at: None,
            look_up: None,
            block: Block::default(),
            credits: BTreeMap::new(),
        }
    }

    /// An event tells whether they follow.
    pub fn hear(&mut self, news: Follow) -> News {
        let compared = self.follow.compare(news);
        match compared {
            News::Newer => self.know(news),
            // It tells when they left, although they may be back.
            News::Known | News::Older | News::Contradiction => self.leave(news),
        }
        compared
    }

    /// Whether they follow is known.
    pub fn know(&mut self, follow: Follow) {
        self.follow = follow;
        self.leave(follow);
    }

    /// That they do not follow was said of a message only; no event told so.
    pub fn is_refused(&self) -> bool {
        !self.follow.followed && self.follow.at == self.refused_at
    }

    fn leave(&mut self, follow: Follow) {
        if !follow.followed {
            self.left_at = self.left_at.max(follow.at);
            self.kept.take_if(|kept| Some(kept.at) < follow.at);
        }
    }
}

impl Item for Follower {
    const KIND: &'static str = "follower";

    fn key(&self) -> keys::Key {
        keys::follower(&self.openid)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { next_look_at: self.look_up.map(|look_up| look_up.at), ..IndexEntries::default() }
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
}

impl Union {
    pub fn new(unionid: UnionId) -> Self {
        Self { unionid, mini_openid: None, service_openid: None, follow: Follow::default() }
    }
}

impl Item for Union {
    const KIND: &'static str = "union";

    fn key(&self) -> keys::Key {
        keys::union(&self.unionid)
    }
}
