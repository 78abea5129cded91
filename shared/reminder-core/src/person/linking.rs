//! Whether a user and a follower are one person, and what becomes of both when they are linked or parted: pure, the
//! table of cases is beside it. The law is in docs/design.md §4 (follow).
//!
//! What was accepted on a phone goes with that phone: credits of the service account are with the user while they are
//! linked, and on the follower's side while nobody is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::{SignedDuration, Timestamp};
use wechat::TemplateId;

use crate::person::follower::Follower;
use crate::person::ledger::Ledger;
use crate::person::link::{Ground, KeptLink, Link};
use crate::person::user::{Block, Follow, User};

/// So long a replaced link may be brought back.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Why the two are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// WeChat gives both the same unionid.
    Unionid,
    /// The follower scanned the user's code at this moment.
    Scan { at: i64 },
    /// Nothing is claimed: whether they are linked rightly.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are to be linked on this ground, whoever each of them is linked with.
    Link(Ground),
    /// They are linked on this ground, and rightly so.
    Linked(Ground),
    /// They are not, or no longer, one person: whatever links them is to go.
    Part,
    Refuse(Refusal),
}

/// Why a scan links nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Their unionids say that they are two people.
    TwoPeople,
    /// One of the two is known for certain to be somebody else.
    Proved,
    /// Something newer has decided already.
    TooLate,
}

pub fn judge(user: &User, follower: &Follower, claim: Claim) -> Verdict {
    let ground = ground_of(user, follower);
    let unionids = user.unionid.as_ref().zip(follower.unionid.as_ref());
    let are_the_same = unionids.is_some_and(|(one, other)| one == other);
    match (claim, ground) {
        _ if unionids.is_some() && !are_the_same => match names_the_other(user, follower) {
            true => Verdict::Part,
            false => Verdict::Refuse(Refusal::TwoPeople),
        },
        (_, Some(Ground::Unionid)) => Verdict::Linked(Ground::Unionid),
        (Claim::Unionid, _) => Verdict::Link(Ground::Unionid),
        (Claim::Scan { .. }, _) if are_the_same => Verdict::Link(Ground::Unionid),
        (Claim::Scan { at }, _) => judge_scan(user, follower, at),
        (Claim::None, Some(ground)) if stands(ground, follower) => Verdict::Linked(ground),
        (Claim::None, _) => Verdict::Part,
    }
}

fn judge_scan(user: &User, follower: &Follower, at: i64) -> Verdict {
    let is_proved = |link: &Option<Link>| link.as_ref().is_some_and(|link| link.ground == Ground::Unionid);
    let ground = Ground::Code { at };
    if is_proved(&user.link) || is_proved(&follower.link) {
        return Verdict::Refuse(Refusal::Proved);
    }
    if !stands(ground, follower) {
        return Verdict::Refuse(Refusal::TooLate);
    }
    if ground_of(user, follower) == Some(ground) {
        return Verdict::Linked(ground);
    }
    // Who left in this very second, and follows, has come back by this scan.
    let came_back = follower.left_at == Some(at);
    let is_newest = |known: Option<i64>| known < Some(at) || (known == Some(at) && came_back);
    match is_newest(follower.decided_at) && is_newest(user.scanned_at) {
        true => Verdict::Link(ground),
        false => Verdict::Refuse(Refusal::TooLate),
    }
}

/// A link by a code ends with the follower's unfollow. Of one second, whether they follow tells what came last.
fn stands(ground: Ground, follower: &Follower) -> bool {
    match ground {
        Ground::Unionid => true,
        Ground::Code { at } => follower.follow.followed && follower.left_at <= Some(at),
    }
}

/// On which ground the two are linked, if they are.
fn ground_of(user: &User, follower: &Follower) -> Option<Ground> {
    let back = follower.link.as_ref().filter(|link| link.openid == user.openid)?;
    (user.service_openid() == Some(&follower.openid)).then_some(back.ground)
}

fn names_the_other(user: &User, follower: &Follower) -> bool {
    user.service_openid() == Some(&follower.openid)
        || follower.link.as_ref().is_some_and(|link| link.openid == user.openid)
}

/// Makes the two one person. Whoever else they were linked with has been parted from them before.
pub fn join(user: &mut User, follower: &mut Follower, ground: Ground) {
    user.link = Some(Link { openid: follower.openid.clone(), ground });
    follower.link = Some(Link { openid: user.openid.clone(), ground });
    match ground {
        Ground::Code { at } => {
            follower.decided_at = follower.decided_at.max(Some(at));
            user.scanned_at = user.scanned_at.max(Some(at));
            follower.kept.take_if(|kept| kept.mini_openid == user.openid);
            user.kept.take_if(|openid| *openid == follower.openid);
        }
        // Nothing is left that a scan could have been right about.
        Ground::Unionid => (follower.kept, user.kept) = (None, None),
    }
    user.follow = follower.follow;
    user.block = follower.block;
    move_credits(&mut follower.credits, &mut user.credits, |_| true);
}

/// What is known of the follower, for the user they are linked with.
pub fn tell(user: &mut User, follower: &mut Follower) {
    user.follow = user.follow.merged(follower.follow);
    user.block = follower.block;
    move_credits(&mut follower.credits, &mut user.credits, |_| true);
}

/// They are one person no longer, as far as they were. `is_notification`: the template is the service account's.
pub fn part(user: &mut User, follower: &mut Follower, is_notification: impl Fn(&TemplateId) -> bool) {
    if user.link.take_if(|link| link.openid == follower.openid).is_some() {
        user.follow = Follow::default();
        user.block = Block::default();
        move_credits(&mut user.credits, &mut follower.credits, is_notification);
    }
    follower.link.take_if(|link| link.openid == user.openid);
}

/// The user is forgotten at `at`, and the follower names them no more. What was accepted on a phone that may be somebody
/// else's stays there.
pub fn forget(
    user: &User,
    follower: &mut Follower,
    at: Timestamp,
    is_notification: impl Fn(&TemplateId) -> bool,
) {
    follower.kept.take_if(|kept| kept.mini_openid == user.openid);
    let Some(link) = follower.link.take_if(|link| link.openid == user.openid) else { return };
    if matches!(link.ground, Ground::Code { .. }) {
        part(&mut user.clone(), follower, is_notification);
    }
    if link.ground == Ground::Unionid || follower.unionid.is_none() {
        follower.forgotten_at = Some(at);
    }
}

/// Parts the two because one of them is to be linked with somebody else on the ground `newer`. What a scan replaces may
/// come back for a while.
pub fn replace(
    user: &mut User,
    follower: &mut Follower,
    newer: Ground,
    is_notification: impl Fn(&TemplateId) -> bool,
) {
    let older = ground_of(user, follower);
    part(user, follower, is_notification);
    if let (Some(Ground::Code { at }), Ground::Code { at: replaced_at }) = (older, newer) {
        let until = replaced_at + KEPT_FOR.as_secs();
        follower.kept = Some(KeptLink { mini_openid: user.openid.clone(), at, until });
        user.kept = Some(follower.openid.clone());
    }
}

/// What the follower's wish to undo their last scan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoing {
    /// Whatever a code links them with is to go, and what it replaced comes back.
    Due,
    /// It was done before: the message has come twice.
    Done,
    /// They never scanned, or who they are is proved, or something newer has decided since.
    Nothing,
}

pub fn judge_undo(follower: &Follower, at: i64) -> Undoing {
    match (follower.link.as_ref().map(|link| link.ground), follower.decided_at) {
        (Some(Ground::Unionid), _) | (_, None) => Undoing::Nothing,
        // Nobody answers before they scanned.
        (Some(Ground::Code { at: scanned_at }), _) if scanned_at == at => Undoing::Due,
        (_, Some(decided_at)) if decided_at < at => Undoing::Due,
        (_, Some(decided_at)) if decided_at == at => Undoing::Done,
        _ => Undoing::Nothing,
    }
}

/// Links the two as they were linked before a scan at whose undo, `at`, they may be so again.
pub fn restore(user: &mut User, follower: &mut Follower, at: i64) {
    let Some(kept) = follower.kept.take_if(|kept| kept.mini_openid == user.openid) else { return };
    let ground = Ground::Code { at: kept.at };
    let is_mutual = user.kept.take_if(|openid| *openid == follower.openid).is_some();
    let are_free = user.link.is_none() && follower.link.is_none();
    let is_alone = !matches!((&user.unionid, &follower.unionid), (Some(one), Some(other)) if one != other);
    if is_mutual && are_free && is_alone && at < kept.until && stands(ground, follower) {
        join(user, follower, ground);
    }
}

fn move_credits(
    from: &mut BTreeMap<TemplateId, Ledger>,
    to: &mut BTreeMap<TemplateId, Ledger>,
    which: impl Fn(&TemplateId) -> bool,
) {
    let (moved, left) = std::mem::take(from).into_iter().partition(|(template_id, _)| which(template_id));
    *from = left;
    let moved: BTreeMap<TemplateId, Ledger> = moved;
    for (template_id, ledger) in moved {
        match to.entry(template_id) {
            Entry::Vacant(vacant) => {
                vacant.insert(ledger);
            }
            Entry::Occupied(mut known) => known.get_mut().absorb(ledger),
        }
    }
}

#[cfg(test)]
mod tests;
