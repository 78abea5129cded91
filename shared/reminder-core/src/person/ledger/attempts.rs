//! What attempts do to a ledger: each takes what it rests on before it is sent, and what is known of it afterwards is
//! accounted for.

use jiff::Timestamp;

use super::marks::{Origin, Reservation, short};
use super::{Ledger, Standing};

/// What is to be done about the credit that was reserved for the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditChange {
    /// Spent, or nobody knows.
    Keep,
    /// Definitely not used.
    Release,
    /// WeChat says there is none (43101).
    Exhausted,
}

impl Ledger {
    /// Takes a credit for the attempt `cause`, and says whether there is one: one that was counted, else an accept that
    /// nobody confirmed, else one that WeChat may still have. A long-term subscription is one that is never used up;
    /// where the settings say that a template is good for one message each time, it is none. Repeating it answers the
    /// same.
    pub fn reserve(&mut self, cause: &str, long_term: bool, now: Timestamp) -> bool {
        if self.holds(cause) || (long_term && self.grant.is_some()) {
            return true;
        }
        let origin = if self.count > 0 {
            self.count -= 1;
            Origin::Counted
        } else if !self.reports.is_empty() {
            Origin::Reported(self.reports.remove(0))
        } else if self.uncertain.is_some() {
            self.undoubt();
            Origin::Uncertain
        } else {
            return false;
        };
        self.tidy(now);
        let (cause, at) = (short(cause), now.as_second());
        self.reservations.push(Reservation { cause, at, origin, uncertain: false, settled: false });
        true
    }

    /// The attempt `cause`, begun at `began`, has ended, and this is known of its credit. `repeats`: it rests on the credit
    /// of an attempt before it, which may have used it.
    pub fn account_for(&mut self, cause: &str, began: Timestamp, change: CreditChange, repeats: bool) {
        match change {
            CreditChange::Keep => {}
            CreditChange::Release if repeats => {}
            CreditChange::Release => self.release(cause),
            // The attempt before it used the last one, so nothing contradicts what was accepted.
            CreditChange::Exhausted if repeats => self.used_up(began),
            CreditChange::Exhausted => self.exhausted(cause, began),
        }
    }

    /// Nobody will ever know whether the attempt used its credit: WeChat may still have it. Says whether that is news.
    pub fn set_uncertain(&mut self, cause: &str) -> bool {
        let cause = short(cause);
        let in_doubt = |held: &&mut Reservation| {
            held.cause == cause && !held.uncertain && held.origin != Origin::Nothing
        };
        let Some(held) = self.reservations.iter_mut().find(in_doubt) else { return false };
        held.uncertain = true;
        let at = held.at;
        self.doubt(1, at);
        true
    }

    /// It is known after all that the attempt used its credit. Says whether that is news.
    pub fn set_used(&mut self, cause: &str) -> bool {
        let cause = short(cause);
        let held = self.reservations.iter_mut().find(|held| held.cause == cause && held.uncertain);
        let Some(held) = held else { return false };
        held.uncertain = false;
        self.undoubt();
        true
    }

    /// WeChat took a message on the long-term subscription. Says whether that is news.
    pub fn confirm_grant(&mut self) -> bool {
        let Some(grant) = self.grant.as_mut().filter(|grant| grant.standing != Standing::Confirmed) else {
            return false;
        };
        grant.standing = Standing::Confirmed;
        true
    }

    /// The attempt definitely did not use its credit: back it goes to where it was taken from.
    pub fn release(&mut self, cause: &str) {
        let Some(held) = self.take(short(cause)) else { return };
        match held.origin {
            Origin::Counted => match self.may_have_used(held.at) {
                Some(other) => {
                    self.settle(Some(other));
                    self.doubt(1, held.at);
                }
                None => self.count += 1,
            },
            Origin::Reported(report) => self.reports.insert(0, report),
            Origin::Uncertain => self.doubt(1, held.at),
            Origin::Nothing => {}
        }
    }

    /// The attempt was not taken, though that was learnt late: whatever it rested on goes back, and is in doubt no more.
    pub fn give_back(&mut self, cause: &str) {
        self.set_used(cause);
        self.release(cause);
    }

    /// The credit of the attempt `cause`, begun at `began`, was a true one and the last: nothing is left that WeChat may
    /// have, and nothing was accepted or refused since.
    pub fn is_last(&self, cause: &str, began: Timestamp) -> bool {
        let (cause, since) = (short(cause), began.as_second());
        let held =
            self.reservations.iter().find(|held| held.cause == cause && held.origin == Origin::Counted);
        let Some(held) = held else { return false };
        let others_uncertain = self.left(Standing::Uncertain) > u32::from(held.uncertain);
        let left = self.count > 0 || !self.reports.is_empty() || others_uncertain;
        let accepted = self.accepts.iter().any(|accept| accept.at >= since);
        let refused = self.worthless.is_some_and(|moment| moment >= since);
        !left && !accepted && !refused
    }

    /// Whether anything was accepted at `began` or later that a message may use.
    pub fn accepted_since(&self, began: Timestamp) -> bool {
        self.count > 0
            || !self.reports.is_empty()
            || self.accepts.iter().any(|accept| accept.at >= began.as_second())
    }

    /// The attempt `cause` holds a credit, or used it a short while ago.
    pub fn holds(&self, cause: &str) -> bool {
        let cause = short(cause);
        self.reservations.iter().any(|held| held.cause == cause)
    }

    pub(super) fn take(&mut self, cause: u32) -> Option<Reservation> {
        let index = self.reservations.iter().position(|held| held.cause == cause)?;
        Some(self.reservations.remove(index))
    }

    /// One credit less is in doubt.
    fn undoubt(&mut self) {
        self.uncertain = self.uncertain.and_then(|mut doubt| {
            doubt.left = doubt.left.checked_sub(1)?;
            (doubt.left > 0).then_some(doubt)
        });
    }
}
