//! What a ledger learns of accepts: from WeChat's events and from the mini program's reports, of one tap or of two.

use jiff::Timestamp;

use super::marks::{Accept, Mark, Origin, Reservation, short};
use super::{Grant, Ledger, MARKS_MAX, Standing, Worth};

/// Which reports add a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// WeChat's popup event.
    Events,
    /// The mini program's own report, for owners whose events go elsewhere.
    Client,
}

impl Ledger {
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
        let of_one_tap = |held: &Reservation| held.origin.report().is_some_and(|report| report.is_of(at));
        let tapped = self.reservations.iter().position(of_one_tap);
        // An attempt that may have used it leaves in doubt what it seemed to rest on.
        let used_by = self.may_have_used(at).filter(|_| worth == Worth::Whole);
        let reported_by = match (tapped, used_by) {
            (Some(index), used_by) => {
                let report = self.reservations[index].origin.report();
                let other = used_by.filter(|used_by| *used_by != index);
                self.reservations[index].origin = match other {
                    Some(_) => Origin::Uncertain,
                    None => worth.origin(),
                };
                self.settle(other);
                report
            }
            (None, Some(index)) => {
                self.settle(Some(index));
                self.doubt(1, at);
                None
            }
            (None, None) => {
                self.add(worth, at);
                let report = self.reports.iter().position(|report| report.is_of(at));
                report.map(|index| self.reports.remove(index))
            }
        };
        let reported_by = reported_by.map(|report| report.cause);
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

    pub(super) fn remember(&mut self, report: Mark) -> bool {
        let fits = self.reports.len() < MARKS_MAX;
        if fits {
            self.reports.push(report);
        } else {
            tracing::warn!(most = MARKS_MAX, "a reported accept is not remembered: too many are unconfirmed");
        }
        fits
    }

    /// The first attempt since `moment` that rests on nothing known: if it was sent, it may have used a credit that there is
    /// since then.
    pub(super) fn may_have_used(&self, moment: i64) -> Option<usize> {
        let may_have = |held: &Reservation| {
            !held.settled
                && moment <= held.at
                && match held.origin {
                    Origin::Counted => false,
                    Origin::Reported(_) | Origin::Uncertain => true,
                    Origin::Nothing => self.worthless.is_none_or(|worthless| worthless < held.at),
                }
        };
        let attempts = self.reservations.iter().enumerate().filter(|(_, held)| may_have(held));
        attempts.min_by_key(|(_, held)| held.at).map(|(index, _)| index)
    }

    /// It can have used one credit only.
    pub(super) fn settle(&mut self, attempt: Option<usize>) {
        if let Some(index) = attempt {
            self.reservations[index].settled = true;
        }
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
}
