//! What an item of one kind is told with: a WeChat template per channel, and which channel goes first.

use std::collections::BTreeMap;

use crate::account::Account;
use crate::channel::{Channel, MessageLimits, Need};
use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::{Field, Fields};
use crate::settings::keyword::Keyword;
use crate::settings::render::{MessageData, check_mapping};

const NAME_CHARS_MAX: usize = 64;
const TITLE_CHARS_MAX: usize = 64;
/// WeChat's are 43 characters today; the documents promise no length.
const TEMPLATE_ID_CHARS_MAX: usize = 128;
/// In `events/operations-settings-put.json`, to be replaced.
const SAMPLES_TEMPLATE_ID: &str = "TEMPLATE-ID-";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The channels to try, best first; each is configured below.
    pub channels: Vec<Channel>,
    configured: BTreeMap<Channel, ChannelTemplate>,
}

/// WeChat's template for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelTemplate {
    pub template_id: String,
    /// Of channels that need an accept.
    pub kind: Option<SubscriptionKind>,
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
    /// `None` if the channel is not configured.
    pub fn of(&self, channel: Channel) -> Option<&ChannelTemplate> {
        self.configured.get(&channel)
    }

    /// Every channel that is configured, also those that are not to be tried.
    pub fn configured(&self) -> impl Iterator<Item = (Channel, &ChannelTemplate)> {
        self.configured.iter().map(|(channel, template)| (*channel, template))
    }

    /// The templates of an account that users accept prompts of.
    pub fn subscriptions(&self, account: Account) -> impl Iterator<Item = (&str, SubscriptionKind)> {
        let of_account = self.configured().filter(move |(channel, _)| channel.account() == account);
        of_account.filter_map(|(_, own)| Some((own.template_id.as_str(), own.kind?)))
    }

    #[cfg(test)]
    pub(crate) fn of_mut(&mut self, channel: Channel) -> Option<&mut ChannelTemplate> {
        self.configured.get_mut(&channel)
    }

    #[cfg(test)]
    pub(crate) fn without(&mut self, channel: Channel) {
        self.configured.remove(&channel).expect("it is configured");
        self.channels.retain(|one| *one != channel);
    }
}

/// Where a template id is used: ids of one account mean nothing in another.
#[derive(PartialEq, Eq)]
struct IdUse {
    template_id: String,
    channel: Channel,
    kind: Option<SubscriptionKind>,
}

/// Reads every template, also those after a wrong one.
pub(super) fn read_all(field: &Field<'_>, errors: &mut FieldErrors) -> BTreeMap<String, Template> {
    let mut templates = BTreeMap::new();
    let mut ids = Vec::new();
    for (name, field) in field.entries(errors).unwrap_or_default() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_word) {
            let rule = format!("must be named with 1 to {NAME_CHARS_MAX} letters, digits, _ or -");
            errors.at(&field.path, Rule::format("name", rule).with("max", NAME_CHARS_MAX));
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
    // A channel that is written down wrongly is still configured: it has its own faults already.
    let mut written = Vec::new();
    let mut configured = BTreeMap::new();
    for channel in Channel::ALL {
        let Some(field) = fields.optional(channel.as_str()) else { continue };
        written.push(channel);
        configured.extend(read_channel(channel, &field, errors).map(|template| (channel, template)));
    }
    let channels = match listed {
        Some(field) => read_channels(&field, &written, errors),
        None => written.clone(),
    };
    fields.close(errors);
    if written.is_empty() {
        let names = Channel::ALL.map(Channel::as_str).join(", ");
        errors.at(
            &field.path,
            RuleCode::Required
                .says(format!("must configure at least one channel of {names}"))
                .with("any_of", Channel::ALL.map(Channel::as_str).as_slice()),
        );
    }
    (configured.len() == written.len()).then_some(Template { channels, configured })
}

fn read_channels(field: &Field<'_>, written: &[Channel], errors: &mut FieldErrors) -> Vec<Channel> {
    let mut channels = Vec::new();
    let Some(entries) = field.list(errors) else { return channels };
    if entries.is_empty() {
        errors.at(
            &field.path,
            RuleCode::Count.says("must name at least one channel").with("min", 1).with("found", 0),
        );
    }
    for entry in entries {
        let Some(channel) = entry.word(&Channel::ALL.map(|channel| (channel.as_str(), channel)), errors)
        else {
            continue;
        };
        if channels.contains(&channel) {
            errors.at(
                &entry.path,
                RuleCode::Duplicate
                    .says(format!("names {} again", channel.as_str()))
                    .with("of", channel.as_str()),
            );
        } else if !written.contains(&channel) {
            errors.at(
                &entry.path,
                RuleCode::NotConfigured
                    .says(format!("names {}, which is not configured here", channel.as_str()))
                    .with("configured", written.iter().map(|channel| channel.as_str()).collect::<Vec<_>>()),
            );
        }
        channels.push(channel);
    }
    channels
}

fn read_channel(channel: Channel, field: &Field<'_>, errors: &mut FieldErrors) -> Option<ChannelTemplate> {
    let mut fields = field.object(errors)?;
    let template_id = read_template_id(&mut fields, errors);
    let kinds = [("one_time", SubscriptionKind::OneTime), ("long_term", SubscriptionKind::LongTerm)];
    let kind = match channel.need() {
        Need::Follow => Some(None),
        Need::Accept => match fields.optional("kind") {
            Some(field) => field.word(&kinds, errors).map(Some),
            None => Some(Some(SubscriptionKind::OneTime)),
        },
    };
    let data = fields.required("data", errors).and_then(|field| read_data(&field, channel.limits(), errors));
    fields.close(errors);
    Some(ChannelTemplate { template_id: template_id?, kind: kind?, data: data? })
}

fn read_template_id(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<String> {
    let field = fields.required("template_id", errors)?;
    let template_id = field.text_of(1..=TEMPLATE_ID_CHARS_MAX, errors)?;
    if template_id.starts_with(SAMPLES_TEMPLATE_ID) {
        let message = "must be an id of your account: this one stands in our sample for it (templates.list shows yours)";
        errors.at(&field.path, Rule::format("template_id", message));
        return None;
    }
    if !template_id.bytes().all(|b| b.is_ascii_graphic()) {
        errors.at(
            &field.path,
            Rule::format("template_id", "must be the template's id as WeChat shows it, without spaces"),
        );
        return None;
    }
    Some(template_id.to_owned())
}

fn read_data(field: &Field<'_>, limits: MessageLimits, errors: &mut FieldErrors) -> Option<MessageData> {
    let MessageLimits { value_chars_max, keywords_max } = limits;
    let named = field.entries(errors)?;
    if named.is_empty() {
        errors.at(
            &field.path,
            RuleCode::Count.says("must fill at least one keyword").with("min", 1).with("found", 0),
        );
        return None;
    }
    let count = named.len();
    if let Some(max) = keywords_max.filter(|max| count > *max) {
        errors.at(
            &field.path,
            RuleCode::Count
                .says(format!("must fill at most {max} keywords; this one fills {count}"))
                .with("max", max)
                .with("found", count),
        );
    }
    let mut entries = Vec::new();
    for (name, field) in &named {
        let keyword = Keyword::parse(name);
        if keyword.is_none() {
            errors.at(
                &field.path, Rule::format("keyword", "must be a keyword of WeChat's, such as thing1, date2 or first: without spaces, braces and dots"));
        }
        let (Some(keyword), Some(text)) = (keyword, field.text(errors)) else { continue };
        match check_mapping(&keyword, text, value_chars_max) {
            Ok(pattern) => entries.push((keyword, pattern)),
            Err(error) => errors.at(&field.path, error.in_words()),
        }
    }
    (entries.len() == count).then_some(MessageData { entries, value_chars_max })
}

/// One id may serve several kinds of items, but always as the same sort of template.
fn check_ids(template: &Template, path: &str, ids: &mut Vec<IdUse>, errors: &mut FieldErrors) {
    for (channel, ChannelTemplate { template_id, kind, .. }) in template.configured() {
        let id_use = IdUse { template_id: template_id.clone(), channel, kind: *kind };
        let differs = |other: &IdUse| {
            other.template_id == id_use.template_id
                && other.channel.account() == channel.account()
                && *other != id_use
        };
        if ids.iter().any(differs) {
            let message = "is used elsewhere in these settings as another kind of template";
            errors.at(
                format!("{path}.{channel}.template_id"),
                RuleCode::Conflict.says(message).with("with", "template_id"),
            );
        }
        ids.push(id_use);
    }
}
