//! `settings.get` and `settings.put`: the whole document, with every fault named, or nothing changed.

use reminder_core::delivery::arming::{self, ReplaceError};
use reminder_core::settings::store::SettingsError;
use reminder_core::{App, AppError};
use serde_json::{Value, json};

pub(crate) async fn get(app: &App) -> Result<Value, AppError> {
    match app.settings.document().await {
        Ok(stored) => Ok(json!(stored)),
        Err(error @ SettingsError::None) => Ok(json!({ "error": error.to_string() })),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn put(app: &App, settings: &Value) -> Result<Value, AppError> {
    match arming::replace_settings(app, settings).await {
        Ok(version) => Ok(json!({ "version": version })),
        Err(ReplaceError::Invalid(errors)) => {
            Ok(json!({ "error": "the settings are not valid; nothing was changed", "errors": errors }))
        }
        Err(ReplaceError::App(error)) => Err(error),
    }
}
