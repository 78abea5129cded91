//! A reminder is written, and dispatch is scheduled for what its new state waits for: the one place that does either.
//!
//! The schedules come first. What is cut off in between leaves a schedule that fires, finds nothing due and vanishes;
//! never a reminder that waits for a moment without its schedule.

use futures::future::{join_all, try_join_all};
use jiff::Timestamp;

use crate::app::{App, AppError};
use crate::person::user::User;
use crate::reminder::{Push, Reminder, Schedule, ahead};
use crate::schedules::ScheduleError;
use crate::table::{
    Change, Creation, Item, Part, RACES_MAX, Record, Replacement, TableError, gone_is_fine, keys,
};
use crate::webhook::event::Event;
use crate::webhook::outbox;

/// Puts a new reminder, unless there is one of its id, in one transaction with `parts`.
///
/// # Errors
/// Without its schedules there is no reminder. [`TableError::Overtaken`]: nor without those parts; its schedules were made.
pub(crate) async fn create(
    app: &App,
    mut reminder: Reminder,
    parts: &[Part],
) -> Result<Creation<Reminder>, AppError> {
    reminder.watch(outbox::is_on(app).await?, app.now());
    let (id, schedules) = (reminder.id.clone(), reminder.missing_schedules(app.now()));
    if let Err(error) = schedule(app, &mut reminder).await {
        // Some of them may have been made.
        unschedule(app, &id, &schedules).await;
        return Err(error.into());
    }
    Ok(app.table.create_with(reminder, parts).await?)
}

/// Changes a reminder as [`crate::table::Table::update`] does.
///
/// # Errors
/// Without the schedules that its new state asks for, it is not changed.
pub async fn change<R>(
    app: &App,
    record: Record<Reminder>,
    change: impl FnMut(&mut Reminder) -> Change<R>,
) -> Result<(Record<Reminder>, R), AppError> {
    let (record, answer, _) = write(app, record, change, IfUnscheduled::Fail, &[]).await?;
    Ok((record, answer))
}

/// The same, in one transaction with `parts`.
///
/// # Errors
/// [`TableError::Overtaken`] when only a condition of those did not hold.
pub(crate) async fn change_with<R>(
    app: &App,
    record: Record<Reminder>,
    parts: &[Part],
    change: impl FnMut(&mut Reminder) -> Change<R>,
) -> Result<(Record<Reminder>, R), AppError> {
    let (record, answer, _) = write(app, record, change, IfUnscheduled::Fail, parts).await?;
    Ok((record, answer))
}

/// What has happened is noted even while Scheduler makes no schedules: then the error is the third part of the answer.
/// The sweep finds what lacks its schedule.
pub async fn note<R>(
    app: &App,
    record: Record<Reminder>,
    change: impl FnMut(&mut Reminder) -> Change<R>,
) -> Result<(Record<Reminder>, R, Option<ScheduleError>), AppError> {
    write(app, record, change, IfUnscheduled::Write, &[]).await
}

/// What to do while Scheduler makes no schedules.
#[derive(Clone, Copy)]
enum IfUnscheduled {
    Fail,
    Write,
}

async fn write<R>(
    app: &App,
    mut record: Record<Reminder>,
    mut change: impl FnMut(&mut Reminder) -> Change<R>,
    if_unscheduled: IfUnscheduled,
    parts: &[Part],
) -> Result<(Record<Reminder>, R, Option<ScheduleError>), AppError> {
    for _ in 0..RACES_MAX {
        let mut reminder = record.item.clone();
        let answer = match change(&mut reminder) {
            Change::Keep(answer) => return Ok((record, answer, None)),
            Change::Write(answer) => answer,
        };
        let now = app.now();
        let rests = reminder.resting(now);
        if rests.is_some() && rests != record.item.resting(now) {
            note_rest(app, &reminder).await?;
        }
        let events = owe(app, &record.item, &mut reminder, now).await?;
        let unscheduled = match (schedule(app, &mut reminder).await, if_unscheduled) {
            (Err(error), IfUnscheduled::Fail) => return Err(error.into()),
            (outcome, _) => outcome.err(),
        };
        let parts = [parts, &outbox::parts(app, &events)].concat();
        match app.table.replace_with(&record, reminder, &parts).await? {
            Replacement::Won(written) => {
                count(app, &record.item, &written.item);
                outbox::schedule(app, &events).await;
                return Ok((written, answer, unscheduled));
            }
            Replacement::Lost(winner) => record = winner,
        }
    }
    Err(TableError::Contended(Reminder::KIND).into())
}

/// What the owner's backend is to be told of the change.
async fn owe(
    app: &App,
    before: &Reminder,
    after: &mut Reminder,
    now: Timestamp,
) -> Result<Vec<Event>, AppError> {
    let is_on = outbox::is_on(app).await?;
    after.watch(is_on, now);
    Ok(if is_on { outbox::of_reminder(before, after, now) } else { Vec::new() })
}

/// A push comes to rest: whatever reaches its user anew is to look at it. Noted first, so that nobody looks in between.
async fn note_rest(app: &App, reminder: &Reminder) -> Result<(), AppError> {
    let now = app.now();
    let noted = app.table.update_at(keys::user(&reminder.openid), |user: &mut User| {
        let is_theirs = user.owns(reminder);
        if is_theirs {
            user.rested_at = Some(now);
        }
        Change::when(is_theirs)
    });
    Ok(gone_is_fine(noted.await.map(drop))?)
}

/// Has dispatch woken for the look at rest that the user's item asks for. Without the schedule the sweep makes it.
pub async fn look_at_rest(app: &App, user: &User) -> Result<(), ScheduleError> {
    match user.look_at_rest {
        Some(at) => app.schedules.create_look_at_rest(&user.openid, ahead(at, app.now())).await,
        None => Ok(()),
    }
}

/// Makes the schedules that the reminder asks for and has not yet, side by side.
async fn schedule(app: &App, reminder: &mut Reminder) -> Result<(), ScheduleError> {
    let now = app.now();
    let missing = reminder.missing_schedules(now);
    let (openid, id) = (&reminder.openid, &reminder.id);
    try_join_all(missing.iter().map(|schedule| app.schedules.create_for(openid, id, schedule))).await?;
    reminder.remember_schedules(&missing, now);
    Ok(())
}

/// A schedule that fired before its time is made again, if it still counts as made.
pub async fn schedule_again(
    app: &App,
    record: Record<Reminder>,
    fired: Timestamp,
) -> Result<Record<Reminder>, AppError> {
    let now = app.now();
    let Some(schedule) = record.item.clone().schedule_again(fired, now) else { return Ok(record) };
    app.schedules.create_for(&record.item.openid, &record.item.id, &schedule).await?;
    let again = |reminder: &mut Reminder| Change::when(reminder.schedule_again(fired, now).is_some());
    Ok(change(app, record, again).await?.0)
}

/// Removes schedules nobody needs any more. One that stays fires, finds nothing due and vanishes.
pub async fn unschedule(app: &App, id: &str, schedules: &[Schedule]) {
    for outcome in join_all(schedules.iter().map(|schedule| app.schedules.remove(id, schedule))).await {
        if let Err(error) = outcome {
            tracing::warn!(%error, reminder = id, "an unneeded schedule stays; it will find nothing to do");
        }
    }
}

fn count(app: &App, before: &Reminder, after: &Reminder) {
    let same = |push: &Push| before.push(push.revision, push.n);
    let id = &after.id;
    for (before, after) in after.pushes.iter().filter_map(|push| same(push).zip(Some(push))) {
        app.metrics.push_changed(id, before, after, app.now());
    }
}
