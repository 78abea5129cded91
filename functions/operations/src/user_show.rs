//! `user.show`: what we know of a user, without their words.

use std::collections::BTreeMap;

use reminder_core::person::ledger::Standing;
use reminder_core::person::user::User;
use reminder_core::registration::list::all;
use reminder_core::reminder::{Reminder, Resting};
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

use crate::nobody::nobody;

pub(crate) async fn run(app: &App, openid: &OpenId) -> Result<Value, AppError> {
    let Some(user) = app.table.get::<User>(keys::user(openid)).await?.map(|user| user.item) else {
        return nobody(app, openid).await;
    };
    let now = app.now();
    let reminders: Vec<Value> = all(app, &user)
        .await?
        .iter()
        .map(|reminder| {
            let state = if reminder.is_deleted() { "deleted" } else { reminder.lifecycle(now).name() };
            json!({
                "id": reminder.id, "state": state, "expires_at": reminder.content.expires_at,
                "template": reminder.content.template, "pushes": pushes(reminder),
            })
        })
        .collect();
    Ok(json!({
        "openid": user.openid, "created_at": user.created_at, "kept_until": user.kept_until,
        "follows": user.follow.followed, "linked": user.link.is_some(),
        "ground": user.link.as_ref().map(|link| link.ground), "blocked": user.is_blocked(),
        "credits": credits(&user), "reminders": reminders,
    }))
}

/// By template and by how sure they are.
pub(crate) fn credits(user: &User) -> BTreeMap<&str, BTreeMap<Standing, u32>> {
    user.credits.iter().map(|(template_id, ledger)| (template_id.as_str(), ledger.by_standing())).collect()
}

fn pushes(reminder: &Reminder) -> Vec<Value> {
    let pushes = reminder.pushes.iter();
    let shown = pushes.map(|push| {
        json!({
            "n": push.n, "fires_at": push.fires_at, "state": push.state_name(),
            "channel": push.channel(), "reason": push.reason,
            "rests": push.rests().map(Resting::name),
        })
    });
    shown.collect()
}
