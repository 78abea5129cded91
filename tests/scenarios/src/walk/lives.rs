//! What each citizen has done that decides which ways to reach them are open, and which of those we can know of.
//!
//! The truth is the platform's. What WeChat never told us (a silent accept, a lost event) we cannot know, and nobody
//! tells that a block ended: a way that was open all the time without our knowing is no promise broken.

use std::collections::BTreeSet;

use jiff::Timestamp;
use simulator::wechat::{Callback, UserView};

/// Where people live in the beginning, as the settings say.
pub(crate) const HOME: &str = "Asia/Shanghai";

/// What of somebody's life matters.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) forgotten_at: Option<Timestamp>,
    pub(crate) blocked_at: Option<Timestamp>,
    /// When they last took a way to reach them away.
    pub(crate) took_away_at: Timestamp,
    /// When they last asked for something that costs accepts.
    pub(crate) asked_at: Timestamp,
    /// Templates for which they accepted a prompt in silence.
    pub(crate) silent: BTreeSet<String>,
    /// Since when they live by another zone, oldest first; before that, at [`HOME`].
    pub(crate) zones: Vec<(Timestamp, String)>,
    pub(crate) begins_at: Timestamp,
    /// When they followed and unfollowed.
    pub(crate) followed_at: Vec<Timestamp>,
    pub(crate) left_at: Vec<Timestamp>,
    /// Whose codes they scanned.
    pub(crate) scanned: BTreeSet<usize>,
}

impl Life {
    pub(crate) fn begins(now: Timestamp) -> Self {
        Self {
            forgotten_at: None,
            blocked_at: None,
            took_away_at: now,
            asked_at: now,
            silent: BTreeSet::new(),
            zones: Vec::new(),
            begins_at: now,
            followed_at: Vec::new(),
            left_at: Vec::new(),
            scanned: BTreeSet::new(),
        }
    }

    pub(crate) fn zone(&self) -> &str {
        self.zones.last().map_or(HOME, |(_, zone)| zone)
    }

    pub(crate) fn moved_at(&self) -> Option<Timestamp> {
        self.zones.last().map(|(at, _)| *at)
    }

    /// All that they lived by at that moment or after it.
    pub(crate) fn zones_since(&self, since: Timestamp) -> impl Iterator<Item = &str> {
        let names = std::iter::once(HOME).chain(self.zones.iter().map(|(_, zone)| zone.as_str()));
        let ends = self.zones.iter().map(|(at, _)| *at).chain([Timestamp::MAX]);
        names.zip(ends).filter(move |(_, end)| since <= *end).map(|(name, _)| name)
    }

    /// They can be told as a follower, and we were told so: their unionid proves whose follower they are, and no code that
    /// is scanned moves that, theirs or another's.
    pub(crate) fn is_open_follower(&self, user: &UserView, callbacks: &[Callback]) -> bool {
        let Some(since) = user.followed_since.filter(|_| !user.blocked && user.unionid.is_some()) else {
            return false;
        };
        let before = |at: Option<Timestamp>| at.is_none_or(|at| at < since);
        let openid = user.service_account_openid.as_deref().unwrap_or_default();
        let told = callbacks.iter().any(|callback| {
            callback.event == "subscribe"
                && names(callback, openid)
                && names(callback, &since.as_second().to_string())
                && was_taken(callback)
        });
        told && before(self.forgotten_at) && before(self.blocked_at)
    }

    /// How many messages of the template WeChat would take; none if there are accepts that we were not told of.
    pub(crate) fn open_quota(&self, user: &UserView, template_id: &str, callbacks: &[Callback]) -> u32 {
        let untold = callbacks.iter().any(|callback| {
            callback.event == "subscribe_msg_popup_event"
                && names(callback, &user.mini_program_openid)
                && names(callback, template_id)
                && !was_taken(callback)
        });
        if untold || self.silent.contains(template_id) || self.forgotten_at.is_some() {
            return 0;
        }
        user.credits.get(template_id).copied().unwrap_or_default()
    }
}

fn names(callback: &Callback, text: &str) -> bool {
    callback.document.contains(text)
}

fn was_taken(callback: &Callback) -> bool {
    callback.attempts.iter().any(|attempt| attempt.status == Some(200))
}
