//! `PATCH /me`: how the user wants to be told.

use serde_json::Value;

use crate::app::App;
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::registration::error::RegistrationError;
use crate::table::{Change, keys};

/// Changes what the body names. It holds for what is saved, and for moments that we choose, from now on.
pub async fn change(app: &App, login: &Login, body: &Value) -> Result<User, RegistrationError> {
    let stored = app.table.get::<User>(keys::user(&login.openid)).await?;
    let stored = stored.filter(|stored| login.is_of(&stored.item)).ok_or(ProfileGone)?;
    stored.item.preferences.changed(body).map_err(RegistrationError::Invalid)?;
    let changed = app.table.update(stored, |user: &mut User| {
        // Two at once both count: each changes what it names.
        match user.preferences.changed(body) {
            Ok(preferences) if preferences != user.preferences => {
                user.preferences = preferences;
                Change::Write(())
            }
            _ => Change::Keep(()),
        }
    });
    Ok(changed.await?.0.item)
}
