//! Pushes at rest: what made them undeliverable may have changed. A cause (they follow, accept, unblock) looks at its
//! user's reminders only while any of them rests.

use jiff::Timestamp;
use wechat::OpenId;

use super::zone;
use crate::app::{App, AppError};
use crate::person::ledger::Standing;
use crate::person::user::User;
use crate::reach::plan;
use crate::registration::coverage::Promised;
use crate::registration::plan::soon;
use crate::reminder::{Push, Reminder, Rest, State};
use crate::scheduling;
use crate::settings::Settings;
use crate::table::{Change, Record, gone_is_fine, keys};

const CAUSE: &str = "a channel reaches the user again";

/// Arms what can be told now: as many pushes as there are means that nothing scheduled was promised. Answers how many.
pub(super) async fn look(app: &App, openid: &OpenId) -> Result<usize, AppError> {
    let Some(user) = app.table.get::<User>(keys::user(openid)).await? else { return Ok(0) };
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let partition = keys::user_partition(openid);
    let mut reminders = app.table.readable_with_prefix::<Reminder>(&partition, keys::REMINDER).await?;
    reminders.retain(|reminder| user.item.owns(&reminder.item));
    let reminders = zone::move_all(app, &user.item, reminders, &settings, now).await?;
    let chosen = choose(&user.item, &reminders, &settings, service_account, now);
    let armed = chosen.len();
    for (index, revision, n) in chosen {
        let reminder = reminders[index].clone();
        let at = soon(&reminder.item, user.item.preferences.quiet(&settings), now);
        arm(app, reminder, (revision, n), at, CAUSE, false).await?;
    }
    let rest = reminders.iter().filter(|reminder| reminder.item.resting(now).is_some()).count();
    let looked = app.table.update(user.clone(), |known: &mut User| {
        Change::when(known.looked_at_rest(&user.item, rest > armed))
    });
    gone_is_fine(looked.await)?;
    Ok(armed)
}

/// A push came to rest by what the run knew of its user. What they did meanwhile found nothing at rest, and is a cause now.
pub(super) async fn look_behind(
    app: &App,
    before: &Reminder,
    after: &Reminder,
    settings: &Settings,
    service_account: bool,
) -> Result<(), AppError> {
    let now = app.now();
    let template = settings.templates.get(&after.content.template);
    let (Some(push), Some(template)) = (came_to_rest(before, after, now), template) else { return Ok(()) };
    let told = app.table.update_at(keys::user(&after.openid), |user: &mut User| {
        let routes = plan(user, push, template, service_account).routes;
        let is_open = user.owns(after) && routes.iter().any(|route| route.means.is_sure());
        if is_open {
            user.may_be_reached(now);
        }
        Change::when(is_open)
    });
    match told.await {
        Ok((user, true)) => Ok(scheduling::look_at_rest(app, &user.item).await?),
        outcome => Ok(gone_is_fine(outcome)?),
    }
}

/// The push by whose rest the reminder waits for something that reaches its user, if that is new.
fn came_to_rest<'a>(before: &Reminder, after: &'a Reminder, now: Timestamp) -> Option<&'a Push> {
    let rests = after.resting(now).filter(|push| is_unreachable(push))?;
    before.resting(now).is_none_or(|known| known != rests).then_some(rests)
}

pub(super) fn is_unreachable(push: &Push) -> bool {
    matches!(push.state, State::Undeliverable { rest: Rest::Unreachable, .. })
}

/// Arms one push, by its revision and number.
pub(super) async fn arm(
    app: &App,
    reminder: Record<Reminder>,
    (revision, n): (u64, u8),
    at: Timestamp,
    cause: &str,
    even_unknown: bool,
) -> Result<bool, AppError> {
    let now = app.now();
    let (_, armed) = scheduling::change(app, reminder, |reminder: &mut Reminder| {
        Change::when(reminder.arm(revision, n, at, cause, even_unknown, now))
    })
    .await?;
    Ok(armed)
}

/// The pushes to be armed: of each reminder the last that rests, soonest expiry first, as long as there are means for one
/// more besides those that are promised to pushes still scheduled.
fn choose(
    user: &User,
    reminders: &[Record<Reminder>],
    settings: &Settings,
    service_account: bool,
    now: Timestamp,
) -> Vec<(usize, u64, u8)> {
    let mut promised = Promised::default();
    let mut takes = |reminder: &Reminder, push: &Push| {
        let Some(template) = settings.templates.get(&reminder.content.template) else { return false };
        let routes = plan(user, push, template, service_account).routes;
        // A credit that may be gone is no cause.
        promised.promise(&routes).is_some_and(|standing| standing < Standing::Uncertain)
    };
    let open =
        || reminders.iter().map(|reminder| &reminder.item).enumerate().filter(|(_, one)| one.is_open(now));
    let mut scheduled: Vec<(&Reminder, &Push)> = open()
        .flat_map(|(_, reminder)| reminder.pushes.iter().map(move |push| (reminder, push)))
        .filter(|(_, push)| push.is_pending())
        .collect();
    scheduled.sort_by_key(|(_, push)| push.fires_at);
    for (reminder, push) in scheduled {
        takes(reminder, push);
    }
    let mut resting: Vec<(usize, &Reminder, Push)> = open()
        .filter_map(|(index, reminder)| Some((index, reminder, reminder.resting(now)?.clone())))
        .filter(|(.., push)| is_unreachable(push))
        .collect();
    resting.sort_by_key(|(_, reminder, _)| reminder.content.expires_at);
    resting
        .into_iter()
        .filter_map(|(index, reminder, push)| {
            // Armed, it asks every channel anew.
            let anew = Push { refused: Vec::new(), ..push };
            takes(reminder, &anew).then_some((index, anew.revision, anew.n))
        })
        .collect()
}

#[cfg(test)]
mod tests;
