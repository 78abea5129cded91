//! What an item of one kind is told with: a WeChat template per channel, and which channel goes first.

use std::collections::BTreeMap;

use crate::channel::Channel;
use crate::json::error::FieldErrors;
use crate::json::fields::{Field, Fields};
use crate::settings::keyword::Keyword;
use crate::settings::render::{MessageData, check_mapping};

/// Since 2023 the service account shows 20 characters of a value and cuts the rest without an error
/// (docs/wechat.md §10.2).
const SERVICE_TEMPLATE_VALUE_CHARS_MAX: usize = 20;

/// A template for subscriptions is composed of at most five keywords (docs/wechat.md §9.5).
const SUBSCRIPTION_KEYWORDS_MAX: usize = 5;

const NAME_CHARS_MAX: usize = 64;
const TITLE_CHARS_MAX: usize = 64;
/// WeChat's are 43 characters today; the documents promise no length.
const TEMPLATE_ID_CHARS_MAX: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The channels to try, best first; each is configured below.
    pub channels: Vec<Channel>,
    pub service_template: Option<ServiceTemplate>,
    pub mini_subscription: Option<Subscription>,
    pub service_notification: Option<Subscription>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTemplate {
    pub template_id: String,
    pub data: MessageData,
}

/// A template that a user must accept first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub template_id: String,
    pub kind: SubscriptionKind,
    pub data: MessageData,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionKind {
    /// One accept, one message.
    OneTime,
    /// Any number while granted; WeChat has it for some trades only.
    LongTerm,
}

impl Template {
    /// What a message on this channel holds; `None` if the channel is not configured.
    pub fn data(&self, channel: Channel) -> Option<&MessageData> {
        match channel {
            Channel::ServiceTemplate => self.service_template.as_ref().map(|template| &template.data),
            Channel::MiniSubscription => self.mini_subscription.as_ref().map(|template| &template.data),
            Channel::ServiceNotification => self.service_notification.as_ref().map(|template| &template.data),
        }
    }

    /// The mini program's subscription, if it is among the channels to try.
    pub fn enabled_mini_subscription(&self) -> Option<&Subscription> {
        self.mini_subscription.as_ref().filter(|_| self.channels.contains(&Channel::MiniSubscription))
    }

    fn is_configured(&self, channel: Channel) -> bool {
        self.data(channel).is_some()
    }
}

/// Which list of WeChat's a template id is in: ids of one list mean nothing in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IdUse {
    MiniProgram(SubscriptionKind),
    ServiceTemplate,
    ServiceNotification(SubscriptionKind),
}

impl IdUse {
    fn is_of_mini_program(self) -> bool {
        matches!(self, Self::MiniProgram(_))
    }
}

/// Reads every template, also those after a wrong one.
pub(super) fn read_all(field: &Field<'_>, errors: &mut FieldErrors) -> BTreeMap<String, Template> {
    let mut templates = BTreeMap::new();
    let mut ids = Vec::new();
    for (name, field) in field.entries(errors).unwrap_or_default() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_word) {
            let rule = format!("must be named with 1 to {NAME_CHARS_MAX} letters, digits, _ or -");
            errors.at(&field.path, rule);
        }
        if let Some(template) = read(&field, errors) {
            check_ids(&template, &field.path, &mut ids, errors);
            templates.insert(name.to_owned(), template);
        }
    }
    templates
}

fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Template> {
    let mut fields = field.object(errors)?;
    // For whoever reads the document.
    if let Some(title) = fields.optional("title") {
        title.text_of(1..=TITLE_CHARS_MAX, errors);
    }
    let listed = fields.optional("channels");
    let service_template =
        fields.optional(Channel::ServiceTemplate.as_str()).map(|field| read_service_template(&field, errors));
    let mini_subscription =
        fields.optional(Channel::MiniSubscription.as_str()).map(|field| read_subscription(&field, errors));
    let service_notification =
        fields.optional(Channel::ServiceNotification.as_str()).map(|field| read_subscription(&field, errors));
    // A channel that is written down wrongly is still configured: it has its own faults already.
    let written = [
        (Channel::ServiceTemplate, service_template.is_some()),
        (Channel::MiniSubscription, mini_subscription.is_some()),
        (Channel::ServiceNotification, service_notification.is_some()),
    ];
    let written = written.into_iter().filter(|(_, is_written)| *is_written).map(|(channel, _)| channel);
    let written = written.collect::<Vec<_>>();
    let channels = match listed {
        Some(field) => read_channels(&field, &written, errors),
        None => written.clone(),
    };
    fields.close(errors);
    if written.is_empty() {
        let names = Channel::ALL.map(Channel::as_str).join(", ");
        errors.at(&field.path, format!("must configure at least one channel of {names}"));
    }
    let template = Template {
        channels,
        service_template: service_template.flatten(),
        mini_subscription: mini_subscription.flatten(),
        service_notification: service_notification.flatten(),
    };
    written.iter().all(|channel| template.is_configured(*channel)).then_some(template)
}

fn read_channels(field: &Field<'_>, written: &[Channel], errors: &mut FieldErrors) -> Vec<Channel> {
    let mut channels = Vec::new();
    let Some(entries) = field.list(errors) else { return channels };
    if entries.is_empty() {
        errors.at(&field.path, "must name at least one channel");
    }
    for entry in entries {
        let Some(channel) = entry.word(&Channel::ALL.map(|channel| (channel.as_str(), channel)), errors)
        else {
            continue;
        };
        if channels.contains(&channel) {
            errors.at(&entry.path, format!("names {} again", channel.as_str()));
        } else if !written.contains(&channel) {
            errors.at(&entry.path, format!("names {}, which is not configured here", channel.as_str()));
        }
        channels.push(channel);
    }
    channels
}

fn read_service_template(field: &Field<'_>, errors: &mut FieldErrors) -> Option<ServiceTemplate> {
    let mut fields = field.object(errors)?;
    let template_id = read_template_id(&mut fields, errors);
    let data = fields
        .required("data", errors)
        .and_then(|field| read_data(&field, Some(SERVICE_TEMPLATE_VALUE_CHARS_MAX), None, errors));
    fields.close(errors);
    Some(ServiceTemplate { template_id: template_id?, data: data? })
}

fn read_subscription(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Subscription> {
    let mut fields = field.object(errors)?;
    let template_id = read_template_id(&mut fields, errors);
    let kinds = [("one_time", SubscriptionKind::OneTime), ("long_term", SubscriptionKind::LongTerm)];
    let kind = match fields.optional("kind") {
        Some(field) => field.word(&kinds, errors),
        None => Some(SubscriptionKind::OneTime),
    };
    let data = fields
        .required("data", errors)
        .and_then(|field| read_data(&field, None, Some(SUBSCRIPTION_KEYWORDS_MAX), errors));
    fields.close(errors);
    Some(Subscription { template_id: template_id?, kind: kind?, data: data? })
}

fn read_template_id(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<String> {
    let field = fields.required("template_id", errors)?;
    let template_id = field.text_of(1..=TEMPLATE_ID_CHARS_MAX, errors)?;
    if !template_id.bytes().all(|b| b.is_ascii_graphic()) {
        errors.at(&field.path, "must be the template's id as WeChat shows it, without spaces");
        return None;
    }
    Some(template_id.to_owned())
}

fn read_data(
    field: &Field<'_>,
    value_chars_max: Option<usize>,
    keywords_max: Option<usize>,
    errors: &mut FieldErrors,
) -> Option<MessageData> {
    let named = field.entries(errors)?;
    if named.is_empty() {
        errors.at(&field.path, "must fill at least one keyword");
        return None;
    }
    let count = named.len();
    if let Some(max) = keywords_max.filter(|max| count > *max) {
        errors.at(&field.path, format!("must fill at most {max} keywords; this one fills {count}"));
    }
    let mut entries = Vec::new();
    for (name, field) in &named {
        let keyword = Keyword::parse(name);
        if keyword.is_none() {
            errors.at(
                &field.path,
                "must be a keyword of WeChat's: a type and a number, such as thing1 or date2",
            );
        }
        let (Some(keyword), Some(text)) = (keyword, field.text(errors)) else { continue };
        match check_mapping(keyword, text, value_chars_max) {
            Ok(pattern) => entries.push((keyword, pattern)),
            Err(error) => errors.at(&field.path, error.to_string()),
        }
    }
    (entries.len() == count).then_some(MessageData { entries, value_chars_max })
}

/// One id may serve several kinds of items, but always as the same sort of template.
fn check_ids(template: &Template, path: &str, ids: &mut Vec<(String, IdUse)>, errors: &mut FieldErrors) {
    let service = template.service_template.as_ref().map(|t| (t.template_id.clone(), IdUse::ServiceTemplate));
    let mini = template.mini_subscription.as_ref();
    let mini = mini.map(|t| (t.template_id.clone(), IdUse::MiniProgram(t.kind)));
    let notification = template.service_notification.as_ref();
    let notification = notification.map(|t| (t.template_id.clone(), IdUse::ServiceNotification(t.kind)));
    let uses = Channel::ALL.into_iter().zip([service, mini, notification]);
    for (channel, id_use) in uses.filter_map(|(channel, id_use)| Some((channel, id_use?))) {
        let differs = |(id, other): &(String, IdUse)| {
            *id == id_use.0
                && other.is_of_mini_program() == id_use.1.is_of_mini_program()
                && *other != id_use.1
        };
        if ids.iter().any(differs) {
            let message = "is used elsewhere in these settings as another kind of template";
            errors.at(format!("{path}.{}.template_id", channel.as_str()), message);
        }
        ids.push(id_use);
    }
}
