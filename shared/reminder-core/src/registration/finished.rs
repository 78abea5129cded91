//! How many finished reminders of a user stay: those that are done or expired, to be read. Whoever makes very many loses
//! the oldest, as a calendar forgets; nobody is refused anything for what lies behind them.

use futures::future::join_all;
use wechat::OpenId;

use crate::app::{App, AppError};
use crate::person::allowance::FINISHED_REMINDERS_MAX;
use crate::reminder::{Reminder, Status, state_expiry};
use crate::table::{Record, TableError, keys};

/// So many are removed side by side.
const REMOVED_AT_ONCE: usize = 25;

/// Removes what is over the bound, if `is_due`. What fails now is done another day: no answer depends on it.
pub(super) async fn tidy_if(app: &App, openid: &OpenId, is_due: bool) {
    if !is_due {
        return;
    }
    match tidy(app, openid).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "the oldest finished reminders of a user were removed"),
        Err(error) => tracing::warn!(%error, "finished reminders could not be removed"),
    }
}

async fn tidy(app: &App, openid: &OpenId) -> Result<usize, AppError> {
    let now = app.now();
    let expired = (state_expiry("active", 0, ""), state_expiry("active", now.as_second(), "~"));
    let done = ("done#".to_owned(), "done#~".to_owned());
    let mut finished: Vec<Record<Reminder>> = Vec::new();
    for (from, to) in [expired, done] {
        finished.extend(all_of(app, openid, from, &to).await?);
    }
    let removed = surplus(finished, FINISHED_REMINDERS_MAX);
    let count = removed.len();
    for some in removed.chunks(REMOVED_AT_ONCE) {
        let outcomes = join_all(some.iter().map(|stored| app.table.delete_unchanged(stored))).await;
        outcomes.into_iter().collect::<Result<Vec<bool>, TableError>>()?;
    }
    Ok(count)
}

async fn all_of(
    app: &App,
    openid: &OpenId,
    mut from: String,
    to: &str,
) -> Result<Vec<Record<Reminder>>, TableError> {
    let mut all: Vec<Record<Reminder>> = Vec::new();
    loop {
        let page = app.table.by_expiry(&keys::user_partition(openid), &from, to, usize::MAX).await?;
        // Behind a page of which nothing can be read nobody knows where to go on.
        let more = page.more && !page.items.is_empty();
        all.extend(page.items);
        match all.last() {
            Some(last) if more => {
                let Reminder { status, content, id, .. } = &last.item;
                let kind = if matches!(status, Status::Active) { "active" } else { "done" };
                from = format!("{}!", state_expiry(kind, content.expires_at.as_second(), id));
            }
            _ => return Ok(all),
        }
    }
}

/// Of the finished ones those over `most`: finished longest ago. One that dispatch will look at again stays.
fn surplus(mut finished: Vec<Record<Reminder>>, most: usize) -> Vec<Record<Reminder>> {
    let over = finished.len().saturating_sub(most);
    finished.sort_by_key(|stored| stored.item.finished_at());
    finished.truncate(over);
    finished.retain(|stored| stored.item.next_look_at().is_none());
    finished
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::cases::{instant, reminder};
    use crate::reminder::Push;

    #[test]
    fn of_too_many_those_go_that_were_finished_longest_ago() {
        let day = |day: u32| instant(&format!("2027-01-{day:02}T09:00:00+08:00"));
        let finished = |id: &str, status: Status, expires_at: Timestamp| {
            let mut reminder = reminder(day(1));
            (reminder.id, reminder.status) = (id.to_owned(), status);
            reminder.content.expires_at = expires_at;
            reminder.pushes.clear();
            reminder
        };
        let mut watched = finished("under way", Status::Active, day(1));
        watched.pushes.push(Push::planned(1, 1, day(1), day(1)));
        let all = [
            finished("expired on the 20th", Status::Active, day(20)),
            finished("done on the 3rd, long before it expired", Status::Done { at: day(3) }, day(28)),
            finished("done on the 25th, long after it expired", Status::Done { at: day(25) }, day(2)),
            finished("expired on the 4th", Status::Active, day(4)),
            watched,
        ];
        let removed = |most: usize| -> Vec<String> {
            let records = all.iter().map(|reminder| Record::first(reminder.clone(), "w"));
            let removed = surplus(records.collect(), most);
            removed.into_iter().map(|stored| stored.item.id).collect()
        };
        assert!(removed(5).is_empty());
        assert!(removed(4).is_empty(), "the oldest is to be looked at again");
        assert_eq!(removed(2), ["done on the 3rd, long before it expired", "expired on the 4th"]);
    }
}
