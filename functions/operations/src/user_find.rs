//! `user.find`: whose a reminder is. Its id begins with eight characters of its owner, whose profile the index finds.

use reminder_core::reminder::{Reminder, id};
use reminder_core::table::keys::{self, Key};
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

pub(crate) async fn run(app: &App, reminder: &str) -> Result<Value, AppError> {
    let owners = app.table.owners(id::owner_tag_of(reminder).unwrap_or_default()).await?;
    let openids: Vec<OpenId> = owners.iter().filter_map(Key::user).collect();
    for openid in &openids {
        if app.table.get::<Reminder>(keys::reminder(openid, reminder)).await?.is_some() {
            return Ok(json!({ "openid": openid, "id": reminder }));
        }
    }
    Ok(match openids.first() {
        Some(openid) => json!({
            "error": "there is no reminder of this id any more; ids that begin like it are this user's",
            "openid": openid,
        }),
        None => {
            json!({ "error": "no user has reminders whose ids begin like this; whoever had was forgotten" })
        }
    })
}
