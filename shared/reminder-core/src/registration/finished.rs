//! How many finished reminders of a user stay: those that are done or expired, to be read. Whoever makes very many loses
//! the oldest, as a calendar forgets; nobody is refused anything for what lies behind them.

use futures::future::join_all;

use crate::app::App;
use crate::person::allowance::FINISHED_REMINDERS_MAX;
use crate::reminder::Reminder;
use crate::table::{Record, TableError};

/// So many are removed side by side.
const REMOVED_AT_ONCE: usize = 25;

/// Removes what is over the bound. What fails now is done another day: no answer depends on it.
pub(super) async fn tidy(app: &App, finished: Vec<Record<Reminder>>) {
    match remove(app, &surplus(finished, FINISHED_REMINDERS_MAX)).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "the oldest finished reminders of a user were removed"),
        Err(error) => tracing::warn!(%error, "finished reminders could not be removed"),
    }
}

/// Those that nobody wrote since they were read; answers how many.
async fn remove(app: &App, surplus: &[Record<Reminder>]) -> Result<usize, TableError> {
    let mut removed = 0;
    for some in surplus.chunks(REMOVED_AT_ONCE) {
        let outcomes = join_all(some.iter().map(|stored| app.table.delete_unchanged(stored))).await;
        let gone = outcomes.into_iter().collect::<Result<Vec<bool>, TableError>>()?;
        removed += gone.into_iter().filter(|is_gone| *is_gone).count();
    }
    Ok(removed)
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
    use crate::reminder::{Push, Status};

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
