//! What a user asks to be reminded of: `POST /reminders` and `PUT /reminders/{id}`, validated and resolved.
//!
//! Every rule of docs/design.md §5 is here, and every one that is broken is named at once. Pure: the same body,
//! settings and instant give the same content.

mod asked_pushes;
mod expiry;
mod instant;
mod page;
mod pushes;
mod repeat;
mod rounds;
mod stored_pushes;
mod zone;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::preferences::Preferences;
use crate::json::error::{FieldError, FieldErrors, RuleCode};
use crate::json::fields::{Field, Fields};
use crate::settings::render::{Expires, Values, render};
use crate::settings::{Settings, Template, time_zone};
use crate::stored;
pub use asked_pushes::read_channels;
use expiry::Expiry;
pub use instant::{CLOCKS_DIFFER_BY, read as read_instant};
pub use pushes::{Before, MINUTES_BEFORE_EXPIRY_MIN, PlannedPush, PushTime, Wish};
pub use repeat::{Every, Repeat};

/// Messages show 20 characters; the rest is for the mini program.
const TITLE_CHARS_MAX: usize = 200;
const NOTE_CHARS_MAX: usize = 500;
/// What our answers say of a reminder beside its content. Who sends one back changes none of it.
const ONLY_SHOWN: [&str; 6] = ["id", "revision", "state", "created_at", "coverage", "timeline"];

/// What a body is read against.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub settings: &'a Settings,
    pub preferences: &'a Preferences,
    /// The content that it replaces.
    pub before: Option<&'a Content>,
    pub now: Timestamp,
}

impl<'a> Asked<'a> {
    /// The content before goes by its user's zone, which an answer of ours names: who sends it back names none.
    fn follows(&self, timezone: &TimeZone) -> bool {
        let named = timezone.iana_name();
        self.before.is_some_and(|before| !before.own_zone && Some(before.timezone.as_str()) == named)
    }

    /// How the content before is repeated. Who changes neither when it expires nor how often keeps counting from the first
    /// round.
    fn repeat(&self, expiry: Option<Expiry>, timezone: Option<&TimeZone>) -> repeat::Known<'a> {
        let timezone = timezone.and_then(TimeZone::iana_name);
        let expires_then =
            |before: &&Content| Some(before.expiry()) == expiry && Some(before.timezone.as_str()) == timezone;
        let unchanged = self.before.filter(expires_then);
        let repeat = unchanged.and_then(|before| before.repeat.as_ref());
        repeat::Known { is_renewal: self.before.is_some(), repeat }
    }
}

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
    /// It expires with the end of a day of its user's calendar.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_day: bool,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// IANA name; see [`Content::zone`].
    #[serde(rename = "z")]
    pub timezone: String,
    /// It was named for this item; else it is what its user lives by, and moves with them.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub own_zone: bool,
    /// One to three, in the order of the request.
    #[serde(rename = "p")]
    pub pushes: Vec<PlannedPush>,
    /// The mini program's page that the message opens; see [`Content::page_of`].
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl Content {
    pub fn parse(body: &Value, asked: &Asked<'_>) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let fields = Field::document(body).object(&mut errors);
        let content = fields.and_then(|fields| read(fields, asked, &mut errors));
        errors.into_result(content)
    }

    fn expiry(&self) -> Expiry {
        Expiry { at: self.expires_at, whole_day: self.whole_day }
    }

    /// The day with whose end it expires, unless that is a moment.
    pub fn expires_on(&self) -> Option<jiff::civil::Date> {
        self.whole_day.then(|| self.expiry().day(&self.zone()))
    }

    /// The page that a message about the reminder `id` opens.
    pub fn page_of(&self, id: &str) -> Option<String> {
        self.page.as_ref().map(|page| page.replace(page::OWN_ID, id))
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
        values(&self.title, &self.note, self.expiry(), &self.zone(), now)
    }

    /// The same where WeChat refuses the user's words.
    pub fn values_without_words<'a>(&self, title: &'a str, now: Timestamp) -> Values<'a> {
        values(title, "", self.expiry(), &self.zone(), now)
    }
}

fn values<'a>(
    title: &'a str,
    note: &'a str,
    expiry: Expiry,
    timezone: &TimeZone,
    now: Timestamp,
) -> Values<'a> {
    let expires = match expiry.whole_day {
        true => Expires::With(expiry.day(timezone)),
        false => Expires::At(timezone.to_datetime(expiry.at)),
    };
    Values { title, note, expires, today: timezone.to_datetime(now).date() }
}

fn read(mut fields: Fields<'_>, asked: &Asked<'_>, errors: &mut FieldErrors) -> Option<Content> {
    let settings = asked.settings;
    let template =
        fields.required("template", errors).and_then(|field| read_template(&field, settings, errors));
    let title_field = fields.required("title", errors);
    let title = title_field.as_ref().and_then(|field| field.text_of(1..=TITLE_CHARS_MAX, errors));
    let note_field = fields.optional("note");
    let note = note_field.as_ref().map_or(Some(""), |field| field.text_of(0..=NOTE_CHARS_MAX, errors));
    let zone_field = fields.optional("timezone");
    let timezone = match &zone_field {
        Some(field) => time_zone(field, errors),
        None => Some(asked.preferences.zone(settings)),
    };
    let expiry =
        expiry::read(&mut fields, timezone.as_ref(), asked.before.map(Content::expiry), asked.now, errors);
    let context = asked_pushes::Context {
        expiry,
        timezone: timezone.as_ref(),
        template: template.map(|(_, template)| template),
        own: &asked.preferences.default_pushes,
        known: asked.before.map(|before| before.pushes.as_slice()),
        now: asked.now,
    };
    let pushes = asked_pushes::read(fields.optional("pushes").as_ref(), &context, errors);
    let known = asked.repeat(expiry, timezone.as_ref());
    let repeat = fields.optional("repeat").map(|field| repeat::read(&field, expiry, &known, errors));
    if let (Some(Some(repeat)), Some(pushes)) = (&repeat, &pushes) {
        repeat::check_pushes(repeat.every, pushes, errors);
    }
    let page = fields.optional("page").map(|field| page::read(&field, errors));
    if asked.before.is_some() {
        ONLY_SHOWN.iter().for_each(|name| fields.ignore(name));
    }
    // Whoever renews it reads that: it is no part of the content.
    fields.optional("again").map(|field| field.boolean(errors));
    fields.close(errors);

    if let Some((_, template)) = template {
        // Even with a wrong date the words can be tried, so that everything is said at once.
        let expiry = expiry.unwrap_or(Expiry { at: asked.now, whole_day: false });
        let timezone = timezone.clone().unwrap_or_else(|| settings.timezone.clone());
        let (title, note) = (raw(title_field.as_ref()), raw(note_field.as_ref()));
        let values = values(title, note, expiry, &timezone, asked.now);
        check_rendering(template, &values, expiry.field(), errors);
    }
    Some(Content {
        template: template?.0.clone(),
        title: title?.to_owned(),
        note: note?.to_owned(),
        expires_at: expiry?.at,
        whole_day: expiry?.whole_day,
        repeat: repeat.flatten(),
        own_zone: zone_field.is_some() && !asked.follows(timezone.as_ref()?),
        timezone: timezone?.iana_name()?.to_owned(),
        pushes: pushes?,
        page: page.flatten(),
    })
}

fn read_template<'a>(
    field: &Field<'_>,
    settings: &'a Settings,
    errors: &mut FieldErrors,
) -> Option<(&'a String, &'a Template)> {
    let found = settings.templates.get_key_value(field.text(errors)?);
    if found.is_none() {
        errors.at(
            &field.path,
            RuleCode::UnknownTemplate.says("must be the name of a template in the settings"),
        );
    }
    found
}

fn raw<'a>(field: Option<&Field<'a>>) -> &'a str {
    field.and_then(|field| field.value.as_str()).unwrap_or_default()
}

/// Tries every channel (docs/design.md §8). A field that is wrong by itself has been told so already.
fn check_rendering(template: &Template, values: &Values<'_>, expiry: &'static str, errors: &mut FieldErrors) {
    let wrong = ["title", "note", "expires_at", "expires_on"].map(|field| (field, errors.has(field)));
    let is_wrong = |field: &str| wrong.iter().any(|(name, is_wrong)| *name == field && *is_wrong);
    let misfits = template.configured().filter_map(|(_, own)| render(&own.data, values).err());
    for misfit in misfits.flatten() {
        let field = if misfit.field == "expires_at" { expiry } else { misfit.field };
        if !is_wrong(field) {
            errors.at(field, misfit.in_words("the message"));
        }
    }
}

#[cfg(test)]
mod tests;
