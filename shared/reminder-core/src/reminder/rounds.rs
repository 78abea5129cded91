//! A reminder that is repeated: when a round of it ends, and how the next begins. One item and one timeline for all of them.

use jiff::{SignedDuration, Timestamp};

use super::content::Content;
use super::timeline::EventName;
use super::{Push, Reminder, Status};

/// A second "done" so soon is the first one again, whose answer was lost, or a second tap.
const SAME_DONE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

impl Reminder {
    /// When the next round is to begin: at the expiry, or once nobody looks for the outcome of a push any more.
    pub fn round_ends_at(&self) -> Option<Timestamp> {
        let is_repeated = self.status == Status::Active && self.content.repeat.is_some();
        let last_look = self.pushes.iter().filter_map(Push::next_look_at).max();
        is_repeated.then(|| last_look.map_or(self.ends_at(), |look| look.max(self.ends_at())))
    }

    /// It has expired, and all that was to be told of it is told or given up.
    pub fn round_is_over(&self, now: Timestamp) -> bool {
        self.round_ends_at().is_some_and(|end| end <= now) && self.pushes.iter().all(Push::is_final)
    }

    /// The next round begins by itself.
    pub fn begin_round(&mut self, content: Content, pushes: Vec<Push>, now: Timestamp) {
        self.pushes = pushes;
        self.revision += 1;
        self.told_until = None;
        self.schedules.clear();
        let (round, until) = (content.repeat.as_ref().map_or(1, |repeat| repeat.round()), content.expires_at);
        let detail = format!("round {round}, until {}", content.local(until));
        self.content = content;
        self.timeline.add(now, None, EventName::Repeated, detail);
    }

    /// Its user has ended this round: the next begins.
    pub fn done_with_round(&mut self, content: Content, pushes: Vec<Push>, now: Timestamp) {
        self.timeline.add(now, None, EventName::Done, "");
        self.begin_round(content, pushes, now);
    }

    /// Its user has ended the round before this one only now.
    pub fn was_just_done(&self, now: Timestamp) -> bool {
        let done = self.content.repeat.as_ref().and_then(|repeat| repeat.done());
        done.is_some_and(|(_, at)| now < at + SAME_DONE_WITHIN)
    }

    /// Its user takes "done" back: all goes on as planned by this content, one revision on.
    pub fn reopen(&mut self, content: Content, pushes: Vec<Push>, now: Timestamp) {
        self.status = Status::Active;
        self.renew(content, pushes, now);
        self.timeline.add(now, None, EventName::Reopened, "");
    }

    /// What it is reopened to, and since when it was done; none if that is nothing to take back.
    pub fn before_done(&self, now: Timestamp) -> Option<Content> {
        match (self.status, &self.content.repeat) {
            (Status::Done { at }, _) => self.content.reopened(at, now),
            (Status::Active, Some(_)) => self.content.round_before_done(now),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
