//! What a job arms, and when that is tried. Pure.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::delivery::rest::is_unreachable;
use crate::person::user::User;
use crate::reach::{Route, plan};
use crate::reminder::{LAST_CALL, Push, Reminder, Resting, ahead};
use crate::settings::Settings;

/// A page looks at so many reminders, and the next comes a minute later: eight a second, so that three jobs at a time
/// make no more than twenty-five (docs/design.md §4).
pub(super) const PAGE: u32 = 500;
pub(super) const PAGE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// What is armed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Cause {
    /// New settings: what rests for them, or for its words, also because they had no channel that reaches its user.
    Settings,
    /// An operator: what came to rest since.
    Since { since: Timestamp },
    /// An operator: what rests of this template.
    Template { template: String },
}

impl Cause {
    /// One job of a kind at a time: the same word again begins anew.
    pub(super) fn job(&self) -> String {
        match self {
            Self::Settings => "settings".to_owned(),
            Self::Since { since } => format!("since-{}", since.as_second()),
            Self::Template { template } => format!("template-{template}"),
        }
    }

    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Settings => "the settings have changed",
            Self::Since { .. } | Self::Template { .. } => "an operator's word",
        }
    }
}

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    pub cause: Cause,
    /// Also what may have been sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub even_unknown: bool,
    /// What came to rest later did so with its cause known.
    pub begins_at: Timestamp,
}

impl Selection {
    pub(super) fn looks_at(&self) -> &'static [Resting] {
        if self.even_unknown { &Resting::ALL } else { &[Resting::Unfit, Resting::Unreachable] }
    }

    /// The push of a reminder that this job arms.
    pub(super) fn wants<'a>(
        &self,
        reminder: &'a Reminder,
        user: Option<&User>,
        settings: &Settings,
        service_account: bool,
        now: Timestamp,
    ) -> Option<&'a Push> {
        let push = reminder.to_arm(self.even_unknown, now)?;
        let rested_at = push.rested_at().filter(|at| *at < self.begins_at)?;
        let is_meant = match &self.cause {
            Cause::Settings => true,
            Cause::Since { since } => rested_at >= *since,
            Cause::Template { template } => reminder.content.template == *template,
        };
        // What nothing reaches would only come to rest again. Whom the settings reach now they did not before: what their
        // users do is a cause by itself, but for what is worth no more than a try.
        let is_reached = || {
            let template = settings.templates.get(&reminder.content.template)?;
            let anew = Push { refused: Vec::new(), ..push.clone() };
            let routes = plan(user?, &anew, template, service_account).routes;
            let any = |route: &Route| self.cause != Cause::Settings || route.means.is_sure();
            Some(routes.iter().any(any))
        };
        (is_meant && (!is_unreachable(push) || is_reached() == Some(true))).then_some(push)
    }
}

/// Which reminder of the page and of the whole job it is: what is armed together is not sent together, neither now nor when
/// quiet hours end.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) in_page: u32,
    pub(super) in_job: u32,
}

fn after(nth: u32) -> SignedDuration {
    SignedDuration::from_millis(PAGE_EVERY.as_secs() * 1000 * i64::from(nth) / i64::from(PAGE))
}

/// A minute from now, or after the quiet hours, each by itself and before the item expires.
pub(super) fn moment(reminder: &Reminder, settings: &Settings, place: Place, now: Timestamp) -> Timestamp {
    let content = &reminder.content;
    let last_call = reminder.ends_at() - LAST_CALL;
    let soon = ahead(now, now) + after(place.in_page);
    let quiet = settings.quiet_hours.as_ref().and_then(|quiet| quiet.end_of_quiet(soon, &content.zone()));
    let after_quiet = quiet.map(|end| end + after(place.in_job)).filter(|at| *at < last_call);
    after_quiet.unwrap_or(soon).min(last_call).max(ahead(now, now))
}

#[cfg(test)]
mod tests;
