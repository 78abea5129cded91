//! `push.redrive`: has what is due looked at again, by the same rules as ever, and tells what was seen.

use reminder_core::delivery::redrive;
use reminder_core::{App, AppError};
use serde_json::{Value, json};

use crate::event::Redrive;

/// Answers `{"looked_at", "more", "reminders": [{"openid", "id", "pushes": [{"n", "due", "before", "after"}]}]}`.
pub(crate) async fn run(app: &App, which: Redrive) -> Result<Value, AppError> {
    let (reminders, more) = match which {
        Redrive::One { openid, id, again } => match redrive::one(app, &openid, &id, again).await? {
            Some(looked) => (vec![looked], false),
            None => return Ok(json!({ "error": "this user has no reminder of this id" })),
        },
        Redrive::Since(since) => redrive::since(app, since).await?,
    };
    Ok(json!({ "looked_at": reminders.len(), "more": more, "reminders": reminders }))
}
