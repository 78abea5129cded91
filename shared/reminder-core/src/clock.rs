//! Time, as an argument. The one trait of this crate: everything else outside has a URL, time has none.

use std::fmt::Debug;

use jiff::Timestamp;

/// Tells the time. The product asks only this; the local world moves it.
pub trait Clock: Debug + Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock, which Lambda keeps in step; to the millisecond, which is what people and logs can read.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
