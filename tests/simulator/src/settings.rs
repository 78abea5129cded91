//! The settings in force at the start, and the message templates they name, made known to WeChat.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::wechat::{Platform, Template};

/// The sample document among the recorded events.
pub const SETTINGS: &str = include_str!("../../../events/settings.json");

/// A channel of the settings, and what its template is on the platform: account, kind, API.
const CHANNELS: [(&str, &str, &str, &str); 3] = [
    ("service_template", "service_account", "long_term", "template"),
    ("mini_subscription", "mini_program", "one_time", "subscription"),
    ("service_notification", "service_account", "one_time", "subscription"),
];

pub(crate) fn read(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Settings(format!("they are not JSON: {error}")))
}

/// Adds every template the settings name, with the keywords of its mapping, to the account it belongs to.
pub(crate) fn add_templates(platform: &Platform, settings: &Value) -> Result<(), Failure> {
    let has_service_account = platform.accounts().service_account.is_some();
    for (name, template) in settings["templates"].as_object().into_iter().flatten() {
        for (channel_name, account, kind, api) in CHANNELS {
            let channel = &template[channel_name];
            let Some(template_id) = channel["template_id"].as_str() else { continue };
            if account == "service_account" && !has_service_account {
                continue;
            }
            let data = channel["data"].as_object();
            let keywords: Vec<&String> = data.into_iter().flatten().map(|(keyword, _)| keyword).collect();
            let template: Template = serde_json::from_value(json!({
                "account": account,
                "template_id": template_id,
                "title": name,
                "keywords": keywords,
                "kind": channel["kind"].as_str().unwrap_or(kind),
                "api": api,
            }))
            .map_err(|error| Failure::Settings(format!("templates.{name}.{channel_name}: {error}")))?;
            platform.add_template(template);
        }
    }
    Ok(())
}
