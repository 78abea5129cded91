//! That somebody asked to be forgotten, or closed their account: since when, and what is still to be deleted.
//!
//! It is written before anything else is deleted, and goes last. In between it keeps out what comes late from before its
//! moment, and stands in the index `due`, so that a job which nobody finished is found by the sweep.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wechat::{OpenId, UnionId};

use crate::account::Account;
use crate::person::user::User;
use crate::reminder::ahead;
use crate::table::{IndexEntries, Item, keys};

/// What was under way at the moment of forgetting has ended, and what WeChat repeats has come.
const SECOND_LOOK_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// Nothing that comes later than this is taken for news of somebody whom we do not know ([`is_too_late`]).
const LAST_LOOK_AFTER: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The account of which `openid` is.
    pub account: Account,
    pub openid: OpenId,
    /// What is older is nobody's any more.
    pub at: Timestamp,
    /// What else they went by until then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub service_openids: BTreeSet<OpenId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unionids: BTreeSet<UnionId>,
    /// Which look comes next, and when.
    pub look: Look,
    pub looks_at: Timestamp,
}

/// The looks of the job: what is there, and what came late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    First,
    Second,
    Last,
}

impl Tombstone {
    pub fn new(account: Account, openid: OpenId, at: Timestamp) -> Self {
        Self {
            account,
            openid,
            at,
            service_openids: BTreeSet::new(),
            unionids: BTreeSet::new(),
            look: Look::First,
            looks_at: ahead(at, at),
        }
    }

    /// That of a user, who goes by these names. What one `before` had still to delete is not forgotten over it.
    pub fn of_user(user: &User, before: Option<&Self>, at: Timestamp) -> Self {
        let mut tombstone = Self::new(Account::MiniProgram, user.openid.clone(), at);
        tombstone.service_openids.extend(user.service_openid().into_iter().chain(&user.kept).cloned());
        tombstone.unionids.extend(user.unionid.clone());
        if let Some(before) = before {
            tombstone.service_openids.extend(before.service_openids.iter().cloned());
            tombstone.unionids.extend(before.unionids.iter().cloned());
        }
        tombstone
    }

    /// Whether WeChat's event of this second is of the time before. Of the very second it is taken to be: nobody is there
    /// yet who could have caused it.
    pub fn covers(&self, second: i64) -> bool {
        second <= self.at.as_second()
    }

    /// The look that follows the present one, made at `now`; none: the tombstone goes.
    pub fn look_after(&self, now: Timestamp) -> Option<(Look, Timestamp)> {
        match self.look {
            Look::First => Some((Look::Second, ahead(self.at + SECOND_LOOK_AFTER, now))),
            Look::Second => Some((Look::Last, ahead(self.at + LAST_LOOK_AFTER, now))),
            Look::Last => None,
        }
    }
}

/// Whether what happened at this second is told so late that it makes nobody known: they may have been forgotten since,
/// and their tombstone gone.
pub fn is_too_late(second: i64, now: Timestamp) -> bool {
    now.as_second() - second >= LAST_LOOK_AFTER.as_secs()
}

impl Item for Tombstone {
    const KIND: &'static str = "tombstone";

    fn key(&self) -> keys::Key {
        keys::tombstone(self.account, &self.openid)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { next_look_at: Some(self.looks_at), ..IndexEntries::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;
    use crate::person::link::{Ground, Link};

    #[test]
    fn job_looks_at_once_after_an_hour_and_after_a_day() {
        let at = instant("2027-01-10T10:00:00Z");
        for (look, now, next) in [
            (Look::First, "2027-01-10T10:01:00Z", Some((Look::Second, "2027-01-10T11:00:00Z"))),
            (Look::First, "2027-01-10T12:00:00Z", Some((Look::Second, "2027-01-10T12:01:00Z"))),
            (Look::Second, "2027-01-10T11:00:00Z", Some((Look::Last, "2027-01-11T10:00:00Z"))),
            (Look::Last, "2027-01-11T10:00:00Z", None),
        ] {
            let tombstone = Tombstone { look, ..Tombstone::new(Account::MiniProgram, "o1".into(), at) };
            let next = next.map(|(look, at)| (look, instant(at)));
            assert_eq!(tombstone.look_after(instant(now)), next, "{look:?} at {now}");
        }
    }

    #[test]
    fn tombstone_covers_what_is_not_newer_and_a_later_one_goes_on_with_its_names() {
        let at = instant("2027-01-10T10:00:00.7Z");
        let mut user = User::new("o1".into(), at);
        user.link = Some(Link { openid: "s1".into(), ground: Ground::Code { at: 1 } });
        user.kept = Some("s2".into());
        user.unionid = Some("u1".into());
        let first = Tombstone::of_user(&user, None, at);
        for (second, covered) in [(-1, true), (0, true), (1, false)] {
            assert_eq!(first.covers(at.as_second() + second), covered, "{second}");
        }
        assert_eq!(first.service_openids, ["s1".into(), "s2".into()].into());
        assert_eq!(
            first.indexed().next_look_at,
            Some(first.looks_at),
            "the sweep finds a job nobody finished"
        );
        let again = User::new("o1".into(), at);
        let second = Tombstone::of_user(&again, Some(&first), at);
        assert_eq!((&second.service_openids, &second.unionids), (&first.service_openids, &first.unionids));
    }

    #[test]
    fn what_is_told_a_day_late_makes_nobody_known() {
        let now = instant("2027-01-10T10:00:00Z");
        for (told, late) in [("2027-01-09T10:00:01Z", false), ("2027-01-09T10:00:00Z", true)] {
            assert_eq!(is_too_late(instant(told).as_second(), now), late, "{told}");
        }
    }
}
