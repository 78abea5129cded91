//! The user's reminders, page by page, soonest expiry first, without reading what is not returned:
//! the index names them, and they are read together with their user.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use wechat::OpenId;

use crate::app::{App, AppError};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::random;
use crate::reminder::{Lifecycle, Reminder, state_expiry};
use crate::table::keys::Key;
use crate::table::{Item, Record, TableError, keys};

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
    let (user, mut reminders, ended_with) =
        read(app, &login.openid, &from, &to, limit).await.map_err(AppError::from)?;
    user.filter(|user| login.is_of(&user.item)).ok_or(ProfileGone)?;
    reminders.retain(|reminder| login.owns(reminder));
    // The next page begins just behind this one.
    let cursor = ended_with.map(|position| URL_SAFE_NO_PAD.encode(format!("{position}!")));
    Ok(ReminderPage { reminders, cursor })
}

/// The user, their reminders from one position to another, at most `limit`, and the position behind which there may be more.
async fn read(
    app: &App,
    openid: &OpenId,
    from: &str,
    to: &str,
    limit: usize,
) -> Result<(Option<Record<User>>, Vec<Reminder>, Option<String>), TableError> {
    let page = app.table.by_expiry(&keys::user_partition(openid), from, to, limit).await?;
    let user = keys::user(openid);
    let wanted: Vec<&Key> = std::iter::once(&user).chain(&page.keys).collect();
    let found = app.table.get_all(&wanted).await?;
    let reminders = found.readable::<Reminder>(&page.keys).into_iter().map(|stored| stored.item);
    // What was written since the index was read may be somewhere else by now.
    let is_here = |reminder: &Reminder| {
        reminder.indexed().state_expiry.is_some_and(|position| (from..=to).contains(&position.as_str()))
    };
    Ok((found.record(&user)?, reminders.filter(is_here).collect(), page.ended_with))
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
