//! `reminder.show`: the whole story of one reminder, for "why was I (not) reminded?".

use jiff::Timestamp;
use reminder_core::person::user::User;
use reminder_core::reminder::Reminder;
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

use crate::user_show::credits;

pub(crate) async fn run(app: &App, openid: &OpenId, id: &str) -> Result<Value, AppError> {
    let (user, reminder) =
        app.table.get_pair::<User, Reminder>(keys::user(openid), keys::reminder(openid, id)).await?;
    let Some(reminder) = reminder else {
        return Ok(json!({ "error": "this user has no reminder of this id" }));
    };
    let mut shown = story(&reminder.item, app.now());
    shown["user"] = user.map_or(Value::Null, |user| {
        json!({
            "followed": user.item.follow.followed,
            "blocked": user.item.is_blocked(),
            "linked": user.item.link.is_some(),
            "credits": credits(&user.item),
        })
    });
    Ok(shown)
}

/// All there is to tell of a reminder, in words.
pub(crate) fn story(reminder: &Reminder, now: Timestamp) -> Value {
    let state = if reminder.is_deleted() { "deleted" } else { reminder.lifecycle(now).name() };
    let content = &reminder.content;
    let pushes: Vec<Value> = reminder
        .pushes
        .iter()
        .map(|push| {
            json!({
                "n": push.n, "revision": push.revision, "fires_at": push.fires_at, "at_once": push.at_once,
                "state": push.state_name(), "channel": push.channel(), "reason": push.reason,
                "attempts": push.attempts, "refused": push.refused, "next_look_at": push.next_look_at(),
            })
        })
        .collect();
    json!({
        "id": reminder.id, "revision": reminder.revision, "state": state,
        "item": {
            "template": content.template, "title": content.title, "note": content.note, "page": content.page,
            "expires_at": content.expires_at, "expires_on": content.expires_on(), "timezone": content.timezone,
        },
        "created_at": reminder.created_at,
        "pushes": pushes,
        "timeline": timeline(reminder),
        "timeline_dropped": reminder.timeline.dropped(),
    })
}

fn timeline(reminder: &Reminder) -> Vec<Value> {
    let entries = reminder.timeline.entries().iter();
    let shown = entries.map(|entry| {
        let mut shown = json!({"at": entry.at, "event": entry.event()});
        if let Some(push) = entry.push {
            shown["push"] = push.into();
        }
        for (name, text) in
            [("detail", entry.detail(&reminder.content)), ("errmsg", entry.errmsg().to_owned())]
        {
            if !text.is_empty() {
                shown[name] = text.into();
            }
        }
        shown
    });
    shown.collect()
}
