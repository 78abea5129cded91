//! Reminders that go by their user's zone, after that has become another one.

use jiff::Timestamp;

use crate::app::{App, AppError};
use crate::person::user::User;
use crate::registration::plan::{forget_plan, note_plan, plan};
use crate::reminder::Reminder;
use crate::scheduling;
use crate::settings::{QuietHours, Settings};
use crate::table::{Change, Record};

/// Moves each that is to come and not where its user is. Repeatable: whatever has moved stays.
pub(super) async fn move_all(
    app: &App,
    user: &User,
    reminders: Vec<Record<Reminder>>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Record<Reminder>>, AppError> {
    let mut moved = Vec::with_capacity(reminders.len());
    for reminder in reminders {
        moved.push(match moved_to(&reminder.item, user, settings, now) {
            Some(_) => move_one(app, reminder, user, settings, now).await?,
            None => reminder,
        });
    }
    Ok(moved)
}

async fn move_one(
    app: &App,
    reminder: Record<Reminder>,
    user: &User,
    settings: &Settings,
    now: Timestamp,
) -> Result<Record<Reminder>, AppError> {
    let mut before = reminder.item.clone();
    let (written, has_moved) = scheduling::change(app, reminder, |reminder: &mut Reminder| {
        let Some(after) = moved_to(reminder, user, settings, now) else { return Change::Keep(false) };
        before = std::mem::replace(reminder, after);
        Change::Write(true)
    })
    .await?;
    if has_moved {
        forget_plan(app, before, &written.item).await?;
    }
    Ok(written)
}

/// The reminder in the zone of its user, if it is to go there.
fn moved_to(reminder: &Reminder, user: &User, settings: &Settings, now: Timestamp) -> Option<Reminder> {
    let timezone = user.preferences.zone(settings);
    if !reminder.is_open(now) || !reminder.content.is_to_move(&timezone) {
        return None;
    }
    let content = reminder.content.in_zone(&timezone, |planned| reminder.has_begun(planned), now)?;
    let quiet: Option<QuietHours> = user.preferences.quiet(settings);
    let pushes = plan(&content, reminder.revision + 1, quiet, now);
    let mut moved = reminder.clone();
    moved.renew(content, pushes, now);
    note_plan(&mut moved, now);
    Some(moved)
}
