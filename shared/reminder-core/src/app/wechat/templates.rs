//! The message templates an account has at WeChat: what the settings are checked against.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Wechat;
use super::error::WechatError;
use crate::account::Account;
use crate::settings::SubscriptionKind;

/// A template as WeChat lists it.
#[derive(Debug, Clone, Serialize)]
pub struct AccountTemplate {
    pub template_id: String,
    pub title: String,
    /// Every one of them wants a value.
    pub keywords: Vec<String>,
    /// Of keywords that take fixed values only, as far as WeChat lists them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed_values: BTreeMap<String, Vec<String>>,
    /// One accept, one message, or long-term; template messages need no accept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
}

impl AccountTemplate {
    /// What this keyword takes, if that is known and the value is not among it.
    pub fn allowed_instead_of(&self, keyword: &str, value: &str) -> Option<&[String]> {
        let allowed = self.fixed_values.get(keyword).filter(|allowed| !allowed.is_empty())?;
        (!allowed.iter().any(|one| one == value)).then_some(allowed)
    }
}

/// WeChat's number for long-term templates (docs/wechat.md §9.5).
const LONG_TERM: i64 = 3;

/// Templates of subscription messages (mini program) or subscription notifications (service account).
pub async fn subscription(wechat: &Wechat, account: Account) -> Result<Vec<AccountTemplate>, WechatError> {
    let listed =
        wechat.call(account, |client, token| async move { client.newtmpl_gettemplate(&token).await }).await?;
    let listed = listed.iter().map(|template| AccountTemplate {
        template_id: template.template_id.as_str().to_owned(),
        title: template.title.clone(),
        keywords: template.keywords().into_iter().map(str::to_owned).collect(),
        fixed_values: template
            .fixed_values
            .iter()
            .flatten()
            .map(|fixed| (fixed.keyword.clone(), fixed.values.clone()))
            .collect(),
        kind: Some(kind_name(match template.kind {
            LONG_TERM => SubscriptionKind::LongTerm,
            _ => SubscriptionKind::OneTime,
        })),
    });
    Ok(listed.collect())
}

/// Templates of the service account's template messages.
pub async fn template_messages(wechat: &Wechat) -> Result<Vec<AccountTemplate>, WechatError> {
    let listed = wechat
        .call(Account::ServiceAccount, |client, token| async move {
            client.get_all_private_template(&token).await
        })
        .await?;
    let listed = listed.iter().map(|template| AccountTemplate {
        template_id: template.template_id.as_str().to_owned(),
        title: template.title.clone(),
        keywords: template.keywords().into_iter().map(str::to_owned).collect(),
        fixed_values: BTreeMap::new(),
        kind: None,
    });
    Ok(listed.collect())
}

/// The word of the settings.
pub(crate) fn kind_name(kind: SubscriptionKind) -> &'static str {
    match kind {
        SubscriptionKind::OneTime => "one_time",
        SubscriptionKind::LongTerm => "long_term",
    }
}
