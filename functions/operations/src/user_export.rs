//! `user.export`: everything that is stored about a user, as one document. Personal data, all of it.

use reminder_core::following::export::export;
use reminder_core::person::user::User;
use reminder_core::registration::list::all;
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use serde_json::Value;
use wechat::OpenId;

use crate::nobody::nobody;
use crate::reminder_show::story;

pub(crate) async fn run(app: &App, openid: &OpenId) -> Result<Value, AppError> {
    let Some(mut document) = export(app, openid).await? else { return nobody(app, openid).await };
    // Their own words once more, not as the table has them.
    if let Some(user) = app.table.get::<User>(keys::user(openid)).await? {
        let now = app.now();
        document["reminders"] = all(app, &user.item).await?.iter().map(|one| story(one, now)).collect();
    }
    Ok(document)
}
