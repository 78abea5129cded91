//! Are there settings, and does this version understand them?

use super::finding::Finding;
use crate::app::App;
use crate::settings::Settings;
use crate::settings::store::SettingsError;

const CHECK: &str = "settings";

/// The settings as they are in the table now, not as this environment remembers them.
pub(super) async fn check(app: &App, findings: &mut Vec<Finding>) -> Option<Settings> {
    let stored = match app.settings.document().await {
        Ok(stored) => stored,
        Err(error @ SettingsError::None) => {
            findings.push(Finding::failed(
                CHECK,
                format!("{error}."),
                "Adapt events/settings.json and put it with settings.put; nothing is sent before.",
            ));
            return None;
        }
        Err(error) => {
            findings.push(Finding::not_checked(CHECK, error));
            return None;
        }
    };
    match Settings::parse(&stored.settings) {
        Ok(settings) => {
            findings.push(Finding::ok(
                CHECK,
                format!("Version {} of the settings is in force since {}.", stored.version, stored.put_at),
            ));
            Some(settings)
        }
        Err(errors) => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            findings.push(Finding::failed(
                CHECK,
                format!("Version {} of the settings is not valid: {}.", stored.version, errors.join("; ")),
                "Correct these fields and put the document again with settings.put.",
            ));
            None
        }
    }
}
