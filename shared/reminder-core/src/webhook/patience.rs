//! How long a receiver that does not take an event is waited for: less and less often, and for a day at most.

use jiff::SignedDuration;

/// After each failure. Together 23 hours and 36 minutes, and with the jitter never a day.
const PAUSES_MIN: [i64; 7] = [1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 6 * 60];
/// Of a hundredth of the pause: events that failed together need not come back in one second.
const JITTER_PARTS: i64 = 100;

/// When it is tried again after so many failures; none: it is given up.
pub(super) fn pause(failures: u32, event: &str) -> Option<SignedDuration> {
    let nth = usize::try_from(failures.checked_sub(1)?).ok()?;
    let pause = SignedDuration::from_mins(*PAUSES_MIN.get(nth)?);
    let width = SignedDuration::from_secs(pause.as_secs() / JITTER_PARTS);
    Some(pause + crate::jitter::within(width, &[event]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_within_a_day() {
        let pauses: Vec<SignedDuration> = (1..).map_while(|failures| pause(failures, "e")).collect();
        assert_eq!(pauses.len(), 7);
        assert!(pauses[..6].is_sorted());
        let all = pauses.iter().fold(SignedDuration::ZERO, |sum, pause| sum + *pause);
        assert!(SignedDuration::from_hours(23) < all && all < SignedDuration::from_hours(24), "{all}");
        assert_eq!((pause(0, "e"), pause(8, "e")), (None, None));
    }
}
