//! Reminders that go by their user's zone, after that has become another one.

use jiff::Timestamp;

use crate::app::{App, AppError};
use crate::person::user::User;
use crate::registration::plan::{forget_plan, note_plan, plan};
use crate::reminder::Reminder;
use crate::scheduling;
use crate::settings::Settings;
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
        moved.push(move_one(app, reminder, user, settings, now).await?);
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
    let pushes = plan(&content, reminder.revision + 1, user.preferences.quiet(settings), now);
    let mut moved = reminder.clone();
    moved.renew(content, pushes, now);
    note_plan(&mut moved, now);
    Some(moved)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cases::instant;
    use crate::reminder::content::{Asked, Content};
    use crate::reminder::{Preferences, Rest, State};
    use crate::settings::tests::sample;

    const NOW: &str = "2027-02-22T10:00:00+08:00";

    /// Saved three weeks ago: a push was due an hour ago, one comes on the last day.
    fn passport(timezone: Option<&str>) -> Reminder {
        let saved = instant("2027-02-01T12:00:00+08:00");
        let mut body = json!({"template": "expiry", "title": "护照", "expires_on": "2027-03-01",
            "pushes": [{"days_before": 7, "time": "09:00"}, {"days_before": 0, "time": "10:00"}]});
        if let Some(timezone) = timezone {
            body["timezone"] = json!(timezone);
        }
        let (settings, preferences) = (sample(), Preferences::default());
        let asked = Asked { settings: &settings, preferences: &preferences, before: None, now: saved };
        let content = Content::parse(&body, &asked).expect("a good body");
        let pushes = plan(&content, 1, None, saved);
        Reminder::new("o-alice".into(), "aaaaabbbbbcccccddddd".to_owned(), content, pushes, saved)
    }

    #[test]
    fn whatever_is_to_come_moves_and_nothing_else() {
        let at = |reminder: &Reminder| -> Vec<String> {
            reminder.pushes.iter().map(|push| format!("{} {}", push.state_name(), push.fires_at)).collect()
        };
        let there = |reminder: &Reminder| {
            let mut user = User::new("o-alice".into(), instant("2027-01-01T00:00:00+08:00"));
            user.preferences.timezone = Some("America/Los_Angeles".to_owned());
            moved_to(reminder, &user, &sample(), instant(NOW)).map(|moved| at(&moved))
        };
        let last = "scheduled 2027-03-01T18:00:00Z".to_owned();
        // Due, and not begun: it comes at nine of that day there.
        let due = passport(None);
        assert_eq!(there(&due), Some(vec!["scheduled 2027-02-22T17:00:00Z".to_owned(), last.clone()]));
        let mut given_up = due.clone();
        assert!(given_up.give_up(1, 1, "no_credit", Rest::Unreachable, instant(NOW)));
        assert_eq!(
            there(&given_up),
            Some(vec!["undeliverable 2027-02-22T01:00:00Z".to_owned(), last.clone()])
        );
        // Another push told it, so that it is not to come at nine of that day there.
        let mut told = due.clone();
        (told.pushes[0].state, told.pushes[0].reason) = (State::Skipped, Some("told_already".to_owned()));
        assert_eq!(there(&told), Some(vec!["skipped 2027-02-22T01:00:00Z".to_owned(), last]));
        let mut done = due.clone();
        assert!(done.done(instant(NOW)));
        assert_eq!(there(&done), None);
        assert_eq!(there(&passport(Some("Asia/Shanghai"))), None);
        let mut home = due;
        home.content.timezone = "America/Los_Angeles".to_owned();
        assert_eq!(there(&home), None);
    }
}
