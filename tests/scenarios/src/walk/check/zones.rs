//! "What was saved before without a zone of its own moves to a new `timezone`: its days and times of day are those there,
//! what was told stays told, what would have gone by there comes at once" (docs/design.md §5). What has a zone of its own
//! stays, which [`super::nothing_lost`] sees.

use jiff::{SignedDuration, Timestamp};

use super::Violation;
use crate::walk::book::{Promise, Version};
use crate::walk::calendar::{Calendar, Fate};

pub(crate) const NAME: &str = "zones";

/// A lost schedule is found by the sweep, half an hour and five minutes later, and that may be repeated.
const MOVES_WITHIN_AT_WORST: SignedDuration = SignedDuration::from_mins(50);
/// Two minutes are promised, and a schedule fires within a minute of its own.
const MOVES_WITHIN: SignedDuration = SignedDuration::from_mins(4);

/// What was just saved goes by the clock of this zone.
pub(crate) fn judge_saved(version: &Version, zone: &str, now: Timestamp) -> Result<(), Violation> {
    let wrong = |what: String| Err(Violation::new(NAME, None, what));
    let calendar = &version.calendar;
    if calendar.zone != zone {
        return wrong(format!("saved for {zone}, it goes by {}", calendar.zone));
    }
    let expires_at = calendar.expires_at(version.expires_at);
    if version.expires_at != expires_at {
        return wrong(format!("it expires at {} instead of {expires_at}", version.expires_at));
    }
    for (promise, wanted) in version.pushes.iter().zip(&calendar.wanted) {
        let meant_for = calendar.moment(*wanted, expires_at);
        // If all have gone by, the last comes at once.
        let is_at_once = meant_for <= promise.fires_at && promise.fires_at <= now;
        if promise.fires_at != meant_for && !is_at_once {
            return wrong(format!("push {} comes at {} instead of {meant_for}", promise.n, promise.fires_at));
        }
    }
    Ok(())
}

/// What the owner sees of a push after the move. `moved_at`: by the clock of whoever moved it.
pub(crate) fn judge_moved(
    place: usize,
    (before, fate): (&Promise, Fate),
    after: &Version,
    moved_at: Timestamp,
) -> Result<(), Violation> {
    let moments = after.calendar.after_move(before, fate, after.expires_at, moved_at);
    let shown = after.promise(before.n).map(|promise| promise.fires_at);
    if shown.is_some_and(|shown| moments.iter().any(|moment| moment.contains(&shown))) {
        return Ok(());
    }
    let what = format!(
        "push {} of {} ({fate:?}) comes at {shown:?} since the move at {moved_at}, and should at {moments:?}",
        before.n, before.fires_at
    );
    Err(Violation::new(NAME, Some(place), what))
}

/// An item that has not moved. `since`: its user lives there, and nothing goes wrong.
pub(crate) fn judge_waiting(
    place: usize,
    version: &Version,
    there: &Calendar,
    since: Timestamp,
    now: Timestamp,
    faults: bool,
) -> Result<(), Violation> {
    let within = if faults { MOVES_WITHIN_AT_WORST } else { MOVES_WITHIN };
    let deadline = since + within;
    let would_have_expired = there.expires_at(version.expires_at) <= deadline;
    if now <= deadline || would_have_expired || version.expires_at <= deadline {
        return Ok(());
    }
    let what = format!("it goes by {}, and its user by {} since {since}", version.calendar.zone, there.zone);
    Err(Violation::new(NAME, Some(place), what))
}
