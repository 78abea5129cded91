//! Explicit pace, and yet the clock runs: a day in a day, or in a second.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;

use crate::timeline::{Timeline, pause, wall_clock};

/// A day in a second.
pub(crate) const PLAY_MAX: u32 = 86_400;
/// How often the clock moves while it runs.
const STEP: Duration = Duration::from_millis(200);

/// How fast it runs, in seconds of this world a second; cheap to clone, all clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    rate: watch::Sender<u32>,
}

impl Player {
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate: watch::Sender::new(rate) }
    }

    pub(crate) fn rate(&self) -> u32 {
        *self.rate.borrow()
    }

    /// From now on it runs so fast; nothing if that is faster than anybody can watch.
    pub(crate) fn play(&self, rate: u32) -> Option<u32> {
        (rate <= PLAY_MAX).then(|| {
            self.rate.send_replace(rate);
            rate
        })
    }

    /// Moves the clock for as long as the world is there.
    pub(crate) async fn drive(self, timeline: Timeline) {
        let mut rate = self.rate.subscribe();
        loop {
            // The sender is `self`; it cannot be gone.
            let _ = rate.wait_for(|rate| *rate > 0).await;
            let (began, from) = (wall_clock(), timeline.now());
            let running = *rate.borrow_and_update();
            while self.rate() == running {
                pause(STEP).await;
                let passed = wall_clock().duration_since(began).as_millis();
                let ms = i64::try_from(passed.saturating_mul(i128::from(running))).unwrap_or(i64::MAX);
                timeline.advance_to(from + SignedDuration::from_millis(ms)).await;
                if timeline.now().duration_since(from).as_millis() > i128::from(ms) {
                    break; // Somebody moved it on meanwhile: it runs on from there.
                }
            }
        }
    }
}
