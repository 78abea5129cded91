//! Pushes at rest: what made them undeliverable may have changed. A cause (they follow, accept, unblock) looks at its
//! user's reminders only while any of them rests.

use jiff::Timestamp;
use wechat::OpenId;

use super::run::Progress;
use crate::app::{App, AppError};
use crate::person::ledger::Standing;
use crate::person::user::User;
use crate::reach::plan;
use crate::registration::coverage::Promised;
use crate::reminder::{Push, Reminder, Rest, State, ahead};
use crate::scheduling;
use crate::settings::Settings;
use crate::table::{Change, Record, gone_is_fine, keys};

const CAUSE: &str = "a channel reaches the user again";

/// Arms what can be told now: as many pushes as there are means that nothing scheduled was promised.
pub(super) async fn look(app: &App, openid: &OpenId) -> Result<Progress, AppError> {
    let Some(user) = app.table.get::<User>(keys::user(openid)).await? else { return Ok(Progress::Nothing) };
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let partition = keys::user_partition(openid);
    let mut reminders = app.table.readable_with_prefix::<Reminder>(&partition, keys::REMINDER).await?;
    reminders.retain(|reminder| user.item.owns(&reminder.item));
    let chosen = choose(&user.item, &reminders, &settings, service_account, now);
    let armed = chosen.len();
    for (index, revision, n) in chosen {
        arm(app, reminders[index].clone(), &settings, revision, n, false).await?;
    }
    if reminders.iter().filter(|reminder| reminder.item.resting(now).is_some()).count() == armed {
        forget_rest(app, &user).await?;
    }
    Ok(if armed > 0 { Progress::Waits } else { Progress::Nothing })
}

/// Nothing rests any more, unless something came to rest since the user was read.
async fn forget_rest(app: &App, user: &Record<User>) -> Result<(), AppError> {
    let known = user.item.rested_at;
    let forgotten = app.table.update(user.clone(), |user: &mut User| {
        if user.rested_at != known {
            return Change::Keep(());
        }
        user.rested_at = None;
        Change::Write(())
    });
    Ok(gone_is_fine(forgotten.await)?)
}

/// Arms one push, out of the quiet hours.
pub(super) async fn arm(
    app: &App,
    reminder: Record<Reminder>,
    settings: &Settings,
    revision: u64,
    n: u8,
    even_unknown: bool,
) -> Result<bool, AppError> {
    let now = app.now();
    let content = &reminder.item.content;
    let at = ahead(now, now);
    let quiet = settings.quiet_hours.as_ref().and_then(|quiet| quiet.end_of_quiet(at, &content.zone()));
    let at = quiet.filter(|end| *end < content.expires_at).unwrap_or(at);
    let (_, armed) = scheduling::change(app, reminder, |reminder: &mut Reminder| {
        Change::when(reminder.arm(revision, n, at, CAUSE, even_unknown, now))
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
        .filter(|(.., push)| matches!(push.state, State::Undeliverable { rest: Rest::Unreachable, .. }))
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
