//! Invoked by operators: settings, and a look at what happened.
//!
//! An event is `{"operation": NAME, …}`. What is wrong with it is an answer, not an error: `{"error": …, "errors": […]}`.

use reminder_core::settings_store::PutError;
use reminder_core::{Core, CoreError};
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum OperationError {
    #[error(transparent)]
    Core(#[from] CoreError),
}

#[derive(Deserialize)]
#[serde(tag = "operation")]
enum Operation {
    #[serde(rename = "settings.get")]
    SettingsGet,
    #[serde(rename = "settings.put")]
    SettingsPut { settings: Value },
}

/// Runs one operation.
///
/// # Errors
/// Only when our own state could not be read or written.
pub async fn invoke(core: &Core, event: Value) -> Result<Value, OperationError> {
    let operation: Operation = match serde_json::from_value(event) {
        Ok(operation) => operation,
        Err(error) => {
            return Ok(json!({ "error": format!("not an operation: {error}"), "operations": OPERATIONS }));
        }
    };
    match operation {
        Operation::SettingsGet => {
            let stored = core.settings.document().await.map_err(CoreError::from)?;
            Ok(json!(stored))
        }
        Operation::SettingsPut { settings } => match core.settings.put(&settings, core.now()).await {
            Ok(version) => Ok(json!({ "version": version })),
            Err(PutError::Invalid(errors)) => {
                Ok(json!({ "error": "the settings are not valid; nothing was changed", "errors": errors }))
            }
            Err(PutError::Table(error)) => Err(CoreError::from(error).into()),
        },
    }
}

const OPERATIONS: [&str; 2] = ["settings.get", "settings.put"];
