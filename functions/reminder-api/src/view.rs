//! Reminders as the API shows them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use reminder_core::registration::coverage::{Ask, Coverage};
use reminder_core::registration::save::Registration;
use reminder_core::reminder::content::{Before, PushTime};
use reminder_core::reminder::{Push, Reminder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::names::{AskName, ChannelName, EventName, PushState, ReminderState};

/// A reminder.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReminderView {
    #[schema(example = "k3v7q2mzx5b4n6tgaw2s")]
    pub id: String,
    /// One more with every change; goes into `If-Match`.
    #[schema(example = 1)]
    pub revision: u64,
    #[schema(value_type = ReminderState, example = "active")]
    pub state: &'static str,
    #[schema(example = "expiry")]
    pub template: String,
    #[schema(example = "护照")]
    pub title: String,
    #[schema(example = "到出入境大厅换发")]
    pub note: String,
    /// Of a day: its end.
    #[schema(format = DateTime, example = "2027-03-01T00:00:00+08:00")]
    pub expires_at: String,
    /// The day with whose end it expires, if it does so by the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-03-01")]
    pub expires_on: Option<String>,
    #[schema(example = "Asia/Shanghai")]
    pub timezone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<RepeatView>,
    pub pushes: Vec<PushView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pages/item/item?id=42")]
    pub page: Option<String>,
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageView>,
    /// What happened so far, oldest first; only when one reminder is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Vec<EntryView>>,
}

/// How it begins anew.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepeatView {
    #[schema(example = "P1Y")]
    pub every: String,
    /// Which round it is in, from 1.
    #[schema(example = 1)]
    pub round: u32,
}

/// One push of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushView {
    /// 1 to 3, in the order of the request; from 4 what was snoozed.
    #[schema(example = 1)]
    pub n: u8,
    /// When it was asked for; absent of one that was snoozed.
    #[serde(flatten)]
    pub lead: Lead,
    /// The only channels it may go by, best first; absent: those of the settings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<ChannelName>)]
    pub channels: Vec<&'static str>,
    /// One that was asked for after the others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub snoozed: bool,
    #[schema(format = DateTime, example = "2027-01-30T09:00:00+08:00")]
    pub fires_at: String,
    #[schema(value_type = PushState, example = "scheduled")]
    pub state: &'static str,
    /// The channel it is sent on, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ChannelName>, example = "service_template")]
    pub channel: Option<&'static str>,
    /// Why it is in this state, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// When a push was asked for: one of the leads with its time of day, or a moment.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Lead {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 30)]
    pub days_before: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weeks_before: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months_before: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "09:00")]
    pub time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub at: Option<String>,
}

/// How many of the pushes still to come can reach the user as things stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageView {
    /// Pushes still to come.
    #[schema(example = 3)]
    pub pushes: usize,
    /// Of these, how many a channel is there for; credits promised to other pushes do not count twice. The sum of the
    /// next three.
    #[schema(example = 2)]
    pub covered: usize,
    /// By what WeChat confirmed.
    #[schema(example = 1)]
    pub confirmed: usize,
    /// By an accept that only the mini program reported, and that nothing contradicts.
    #[schema(example = 1)]
    pub reported: usize,
    /// By no more than a credit that WeChat may still have: one last attempt is made.
    #[schema(example = 0)]
    pub uncertain: usize,
    /// Pushes that were never told and are not to come: something has to change, or a `PUT` with `"again": true` asks for
    /// them.
    #[schema(example = 0)]
    pub resting: usize,
    /// What to ask of the user now, best first: `subscribe`, `follow`. What is uncertain counts as missing.
    #[schema(value_type = Vec<AskName>, example = json!(["follow", "subscribe"]))]
    pub ask: Vec<Ask>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    #[schema(format = DateTime)]
    pub at: String,
    /// Which push it concerns, as numbered by the revision that planned it; none for the reminder as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<u8>,
    #[schema(value_type = EventName, example = "claimed")]
    pub event: &'static str,
    /// For people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl ReminderView {
    pub(crate) fn new(reminder: &Reminder, now: Timestamp) -> Self {
        let content = &reminder.content;
        let zone = content.zone();
        Self {
            id: reminder.id.clone(),
            revision: reminder.revision,
            state: reminder.lifecycle(now).name(),
            template: content.template.clone(),
            title: content.title.clone(),
            note: content.note.clone(),
            expires_at: instant(content.expires_at, &zone),
            expires_on: content.expires_on().map(|day| day.to_string()),
            timezone: content.timezone.clone(),
            repeat: content
                .repeat
                .as_ref()
                .map(|repeat| RepeatView { every: repeat.every.to_string(), round: repeat.round() }),
            pushes: (1..)
                .zip(&reminder.pushes)
                .map(|(place, push)| {
                    let n = if push.snoozed { push.n } else { place };
                    let planned = content.pushes.iter().find(|planned| planned.n == n);
                    PushView::new(n, push, planned.map(|planned| &planned.wanted), &zone)
                })
                .collect(),
            page: content.page.clone(),
            created_at: content.local(reminder.created_at),
            coverage: None,
            timeline: None,
        }
    }

    pub(crate) fn covered(registered: &Registration, now: Timestamp) -> Self {
        let covered = registered.coverage.covered();
        let Coverage { pushes, confirmed, reported, uncertain, resting, ask } = registered.coverage.clone();
        let coverage = CoverageView { pushes, covered, confirmed, reported, uncertain, resting, ask };
        Self { coverage: Some(coverage), ..Self::new(&registered.reminder, now) }
    }

    pub(crate) fn with_timeline(self, reminder: &Reminder) -> Self {
        let entries = reminder.timeline.entries().iter().map(|entry| EntryView {
            at: reminder.content.local(entry.at),
            push: entry.push,
            event: entry.event(),
            detail: entry.detail(&reminder.content),
        });
        Self { timeline: Some(entries.collect()), ..self }
    }
}

impl PushView {
    /// A push that was carried over from an earlier revision may be listed at another place than it was.
    fn new(n: u8, push: &Push, wanted: Option<&PushTime>, zone: &TimeZone) -> Self {
        let zoned = |wanted: &PushTime| Lead::in_zone(wanted, zone);
        Self {
            n,
            lead: wanted.map(zoned).unwrap_or_default(),
            channels: push.channels.iter().map(|channel| channel.as_str()).collect(),
            snoozed: push.snoozed,
            fires_at: instant(push.fires_at, zone),
            state: push.state_name(),
            channel: push.channel().map(|channel| channel.as_str()),
            reason: push.reason.clone(),
        }
    }
}

impl Lead {
    pub(crate) fn in_zone(wanted: &PushTime, zone: &TimeZone) -> Self {
        match wanted {
            PushTime::At(at) => Self { at: Some(instant(*at, zone)), ..Self::default() },
            PushTime::Relative { .. } => Self::new(wanted),
        }
    }

    /// Of one that is relative; a moment is nothing without its zone.
    pub(crate) fn new(wanted: &PushTime) -> Self {
        let PushTime::Relative { before, time } = wanted else { return Self::default() };
        let time = Some(time.strftime("%H:%M").to_string());
        match *before {
            Before::Days(days) => Self { days_before: Some(days), time, ..Self::default() },
            Before::Weeks(weeks) => Self { weeks_before: Some(weeks), time, ..Self::default() },
            Before::Months(months) => Self { months_before: Some(months), time, ..Self::default() },
        }
    }
}

/// RFC 3339 with the offset of the user's zone.
pub(crate) fn instant(at: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(at);
    at.display_with_offset(offset).to_string()
}
