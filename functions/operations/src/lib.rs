//! Invoked by operators: settings, doctor, follower sync, redrive, tests, looks at what happened, and what concerns one
//! user.
//!
//! An event is `{"operation": NAME, …}`; [`event`] reads it, and each operation has a file. What is wrong with an event, or
//! with WeChat, is an answer (`{"error": …}`); an error is only what a second try may mend.

mod arrivals_show;
mod event;
mod followers_sync;
mod nobody;
mod push_redrive;
mod push_test;
mod quota_show;
mod reminder_show;
mod settings;
mod stats;
mod templates_list;
mod user_export;
mod user_find;
mod user_forget;
mod user_show;

use reminder_core::{App, AppError, doctor};
use serde_json::{Value, json};
use thiserror::Error;

use event::Operation;

#[derive(Debug, Error)]
pub enum OperationError {
    #[error(transparent)]
    App(#[from] AppError),
}

/// Runs one operation.
///
/// # Errors
/// Only when our own state could not be read or written.
pub async fn invoke(app: &App, event: Value) -> Result<Value, OperationError> {
    let operation = match Operation::read(&event) {
        Ok(operation) => operation,
        Err(errors) => {
            return Ok(json!({
                "error": "this is no event of ours; nothing was done",
                "errors": errors,
                "operations": event::OPERATIONS,
            }));
        }
    };
    // One of our own words, safe to log: an event that names none of them was answered above.
    tracing::info!(operation = event["operation"].as_str(), "an operator asks");
    Ok(match operation {
        Operation::SettingsGet => settings::get(app).await?,
        Operation::SettingsPut { settings, if_version } => settings::put(app, &settings, if_version).await?,
        Operation::SettingsHistory => settings::history(app).await?,
        Operation::SettingsRestore { version, if_version } => {
            settings::restore(app, version, if_version).await?
        }
        Operation::Doctor { language } => json!(doctor::examine(app).await.told(language)),
        Operation::FollowersSync { next_openid, seconds } => {
            followers_sync::run(app, next_openid, seconds).await?
        }
        Operation::TemplatesList => templates_list::run(app).await?,
        Operation::QuotaShow => quota_show::run(app).await?,
        Operation::ReminderShow { openid, id } => reminder_show::run(app, &openid, &id).await?,
        Operation::PushRedrive(which) => push_redrive::run(app, which).await?,
        // Boxed: a message on its way is the deepest of these futures.
        Operation::PushTest { openid, template } => Box::pin(push_test::run(app, &openid, &template)).await?,
        Operation::ArrivalsShow { since } => arrivals_show::run(app, since).await?,
        Operation::Stats { days } => stats::run(app, days).await?,
        Operation::UserShow { openid } => user_show::run(app, &openid).await?,
        Operation::UserFind { reminder } => user_find::run(app, &reminder).await?,
        Operation::UserForget { openid } => user_forget::run(app, &openid).await?,
        Operation::UserExport { openid } => user_export::run(app, &openid).await?,
    })
}
