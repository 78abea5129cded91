//! How many environments an account may have at a time, and how fast a function gets new ones (docs/aws.md §4).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::function_name::FunctionName;
use crate::rate::{Bucket, Held};

/// So many new environments of a function in ten seconds, by an account that may have a thousand.
const NEW_IN_TEN_SECONDS: u32 = 1_000;

/// What an account may have, and how long its functions take: an environment is busy for so long in the world's time, which
/// stands while an event runs.
#[derive(Debug, Clone, Copy)]
pub struct Concurrency {
    pub at_once: u32,
    pub dispatch_takes: SignedDuration,
    pub others_take: SignedDuration,
}

#[derive(Debug)]
pub(super) struct Limited {
    concurrency: Concurrency,
    new: BTreeMap<FunctionName, Bucket>,
    pub(super) held: Held,
    /// The most that were busy at a time.
    pub(super) busiest: usize,
}

impl Limited {
    pub(super) fn new(concurrency: Concurrency) -> Self {
        Self { concurrency, new: BTreeMap::new(), held: Held::default(), busiest: 0 }
    }

    /// Whether one more may be busy besides those that are.
    pub(super) fn allows(&mut self, busy: usize) -> bool {
        let allows = busy < self.concurrency.at_once as usize;
        self.busiest = self.busiest.max(busy + usize::from(allows));
        allows
    }

    /// Whether this function may have a new one.
    pub(super) fn allows_new(&mut self, function: FunctionName, now: Timestamp) -> bool {
        let most = NEW_IN_TEN_SECONDS.min(self.concurrency.at_once);
        let bucket = || Bucket::new(NEW_IN_TEN_SECONDS / 10, most, now);
        self.new.entry(function).or_insert_with(bucket).take_one(now)
    }

    pub(super) fn takes(&self, function: FunctionName) -> SignedDuration {
        match function {
            FunctionName::ReminderDispatch => self.concurrency.dispatch_takes,
            _ => self.concurrency.others_take,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_are_new_at_once_and_a_hundred_more_each_second() {
        let span = SignedDuration::from_millis(100);
        let concurrency = Concurrency { at_once: 3_000, dispatch_takes: span, others_take: span };
        let (mut limited, now) = (Limited::new(concurrency), Timestamp::UNIX_EPOCH);
        let mut new = |second| {
            let now = now + SignedDuration::from_secs(second);
            (0..5_000).filter(|_| limited.allows_new(FunctionName::ReminderDispatch, now)).count()
        };
        assert_eq!([new(0), new(0), new(1), new(11)], [1_000, 0, 100, 1_000]);
        assert!(limited.allows(2_999) && !limited.allows(3_000));
        assert_eq!(limited.busiest, 3_000);
    }
}
