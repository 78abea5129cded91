//! The credit ledger of one user and one template: how many messages we believe WeChat will still let us send, and how
//! sure we are of each.
//!
//! One accepted prompt is one credit, and one credit is one message. The ledger never counts more credits than WeChat
//! has, except between a user's refusal and the event that tells us of it, and by an attempt that was under way when the
//! user accepted or refused: an accept counts once, however often and late
//! it is told; a credit that was reserved and not used counts again only if nothing made it worthless meanwhile. What may
//! be there and is not known to be is never counted and never forgotten either: a report that no event confirmed, a credit
//! that an attempt may have used, one that WeChat denies although its own event told of it. Each is worth one attempt
//! when nothing better is left, for 43101 is a harmless no. Every change carries the id of its cause, so that repeating
//! it is harmless.

mod accepts;
mod attempts;
mod marks;
mod refusals;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use accepts::Source;
pub use attempts::CreditChange;
use marks::{Accept, Mark, Origin, Reservation, oldest};

/// At most so many accepts and unconfirmed reports are remembered; nobody accepts more often in a week.
const MARKS_MAX: usize = 50;

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

impl Worth {
    fn origin(self) -> Origin {
        match self {
            Self::Whole => Origin::Counted,
            Self::Doubtful => Origin::Uncertain,
            Self::Nothing => Origin::Nothing,
        }
    }
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

    /// What is left, by how sure it is: for the operator.
    pub fn by_standing(&self) -> BTreeMap<Standing, u32> {
        let long_term = |standing| u32::from(self.granted() == Some(standing));
        Standing::ALL.map(|standing| (standing, self.left(standing) + long_term(standing))).into()
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
mod properties;
#[cfg(test)]
mod tests;
