//! A follower of the service account, known by an openid of that account; and where a person's two accounts meet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wechat::{OpenId, TemplateId, UnionId};

use crate::person::ledger::Ledger;
use crate::person::link::{KeptLink, Link};
use crate::person::user::{Block, Follow, KEPT, News, ROUNDED_UP_BY};
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
    /// When WeChat told of something they did last; what rides along in a write.
    pub active_at: Timestamp,
    /// When their user was forgotten, if that was lately and nothing says that they may be two people: what is older is
    /// nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten_at: Option<Timestamp>,
}

/// WeChat could not be asked about them: it is to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    pub at: Timestamp,
    /// How often it was tried already.
    pub tries: u32,
}

impl Follower {
    pub fn new(openid: OpenId, now: Timestamp) -> Self {
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
            active_at: now,
            forgotten_at: None,
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

    /// WeChat refused a message that was sent at this second, because they do not follow (43004). Says whether that is news.
    pub fn learn_of_refusal(&mut self, second: i64) -> bool {
        let is_news = self.follow.followed && self.follow.at.is_none_or(|known| known < second);
        if is_news {
            self.follow = Follow { followed: false, at: Some(second) };
            self.refused_at = Some(second);
        }
        is_news
    }

    /// As far as we know they did not follow at this second.
    pub fn seems_gone_at(&self, second: i64) -> bool {
        !self.follow.followed && self.follow.at.is_none_or(|known| known <= second)
    }

    /// Links by codes from before are over, also the kept one: that stays only as long as its user says the same.
    fn leave(&mut self, follow: Follow) {
        if !follow.followed {
            self.left_at = self.left_at.max(follow.at);
        }
    }

    /// Whether what was accepted at this second is from before they were forgotten. While they are nobody's, that very
    /// second is.
    pub fn is_younger_than(&self, second: i64) -> bool {
        let is_nobodys = i64::from(self.link.is_none());
        self.forgotten_at.is_some_and(|at| second < at.as_second() + is_nobodys)
    }

    /// Nobody's, and since `at` they have neither followed nor accepted anything: what there is of them is from before.
    pub fn is_left_from(&self, at: Timestamp) -> bool {
        let nothing_is_newer =
            self.credits.is_empty() && self.follow.at.is_none_or(|since| since <= at.as_second());
        self.link.is_none() && nothing_is_newer
    }
}

impl Item for Follower {
    const KIND: &'static str = "follower";

    fn key(&self) -> keys::Key {
        keys::follower(&self.openid)
    }

    /// Whoever follows, or is somebody's, is kept.
    fn indexed(&self) -> IndexEntries {
        let may_go = !self.follow.followed && self.link.is_none();
        IndexEntries {
            next_look_at: self.look_up.map(|look_up| look_up.at),
            ttl: may_go.then(|| self.active_at + KEPT),
            ..IndexEntries::default()
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;
    use crate::person::link::Ground;

    #[test]
    fn follower_of_somebody_forgotten_is_left_until_something_newer_is_told() {
        let at = instant("2027-01-10T10:00:00.500Z");
        let second = at.as_second();
        let left = Follower { forgotten_at: Some(at), ..Follower::new("s1".into(), at) };
        let follow = |at| Follow { followed: true, at: Some(at) };
        let linked = Some(Link { openid: "o1".into(), ground: Ground::Unionid });
        let credits = BTreeMap::from([(TemplateId::from("t"), Ledger::default())]);
        for (what, follower, is_left) in [
            ("nothing is known", left.clone(), true),
            ("followed before", Follower { follow: follow(second), ..left.clone() }, true),
            ("followed since", Follower { follow: follow(second + 1), ..left.clone() }, false),
            ("accepted since", Follower { credits, ..left.clone() }, false),
            ("is somebody's", Follower { link: linked.clone(), ..left.clone() }, false),
        ] {
            assert_eq!(follower.is_left_from(at), is_left, "{what}");
        }
        let linked = Follower { link: linked, ..left.clone() };
        for (told, nobodys, somebodys) in [(-1, true, true), (0, true, false), (1, false, false)] {
            let younger = |one: &Follower| one.is_younger_than(second + told);
            assert_eq!((younger(&left), younger(&linked)), (nobodys, somebodys), "{told}");
        }
    }

    #[test]
    fn who_left_and_is_nobodys_is_kept_for_a_year() {
        let now = instant("2027-01-10T10:00:00Z");
        let left = Follower::new("s1".into(), now);
        let follows = Follower { follow: Follow { followed: true, at: Some(1) }, ..left.clone() };
        let link = Link { openid: "o1".into(), ground: Ground::Code { at: 1 } };
        let linked = Follower { link: Some(link), ..left.clone() };
        let ttls = [left.indexed().ttl, follows.indexed().ttl, linked.indexed().ttl];
        assert_eq!(ttls, [Some(now + KEPT), None, None]);
        let union = Union::new("u1".into(), now);
        assert!(union.is_empty() && union.is_fresh(now) && !union.is_fresh(now + ROUNDED_UP_BY));
        for (user, follower) in [(true, false), (false, true), (true, true)] {
            let mini_openid = user.then(|| "o1".into());
            let service_openid = follower.then(|| "s1".into());
            assert!(!Union { mini_openid, service_openid, ..union.clone() }.is_empty(), "{user} {follower}");
        }
        let followed = Union { follow: Follow { followed: true, at: Some(1) }, ..union.clone() };
        assert_eq!((union.indexed().ttl, followed.indexed().ttl), (Some(now + KEPT + ROUNDED_UP_BY), None));
    }

    #[test]
    fn who_is_refused_a_message_does_not_follow_since_unless_they_have_followed_since() {
        let follow = |followed, at| Follow { followed, at };
        for (known, is_news) in [
            (follow(true, Some(4)), true),
            (follow(true, None), true),
            (follow(true, Some(5)), false),
            (follow(true, Some(6)), false),
            (follow(false, Some(4)), false),
        ] {
            let new = Follower::new("s1".into(), Timestamp::UNIX_EPOCH);
            let mut follower = Follower { follow: known, ..new };
            assert_eq!(follower.learn_of_refusal(5), is_news, "{known:?}");
            assert_eq!(follower.follow, if is_news { follow(false, Some(5)) } else { known });
            assert_eq!(follower.is_refused(), is_news, "{known:?}");
            assert_eq!(follower.left_at, None, "no event told so");
        }
    }

    #[test]
    fn who_does_what_only_a_follower_can_has_followed() {
        for (followed, at, expected) in [
            (false, None, true),
            (false, Some(4), true),
            (false, Some(5), true),
            (false, Some(6), false),
            (true, Some(4), false),
        ] {
            let new = Follower::new("s1".into(), Timestamp::UNIX_EPOCH);
            let follower = Follower { follow: Follow { followed, at }, ..new };
            assert_eq!(follower.seems_gone_at(5), expected, "{followed} {at:?}");
        }
    }
}
