//! What AWS leaves open or allows by quota, and a world decides.

use jiff::SignedDuration;

/// What `CreateSchedule` makes of an `at()` that has passed; AWS does not document it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PastSchedules {
    /// Refused with a ValidationException.
    #[default]
    Refuse,
    /// Accepted, and due at once.
    Fire,
}

/// What may differ from world to world.
#[derive(Debug, Clone)]
pub struct SchedulerOptions {
    pub past_schedules: PastSchedules,
    /// One-time schedules fire up to this much after their instant; AWS: within the minute.
    pub jitter: SignedDuration,
    /// Where each one's share of the jitter comes from.
    pub random_seed: u64,
    /// How many schedules there may be; AWS: ten million per Region.
    pub schedules_max: usize,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            past_schedules: PastSchedules::default(),
            jitter: SignedDuration::ZERO,
            random_seed: 0,
            schedules_max: 10_000_000,
        }
    }
}
