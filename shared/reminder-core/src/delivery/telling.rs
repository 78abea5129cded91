//! One push of one reminder, with everything it is judged by.

use std::sync::Arc;

use jiff::Timestamp;

use super::plan::{Plan, plan};
use crate::app::{App, AppError};
use crate::channel::Channel;
use crate::person::user::User;
use crate::random;
use crate::reminder::{Attempt, LAST_CALL, Push, Reminder, SEND_STARTS_WITHIN};
use crate::settings::{Settings, Subscription, SubscriptionKind};
use crate::table::{Change, Record};

/// What a run of dispatch knows; the items are as it read or wrote them last.
pub(super) struct Telling {
    pub(super) user: Option<Record<User>>,
    pub(super) reminder: Record<Reminder>,
    pub(super) revision: u64,
    pub(super) n: u8,
    pub(super) settings: Arc<Settings>,
    pub(super) service_account: bool,
    /// When this run of dispatch began: it is ended after thirty seconds.
    pub(super) run_began: Timestamp,
}

/// What an attempt is to the one before it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Repeat<'a> {
    /// Whatever was tried before was definitely not sent.
    No,
    /// WeChat takes only one of the two: the same id, or the same last credit.
    Harmless(&'a Attempt),
    /// It may be the second message; the settings ask for it. It has a credit of its own.
    AsSettingsAsk(&'a Attempt),
}

impl Telling {
    pub(super) fn push(&self) -> &Push {
        self.reminder.item.push(self.revision, self.n).expect("a telling is made of a push that is there")
    }

    pub(super) fn user(&self) -> Option<&User> {
        self.user.as_ref().map(|stored| &stored.item)
    }

    /// A send that starts now ends before the run does, and so before the lease: once that is over, others may act on this
    /// push, and nothing of ours may still be on its way.
    pub(super) fn may_send(&self, now: Timestamp) -> bool {
        now.duration_since(self.run_began) <= SEND_STARTS_WITHIN
    }

    /// The channels that can reach the user now.
    pub(super) fn plan(&self, now: Timestamp) -> Plan {
        let Some(template) = self.settings.templates.get(&self.reminder.item.content.template) else {
            return Plan { routes: Vec::new(), missing: vec!["template_not_in_settings"] };
        };
        match self.user() {
            Some(user) => plan(user, self.push(), template, self.service_account, now),
            None => Plan { routes: Vec::new(), missing: vec!["user_unknown"] },
        }
    }

    /// When the quiet hours around `now` end, if that is in time before the item expires: no moment that we choose lies in
    /// them.
    pub(super) fn quiet_end(&self, now: Timestamp) -> Option<Timestamp> {
        let content = &self.reminder.item.content;
        let quiet = self.settings.quiet_hours.as_ref()?;
        quiet.end_of_quiet(now, &content.zone()).filter(|end| *end < content.expires_at - LAST_CALL)
    }

    pub(super) async fn change<R>(
        &mut self,
        app: &App,
        mut change: impl FnMut(&mut Reminder) -> Change<R>,
    ) -> Result<R, AppError> {
        let (revision, n) = (self.revision, self.n);
        let mut written = None;
        let (stored, answer) = app
            .table
            .update(self.reminder.clone(), |reminder| {
                let before = reminder.push(revision, n).cloned();
                let change = change(reminder);
                let after = reminder.push(revision, n).cloned();
                written = before.zip(after).filter(|_| matches!(change, Change::Write(_)));
                change
            })
            .await?;
        self.reminder = stored;
        if let Some((before, after)) = written {
            app.metrics.push_changed(&before, &after, app.now());
        }
        Ok(answer)
    }

    pub(super) fn new_attempt(&self, channel: Channel, started_at: Timestamp, repeat: Repeat<'_>) -> Attempt {
        let before = match repeat {
            Repeat::No => None,
            Repeat::Harmless(before) | Repeat::AsSettingsAsk(before) => Some(before),
        };
        let repeats =
            before.map(|before| [before.repeats.as_slice(), std::slice::from_ref(&before.id)].concat());
        let template_id = self.subscription(channel).map(|subscription| subscription.template_id.clone());
        let one_time = self
            .subscription(channel)
            .is_some_and(|subscription| subscription.kind == SubscriptionKind::OneTime);
        Attempt {
            id: random::id(),
            channel,
            started_at,
            one_time_template: template_id.filter(|_| one_time),
            repeats: repeats.unwrap_or_default(),
            credit: match repeat {
                Repeat::Harmless(before) => Some(before.credit_cause().to_owned()),
                Repeat::No | Repeat::AsSettingsAsk(_) => None,
            },
            as_settings_ask: matches!(repeat, Repeat::AsSettingsAsk(_)),
            first_started_at: before.map(Attempt::began),
        }
    }

    /// What the settings say of the channel, where it needs an accepted prompt.
    pub(super) fn subscription(&self, channel: Channel) -> Option<&Subscription> {
        let template = self.settings.templates.get(&self.reminder.item.content.template)?;
        match channel {
            Channel::ServiceTemplate => None,
            Channel::MiniSubscription => template.mini_subscription.as_ref(),
            Channel::ServiceNotification => template.service_notification.as_ref(),
        }
    }

    /// The attempt rests on an accept nobody confirmed: should its event come late, it is spent.
    pub(super) fn holds_unconfirmed(&self, attempt: &Attempt) -> bool {
        let (Some(user), Some(template_id)) = (self.user(), &attempt.one_time_template) else { return false };
        user.ledger_of(template_id).is_some_and(|ledger| ledger.holds_unconfirmed(attempt.credit_cause()))
    }
}
