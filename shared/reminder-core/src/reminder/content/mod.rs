//! What a user asks to be reminded of: `POST /reminders` and `PUT /reminders/{id}`, validated and resolved.
//!
//! Every rule of docs/design.md §5 is here, and every one that is broken is named at once. Pure: the same body,
//! settings and instant give the same content.

mod instant;
mod page;
mod pushes;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::error::{FieldError, FieldErrors};
use crate::json::fields::{Field, Fields};
use crate::settings::render::{Values, render};
use crate::settings::{Settings, Template, time_zone};
use crate::stored;
pub use pushes::{Before, PlannedPush, PushTime};

/// An item needs room for a push before it expires, and that push for being scheduled.
const EXPIRY_MINUTES_AHEAD_MIN: i64 = 15;
/// An identity card is valid for twenty.
const EXPIRY_YEARS_AHEAD_MAX: i64 = 30;
/// Messages show 20 characters; the rest is for the mini program.
const TITLE_CHARS_MAX: usize = 200;
const NOTE_CHARS_MAX: usize = 500;

/// A wanted reminder with its pushes resolved to instants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// A name among the settings' templates.
    #[serde(rename = "t")]
    pub template: String,
    #[serde(rename = "i")]
    pub title: String,
    /// May be empty.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    #[serde(rename = "e", with = "stored::instant")]
    pub expires_at: Timestamp,
    /// IANA name; see [`Content::zone`].
    #[serde(rename = "z")]
    pub timezone: String,
    /// One to three, in the order of the request.
    #[serde(rename = "p")]
    pub pushes: Vec<PlannedPush>,
    /// The mini program's page that the message opens.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl Content {
    pub fn parse(body: &Value, settings: &Settings, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let fields = Field::document(body).object(&mut errors);
        let content = fields.and_then(|fields| read(fields, settings, now, &mut errors));
        errors.into_result(content)
    }

    /// The user's zone; the compiled-in database only ever grows, so a stored name is known.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC)
    }

    /// A moment as its user reads it: in their zone, to the second.
    pub fn local(&self, at: Timestamp) -> String {
        let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
        seconds.display_with_offset(self.zone().to_offset(at)).to_string()
    }

    /// Drops what the user wrote, and keeps when and how often.
    pub fn forget_texts(&mut self) {
        self.title.clear();
        self.note.clear();
        self.page = None;
    }

    /// What a message about this item is filled with, when it is sent `now`.
    pub fn values(&self, now: Timestamp) -> Values<'_> {
        let timezone = self.zone();
        Values { title: &self.title, note: &self.note, expires_at: self.expires_at, timezone, now }
    }

    /// The same where WeChat refuses the user's words.
    pub fn values_without_words<'a>(&self, title: &'a str, now: Timestamp) -> Values<'a> {
        Values { title, note: "", expires_at: self.expires_at, timezone: self.zone(), now }
    }
}

fn read(
    mut fields: Fields<'_>,
    settings: &Settings,
    now: Timestamp,
    errors: &mut FieldErrors,
) -> Option<Content> {
    let template = fields.required("template", errors).and_then(|field| {
        let name = field.text(errors)?;
        let found = settings.templates.get_key_value(name);
        if found.is_none() {
            errors.at(&field.path, "must be the name of a template in the settings");
        }
        found
    });
    let raw = |field: &Option<Field<'_>>| {
        field.as_ref().and_then(|field| field.value.as_str()).unwrap_or("").to_owned()
    };
    let title_field = fields.required("title", errors);
    let title = title_field.as_ref().and_then(|field| field.text_of(1..=TITLE_CHARS_MAX, errors));
    let note_field = fields.optional("note");
    let note = match &note_field {
        Some(field) => field.text_of(0..=NOTE_CHARS_MAX, errors),
        None => Some(""),
    };
    let expires_at =
        fields.required("expires_at", errors).and_then(|field| read_expires_at(&field, now, errors));
    let timezone = match fields.optional("timezone") {
        Some(field) => time_zone(&field, errors),
        None => Some(settings.timezone.clone()),
    };
    let expiry = expires_at.zip(timezone.as_ref());
    let pushes =
        fields.required("pushes", errors).and_then(|field| pushes::read(&field, expiry, now, errors));
    let page = fields.optional("page").map(|field| page::read(&field, errors));
    fields.close(errors);

    if let Some((_, template)) = template {
        // Even with a wrong date the words can be tried, so that everything is said at once.
        let expires_at = expires_at.unwrap_or(now);
        let timezone = timezone.clone().unwrap_or_else(|| settings.timezone.clone());
        let (title, note) = (raw(&title_field), raw(&note_field));
        check_rendering(template, &Values { title: &title, note: &note, expires_at, timezone, now }, errors);
    }
    Some(Content {
        template: template?.0.clone(),
        title: title?.to_owned(),
        note: note?.to_owned(),
        expires_at: expires_at?,
        timezone: timezone?.iana_name()?.to_owned(),
        pushes: pushes?,
        page: page.flatten(),
    })
}

fn read_expires_at(field: &Field<'_>, now: Timestamp, errors: &mut FieldErrors) -> Option<Timestamp> {
    let expires_at = instant::read(field, errors)?;
    let first = now.checked_add(EXPIRY_MINUTES_AHEAD_MIN.minutes()).ok()? - instant::CLOCKS_DIFFER_BY;
    if expires_at < first {
        errors.at(&field.path, format!("must be at least {EXPIRY_MINUTES_AHEAD_MIN} minutes ahead"));
        return None;
    }
    let last = now.to_zoned(TimeZone::UTC).checked_add(EXPIRY_YEARS_AHEAD_MAX.years()).ok()?.timestamp();
    if expires_at > last {
        errors.at(&field.path, format!("must be at most {EXPIRY_YEARS_AHEAD_MAX} years ahead"));
        return None;
    }
    Some(expires_at)
}

/// Tries every channel (docs/design.md §8). A field that is wrong by itself has been told so already.
fn check_rendering(template: &Template, values: &Values<'_>, errors: &mut FieldErrors) {
    let wrong = ["title", "note", "expires_at"].map(|field| (field, errors.has(field)));
    let is_wrong = |field: &str| wrong.iter().any(|(name, is_wrong)| *name == field && *is_wrong);
    let misfits = template.configured().filter_map(|(_, own)| render(&own.data, values).err());
    for misfit in misfits.flatten() {
        if !is_wrong(misfit.field) {
            let (keyword, rule) = (misfit.keyword, misfit.rule);
            errors.at(misfit.field, format!("{rule}, to be shown as {keyword} of the message"));
        }
    }
}

#[cfg(test)]
mod tests;
