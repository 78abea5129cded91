//! The user's reminders, page by page, soonest expiry first, without reading what is not returned.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::try_join;
use thiserror::Error;

use crate::app::{App, AppError};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::random;
use crate::reminder::{Lifecycle, Reminder, state_expiry};
use crate::table::keys;

pub const LIMIT_DEFAULT: usize = 20;
pub const LIMIT_MAX: usize = 100;

#[derive(Debug)]
pub struct ReminderPage {
    pub reminders: Vec<Reminder>,
    /// Where the next page begins, opaque; none on the last.
    pub cursor: Option<String>,
}

/// Why there is no page.
#[derive(Debug, Error)]
pub enum ListError {
    #[error("the cursor is none of ours, or belongs to another list")]
    Cursor,
    #[error(transparent)]
    ProfileGone(#[from] ProfileGone),
    #[error(transparent)]
    App(#[from] AppError),
}

pub async fn list(
    app: &App,
    login: &Login,
    state: Lifecycle,
    limit: usize,
    cursor: Option<&str>,
) -> Result<ReminderPage, ListError> {
    let now = app.now().as_second();
    let kind = if state == Lifecycle::Done { "done" } else { "active" };
    let (from, to) = match state {
        Lifecycle::Active => (state_expiry(kind, now + 1, ""), "active#~".to_owned()),
        Lifecycle::Expired => ("active#".to_owned(), state_expiry(kind, now, "~")),
        Lifecycle::Done => ("done#".to_owned(), "done#~".to_owned()),
    };
    let from = match cursor.map(|cursor| decode(kind, cursor)) {
        None => from,
        // What the page before ended with may have expired since: then what is still active begins later.
        Some(Some(after)) if after < to => from.max(after),
        Some(_) => return Err(ListError::Cursor),
    };
    let partition = keys::user_partition(&login.openid);
    let (user, page) = try_join(
        app.table.get::<User>(keys::user(&login.openid)),
        app.table.by_expiry::<Reminder>(&partition, &from, &to, limit),
    )
    .await
    .map_err(AppError::from)?;
    user.filter(|user| login.is_of(&user.item)).ok_or(ProfileGone)?;
    let mut reminders: Vec<Reminder> = page.items.into_iter().map(|stored| stored.item).collect();
    let cursor = reminders.last().filter(|_| page.more).map(|last| {
        let position = state_expiry(kind, last.content.expires_at.as_second(), &last.id);
        // The next page begins just behind this one.
        URL_SAFE_NO_PAD.encode(format!("{position}!"))
    });
    reminders.retain(|reminder| login.owns(reminder));
    Ok(ReminderPage { reminders, cursor })
}

/// All there are of this profile, in whatever state; deleted ones, too.
pub async fn all(app: &App, user: &User) -> Result<Vec<Reminder>, AppError> {
    let partition = keys::user_partition(&user.openid);
    let found = app.table.readable_with_prefix::<Reminder>(&partition, keys::REMINDER).await?;
    Ok(found.into_iter().map(|stored| stored.item).filter(|reminder| user.owns(reminder)).collect())
}

/// The position just behind a reminder of this kind, if that is what the cursor names.
fn decode(kind: &str, cursor: &str) -> Option<String> {
    let position = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (expires_at, id) =
        position.strip_prefix(kind)?.strip_prefix('#')?.strip_suffix('!')?.split_once('#')?;
    let is_instant = expires_at.len() == 12 && expires_at.bytes().all(|byte| byte.is_ascii_digit());
    (is_instant && random::is_id(id)).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_position_in_its_own_list() {
        let is_cursor = |position: &str| decode("active", &URL_SAFE_NO_PAD.encode(position)).is_some();
        assert!(is_cursor("active#001803816000#abcdefghij234567abcd!"));
        for position in [
            "",
            "active#",
            "active#~",
            "done#001803816000#abcdefghij234567abcd!",
            "active#1803816000#abcdefghij234567abcd!",
            "active#001803816000#abcdefghij234567abcd",
            "active#001803816000#!",
            &format!("active#001803816000#{}!", "a".repeat(2000)),
        ] {
            assert!(!is_cursor(position), "{position}");
        }
        assert_eq!(decode("active", "nonsense"), None);
    }
}
