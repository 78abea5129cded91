//! What becomes of the pushes of a content when it is saved, or begins anew; and of those before it.

use jiff::{SignedDuration, Timestamp};

use crate::app::{App, AppError};
use crate::person::user::User;
use crate::reminder::content::{Content, PlannedPush, PushTime};
use crate::reminder::{EventName, LAST_CALL, Push, Reminder, State, What, ahead};
use crate::scheduling;
use crate::settings::QuietHours;
use crate::table::{Change, gone_is_fine, keys};

/// The pushes of a content: when each wakes dispatch, or why it never will.
pub(crate) fn plan(content: &Content, revision: u64, quiet: Option<QuietHours>, now: Timestamp) -> Vec<Push> {
    content
        .pushes
        .iter()
        .map(|planned| {
            let wakes_at = ahead(planned.fires_at, now);
            let mut push = Push::planned(planned.n, revision, planned.fires_at, wakes_at);
            push.channels.clone_from(&planned.channels);
            push.meant_for = Some(planned.meant_for).filter(|meant_for| *meant_for != planned.fires_at);
            if planned.past {
                push.state = State::Skipped;
                push.reason = Some("past".to_owned());
            } else if is_at_once(planned, now) {
                // A moment that we choose: not in the quiet hours, but never past the expiry.
                push.at_once = true;
                let timezone = content.zone();
                if let Some(end) = quiet
                    .and_then(|quiet| quiet.end_of_quiet(wakes_at, &timezone))
                    .filter(|end| *end < content.expires_at - LAST_CALL)
                {
                    push.state = State::Scheduled { wakes_at: end };
                }
            }
            push
        })
        .collect()
}

/// The content moved a push that was past to this very moment: nobody chose it.
fn is_at_once(planned: &PlannedPush, now: Timestamp) -> bool {
    matches!(planned.wanted, PushTime::Relative { .. })
        && planned.fires_at <= now + SignedDuration::from_secs(1)
}

pub(crate) fn note_plan(reminder: &mut Reminder, now: Timestamp) {
    let revision = reminder.revision;
    for index in 0..reminder.pushes.len() {
        let push = &reminder.pushes[index];
        if push.revision != revision {
            continue;
        }
        let (n, fires_at) = (push.n, push.fires_at);
        match push.state {
            State::Skipped => {
                reminder.timeline.add(now, Some(n), EventName::Skipped, "its instant had passed")
            }
            _ => reminder.timeline.note(now, Some(n), What::Planned { fires_at }),
        }
    }
}

/// When what is armed now is tried: out of the quiet hours.
pub(crate) fn soon(reminder: &Reminder, quiet: Option<QuietHours>, now: Timestamp) -> Timestamp {
    let content = &reminder.content;
    let at = ahead(now, now);
    let end = quiet.and_then(|quiet| quiet.end_of_quiet(at, &content.zone()));
    end.filter(|end| *end < reminder.ends_at()).unwrap_or(at)
}

/// What the reminder has no place for any more: schedules, and attempts under way.
pub(crate) async fn forget_plan(app: &App, mut before: Reminder, after: &Reminder) -> Result<(), AppError> {
    before.schedules.retain(|schedule| !after.schedules.contains(schedule));
    scheduling::unschedule(app, &before.id, &before.schedules).await;
    before.pushes.retain(|push| after.push(push.revision, push.n).is_none());
    set_uncertain(app, &before).await
}

/// Attempts under way that the new plan has no place for: nobody looks for their outcome any more.
async fn set_uncertain(app: &App, dropped: &Reminder) -> Result<(), AppError> {
    for attempt in dropped.pushes.iter().filter_map(Push::attempt) {
        if attempt.one_time_template.is_none() {
            continue;
        }
        let user = keys::user(&dropped.openid);
        let marked = app.table.update_at(user, |user: &mut User| {
            Change::when(user.owns(dropped) && user.set_uncertain(attempt))
        });
        gone_is_fine(marked.await)?;
    }
    Ok(())
}
