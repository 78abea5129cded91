//! `settings.get`, `put`, `history` and `restore`: the whole document, with every fault named, or nothing changed.

use reminder_core::delivery::arming::{self, ReplaceError, Replaced};
use reminder_core::doctor::values_not_listed;
use reminder_core::settings::store::SettingsError;
use reminder_core::{App, AppError};
use serde_json::{Value, json};

pub(crate) async fn get(app: &App) -> Result<Value, AppError> {
    match app.settings.document().await {
        Ok(stored) => Ok(json!(stored)),
        Err(error) => none_yet(error),
    }
}

pub(crate) async fn put(app: &App, settings: &Value, if_version: Option<u64>) -> Result<Value, AppError> {
    match arming::replace_settings(app, settings, if_version).await {
        Ok(Replaced { version, settings, mut warnings }) => {
            warnings.extend(values_not_listed(app, &settings).await);
            let mut answer = json!({ "version": version });
            if !warnings.is_empty() {
                answer["warnings"] = json!(warnings);
            }
            Ok(answer)
        }
        Err(ReplaceError::Invalid(errors)) => {
            Ok(json!({ "error": "the settings are not valid; nothing was changed", "errors": errors }))
        }
        Err(ReplaceError::Changed(version)) => Ok(json!({
            "error": "another version of the settings is in force by now; nothing was changed",
            "version": version,
        })),
        Err(ReplaceError::App(error)) => Err(error),
    }
}

/// What is in force and the versions before it, newest first.
pub(crate) async fn history(app: &App) -> Result<Value, AppError> {
    match app.settings.history().await {
        Ok(versions) => Ok(json!({ "versions": versions })),
        Err(error) => none_yet(error),
    }
}

/// Puts an old version anew, by the rules of today.
pub(crate) async fn restore(app: &App, version: u64, if_version: Option<u64>) -> Result<Value, AppError> {
    let versions = match app.settings.history().await {
        Ok(versions) => versions,
        Err(error) => return none_yet(error),
    };
    match versions.into_iter().find(|kept| kept.version == version) {
        Some(kept) => put(app, &kept.settings, if_version).await,
        None => Ok(json!({ "error": "this version of the settings is not kept; nothing was changed" })),
    }
}

/// That there are no settings is an answer.
fn none_yet(error: SettingsError) -> Result<Value, AppError> {
    match error {
        SettingsError::None => Ok(json!({ "error": error.to_string() })),
        error => Err(error.into()),
    }
}
