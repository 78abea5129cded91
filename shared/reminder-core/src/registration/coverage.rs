//! How many of the pushes still to come can reach the user as things stand, and what to ask of them now.
//!
//! Pure. A credit is promised once: all pending pushes of the user draw on the same ledgers, in the order in which
//! they fire, the surest first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use strum::VariantNames;

use crate::account::Account;
use crate::channel::Need;
use crate::person::ledger::Standing;
use crate::person::user::User;
use crate::reach::{Means, Route, plan};
use crate::reminder::{Push, Reminder};
use crate::settings::{Settings, Template};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Pushes still to come.
    pub pushes: usize,
    /// Of these, how many a channel is there for that is known to reach the user.
    pub confirmed: usize,
    /// For how many there is an accept that only the mini program reported.
    pub reported: usize,
    /// For how many there is no more than a credit that WeChat may still have.
    pub uncertain: usize,
    /// Pushes that were never told and are not to come, unless something changes or a renewal asks for them again.
    pub resting: usize,
    /// What would help, best first.
    pub ask: Vec<Ask>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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
    let mut coverage = Coverage::default();
    for (push, _, ours, template) in &waiting {
        let routes = plan(user, push, template, service_account).routes;
        let standing = promised.promise(&routes);
        if *ours {
            coverage.count(standing);
        }
    }
    let template = settings.templates.get(&reminder.content.template);
    // What may be gone is nothing to rely on.
    let missing = coverage.pushes - coverage.confirmed - coverage.reported;
    coverage.resting = resting(reminder, now);
    coverage.ask = ask(missing, template, user, service_account);
    coverage
}

/// What a later push has told needs no telling.
fn resting(reminder: &Reminder, now: Timestamp) -> usize {
    let is_untold = reminder.is_open(now) && reminder.at_rest(true).is_some();
    reminder.pushes.iter().filter(|push| is_untold && push.rests().is_some()).count()
}

impl Coverage {
    /// How many of the pushes a channel is there for.
    pub fn covered(&self) -> usize {
        self.confirmed + self.reported + self.uncertain
    }

    fn count(&mut self, standing: Option<Standing>) {
        self.pushes += 1;
        match standing {
            Some(Standing::Confirmed) => self.confirmed += 1,
            Some(Standing::Reported) => self.reported += 1,
            Some(Standing::Uncertain) => self.uncertain += 1,
            None => {}
        }
    }
}

/// Accepted prompts, by template, that are promised to a push already.
#[derive(Default)]
pub(crate) struct Promised(BTreeMap<String, u32>);

impl Promised {
    /// Promises the surest of what is left to one more push, if there is any; answers how sure it is.
    pub(crate) fn promise(&mut self, routes: &[Route]) -> Option<Standing> {
        let left = routes.iter().filter_map(|route| Some((self.standing(&route.means)?, &route.means)));
        let (standing, means) = left.min_by_key(|(standing, _)| *standing)?;
        if let Means::Accepts { template_id, .. } = means {
            *self.0.entry(template_id.clone()).or_default() += 1;
        }
        Some(standing)
    }

    fn standing(&self, means: &Means) -> Option<Standing> {
        let promised = match means {
            Means::Accepts { template_id, .. } => self.0.get(template_id).copied().unwrap_or_default(),
            Means::Follows | Means::Blocked | Means::LongTerm(_) => 0,
        };
        means.standing_after(promised)
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
