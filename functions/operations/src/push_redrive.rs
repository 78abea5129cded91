//! `push.redrive`: has what is due looked at again, by the same rules as ever, and tells what was seen; or has what rests
//! armed, which dispatch does page by page.

use reminder_core::delivery::arming::{self, Cause};
use reminder_core::delivery::redrive;
use reminder_core::{App, AppError};
use serde_json::{Value, json};

use crate::event::Redrive;

/// Answers `{"looked_at", "more", "reminders": [{"openid", "id", "pushes": [{"n", "due", "before", "after"}]}]}`, or, of
/// what rests, `{"job", "begins_at"}`: `doctor` says how far it has come.
pub(crate) async fn run(app: &App, which: Redrive) -> Result<Value, AppError> {
    let (reminders, more) = match which {
        Redrive::One { openid, id, again } => match redrive::one(app, &openid, &id, again).await? {
            Some(looked) => (vec![looked], false),
            None => return Ok(json!({ "error": "this user has no reminder of this id" })),
        },
        Redrive::Since(since) => redrive::since(app, since).await?,
        Redrive::Resting { cause, even_unknown } => return arm(app, cause, even_unknown).await,
    };
    Ok(json!({ "looked_at": reminders.len(), "more": more, "reminders": reminders }))
}

async fn arm(app: &App, cause: Cause, even_unknown: bool) -> Result<Value, AppError> {
    if let Cause::Template { template } = &cause
        && !app.settings.get(app.now()).await?.templates.contains_key(template)
    {
        return Ok(json!({ "error": "the settings have no template of this name; nothing was armed" }));
    }
    let job = arming::begin(app, cause, even_unknown).await?;
    arming::wake(app, &job).await?;
    Ok(json!({ "job": job.job(), "begins_at": job.selection.begins_at }))
}
