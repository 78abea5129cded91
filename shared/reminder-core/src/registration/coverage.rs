//! How many of the pushes still to come can reach the user as things stand, and what to ask of them now.
//!
//! Pure. A credit is promised once: all pending pushes of the user draw on the same ledgers, in the order in which
//! they fire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::channel::Channel;
use crate::person::user::User;
use crate::reminder::Reminder;
use crate::settings::{Settings, SubscriptionKind, Template};

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
    let mut left: BTreeMap<&str, u32> = BTreeMap::new();
    let mut waiting: Vec<(Timestamp, &Reminder, bool, &Template)> = Vec::new();
    let active = others.iter().filter(|other| other.id != reminder.id).map(|other| (other, false));
    for (reminder, ours) in std::iter::once((reminder, true)).chain(active) {
        if !reminder.is_open(now) {
            continue;
        }
        let Some(template) = settings.templates.get(&reminder.content.template) else { continue };
        let pending = reminder.pushes.iter().filter(|push| push.is_pending());
        waiting.extend(pending.map(|push| (push.fires_at, reminder, ours, template)));
    }
    // Of two in the same minute the elder is served first, whichever of them is asked about.
    waiting.sort_by_key(|(fires_at, reminder, ..)| (*fires_at, reminder.created_at, reminder.id.as_str()));
    let mut covered = 0;
    for (.., ours, template) in &waiting {
        let reached = template.channels.iter().any(|channel| match channel {
            Channel::ServiceTemplate => service_account && user.follows(),
            Channel::MiniSubscription | Channel::ServiceNotification => {
                let subscription = match channel {
                    Channel::MiniSubscription => template.mini_subscription.as_ref(),
                    _ => template
                        .service_notification
                        .as_ref()
                        .filter(|_| service_account && user.service_openid.is_some()),
                };
                let Some(subscription) = subscription else { return false };
                let id = subscription.template_id.as_str();
                let credits = left.entry(id).or_insert_with(|| user.available(id, now));
                match subscription.kind {
                    SubscriptionKind::LongTerm => *credits > 0,
                    SubscriptionKind::OneTime if *credits > 0 => {
                        *credits -= 1;
                        true
                    }
                    SubscriptionKind::OneTime => false,
                }
            }
        });
        covered += usize::from(*ours && reached);
    }
    let pushes = waiting.iter().filter(|(.., ours, _)| *ours).count();
    let template = settings.templates.get(&reminder.content.template);
    Coverage { pushes, covered, ask: ask(pushes - covered, template, user, service_account) }
}

/// One missing: a tap on a prompt does. More: following settles all of them at once.
fn ask(missing: usize, template: Option<&Template>, user: &User, service_account: bool) -> Vec<Ask> {
    let Some(template) = template.filter(|_| missing > 0) else { return Vec::new() };
    let can_follow =
        service_account && template.channels.contains(&Channel::ServiceTemplate) && !user.follows();
    let can_subscribe = template.channels.contains(&Channel::MiniSubscription);
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
