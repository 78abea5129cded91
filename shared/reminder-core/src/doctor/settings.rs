//! Are there settings, and does this version understand them?

use wechat::{InChinese, Said, said};

use super::finding::Finding;
use crate::app::App;
use crate::app::secrets::Secrets;
use crate::json::chinese;
use crate::settings::Settings;
use crate::settings::store::SettingsError;

const CHECK: &str = "settings";
const WEBHOOK: &str = "webhook";

/// Whether what the owner's backend is told can be signed.
pub(super) fn check_webhook(settings: &Settings, secrets: &Secrets, findings: &mut Vec<Finding>) {
    let Some(url) = &settings.webhook_url else { return };
    findings.push(match secrets.webhook_secret {
        Some(_) => Finding::ok(
            WEBHOOK,
            said!("Events are told to {url}, and signed.", "事件会签名后发往 {url}。"),
        ),
        None => Finding::failed(
            WEBHOOK,
            said!(
                "The settings have a webhook, and the secrets no webhook_secret: events cannot be signed and are not told.",
                "配置里有 webhook，密钥里却没有 webhook_secret：事件签不了名，所以不发。"
            ),
            said!(
                "Add webhook_secret to the secrets, or take the webhook out of the settings.",
                "在密钥里加上 webhook_secret，或从配置里去掉 webhook。"
            ),
        ),
    });
}

/// The settings as they are in the table now, not as this environment remembers them.
pub(super) async fn check(app: &App, findings: &mut Vec<Finding>) -> Option<Settings> {
    let stored = match app.settings.document().await {
        Ok(stored) => stored,
        Err(error @ SettingsError::None) => {
            let error = error.said();
            findings.push(Finding::failed(
                CHECK,
                said!("{error}.", "{error}。", error),
                said!(
                    "Adapt events/settings.json and put it with settings.put; nothing is sent before.",
                    "改好 events/settings.json，用 settings.put 写入；在那之前什么也不会发。"
                ),
            ));
            return None;
        }
        Err(error) => {
            findings.push(Finding::not_checked(CHECK, error));
            return None;
        }
    };
    let (version, since) = (stored.version, stored.put_at);
    match Settings::parse(&stored.settings) {
        Ok(settings) => {
            let what = said!(
                "Version {version} of the settings is in force since {since}.",
                "配置版本 {version}，自 {since} 起生效。"
            );
            findings.push(Finding::ok(CHECK, what));
            Some(settings)
        }
        Err(errors) => {
            let english: Vec<String> = errors.iter().map(ToString::to_string).collect();
            let errors = Said { english: english.join("; "), chinese: chinese::faults(&errors) };
            findings.push(Finding::failed(
                CHECK,
                said!(
                    "Version {version} of the settings is not valid: {errors}.",
                    "配置版本 {version} 有误：{errors}。",
                    errors
                ),
                said!(
                    "Correct these fields and put the document again with settings.put.",
                    "改好这些字段，用 settings.put 重新写入。"
                ),
            ));
            None
        }
    }
}
