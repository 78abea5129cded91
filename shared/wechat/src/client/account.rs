//! What operators ask about an account: its quota and its templates (docs/wechat.md §5.4, §9.5, §10.5).

use serde::Deserialize;
use serde_json::json;

use super::{CallError, Client, lenient};
use crate::{AccessToken, TemplateId};

/// How much of a call's allowance is left.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Quota {
    /// Calls per day.
    #[serde(default, deserialize_with = "lenient::number")]
    pub daily_limit: i64,
    /// Calls made today.
    #[serde(default, deserialize_with = "lenient::number")]
    pub used: i64,
    /// Calls left today.
    #[serde(default, deserialize_with = "lenient::number")]
    pub remain: i64,
    /// The limit over a shorter time, where there is one.
    #[serde(skip)]
    pub rate_limit: Option<RateLimit>,
}

/// A limit over a short time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RateLimit {
    /// How many calls.
    #[serde(default, deserialize_with = "lenient::number")]
    pub call_count: i64,
    /// Within how many seconds.
    #[serde(default, deserialize_with = "lenient::number")]
    pub refresh_second: i64,
}

/// A template of subscription messages or notifications.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SubscriptionTemplate {
    /// Its id.
    #[serde(rename = "priTmplId")]
    pub template_id: TemplateId,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// Its text, one `名称:{{thing1.DATA}}` a line.
    #[serde(default)]
    pub content: String,
    /// The same with example values.
    #[serde(default)]
    pub example: String,
    /// 2: one message per accept; 3: long-term.
    #[serde(default, rename = "type", deserialize_with = "lenient::number")]
    pub kind: i64,
    /// What may stand in keywords that take one of fixed values (docs/wechat.md §9.2).
    #[serde(default, rename = "keywordEnumValueList")]
    pub fixed_values: Option<Vec<FixedValues>>,
}

/// The values that a keyword takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FixedValues {
    /// `enum1`.
    #[serde(rename = "keywordCode")]
    pub keyword: String,
    /// Exactly these.
    #[serde(default, rename = "enumValueList")]
    pub values: Vec<String>,
}

/// A template of template messages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PrivateTemplate {
    /// Its id.
    pub template_id: TemplateId,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// Its text, one `名称:{{thing1.DATA}}` a line.
    #[serde(default)]
    pub content: String,
    /// The same with example values.
    #[serde(default)]
    pub example: String,
}

impl SubscriptionTemplate {
    /// The keywords that a message has to give values for.
    pub fn keywords(&self) -> Vec<&str> {
        keywords(&self.content)
    }
}

impl PrivateTemplate {
    /// The keywords that a message has to give values for.
    pub fn keywords(&self) -> Vec<&str> {
        keywords(&self.content)
    }
}

/// Every X of `{{X.DATA}}`.
fn keywords(content: &str) -> Vec<&str> {
    let inside = content.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
    inside.filter_map(|(inside, _)| inside.trim().strip_suffix(".DATA")).map(str::trim).collect()
}

impl Client {
    /// Asks how much of a path's allowance is left (`/cgi-bin/message/custom/send`).
    ///
    /// # Errors
    /// [`CallError`]; 76021 when there is no such path.
    pub async fn quota_get(&self, access_token: &AccessToken, cgi_path: &str) -> Result<Quota, CallError> {
        #[derive(Deserialize)]
        struct Answer {
            quota: Quota,
            #[serde(default)]
            rate_limit: Option<RateLimit>,
        }

        let body = json!({ "cgi_path": cgi_path });
        let answer: Answer = self.post_as(access_token, "/cgi-bin/openapi/quota/get", &body).await?;
        Ok(Quota { rate_limit: answer.rate_limit, ..answer.quota })
    }

    /// Lists the account's templates of subscription messages; the same call serves both kinds of account.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn newtmpl_gettemplate(
        &self,
        access_token: &AccessToken,
    ) -> Result<Vec<SubscriptionTemplate>, CallError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            data: Vec<SubscriptionTemplate>,
        }

        let answer: Answer = self.get_as(access_token, "/wxaapi/newtmpl/gettemplate").await?;
        Ok(answer.data)
    }

    /// Lists the service account's templates of template messages.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn get_all_private_template(
        &self,
        access_token: &AccessToken,
    ) -> Result<Vec<PrivateTemplate>, CallError> {
        #[derive(Deserialize)]
        struct Answer {
            template_list: Vec<PrivateTemplate>,
        }

        let answer: Answer = self.get_as(access_token, "/cgi-bin/template/get_all_private_template").await?;
        Ok(answer.template_list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_from_a_template_s_text() {
        assert_eq!(keywords("物品:{{thing1.DATA}}\n到期时间:{{date2.DATA}}\n"), ["thing1", "date2"]);
        assert_eq!(keywords("{{ character_string3.DATA }}{{x}}{{"), ["character_string3"]);
        assert!(keywords("").is_empty());
    }
}
