//! A user of the mini program: who they are on the other side, whether they follow, what they accepted.

use std::collections::BTreeMap;

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};
use wechat::{OpenId, TemplateId, UnionId};

use crate::person::ledger::Ledger;
use crate::person::link::Link;
use crate::reminder::{Attempt, Preferences, Reminder, ahead, id};
use crate::table::{IndexEntries, Item, keys};

/// So long are users kept who neither log in nor have a reminder.
pub const KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);
/// By so much is it rounded up, so that whoever comes every day is written down for it once a month at most.
pub const ROUNDED_UP_BY: SignedDuration = SignedDuration::from_hours(31 * 24);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// In the mini program.
    pub openid: OpenId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unionid: Option<UnionId>,
    /// Which follower of the service account they are, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// When the newest scan of a code of theirs linked them, epoch seconds: an older one comes too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<i64>,
    /// The follower with whom a newer scan parted them, if that may be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<OpenId>,
    /// The flag the mini program shows, from the newest event known.
    #[serde(default)]
    pub follow: Follow,
    /// When a push of theirs came to rest last: what could reach them anew is looked at only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rested_at: Option<Timestamp>,
    /// When that is to be looked at, for something may reach them anew; none: nothing has happened since the last look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at_rest: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Block::is_unknown")]
    pub block: Block,
    #[serde(rename = "prefs", default, skip_serializing_if = "Preferences::is_empty")]
    pub preferences: Preferences,
    /// Of both accounts: template ids do not collide.
    #[serde(default)]
    pub credits: BTreeMap<TemplateId, Ledger>,
    /// Which profile this is: nobody is forgotten and made known again in the same millisecond.
    pub created_at: Timestamp,
    /// When they were forgotten, if that was lately: what is older is not this profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten_at: Option<Timestamp>,
    pub kept_until: Timestamp,
}

/// Whether somebody follows, and since when we know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    pub followed: bool,
    /// Time of the event this comes from, epoch seconds (WeChat's `CreateTime`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

/// Whether a follower refused the service account's messages when the last one was sent that told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub blocked: bool,
    /// Time of the receipt this comes from, epoch seconds; none: nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

impl Block {
    pub fn is_unknown(&self) -> bool {
        self.at.is_none()
    }

    /// The newer receipt wins. Says whether it is news: that messages arrive is only for whom they did not.
    pub fn learn(&mut self, news: Self) -> bool {
        let is_news = news.at > self.at && (news.blocked || self.blocked);
        if is_news {
            *self = news;
        }
        is_news
    }

    /// Whoever follows anew refuses nothing yet.
    fn holds_against(self, follow: Follow) -> bool {
        self.blocked && self.at > follow.at
    }
}

/// How a piece of news about following compares with what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Newer,
    Known,
    Older,
    /// Two different events of one second: only WeChat knows (`user/info`).
    Contradiction,
}

impl Follow {
    pub fn compare(self, news: Self) -> News {
        match (self.at, news.at) {
            (_, None) => News::Older,
            (None, Some(_)) => News::Newer,
            (Some(known), Some(at)) if at > known => News::Newer,
            (Some(known), Some(at)) if at < known => News::Older,
            _ if self.followed == news.followed => News::Known,
            _ => News::Contradiction,
        }
    }

    /// The newer of the two; of two contradicting ones, `other`.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        match self.compare(other) {
            News::Newer | News::Contradiction => other,
            News::Known | News::Older => self,
        }
    }
}

impl User {
    pub fn new(openid: OpenId, created_at: Timestamp) -> Self {
        Self {
            openid,
            unionid: None,
            link: None,
            scanned_at: None,
            kept: None,
            follow: Follow::default(),
            rested_at: None,
            look_at_rest: None,
            block: Block::default(),
            preferences: Preferences::default(),
            credits: BTreeMap::new(),
            created_at,
            forgotten_at: None,
            kept_until: created_at + KEPT + ROUNDED_UP_BY,
        }
    }

    /// Something may reach them anew: what of theirs rests is looked at a minute from now, once for all that happens in a
    /// minute. In the same write as the cause, so that no look is lost with its schedule.
    pub fn may_be_reached(&mut self, now: Timestamp) {
        if self.rested_at.is_some() {
            self.is_to_be_looked_at(now);
        }
    }

    fn is_to_be_looked_at(&mut self, now: Timestamp) {
        let minute = TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Ceil);
        let soon = ahead(now, now);
        self.look_at_rest = Some(soon.round(minute).unwrap_or(soon));
    }

    /// They want to be told in another way. Reminders that go by their zone move with it, at the same look.
    pub fn prefer(&mut self, preferences: Preferences, now: Timestamp) {
        if preferences.timezone != self.preferences.timezone {
            self.is_to_be_looked_at(now);
        }
        self.preferences = preferences;
    }

    /// What rested of theirs was looked at, going by the user as they were `seen` then; `rests`: something still does. The
    /// look is done, unless something happened or came to rest since. Says whether that is news.
    pub fn looked_at_rest(&mut self, seen: &Self, rests: bool) -> bool {
        let before = (self.rested_at, self.look_at_rest);
        if self.look_at_rest == seen.look_at_rest {
            self.look_at_rest = None;
        }
        if self.rested_at == seen.rested_at && !rests {
            self.rested_at = None;
        }
        (self.rested_at, self.look_at_rest) != before
    }

    /// The first profile since they were forgotten, if they were: younger than all that is to be deleted.
    pub fn since(openid: OpenId, forgotten_at: Option<Timestamp>, now: Timestamp) -> Self {
        let earliest = forgotten_at.map(|at| at + SignedDuration::from_millis(1));
        Self { forgotten_at, ..Self::new(openid, earliest.map_or(now, |earliest| now.max(earliest))) }
    }

    /// Whether WeChat's event of this second is from before they were forgotten.
    pub fn is_younger_than(&self, second: i64) -> bool {
        self.forgotten_at.is_some_and(|at| second < at.as_second())
    }

    /// Whether a reminder is this profile's, and not of one that was forgotten.
    pub fn owns(&self, reminder: &Reminder) -> bool {
        self.created_at <= reminder.created_at
    }

    /// They are to be here at that time. Says whether that is news.
    pub fn keep_until(&mut self, at: Timestamp) -> bool {
        let is_news = self.kept_until < at;
        if is_news {
            self.kept_until = at + ROUNDED_UP_BY;
        }
        is_news
    }

    /// Whether a template message of the service account would reach them, as far as we know.
    pub fn follows(&self) -> bool {
        self.follow.followed && self.link.is_some()
    }

    /// The service account's messages do not reach them, as far as we know: that was so when the last one was sent, and
    /// they have not followed anew since.
    pub fn is_blocked(&self) -> bool {
        self.follows() && self.block.holds_against(self.follow)
    }

    /// A receipt says whether the follower takes the service account's messages, whom they are linked with. Says whether
    /// that is news; that messages arrive again may bring what rests.
    pub fn learn_of_block(&mut self, service_openid: &OpenId, news: Block, now: Timestamp) -> bool {
        let is_linked = self.service_openid() == Some(service_openid);
        let is_news = is_linked && self.block.learn(news);
        if is_news && !news.blocked {
            self.may_be_reached(now);
        }
        is_news
    }

    pub fn service_openid(&self) -> Option<&OpenId> {
        self.link.as_ref().map(|link| &link.openid)
    }

    pub fn ledger(&mut self, template_id: &str) -> &mut Ledger {
        self.credits.entry(TemplateId::from(template_id)).or_default()
    }

    pub fn ledger_of(&self, template_id: &str) -> Option<&Ledger> {
        self.credits.get(&TemplateId::from(template_id))
    }

    /// WeChat may still have the credit of this attempt. Says whether that is news.
    pub fn set_uncertain(&mut self, attempt: &Attempt) -> bool {
        let ledger = attempt
            .one_time_template
            .as_deref()
            .and_then(|template_id| self.credits.get_mut(&TemplateId::from(template_id)));
        ledger.is_some_and(|ledger| ledger.set_uncertain(attempt.credit_cause()))
    }

    pub fn available(&self, template_id: &str) -> u32 {
        self.ledger_of(template_id).map_or(0, Ledger::available)
    }
}

impl Item for User {
    const KIND: &'static str = "user";

    fn key(&self) -> keys::Key {
        keys::user(&self.openid)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries {
            next_look_at: self.look_at_rest,
            owner_tag: Some(id::owner_tag(&self.openid)),
            ttl: Some(self.kept_until),
            ..IndexEntries::default()
        }
    }
}

#[cfg(test)]
mod tests;
