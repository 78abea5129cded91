//! The user's reminders, page by page, soonest expiry first, without reading what is not returned.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wechat::OpenId;

use crate::core::{Core, CoreError};
use crate::reminder::{Lifecycle, Reminder, state_expiry};
use crate::table::keys;

pub const LIMIT_DEFAULT: usize = 20;
pub const LIMIT_MAX: usize = 100;

#[derive(Debug)]
pub struct Listed {
    pub reminders: Vec<Reminder>,
    /// Where the next page begins, opaque; none on the last.
    pub cursor: Option<String>,
}

/// The cursor is none of ours, or belongs to another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCursor;

pub async fn list(
    core: &Core,
    openid: &OpenId,
    state: Lifecycle,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Result<Listed, BadCursor>, CoreError> {
    let now = core.now().as_second();
    let (from, to) = match state {
        Lifecycle::Active => (state_expiry("active", now + 1, ""), "active#~".to_owned()),
        Lifecycle::Expired => ("active#".to_owned(), state_expiry("active", now, "~")),
        Lifecycle::Done => ("done#".to_owned(), "done#~".to_owned()),
    };
    let from = match cursor.map(decode) {
        None => from,
        Some(Some(after)) if after > from && after < to => after,
        Some(_) => return Ok(Err(BadCursor)),
    };
    let page = core.table.by_expiry::<Reminder>(&keys::user_partition(openid), &from, &to, limit).await?;
    let reminders: Vec<Reminder> = page.items.into_iter().map(|stored| stored.item).collect();
    let cursor = reminders.last().filter(|_| page.more).map(|last| {
        let position = state_expiry(
            if state == Lifecycle::Done { "done" } else { "active" },
            last.draft.expires_at.as_second(),
            &last.id,
        );
        // The next page begins just behind this one.
        URL_SAFE_NO_PAD.encode(format!("{position}!"))
    });
    Ok(Ok(Listed { reminders, cursor }))
}

fn decode(cursor: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}
