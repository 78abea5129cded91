//! The operator's settings: one JSON document, validated as a whole (docs/design.md §7).
//!
//! A document is either taken with everything in it understood, or refused with every fault named: an
//! unknown field is a fault too, because a misspelled option that does nothing is found out too late.
//!
//! Only the document is here, and what follows from it alone; who is told what and when is not.

mod bind_reply;
mod guide;
pub mod keyword;
mod neutral_title;
mod quiet_hours;
pub mod render;
mod reply;
mod reply_rule;
pub mod store;
mod template;
pub mod ways_to_follow;
mod webhook;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::account::Account;
use crate::json::error::{FieldError, FieldErrors, Rule, RuleCode};
use crate::json::fields::{Field, Fields};
pub use bind_reply::{UNDO, UNDONE};
pub use guide::GuideSettings;
pub use quiet_hours::QuietHours;
pub(crate) use quiet_hours::{read as quiet_hours, time_of_day};
pub use reply::{ImageSource, Reply};
pub use reply_rule::{MatchedReplies, Trigger};
use reply_rule::{ReplyRule, best_match};
pub use template::{ChannelTemplate, SubscriptionKind, Template};

/// The document is stored as one item, and an item of the table holds at most 400 KB.
pub const DOCUMENT_BYTES_MAX: usize = 300 * 1024;

/// Every rule is tried for every message that comes in.
const REPLY_RULES_MAX: usize = 200;

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of users whose requests name none.
    pub timezone: TimeZone,
    pub quiet_hours: Option<QuietHours>,
    pub miniprogram_state: MiniprogramState,
    pub credit_source: CreditSource,
    pub on_unknown: OnUnknown,
    /// The title of a message whose own words WeChat refuses.
    pub neutral_title: String,
    pub templates: BTreeMap<String, Template>,
    /// What a follower is answered whom a scanned code linked with its user.
    pub bind_reply: String,
    pub guide: GuideSettings,
    /// Where the owner's backend is told of events; none: nowhere.
    pub webhook_url: Option<String>,
    replies: Vec<ReplyRule>,
}

/// Which version of the mini program a message opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MiniprogramState {
    Developer,
    Trial,
    #[default]
    Formal,
}

impl MiniprogramState {
    /// The word of WeChat's API (docs/wechat.md §9.1).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Trial => "trial",
            Self::Formal => "formal",
        }
    }
}

/// What adds to a user's credits (docs/design.md §3): WeChat's events, or the mini program's own reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CreditSource {
    #[default]
    Events,
    Client,
}

/// What to do about a push of which nobody can say whether it was sent (docs/design.md §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnknown {
    #[default]
    Repeat,
    Report,
}

impl Settings {
    pub fn parse(document: &Value) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let bytes = document.to_string().len();
        if bytes > DOCUMENT_BYTES_MAX {
            errors.at(
                "",
                RuleCode::Length
                    .says(format!("must be at most {DOCUMENT_BYTES_MAX} bytes; this one has {bytes}"))
                    .with("max", DOCUMENT_BYTES_MAX)
                    .with("found", bytes)
                    .with("unit", "bytes"),
            );
            return errors.into_result(None);
        }
        let fields = Field::document(document).object(&mut errors);
        let settings = fields.and_then(|fields| read(fields, &mut errors));
        errors.into_result(settings)
    }

    /// What is taken, and may be a slip of the pen.
    pub fn warnings(&self) -> Vec<FieldError> {
        let channels = self.templates.iter().flat_map(|(name, template)| {
            template.configured().map(move |(channel, own)| (name, channel, &own.data.entries))
        });
        let strange = channels.flat_map(|(name, channel, entries)| {
            let keywords = entries.iter().map(|(keyword, _)| keyword).filter(|keyword| keyword.is_strange());
            keywords.map(move |keyword| FieldError {
                field: format!("templates.{name}.{channel}.data.{keyword}"),
                rule: Rule::format(
                    "keyword",
                    "is of no type of WeChat's that is known here: filled as a text of at most 20 characters",
                ),
            })
        });
        strange.collect()
    }

    /// The templates to ask for with `wx.requestSubscribeMessage` before an item of this kind is kept.
    pub fn ask_for<'a>(&'a self, template_name: &str) -> Vec<&'a str> {
        let template = self.templates.get(template_name);
        let asked_for = |template: &'a Template| {
            let enabled =
                template.channels.iter().filter(|channel| channel.account() == Account::MiniProgram);
            enabled.filter_map(|channel| template.of(*channel)).map(|own| own.template_id.as_str())
        };
        template.into_iter().flat_map(asked_for).collect()
    }

    /// What kind of subscription a template is, if the settings have it as one.
    pub fn subscription_kind(&self, account: Account, template_id: &str) -> Option<SubscriptionKind> {
        let mut subscriptions = self.templates.values().flat_map(|template| template.subscriptions(account));
        subscriptions.find(|(id, _)| *id == template_id).map(|(_, kind)| kind)
    }

    pub(crate) fn is_long_term(&self, account: Account, template_id: &str) -> bool {
        self.subscription_kind(account, template_id) == Some(SubscriptionKind::LongTerm)
    }

    /// What the first matching rule says, exact before prefix before default; `None` where no rule matches that has
    /// anything to say.
    pub fn replies_for(&self, account: Account, trigger: Trigger<'_>) -> Option<MatchedReplies> {
        best_match(&self.replies, account, trigger)
    }
}

fn read(mut fields: Fields<'_>, errors: &mut FieldErrors) -> Option<Settings> {
    let timezone = fields.required("timezone", errors).and_then(|field| time_zone(&field, errors));
    let quiet_hours = fields.optional("quiet_hours").map(|field| quiet_hours::read(&field, errors));
    let miniprogram_state = fields.optional("miniprogram_state").map(|field| {
        use MiniprogramState::{Developer, Formal, Trial};
        field.word(&[("developer", Developer), ("trial", Trial), ("formal", Formal)], errors)
    });
    let credit_source = fields.optional("credit_source").map(|field| {
        field.word(&[("events", CreditSource::Events), ("client", CreditSource::Client)], errors)
    });
    let on_unknown = fields
        .optional("on_unknown")
        .map(|field| field.word(&[("repeat", OnUnknown::Repeat), ("report", OnUnknown::Report)], errors));
    let neutral_title = fields.optional("neutral_title");
    let templates = fields.required("templates", errors).map(|field| template::read_all(&field, errors));
    let neutral_title = neutral_title.map(|field| neutral_title::read(&field, templates.as_ref(), errors));
    let replies = fields.optional("replies").map(|field| read_replies(&field, errors));
    let bind_reply = fields.optional("bind_reply").map(|field| bind_reply::read(&field, errors));
    let guide = fields.optional("guide").map(|field| guide::read(&field, errors));
    let webhook_url = fields.optional("webhook").map(|field| webhook::read(&field, errors));
    fields.close(errors);
    Some(Settings {
        timezone: timezone?,
        quiet_hours: quiet_hours.flatten(),
        miniprogram_state: miniprogram_state.flatten().unwrap_or_default(),
        credit_source: credit_source.flatten().unwrap_or_default(),
        on_unknown: on_unknown.flatten().unwrap_or_default(),
        neutral_title: neutral_title.flatten().unwrap_or_else(|| neutral_title::DEFAULT.to_owned()),
        templates: templates?,
        bind_reply: bind_reply.flatten().unwrap_or_else(|| bind_reply::DEFAULT.to_owned()),
        guide: guide.unwrap_or_default(),
        webhook_url: webhook_url.flatten(),
        replies: replies.unwrap_or_default(),
    })
}

fn read_replies(field: &Field<'_>, errors: &mut FieldErrors) -> Vec<ReplyRule> {
    let rules = field.list(errors).unwrap_or_default();
    if rules.len() > REPLY_RULES_MAX {
        let count = rules.len();
        errors.at(
            &field.path,
            RuleCode::Count
                .says(format!("must be at most {REPLY_RULES_MAX} rules; these are {count}"))
                .with("max", REPLY_RULES_MAX)
                .with("found", count),
        );
        return Vec::new();
    }
    rules.iter().filter_map(|rule| reply_rule::read(rule, errors)).collect()
}

/// A zone by its IANA name, however its letters are cased.
pub fn zone_named(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some() && !zone.is_unknown())
}

/// See [`zone_named`].
///
/// # Errors
/// There is none of this name.
pub fn time_zone(field: &Field<'_>, errors: &mut FieldErrors) -> Option<TimeZone> {
    let zone = zone_named(field.text(errors)?);
    if zone.is_none() {
        errors.at(
            &field.path,
            Rule::format("time_zone", "must be the IANA name of a time zone, such as Asia/Shanghai"),
        );
    }
    zone
}

#[cfg(test)]
pub(crate) mod tests;
