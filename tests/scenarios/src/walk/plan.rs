//! What a walk is to be: which seed, how long, how rough, and what is watched.

use simulator::sabotage::Sabotage;

use super::owing::Checks;

/// What to walk.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub steps: usize,
    /// Reminders live for months instead of days.
    pub months: bool,
    /// Disturbances of minutes to days, an owner who changes things, clocks that are wrong.
    pub rough: bool,
    /// Promises that are watched only if asked for.
    pub checks: Checks,
    pub webhook: Webhook,
    /// A promise the world breaks, for a test of the checkers.
    pub sabotage: Option<Sabotage>,
}

/// Whether the owner wants to be told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Webhook {
    /// Every third seed has one, whose server comes and goes.
    BySeed,
    None,
    /// Its server refuses all until the end.
    Down,
}

impl Plan {
    /// The usual length: about a week.
    pub fn of(seed: u64) -> Self {
        let checks = Checks::default();
        Self {
            seed,
            steps: 40,
            months: false,
            rough: false,
            checks,
            webhook: Webhook::BySeed,
            sabotage: None,
        }
    }

    pub(super) fn has_webhook(&self) -> bool {
        match self.webhook {
            Webhook::BySeed => self.seed.is_multiple_of(3),
            Webhook::None => false,
            Webhook::Down => true,
        }
    }
}
