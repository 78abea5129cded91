//! Are there settings, and does this version understand them?

use super::finding::Finding;
use crate::app::App;
use crate::app::secrets::Secrets;
use crate::settings::Settings;
use crate::settings::store::SettingsError;

const CHECK: &str = "settings";
const WEBHOOK: &str = "webhook";

/// Whether what the owner's backend is told can be signed.
pub(super) fn check_webhook(settings: &Settings, secrets: &Secrets, findings: &mut Vec<Finding>) {
    let Some(url) = &settings.webhook_url else { return };
    findings.push(match secrets.webhook_secret {
        Some(_) => Finding::ok(WEBHOOK, format!("Events are told to {url}, and signed.")),
        None => Finding::failed(
            WEBHOOK,
            "The settings have a webhook, and the secrets no webhook_secret: events cannot be signed and are not told.",
            "Add webhook_secret to the secrets, or take the webhook out of the settings.",
        ),
    });
}

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
