//! The credit ledger of one user and one template: how many messages we believe WeChat will still let us send.
//!
//! One accepted prompt is one credit, and one credit is one message. The ledger never counts more credits than WeChat
//! has, except between a user's refusal and the event that tells us of it: an accept counts once, however often and late
//! it is told; a credit that was reserved and not used counts again only if nothing made it worthless meanwhile (its
//! epoch is over then); and what WeChat refused is not counted again. Every change carries the id of its cause, so that
//! repeating it is harmless.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a reported accept counts while its event is still on the way (docs/design.md §3).
pub const REPORT_FRESH: SignedDuration = SignedDuration::from_mins(2);
/// How long the ids of causes are remembered: WeChat repeats within minutes, a phone that was offline within hours.
const MARKS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// At most so many accepts are remembered; nobody accepts more often in that time.
const MARKS_MAX: usize = 100;
/// At most so many unconfirmed reports are remembered, each worth one attempt.
const REPORTS_MAX: usize = 5;

/// Which reports add a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// WeChat's popup event.
    Events,
    /// The mini program's own report, for owners whose events go elsewhere.
    Client,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Credits that are neither spent nor reserved.
    pub count: u32,
    /// One more whenever everything accepted so far became worthless.
    pub epoch: u32,
    /// A long-term subscription is granted; counts as one as long as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted: bool,
    /// Accepts that were counted: by which report, and when the user tapped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accepts: Vec<Accept>,
    /// Accepts the mini program reported and no event confirmed yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reports: Vec<Report>,
    /// Attempts that hold a credit, or used it lately. An attempt that is not among them was certainly never sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reservations: Vec<Reservation>,
    /// Messages sent on an accept whose event never came; should it come late, it is spent already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spent_unseen: Vec<Timestamp>,
    /// Accepts from before this moment are worth nothing, nor with `or_at` those of its very second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worthless: Option<Worthless>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Accept {
    cause: String,
    at: Timestamp,
    /// The report of the mini program that was matched with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Report {
    cause: String,
    at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reservation {
    cause: String,
    epoch: u32,
    at: Timestamp,
    /// Taken from `count`, not from an unconfirmed report.
    counted: bool,
    /// The unconfirmed report it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
    /// Used, or nobody knows whether: it does not come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    spent: bool,
    /// Nobody will ever know whether it was used: WeChat may still have this credit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    uncertain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Worthless {
    before: Timestamp,
    or_at: bool,
}

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
    /// What can be promised to pushes now.
    pub fn available(&self, now: Timestamp) -> u32 {
        let is_fresh = |report: &&Report| now.duration_since(report.at) < REPORT_FRESH;
        let fresh = self.reports.iter().filter(is_fresh).count();
        self.count + u32::from(self.granted) + u32::try_from(fresh).unwrap_or(u32::MAX)
    }

    /// Accepts that were reported and never confirmed: each is worth one attempt when nothing else is left.
    pub fn reported(&self) -> u32 {
        u32::try_from(self.reports.len()).unwrap_or(u32::MAX)
    }

    /// WeChat's popup event: the user accepted at `at`. Says whether the ledger changed.
    pub fn accept(&mut self, cause: &str, at: Timestamp, long_term: bool, now: Timestamp) -> bool {
        if self.accepts.iter().any(|accept| accept.cause == cause) {
            return false;
        }
        self.tidy(now);
        let report = self.reports.iter().position(|report| report.at.duration_since(at).abs() < REPORT_FRESH);
        let reported_by = report.map(|index| self.reports.remove(index).cause);
        let held = self.reservations.iter_mut().find(|held| {
            let report = held.report.as_ref().filter(|_| !held.counted && !held.spent);
            reported_by.is_none()
                && report.is_some_and(|report| report.at.duration_since(at).abs() < REPORT_FRESH)
        });
        if let Some(held) = held {
            // An attempt under way rests on this very accept.
            held.counted = true;
            let reported_by = held.report.take().map(|report| report.cause);
            self.accepts.push(Accept { cause: cause.to_owned(), at, reported_by });
            return true;
        }
        self.accepts.push(Accept { cause: cause.to_owned(), at, reported_by });
        if let Some(unseen) = self.spent_unseen.iter().position(|spent| at <= *spent) {
            self.spent_unseen.remove(unseen);
        } else if !self.is_worthless(at) {
            self.add(long_term);
        }
        true
    }

    /// The mini program's report of an accept. With [`Source::Client`] it adds; with [`Source::Events`] it is
    /// remembered until the event comes. Says whether the ledger changed.
    pub fn report(&mut self, cause: &str, source: Source, long_term: bool, now: Timestamp) -> bool {
        let held = self.reservations.iter().filter_map(|held| held.report.as_ref());
        if self.reports.iter().chain(held).any(|report| report.cause == cause)
            || self
                .accepts
                .iter()
                .any(|accept| accept.cause == cause || accept.reported_by.as_deref() == Some(cause))
        {
            return false;
        }
        self.tidy(now);
        match source {
            Source::Client => {
                self.accepts.push(Accept { cause: cause.to_owned(), at: now, reported_by: None });
                self.add(long_term);
            }
            Source::Events => {
                let event = self.accepts.iter_mut().find(|accept| {
                    accept.reported_by.is_none() && now.duration_since(accept.at).abs() < REPORT_FRESH
                });
                match event {
                    Some(accept) => accept.reported_by = Some(cause.to_owned()),
                    None if self.reports.len() >= REPORTS_MAX => return false,
                    None => self.reports.push(Report { cause: cause.to_owned(), at: now }),
                }
            }
        }
        true
    }

    /// The user refused at `at` (WeChat's change event, or a rejected prompt of a long-term template).
    pub fn refuse(&mut self, at: Timestamp) {
        self.forget_before(at, true);
    }

    /// Takes a credit for the attempt `cause`, and says whether there is one: one that was counted, else an accept that
    /// nobody confirmed. A long-term subscription is one that is never used up; where the settings say that a template
    /// is good for one message each time, it is none. Repeating it answers the same.
    pub fn reserve(&mut self, cause: &str, long_term: bool, now: Timestamp) -> bool {
        if self.holds(cause) || (self.granted && long_term) {
            return true;
        }
        let counted = self.count > 0;
        let report = match counted {
            true => None,
            false if self.reports.is_empty() => return false,
            false => Some(self.reports.remove(0)),
        };
        self.count -= u32::from(counted);
        self.tidy(now);
        let (cause, epoch) = (cause.to_owned(), self.epoch);
        self.reservations.push(Reservation {
            cause,
            epoch,
            at: now,
            counted,
            report,
            spent: false,
            uncertain: false,
        });
        true
    }

    /// The attempt was sent, or nobody knows: its credit is gone. It is still known to have had one.
    pub fn consume(&mut self, cause: &str) {
        let held = self.reservations.iter_mut().find(|held| held.cause == cause && !held.spent);
        let Some(held) = held else { return };
        held.spent = true;
        if !held.counted {
            self.spent_unseen.push(held.at);
        }
    }

    /// The attempt `cause`, begun at `began`, has ended, and this is known of its credit. `repeats`: it rests on the credit
    /// of an attempt before it, which may have used it.
    pub fn account_for(&mut self, cause: &str, began: Timestamp, change: CreditChange, repeats: bool) {
        match change {
            CreditChange::Keep => self.consume(cause),
            CreditChange::Release if repeats => {}
            CreditChange::Release => self.release(cause),
            CreditChange::Exhausted => self.exhausted(cause, began),
        }
    }

    /// Nobody will ever know whether the attempt used its credit. Says whether that is news.
    pub fn set_uncertain(&mut self, cause: &str) -> bool {
        let held = self.reservations.iter_mut().find(|held| held.cause == cause && !held.uncertain);
        held.map(|held| held.uncertain = true).is_some()
    }

    /// The attempt definitely did not use its credit: back it goes, into the epoch it came from.
    pub fn release(&mut self, cause: &str) {
        let index = self.reservations.iter().position(|held| held.cause == cause && !held.spent);
        let Some(index) = index else { return };
        let held = self.reservations.remove(index);
        if held.epoch != self.epoch {
            return;
        }
        match held.report {
            Some(report) if self.reports.len() < REPORTS_MAX => self.reports.insert(0, report),
            Some(_) => {}
            None => self.count += 1,
        }
    }

    /// The attempt was not taken, though that was learnt late: whatever it held goes back.
    pub fn give_back(&mut self, cause: &str) {
        let Some(held) = self.reservations.iter_mut().find(|held| held.cause == cause) else { return };
        let at = held.at;
        if std::mem::take(&mut held.spent) && !held.counted {
            self.spent_unseen.retain(|spent| *spent != at);
        }
        self.release(cause);
    }

    /// WeChat refused an attempt begun at `began` for want of a credit (43101): nothing accepted before is left.
    pub fn exhausted(&mut self, cause: &str, began: Timestamp) {
        self.reservations.retain(|held| held.cause != cause);
        self.forget_before(began, false);
    }

    /// Takes over what another ledger of the same person and template has.
    pub fn absorb(&mut self, other: Self) {
        self.count += other.count;
        self.granted |= other.granted;
        self.accepts.extend(other.accepts);
        self.reports.extend(other.reports);
        self.reports.truncate(REPORTS_MAX);
    }

    /// The credit of the attempt `cause`, begun at `began`, was a true one and the last: nothing accepted is left by any
    /// report, nothing was refused since, and no other attempt may have left its credit with WeChat.
    pub fn is_last(&self, cause: &str, began: Timestamp) -> bool {
        let held = self.reservations.iter().any(|held| held.cause == cause && held.counted);
        let left = self.count > 0
            || !self.reports.is_empty()
            || self
                .reservations
                .iter()
                .any(|held| held.cause != cause && held.uncertain && held.epoch == self.epoch);
        let since = began.as_second();
        let accepted = self.accepts.iter().any(|accept| accept.at.as_second() >= since);
        let refused = self.worthless.is_some_and(|worthless| worthless.before.as_second() >= since);
        held && !left && !accepted && !refused
    }

    /// The attempt `cause` holds a credit, or used it a short while ago.
    pub fn holds(&self, cause: &str) -> bool {
        self.reservations.iter().any(|held| held.cause == cause)
    }

    /// The attempt rests on an accept nobody confirmed, and that was not noted as spent yet.
    pub fn holds_unconfirmed(&self, cause: &str) -> bool {
        self.reservations.iter().any(|held| held.cause == cause && !held.counted && !held.spent)
    }

    fn add(&mut self, long_term: bool) {
        if long_term {
            self.granted = true;
        } else {
            self.count += 1;
        }
    }

    fn forget_before(&mut self, moment: Timestamp, or_at: bool) {
        let worthless = Worthless { before: moment, or_at };
        let later = self.accepts.iter().filter(|accept| !worthless.covers(accept.at)).count();
        if later == 0 {
            self.granted = false;
        }
        self.count = self.count.min(u32::try_from(later).unwrap_or(u32::MAX));
        self.epoch += 1;
        self.reports.retain(|report| report.at > moment);
        if self.worthless.is_none_or(|known| known.before <= moment) {
            self.worthless = Some(worthless);
        }
    }

    fn is_worthless(&self, at: Timestamp) -> bool {
        self.worthless.is_some_and(|worthless| worthless.covers(at))
    }

    fn tidy(&mut self, now: Timestamp) {
        let recent = |at: Timestamp| now.duration_since(at) < MARKS_KEPT;
        // A credit that is still counted keeps its accept: a late refusal must know what came after it.
        let keep = usize::try_from(self.count).unwrap_or(usize::MAX);
        let removable = self.accepts.len().saturating_sub(keep);
        let mut index = 0;
        self.accepts.retain(|accept| {
            index += 1;
            index > removable || recent(accept.at)
        });
        if self.accepts.len() > MARKS_MAX {
            self.accepts.drain(..self.accepts.len() - MARKS_MAX);
        }
        self.reservations.retain(|held| recent(held.at));
        self.spent_unseen.retain(|spent| recent(*spent));
    }
}

impl Worthless {
    fn covers(self, at: Timestamp) -> bool {
        // WeChat's event times are whole seconds.
        let (at, before) = (at.as_second(), self.before.as_second());
        at < before || (self.or_at && at == before)
    }
}

#[cfg(test)]
mod tests;
