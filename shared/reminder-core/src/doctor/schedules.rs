//! Does every push of the next days have its schedule, and is the sweep there that finds the pushes which lost it?
//!
//! Schedules without a push are not looked for: they fire, find nothing and vanish.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use wechat::{Said, said};

use super::finding::Finding;
use super::records::Unreadable;
use crate::app::{App, AppError};
use crate::person::follower::Follower;
use crate::person::user::User;
use crate::reminder::{Push, Reminder};
use crate::table::keys::{Due, Key};
use crate::table::{DUE_SHARDS, keys};

/// What is looked at: what comes next, and not more, all shards together, than fits the time and the API's rate.
const LOOKS_AHEAD: SignedDuration = SignedDuration::from_hours(48);
const LOOKED_AT_MAX: usize = 208 / DUE_SHARDS as usize;
/// Scheduler fires within the minute, Lambda repeats after one and two more; the sweep then takes up to half an hour.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(40);
/// A schedule of this very moment may have fired: it is deleted, and its push not looked at yet.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(2);
/// Lost ones are named up to here.
const NAMED_MAX: usize = 10;

pub(super) async fn check(app: &App, findings: &mut Vec<Finding>, unreadable: &mut Unreadable) {
    findings.push(match app.schedules.has_sweep().await {
        Ok(true) => {
            Finding::ok("sweep", said!("The recurring schedule of the sweep is there.", "巡检的定时还在。"))
        }
        Ok(false) => Finding::failed(
            "sweep",
            said!(
                "The recurring schedule of the sweep is gone: lost pushes are not found any more.",
                "巡检的定时没了：漏掉的提醒不会再被找到。"
            ),
            said!(
                "Deploy the stack again; until then run push.redrive with \"since\" every hour.",
                "重新部署堆栈；在那之前，每小时带 \"since\" 跑一次 push.redrive。"
            ),
        ),
        Err(error) => Finding::not_checked("sweep", error),
    });
    findings.push(match look(app, unreadable).await {
        Ok(found) => judge(&found),
        Err(error) => Finding::not_checked("schedules", error),
    });
}

#[derive(Default)]
struct Found {
    pushes: usize,
    lost: Vec<Said>,
    overdue: Vec<Said>,
    more: bool,
}

fn judge(found: &Found) -> Finding {
    let (pushes, hours) = (found.pushes, LOOKS_AHEAD.as_hours());
    if !found.overdue.is_empty() {
        let (count, named) = (found.overdue.len(), named(&found.overdue));
        return Finding::failed(
            "schedules",
            said!("{count} pushes are long overdue: {named}.", "有 {count} 次提醒早该发了：{named}。", named),
            said!(
                "Run push.redrive with \"since\" before the oldest of them, and read the log of the dispatch function.",
                "跑 push.redrive，\"since\" 填得比其中最早的还早；再看 dispatch 的日志。"
            ),
        );
    }
    if !found.lost.is_empty() {
        let (count, named) = (found.lost.len(), named(&found.lost));
        return Finding::failed(
            "schedules",
            said!(
                "{count} of {pushes} pushes of the next {hours} hours have lost their schedule: {named}.",
                "未来 {hours} 小时的 {pushes} 次提醒里，有 {count} 次丢了定时：{named}。",
                named
            ),
            said!(
                "The sweep sends them within half an hour of their time. To be sure, run push.redrive with \"since\" after it, and look in CloudTrail for who deletes schedules.",
                "到点之后半小时内，巡检会补发。要确保的话，过后带 \"since\" 跑一次 push.redrive，并在 CloudTrail 里查是谁删了定时。"
            ),
        );
    }
    let more = match found.more {
        true => said!(" There are more than were looked at.", "还有没看到的。"),
        false => Said::default(),
    };
    let what = said!(
        "All {pushes} pushes of the next {hours} hours have their schedule.{more}",
        "未来 {hours} 小时的 {pushes} 次提醒都有定时。{more}",
        more
    );
    Finding::ok("schedules", what)
}

fn named(pushes: &[Said]) -> Said {
    let rest = pushes.len().saturating_sub(NAMED_MAX);
    let names = |text: fn(&Said) -> &str| pushes.iter().take(NAMED_MAX).map(text).collect::<Vec<_>>();
    let names = Said {
        english: names(|push| &push.english).join(", "),
        chinese: names(|push| &push.chinese).join("、"),
    };
    match rest {
        0 => names,
        _ => said!("{names} and {rest} more", "{names}，还有 {rest} 次", names),
    }
}

fn name(push: &Push, reminder: &Reminder, at: Timestamp) -> Said {
    let (n, id) = (push.n, &reminder.id);
    said!("push {n} of {id} at {at}", "{id} 的第 {n} 次（{at}）")
}

async fn look(app: &App, unreadable: &mut Unreadable) -> Result<Found, AppError> {
    let now = app.now();
    let shards = (0..DUE_SHARDS)
        .map(|shard| app.table.due(shard, Timestamp::UNIX_EPOCH, now + LOOKS_AHEAD, LOOKED_AT_MAX, None));
    let (keys, next): (Vec<Vec<Key>>, Vec<_>) = try_join_all(shards).await?.into_iter().unzip();
    let mut found = Found { more: next.iter().any(Option::is_some), ..Found::default() };
    for key in keys.into_iter().flatten() {
        let Some((openid, id)) = key.reminder() else {
            look_at_person(app, &key, unreadable).await?;
            continue;
        };
        let read = app.table.get::<Reminder>(keys::reminder(&openid, &id)).await;
        let Some(reminder) = unreadable.or_read(read, &id)?.flatten() else { continue };
        look_at(app, &reminder.item, now, &mut found).await?;
    }
    Ok(found)
}

/// A user or follower who is to be looked at, and may not be readable.
async fn look_at_person(app: &App, key: &Key, unreadable: &mut Unreadable) -> Result<(), AppError> {
    match key.due() {
        Some(Due::User(openid)) => {
            unreadable.or_read(app.table.get::<User>(keys::user(&openid)).await, "")?;
        }
        Some(Due::Follower(openid)) => {
            unreadable.or_read(app.table.get::<Follower>(keys::follower(&openid)).await, "")?;
        }
        _ => {}
    }
    Ok(())
}

async fn look_at(app: &App, reminder: &Reminder, now: Timestamp, found: &mut Found) -> Result<(), AppError> {
    let due = |push: &&Push| push.next_look_at().is_some_and(|at| at <= now + LOOKS_AHEAD);
    for push in reminder.pushes.iter().filter(due) {
        found.pushes += 1;
        let Some(at) = push.next_look_at().filter(|at| *at + OVERDUE_AFTER < now) else { continue };
        found.overdue.push(name(push, reminder, at));
    }
    // What comes after the next moment gets its schedule then.
    let moments = reminder.scheduled_moments(now);
    let ahead = moments.iter().filter(|at| (now + UNDER_WAY..=now + LOOKS_AHEAD).contains(*at));
    for at in ahead {
        let made = reminder.schedule_for(*at, now);
        let exists = match made {
            Some(schedule) => app.schedules.exists(&reminder.id, &schedule).await?,
            None => false,
        };
        if !exists {
            let waiting = reminder.pushes.iter().filter(|push| push.waits_until() == Some(*at));
            found.lost.extend(waiting.map(|push| name(push, reminder, *at)));
        }
    }
    Ok(())
}
