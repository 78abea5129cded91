//! How many of the pushes still to come can reach the user as things stand, and what to ask of them now.
//!
//! Pure. A credit is promised once: all pending pushes of the user draw on the same ledgers, in the order in which
//! they fire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::account::Account;
use crate::channel::Need;
use crate::person::user::User;
use crate::reach::{Means, plan};
use crate::reminder::{Push, Reminder};
use crate::settings::{Settings, Template};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Pushes still to come.
    pub pushes: usize,
    /// Of these, how many a channel is there for.
    pub covered: usize,
    /// What would help, best first.
    pub ask: Vec<Ask>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// One more accepted prompt: one more message.
    Subscribe,
    /// Follow the service account: all of them.
    Follow,
}

/// `others` are the user's other active reminders; `service_account` says whether the owner has one.
pub fn coverage(
    reminder: &Reminder,
    others: &[Reminder],
    user: &User,
    settings: &Settings,
    service_account: bool,
    now: Timestamp,
) -> Coverage {
    let mut waiting: Vec<(&Push, &Reminder, bool, &Template)> = Vec::new();
    let active = others.iter().filter(|other| other.id != reminder.id).map(|other| (other, false));
    for (reminder, ours) in std::iter::once((reminder, true)).chain(active) {
        if !reminder.is_open(now) {
            continue;
        }
        let Some(template) = settings.templates.get(&reminder.content.template) else { continue };
        let pending = reminder.pushes.iter().filter(|push| push.is_pending());
        waiting.extend(pending.map(|push| (push, reminder, ours, template)));
    }
    // Of two in the same minute the elder is served first, whichever of them is asked about.
    waiting.sort_by_key(|(push, reminder, ..)| (push.fires_at, reminder.created_at, reminder.id.as_str()));
    let mut promised = Promised::default();
    let mut covered = 0;
    for (push, _, ours, template) in &waiting {
        let routes = plan(user, push, template, service_account).routes;
        let reached = routes.iter().any(|route| promised.promise(&route.means));
        covered += usize::from(*ours && reached);
    }
    let pushes = waiting.iter().filter(|(.., ours, _)| *ours).count();
    let template = settings.templates.get(&reminder.content.template);
    Coverage { pushes, covered, ask: ask(pushes - covered, template, user, service_account) }
}

/// Accepted prompts, by template, that are promised to a push already.
#[derive(Default)]
pub(crate) struct Promised(BTreeMap<String, u32>);

impl Promised {
    /// Promises the means to one more push, if there is any left of it.
    pub(crate) fn promise(&mut self, means: &Means) -> bool {
        let Some((template_id, messages)) = means.messages() else { return true };
        let promised = self.0.entry(template_id.to_owned()).or_default();
        let is_left = *promised < messages;
        *promised += u32::from(is_left);
        is_left
    }
}

/// One missing: a tap on a prompt does. More: following settles all of them at once.
fn ask(missing: usize, template: Option<&Template>, user: &User, service_account: bool) -> Vec<Ask> {
    let Some(template) = template.filter(|_| missing > 0) else { return Vec::new() };
    let mut channels = template.channels.iter();
    let can_follow =
        service_account && !user.follows() && channels.any(|channel| channel.need() == Need::Follow);
    // The mini program can ask for its own prompts only.
    let can_subscribe = template.channels.iter().any(|channel| channel.account() == Account::MiniProgram);
    let mut ask = Vec::new();
    if can_subscribe {
        ask.push(Ask::Subscribe);
    }
    if can_follow {
        ask.push(Ask::Follow);
    }
    if missing > 1 {
        ask.reverse();
    }
    ask
}

#[cfg(test)]
mod tests;
