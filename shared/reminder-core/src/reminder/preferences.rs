//! How a user wants to be told, where a reminder of theirs says nothing else; the owner's settings stand behind it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::content::{Wish, read_channels};
use crate::channel::Channel;
use crate::json::error::{FieldError, FieldErrors};
use crate::json::fields::Field;
use crate::settings::{QuietHours, Settings, quiet_hours, time_zone};
use crate::stored;

/// Stored under short names, like a reminder: every write of a user is paid for by its size.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// IANA name.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// For reminders that say nothing of their pushes.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub default_pushes: Vec<Wish>,
    /// The channels to try first, best first.
    #[serde(rename = "c", default, with = "stored::channels", skip_serializing_if = "Vec::is_empty")]
    pub prefer: Vec<Channel>,
}

impl Preferences {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn zone(&self, settings: &Settings) -> TimeZone {
        let own = self.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
        own.unwrap_or_else(|| settings.timezone.clone())
    }

    pub fn quiet(&self, settings: &Settings) -> Option<QuietHours> {
        self.quiet_hours.or(settings.quiet_hours)
    }

    /// The same with some of them changed: what is left out stays, null takes it back.
    ///
    /// # Errors
    /// Every wrong field.
    pub fn changed(&self, body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let changed = self.read(body, &mut errors);
        errors.into_result(changed)
    }

    fn read(&self, body: &Value, errors: &mut FieldErrors) -> Option<Self> {
        let mut fields = Field::document(body).object(errors)?;
        let [timezone, quiet, pushes, prefer] =
            ["timezone", "quiet_hours", "default_pushes", "prefer"].map(|name| fields.optional(name));
        fields.close(errors);
        let zone_name = |field: &Field<'_>, errors: &mut FieldErrors| {
            time_zone(field, errors)?.iana_name().map(str::to_owned)
        };
        let timezone = change(timezone.as_ref(), &self.timezone, |field| Some(zone_name(field, errors)));
        let quiet_hours = change(quiet.as_ref(), &self.quiet_hours, |field| Some(quiet_hours(field, errors)));
        let default_pushes =
            change(pushes.as_ref(), &self.default_pushes, |field| Wish::read_list(field, errors));
        let prefer = change(prefer.as_ref(), &self.prefer, |field| read_channels(field, errors));
        Some(Self {
            timezone: timezone?,
            quiet_hours: quiet_hours?,
            default_pushes: default_pushes?,
            prefer: prefer?,
        })
    }
}

fn change<T: Clone + Default>(
    field: Option<&Field<'_>>,
    known: &T,
    read: impl FnOnce(&Field<'_>) -> Option<T>,
) -> Option<T> {
    match field {
        None => Some(known.clone()),
        Some(field) if field.value.is_null() => Some(T::default()),
        Some(field) => read(field),
    }
}

#[cfg(test)]
mod tests;
