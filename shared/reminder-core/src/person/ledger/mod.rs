//! The credit ledger of one user and one template: how many messages we believe WeChat will still let us send, and how
//! sure we are of each.
//!
//! One accepted prompt is one credit, and one credit is one message. The ledger never counts more credits than WeChat
//! has, except between a user's refusal and the event that tells us of it: an accept counts once, however often and late
//! it is told; a credit that was reserved and not used counts again only if nothing made it worthless meanwhile. What may
//! be there and is not known to be is never counted and never forgotten either: a report that no event confirmed, a credit
//! that an attempt may have used, one that WeChat denies although its own event told of it. Each is worth one attempt
//! when nothing better is left, for 43101 is a harmless no. Every change carries the id of its cause, so that repeating
//! it is harmless.

mod attempts;
mod marks;
mod refusals;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use attempts::CreditChange;
use marks::{Accept, Mark, Origin, Reservation, oldest, short};

/// At most so many accepts and unconfirmed reports are remembered; nobody accepts more often in a week.
const MARKS_MAX: usize = 50;

/// Which reports add a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// WeChat's popup event.
    Events,
    /// The mini program's own report, for owners whose events go elsewhere.
    Client,
}

/// How sure it is that WeChat takes a message on it, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Counted by the source that the settings name, or WeChat's own word.
    Confirmed,
    /// Only the mini program says so.
    Reported,
    /// Perhaps it was used already, or WeChat said that there is none.
    Uncertain,
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::Reported, Self::Uncertain];
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Credits that are neither spent nor reserved.
    pub count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant: Option<Grant>,
    /// Accepts that were counted lately.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accepts: Vec<Accept>,
    /// Accepts the mini program reported and no event confirmed yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reports: Vec<Mark>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reservations: Vec<Reservation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uncertain: Option<Doubt>,
    /// Accepts from before this second are worth nothing; one of this very second may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worthless: Option<i64>,
    /// Accepts up to this second are uncertain: WeChat said that there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubted: Option<i64>,
}

/// A long-term subscription: any number of messages, until it is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Grant {
    standing: Standing,
    /// When it was granted last, or came into doubt.
    at: i64,
}

/// Credits that WeChat may still have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Doubt {
    left: u32,
    /// When the last of them came into doubt.
    since: i64,
}

/// What an accept is worth, going by its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    Whole,
    Doubtful,
    Nothing,
}

impl Ledger {
    /// How many messages it is good for by this standing; a long-term subscription is not among them.
    pub fn left(&self, standing: Standing) -> u32 {
        match standing {
            Standing::Confirmed => self.count,
            Standing::Reported => u32::try_from(self.reports.len()).unwrap_or(u32::MAX),
            Standing::Uncertain => self.uncertain.map_or(0, |doubt| doubt.left),
        }
    }

    /// Whether a long-term subscription is granted, however that was learnt.
    pub fn granted(&self) -> Option<Standing> {
        self.grant.map(|grant| grant.standing)
    }

    /// What the user is told they have: all that nothing contradicts. A long-term subscription counts as one.
    pub fn available(&self) -> u32 {
        let granted = self.granted().is_some_and(|standing| standing < Standing::Uncertain);
        self.left(Standing::Confirmed) + self.left(Standing::Reported) + u32::from(granted)
    }

    /// WeChat's popup event: the user accepted at `at`. Says whether the ledger changed.
    pub fn accept(&mut self, cause: &str, at: Timestamp, long_term: bool, now: Timestamp) -> bool {
        let (cause, at) = (short(cause), at.as_second());
        if long_term {
            return self.grant(Standing::Confirmed, at);
        }
        if self.accepts.iter().any(|known| known.cause == cause) {
            return false;
        }
        self.tidy(now);
        let worth = self.worth(at);
        let reported_by = match self.resting_on(at, worth) {
            Some(index) => self.rest_on(index, worth, at),
            None => {
                let report = self.reports.iter().position(|report| report.is_of(at));
                self.add(worth, at);
                report.map(|index| self.reports.remove(index).cause)
            }
        };
        self.accepts.push(Accept { at, cause, reported_by });
        true
    }

    /// The mini program's report of an accept. With [`Source::Client`] it adds; with [`Source::Events`] it is
    /// remembered until the event comes. Says whether the ledger changed.
    pub fn report(&mut self, cause: &str, source: Source, long_term: bool, now: Timestamp) -> bool {
        let report = Mark::new(cause, now);
        if long_term {
            let standing = match source {
                Source::Client => Standing::Confirmed,
                Source::Events => Standing::Reported,
            };
            return self.grant(standing, report.at);
        }
        let held = self.reservations.iter().filter_map(|held| held.origin.report());
        let is_known = self.reports.iter().copied().chain(held).any(|known| known.cause == report.cause)
            || self.accepts.iter().any(|accept| accept.was_told_by(report.cause));
        if is_known {
            return false;
        }
        self.tidy(now);
        let Mark { at, cause } = report;
        if source == Source::Client {
            self.accepts.push(Accept { at, cause, reported_by: None });
            self.count += 1;
            return true;
        }
        let mut events = self.accepts.iter_mut();
        match events.find(|accept| accept.reported_by.is_none() && report.is_of(accept.at)) {
            Some(accept) => accept.reported_by = Some(cause),
            None => return self.remember(report),
        }
        true
    }

    /// Takes over what another ledger of the same person and template has.
    pub fn absorb(&mut self, mut other: Self) {
        let revoked = [self.worthless, other.worthless];
        for moment in revoked.into_iter().flatten() {
            self.revoke(moment);
            other.revoke(moment);
        }
        for accept in other.accepts {
            let is_known = self.accepts.iter().any(|known| known.cause == accept.cause);
            if !is_known {
                self.accepts.push(accept);
            } else if self.worth(accept.at) == Worth::Whole {
                other.count = other.count.saturating_sub(1);
            }
        }
        self.count += other.count;
        self.grant = self.grant.into_iter().chain(other.grant).min_by_key(|grant| grant.standing);
        self.doubted = self.doubted.max(other.doubted);
        if let Some(doubt) = other.uncertain {
            self.doubt(doubt.left, doubt.since);
        }
        self.reservations.extend(other.reservations);
        for report in other.reports {
            if !self.reports.contains(&report) {
                self.remember(report);
            }
        }
    }

    fn remember(&mut self, report: Mark) -> bool {
        let fits = self.reports.len() < MARKS_MAX;
        if fits {
            self.reports.push(report);
        } else {
            tracing::warn!(most = MARKS_MAX, "a reported accept is not remembered: too many are unconfirmed");
        }
        fits
    }

    /// An attempt that the accept of this moment belongs to: its report is of the same tap; or it began after the accept
    /// and rests on nothing that is known, so that if it was sent, then on this one.
    fn resting_on(&self, at: i64, worth: Worth) -> Option<usize> {
        let of_one_tap = |held: &Reservation| held.origin.report().is_some_and(|report| report.is_of(at));
        let after_it = |held: &Reservation| {
            at <= held.at
                && match held.origin {
                    Origin::Counted => false,
                    Origin::Reported(_) | Origin::Uncertain => true,
                    Origin::Nothing => self.worthless.is_none_or(|moment| moment < held.at),
                }
        };
        let by_tap = self.reservations.iter().position(of_one_tap);
        let by_time = || self.reservations.iter().position(after_it).filter(|_| worth == Worth::Whole);
        by_tap.or_else(by_time)
    }

    /// The attempt rests on the accept of this moment. Answers the report that told of it before.
    fn rest_on(&mut self, index: usize, worth: Worth, at: i64) -> Option<u32> {
        let held = &mut self.reservations[index];
        let report = held.origin.report();
        let was_uncertain = held.origin == Origin::Uncertain;
        held.origin = match worth {
            Worth::Whole => Origin::Counted,
            Worth::Doubtful => Origin::Uncertain,
            Worth::Nothing => Origin::Nothing,
        };
        if was_uncertain {
            // It took the credit in doubt or, if that was gone, this one: the other is in doubt now.
            self.doubt(1, at);
        }
        report.map(|report| report.cause)
    }

    fn add(&mut self, worth: Worth, at: i64) {
        match worth {
            Worth::Whole => self.count += 1,
            Worth::Doubtful => self.doubt(1, at),
            Worth::Nothing => {}
        }
    }

    fn grant(&mut self, standing: Standing, at: i64) -> bool {
        let standing = match self.worth(at) {
            Worth::Whole => standing,
            Worth::Doubtful => Standing::Uncertain,
            Worth::Nothing => return false,
        };
        let granted = match self.grant {
            None => Grant { standing, at },
            // Told late, of before it came into doubt.
            Some(known) if known.standing == Standing::Uncertain && at <= known.at => known,
            Some(known) => Grant { standing: known.standing.min(standing), at: known.at.max(at) },
        };
        self.grant.replace(granted) != Some(granted)
    }

    fn worth(&self, at: i64) -> Worth {
        match self.worthless {
            Some(moment) if at < moment => Worth::Nothing,
            Some(moment) if at == moment => Worth::Doubtful,
            _ if self.doubted.is_some_and(|moment| at <= moment) => Worth::Doubtful,
            _ => Worth::Whole,
        }
    }

    fn tidy(&mut self, now: Timestamp) {
        let oldest = oldest(now);
        self.accepts.retain(|accept| accept.at >= oldest);
        let surplus = self.accepts.len().saturating_sub(MARKS_MAX);
        self.accepts.drain(..surplus);
        self.reservations.retain(|held| held.at >= oldest);
    }
}

#[cfg(test)]
mod tests;
