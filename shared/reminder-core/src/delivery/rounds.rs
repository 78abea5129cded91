//! A repeated reminder has expired: its next round begins.

use jiff::Timestamp;

use super::facts::quiet_hours;
use crate::app::{App, AppError};
use crate::person::user::User;
use crate::registration::plan::{forget_plan, note_plan, plan};
use crate::reminder::{FINAL_KEPT, Reminder};
use crate::scheduling;
use crate::settings::Settings;
use crate::table::{Change, Record, gone_is_fine, keys};

/// Begins the next round, if this one is over, by the clock of its user. After a long outage that is the coming one: what
/// lies behind is told by nobody.
pub(super) async fn begin_next(
    app: &App,
    reminder: Record<Reminder>,
    user: &User,
    settings: &Settings,
    now: Timestamp,
) -> Result<Record<Reminder>, AppError> {
    if !reminder.item.round_is_over(now) {
        return Ok(reminder);
    }
    let (zone, quiet) = (user.preferences.zone(settings), quiet_hours(Some(user), settings));
    let next_round = |reminder: &Reminder| reminder.content.with_rounds_in(&zone)?.next_round(now);
    let Some(next) = next_round(&reminder.item) else { return Ok(reminder) };
    // Kept as long as their reminders; written down first.
    let until = next.expires_at + FINAL_KEPT;
    let kept = app
        .table
        .update_at(keys::user(&reminder.item.openid), |user: &mut User| Change::when(user.keep_until(until)));
    gone_is_fine(kept.await)?;
    let mut before = reminder.item.clone();
    let (written, begun) = scheduling::change(app, reminder, |reminder: &mut Reminder| {
        if !reminder.round_is_over(now) {
            return Change::Keep(false);
        }
        before = reminder.clone();
        let Some(next) = next_round(reminder) else { return Change::Keep(false) };
        let pushes = plan(&next, reminder.revision + 1, quiet, now);
        reminder.begin_round(next, pushes, now);
        note_plan(reminder, now);
        Change::Write(true)
    })
    .await?;
    if begun {
        forget_plan(app, before, &written.item).await?;
    }
    Ok(written)
}
