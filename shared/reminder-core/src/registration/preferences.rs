//! `PATCH /me`: how the user wants to be told.

use serde_json::Value;

use crate::app::{App, AppError};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::registration::error::RegistrationError;
use crate::scheduling;
use crate::table::{Change, keys};

/// Changes what the body names. It holds for what is saved, and for moments that we choose, from now on; what was saved
/// before moves to another zone with its user, soon.
pub async fn change(app: &App, login: &Login, body: &Value) -> Result<User, RegistrationError> {
    let now = app.now();
    let stored = app.table.get::<User>(keys::user(&login.openid)).await?;
    let stored = stored.filter(|stored| login.is_of(&stored.item)).ok_or(ProfileGone)?;
    stored.item.preferences.changed(body).map_err(RegistrationError::Invalid)?;
    let changed = app.table.update(stored, |user: &mut User| {
        // Two at once both count: each changes what it names.
        match user.preferences.changed(body) {
            Ok(preferences) if preferences != user.preferences => {
                user.prefer(preferences, now);
                Change::Write(())
            }
            _ => Change::Keep(()),
        }
    });
    let user = changed.await?.0.item;
    scheduling::look_at_rest(app, &user).await.map_err(AppError::from)?;
    Ok(user)
}
