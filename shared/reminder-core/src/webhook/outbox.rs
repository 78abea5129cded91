//! Events are owed in the transaction that writes what happened, and dispatch is woken for them afterwards. Without a
//! webhook in the settings none of this costs anything.

use jiff::Timestamp;
use wechat::OpenId;

use super::event::{About, Event, Kind};
use super::owed;
use crate::app::{App, AppError};
use crate::person::user::User;
use crate::random;
use crate::reminder::{Reminder, ahead};
use crate::table::{Change, Item, Part, RACES_MAX, Record, Replacement, TableError};

/// Whether the owner wants to be told.
pub(crate) async fn is_on(app: &App) -> Result<bool, AppError> {
    Ok(app.settings_if_any().await?.is_some_and(|settings| settings.webhook_url.is_some()))
}

/// What a change of a reminder is told of.
pub(crate) fn of_reminder(before: &Reminder, after: &Reminder, now: Timestamp) -> Vec<Event> {
    let at = now.max(after.created_at);
    let owed = owed::of_reminder(before, after, now).into_iter();
    owed.map(|(kind, about)| event(&after.openid, kind, Some(about), at)).collect()
}

/// What changes of users are told of, where anybody wants to hear it.
pub(crate) async fn of_users<'a>(
    app: &App,
    changes: impl Iterator<Item = (&'a User, &'a User)>,
) -> Result<Vec<Event>, AppError> {
    let now = app.now();
    let turned = changes.filter_map(|(before, after)| Some((after, owed::of_user(before, after)?)));
    let event = |(user, kind): (&User, Kind)| event(&user.openid, kind, None, now.max(user.created_at));
    let events: Vec<Event> = turned.map(event).collect();
    Ok(if events.is_empty() || is_on(app).await? { events } else { Vec::new() })
}

/// `at`: not before the profile was made that it is about, whatever the clock says here; else it would be taken for one of the
/// profile before.
fn event(openid: &OpenId, kind: Kind, about: Option<About>, at: Timestamp) -> Event {
    Event { openid: openid.clone(), id: random::id(), kind, about, at, failures: 0, next_at: ahead(at, at) }
}

/// Their parts in the transaction.
pub(crate) fn parts(app: &App, events: &[Event]) -> Vec<Part> {
    events.iter().map(|event| app.table.create_part(event.clone(), &random::id())).collect()
}

/// Has dispatch woken for what was written. What cannot be scheduled the sweep finds: nothing else fails for it.
pub(crate) async fn schedule(app: &App, events: &[Event]) {
    for event in events {
        if let Err(error) = app.schedules.create_telling(&event.openid, &event.id, event.next_at).await {
            tracing::warn!(%error, event = event.id, "an event will be told by the sweep");
        }
    }
}

/// Changes a user as [`crate::table::Table::update`] does, and owes what that is told of.
pub(crate) async fn change_user<R>(
    app: &App,
    mut record: Record<User>,
    mut change: impl FnMut(&mut User) -> Change<R>,
) -> Result<(Record<User>, R), AppError> {
    for _ in 0..RACES_MAX {
        let mut user = record.item.clone();
        let answer = match change(&mut user) {
            Change::Keep(answer) => return Ok((record, answer)),
            Change::Write(answer) => answer,
        };
        let events = of_users(app, std::iter::once((&record.item, &user))).await?;
        match app.table.replace_with(&record, user, &parts(app, &events)).await? {
            Replacement::Won(written) => {
                schedule(app, &events).await;
                return Ok((written, answer));
            }
            Replacement::Lost(winner) => record = winner,
        }
    }
    Err(TableError::Contended(User::KIND).into())
}
