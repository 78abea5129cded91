//! A reminder is ended by its user: handled, or deleted; or that is taken back.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::{App, AppError};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::registration::around::{Around, Registration};
use crate::registration::error::RegistrationError;
use crate::registration::plan::{forget_plan, note_plan, plan};
use crate::reminder::{Reminder, Status};
use crate::scheduling;
use crate::settings::QuietHours;
use crate::table::{Change, Item, RACES_MAX, Record, TableError, keys};

/// Handled: the rest is not sent, and a repeated one begins its next round. Repeating it answers the same. `if_match` is the
/// revision the caller has seen.
pub async fn done(
    app: &App,
    login: &Login,
    id: &str,
    if_match: Option<u64>,
) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let (around, stored) = Around::read_existing(app, login, id, settings, now).await?;
    let is_done = |reminder: &Reminder| reminder.status != Status::Active || reminder.was_just_done(now);
    if is_done(&stored.item) {
        return Ok(around.answer(stored.item));
    }
    let revision = stored.item.revision;
    if if_match.is_some_and(|seen| seen != revision) {
        return Err(RegistrationError::RevisionMismatch(revision));
    }
    let zone = around.zone();
    if let Some(next) = stored.item.content.next_round(now) {
        around.keep_user(app, &next).await?;
    }
    let mut before = None;
    let (written, ()) = scheduling::change(app, stored, |reminder: &mut Reminder| {
        if is_done(reminder) {
            return Change::Keep(());
        }
        before = Some(reminder.clone());
        end_round(reminder, &zone, around.quiet(), now);
        Change::Write(())
    })
    .await?;
    if let Some(before) = before {
        forget_plan(app, before, &written.item).await?;
    }
    Ok(around.answer(written.item))
}

fn end_round(reminder: &mut Reminder, zone: &TimeZone, quiet: Option<QuietHours>, now: Timestamp) {
    match reminder.content.with_rounds_in(zone).and_then(|content| content.round_after_done(now)) {
        None => drop(reminder.done(now)),
        Some(next) => {
            let pushes = plan(&next, reminder.revision + 1, quiet, now);
            reminder.done_with_round(next, pushes, now);
            note_plan(reminder, now);
        }
    }
}

/// "Done" was a mistake: what is still to come is told after all. Of one that is not done nothing is changed.
pub async fn reopen(app: &App, login: &Login, id: &str) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    for _ in 0..RACES_MAX {
        let (around, stored, allowance) =
            Around::read_existing_to_save(app, login, id, settings.clone(), now).await?;
        let (seen, status) = (stored.item.revision, stored.item.status);
        let Some(content) = stored.item.before_done(now) else {
            return match status {
                Status::Active => Ok(around.answer(stored.item)),
                Status::Done { .. } | Status::Deleted { .. } => Err(RegistrationError::Expired),
            };
        };
        let counted = [around.count_change(app, &stored.item, &allowance)?];
        let pushes = plan(&content, seen + 1, around.quiet(), now);
        let mut before = None;
        let reopened = scheduling::change_with(app, stored, &counted, |reminder: &mut Reminder| {
            if (reminder.revision, reminder.status) != (seen, status) {
                return Change::Keep(false);
            }
            before = Some(reminder.clone());
            reminder.reopen(content.clone(), pushes.clone(), now);
            note_plan(reminder, now);
            Change::Write(true)
        });
        match (reopened.await, before) {
            (Ok((written, true)), Some(before)) => {
                forget_plan(app, before, &written.item).await?;
                return Ok(around.answer(written.item));
            }
            (Ok(_) | Err(AppError::Table(TableError::Overtaken | TableError::Gone(_))), _) => {}
            (Err(error), _) => return Err(error.into()),
        }
    }
    Err(TableError::Contended(Reminder::KIND).into())
}

/// Leaves a tombstone, so that a stale firing or a repeated request meets it.
pub async fn delete(app: &App, login: &Login, id: &str) -> Result<(), RegistrationError> {
    let now = app.now();
    let (user, reminder) = (keys::user(&login.openid), keys::reminder(&login.openid, id));
    let (user, stored) = app.table.get_pair::<User, Reminder>(user, reminder).await?;
    user.filter(|user| login.is_of(&user.item)).ok_or(ProfileGone)?;
    let is_there = |stored: &Record<Reminder>| login.owns(&stored.item) && !stored.item.is_deleted();
    let stored = stored.filter(is_there).ok_or(RegistrationError::NotFound)?;
    let mut before = stored.item.clone();
    let (written, _) = scheduling::change(app, stored, |reminder: &mut Reminder| {
        before = reminder.clone();
        Change::when(reminder.delete(now))
    })
    .await?;
    Ok(forget_plan(app, before, &written.item).await?)
}
