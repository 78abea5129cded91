//! So much a second and no more: the bucket behind every simulated limit. It fills with the world's time, holds so much, and
//! what is taken beyond that is owed: whoever takes is told how long it will be before it is there.

use jiff::{SignedDuration, Timestamp};

/// What waits for a bucket goes on at whole steps of this, so that what goes on together runs together.
const STEP_MS: i64 = 100;

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    per_second: i64,
    /// In thousandths: at most so much is saved up.
    holds: i64,
    /// In thousandths; below zero it is owed.
    left: i64,
    filled_at: Timestamp,
}

impl Bucket {
    /// Full.
    pub(crate) fn new(per_second: u32, holds: u32, now: Timestamp) -> Self {
        let holds = i64::from(holds) * 1000;
        Self { per_second: i64::from(per_second).max(1), holds, left: holds, filled_at: now }
    }

    /// Takes `n`, owing what is not there; answers how long until it is.
    pub(crate) fn take(&mut self, n: u64, now: Timestamp) -> SignedDuration {
        self.fill(now);
        self.left -= i64::try_from(n).unwrap_or(i64::MAX / 1000) * 1000;
        self.owes()
    }

    /// Takes one if it is there.
    pub(crate) fn take_one(&mut self, now: Timestamp) -> bool {
        self.fill(now);
        let is_there = self.left >= 1000;
        if is_there {
            self.left -= 1000;
        }
        is_there
    }

    /// How long until nothing is owed.
    pub(crate) fn owes_at(&mut self, now: Timestamp) -> SignedDuration {
        self.fill(now);
        self.owes()
    }

    fn owes(&self) -> SignedDuration {
        let owed = -self.left.min(0);
        SignedDuration::from_millis((owed + self.per_second - 1) / self.per_second)
    }

    fn fill(&mut self, now: Timestamp) {
        let ms = i64::try_from(now.duration_since(self.filled_at).as_millis()).unwrap_or_default();
        if ms > 0 {
            self.left = self.left.saturating_add(self.per_second.saturating_mul(ms)).min(self.holds);
            self.filled_at = now;
        }
    }
}

/// The next whole step at or after `at`.
pub(crate) fn at_a_step(at: Timestamp) -> Timestamp {
    let ms = at.as_millisecond();
    let steps = ms.div_euclid(STEP_MS) + i64::from(ms.rem_euclid(STEP_MS) > 0);
    Timestamp::from_millisecond(steps * STEP_MS).unwrap_or(at)
}

/// How long a request waited, in the world's time, which stands meanwhile: an extension of its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waited(pub(crate) SignedDuration);

/// The pauses of the SDK between its three tries, on average half a second and a second. What would wait longer is refused.
pub(crate) const PAUSES_OF_THE_SDK: SignedDuration = SignedDuration::from_millis(1_500);

/// What one limit came to: how often something waited for it or was refused, and for how long in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    pub waited: u64,
    pub refused: u64,
    pub in_all: SignedDuration,
    pub longest: SignedDuration,
}

impl Held {
    pub(crate) fn wait(&mut self, span: SignedDuration) {
        if span > SignedDuration::ZERO {
            self.waited += 1;
            self.in_all += span;
            self.longest = self.longest.max(span);
        }
    }

    pub(crate) fn refuse(&mut self) {
        self.refused += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("an instant")
    }

    #[test]
    fn what_is_not_there_is_owed_and_comes_with_time() {
        let mut bucket = Bucket::new(1000, 100, at(0));
        for (ms, takes, waits_ms) in [
            (0, 100, 0),
            (0, 1, 1),
            (0, 999, 1000),
            (500, 0, 500),
            (1000, 100, 100),
            (1100, 0, 0),
            // It holds no more than a hundred.
            (60_000, 100, 0),
            (60_000, 50, 50),
        ] {
            let waits = bucket.take(takes, at(ms));
            assert_eq!(waits.as_millis(), waits_ms, "{takes} at {ms}");
        }
    }

    #[test]
    fn one_is_taken_only_if_it_is_there() {
        let mut bucket = Bucket::new(10, 2, at(0));
        assert_eq!(
            [0, 0, 0, 50, 100, 100].map(|ms| bucket.take_one(at(ms))),
            [true, true, false, false, true, false]
        );
        assert_eq!(bucket.owes_at(at(100)), SignedDuration::ZERO);
    }

    #[test]
    fn steps_are_tenths_of_a_second() {
        assert_eq!([0, 1, 100, 101].map(|ms| at_a_step(at(ms)).as_millisecond()), [0, 100, 100, 200]);
    }
}
