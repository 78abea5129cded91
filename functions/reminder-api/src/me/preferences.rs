//! How the user wants to be told, as `GET /me` and `PATCH /me` show it.

use reminder_core::person::user::User;
use reminder_core::reminder::content::Wish;
use reminder_core::settings::Settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::names::ChannelName;
use crate::view::Lead;

/// How the user wants to be told, where a reminder says nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferencesView {
    /// The user's own, or else the settings'.
    #[schema(example = "Asia/Shanghai")]
    pub timezone: String,
    /// The user's own, or else the settings'; absent without either.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub quiet_hours: Option<QuietHoursView>,
    /// For reminders that say nothing of their pushes.
    pub default_pushes: Vec<DefaultPushView>,
    /// The channels to try first, best first.
    #[schema(value_type = Vec<ChannelName>, example = json!(["mini_subscription"]))]
    pub prefer: Vec<&'static str>,
}

/// From one time of day to another, over midnight if the first is later.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursView {
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "22:30")]
    pub from: String,
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "08:00")]
    pub to: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DefaultPushView {
    #[serde(flatten)]
    pub lead: Lead,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<ChannelName>)]
    pub channels: Vec<&'static str>,
}

impl PreferencesView {
    pub(super) fn new(user: &User, settings: &Settings) -> Self {
        let own = &user.preferences;
        let clock = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        let quiet = own.quiet(settings);
        let push = |wish: &Wish| DefaultPushView {
            lead: Lead::new(&wish.wanted),
            channels: wish.channels.iter().map(|channel| channel.as_str()).collect(),
        };
        Self {
            timezone: own.zone(settings).iana_name().unwrap_or("UTC").to_owned(),
            quiet_hours: quiet.map(|quiet| QuietHoursView { from: clock(quiet.from), to: clock(quiet.to) }),
            default_pushes: own.default_pushes.iter().map(push).collect(),
            prefer: own.prefer.iter().map(|channel| channel.as_str()).collect(),
        }
    }
}
