//! Message templates the accounts own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::accounts::AccountName;

/// How often one accept counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    OneTime,
    LongTerm,
}

/// Which send API a template belongs to; the APIs do not interchange them (docs/wechat.md §9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// `message/template/send`.
    Template,
    /// `message/subscribe/send` or `message/subscribe/bizsend`.
    Subscription,
}

/// One template of one account, in the words of the control API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub account: AccountName,
    pub template_id: String,
    pub title: String,
    /// The names carry the types: `thing1`, `date2`.
    pub keywords: Vec<String>,
    /// What a keyword of a fixed set takes (`enum1`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed_values: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub kind: Kind,
    pub api: Api,
}

impl Template {
    /// The text with placeholders, as `gettemplate` lists it.
    pub(crate) fn content(&self) -> String {
        self.keywords.iter().map(|keyword| format!("{}:{{{{{keyword}.DATA}}}}\n", label(keyword))).collect()
    }

    pub(crate) fn example(&self) -> String {
        self.keywords.iter().map(|keyword| format!("{}:…\n", label(keyword))).collect()
    }
}

impl Api {
    /// What templates of an account usually are.
    pub fn usual_of(account: AccountName) -> Self {
        match account {
            AccountName::MiniProgram => Self::Subscription,
            AccountName::ServiceAccount => Self::Template,
        }
    }
}

fn label(keyword: &str) -> &'static str {
    match super::values::type_of(keyword) {
        "date" | "time" => "时间",
        "name" => "姓名",
        "amount" => "金额",
        "phone_number" => "电话",
        "number" | "character_string" => "编号",
        _ => "事项",
    }
}

#[derive(Debug, Default)]
pub(crate) struct Templates {
    all: Vec<Template>,
}

impl Templates {
    /// Adds a template, or replaces the one of that account and id.
    pub(crate) fn put(&mut self, template: Template) {
        let same =
            |old: &&mut Template| old.account == template.account && old.template_id == template.template_id;
        match self.all.iter_mut().find(same) {
            Some(old) => *old = template,
            None => self.all.push(template),
        }
    }

    /// `false` if there was none.
    pub(crate) fn delete(&mut self, account: AccountName, template_id: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|template| template.account != account || template.template_id != template_id);
        self.all.len() < before
    }

    pub(crate) fn find(&self, account: AccountName, api: Api, template_id: &str) -> Option<&Template> {
        self.of(account, api).find(|template| template.template_id == template_id)
    }

    pub(crate) fn of(&self, account: AccountName, api: Api) -> impl Iterator<Item = &Template> {
        self.all.iter().filter(move |template| template.account == account && template.api == api)
    }

    pub(crate) fn all(&self) -> &[Template] {
        &self.all
    }
}
