//! Everything a decision about one push is made of, and nothing that could do anything.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use wechat::OpenId;

use crate::account::Account;
use crate::channel::Channel;
use crate::person::ledger::{CreditChange, Standing};
use crate::person::user::User;
use crate::reach::{self, Plan};
use crate::reminder::{Attempt, LAST_CALL, Push, Reminder, SEND_STARTS_WITHIN};
use crate::settings::{ChannelTemplate, QuietHours, Settings, SubscriptionKind};

/// One push of one reminder, as things stand.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) now: Timestamp,
    /// When this run of dispatch began: it is ended after thirty seconds.
    pub(super) run_began: Timestamp,
    /// None: they asked to be forgotten.
    pub(super) user: Option<&'a User>,
    pub(super) reminder: &'a Reminder,
    pub(super) push: &'a Push,
    pub(super) settings: &'a Settings,
    /// The owner has one.
    pub(super) service_account: bool,
    /// What this run has tried of this push.
    pub(super) tried: &'a Tried,
    /// The id of an attempt that begins now.
    pub(super) attempt_id: String,
}

/// Channels that were tried in this run; `again_at`: when one of them is to be asked again, if none takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) channels: Vec<Channel>,
    pub(super) again_at: Option<Timestamp>,
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

/// The reason of a push whose template the settings lack.
pub(super) const TEMPLATE_NOT_IN_SETTINGS: &str = "template_not_in_settings";

impl Facts<'_> {
    pub(super) fn zone(&self) -> TimeZone {
        self.reminder.content.zone()
    }

    /// Further attempts may be made: the reminder is neither done nor deleted nor expired.
    pub(super) fn is_open(&self) -> bool {
        self.reminder.is_open(self.now)
    }

    /// The last moment at which trying makes sense.
    pub(super) fn last_call(&self) -> Timestamp {
        self.reminder.ends_at() - LAST_CALL
    }

    /// A send that starts now ends before the run does, and so before the lease: once that is over, others may act on this
    /// push, and nothing of ours may still be on its way.
    pub(super) fn may_send(&self) -> bool {
        may_send(self.run_began, self.now)
    }

    /// The channels that can reach the user now, without those that this run has tried; else the reason of an
    /// undeliverable push.
    pub(super) fn plan(&self) -> Result<Plan, &'static str> {
        let template = &self.reminder.content.template;
        let template = self.settings.templates.get(template).ok_or(TEMPLATE_NOT_IN_SETTINGS)?;
        let user = self.user.ok_or("user_unknown")?;
        let mut plan = reach::plan(user, self.push, template, self.service_account);
        plan.routes.retain(|route| !self.tried.channels.contains(&route.channel));
        Ok(plan)
    }

    /// What the settings say of a channel of this reminder's template.
    pub(super) fn configured(&self, channel: Channel) -> Option<&ChannelTemplate> {
        self.settings.templates.get(&self.reminder.content.template)?.of(channel)
    }

    /// Whether the settings fill this keyword of a channel's template.
    pub(super) fn fills(&self, channel: Channel, keyword: &str) -> bool {
        let own = self.configured(channel);
        own.is_some_and(|own| own.data.entries.iter().any(|(filled, _)| filled.to_string() == keyword))
    }

    /// The template that an accepted prompt is needed for.
    pub(super) fn subscription(&self, channel: Channel) -> Option<&ChannelTemplate> {
        self.configured(channel).filter(|own| own.kind.is_some())
    }

    /// How long ago WeChat first heard the id of this push on an idempotent channel.
    pub(super) fn since_first_template_attempt(&self, attempt: &Attempt) -> SignedDuration {
        self.now.duration_since(self.push.first_template_attempt.unwrap_or(attempt.started_at))
    }

    /// The surest of what the user's ledger has left for this channel, once it has learnt that WeChat refused the attempt
    /// for want of a credit.
    pub(super) fn left_after_denial(&self, attempt: &Attempt) -> Option<Standing> {
        let mut user = self.user?.clone();
        let ledger = user.ledger(&self.subscription(attempt.channel)?.template_id);
        ledger.account_for(
            attempt.credit_cause(),
            attempt.started_at,
            CreditChange::Exhausted,
            attempt.credit.is_some(),
        );
        let template = self.settings.templates.get(&self.reminder.content.template)?;
        reach::reach(attempt.channel, template, &user, self.push, self.service_account).ok()?.standing()
    }

    /// The long-term subscription of the channel, if there is one that a message which WeChat takes would confirm.
    pub(super) fn grant_to_confirm(&self, channel: Channel) -> Option<&str> {
        let own = self.subscription(channel).filter(|own| own.kind == Some(SubscriptionKind::LongTerm))?;
        let granted = self.user?.ledger_of(&own.template_id)?.granted()?;
        (granted != Standing::Confirmed).then_some(own.template_id.as_str())
    }

    /// Whom the service account's channels send to now.
    pub(super) fn follower(&self, channel: Channel) -> Option<&OpenId> {
        self.user.and_then(User::service_openid).filter(|_| channel.account() == Account::ServiceAccount)
    }

    pub(super) fn attempt(&self, channel: Channel, repeat: Repeat<'_>) -> Attempt {
        let before = match repeat {
            Repeat::No => None,
            Repeat::Harmless(before) | Repeat::AsSettingsAsk(before) => Some(before),
        };
        let one_time = self.subscription(channel).filter(|own| own.kind == Some(SubscriptionKind::OneTime));
        Attempt {
            id: self.attempt_id.clone(),
            channel,
            started_at: self.now,
            follower: self.follower(channel).cloned(),
            one_time_template: one_time.map(|own| own.template_id.clone()),
            repeats: before.map(Attempt::as_repeated).unwrap_or_default(),
            credit: match repeat {
                Repeat::Harmless(before) => Some(before.credit_cause().to_owned()),
                Repeat::No | Repeat::AsSettingsAsk(_) => None,
            },
            as_settings_ask: matches!(repeat, Repeat::AsSettingsAsk(_)),
            answered: before.is_some_and(|before| before.answered),
            denials: before.map_or(0, |before| before.denials),
        }
    }
}

/// The user's own, or the settings'.
pub(super) fn quiet_hours(user: Option<&User>, settings: &Settings) -> Option<QuietHours> {
    user.map_or(settings.quiet_hours, |user| user.preferences.quiet(settings))
}

/// Whether a send may still start in a run of dispatch that began at `run_began`.
pub(super) fn may_send(run_began: Timestamp, now: Timestamp) -> bool {
    now.duration_since(run_began) <= SEND_STARTS_WITHIN
}

#[cfg(test)]
mod tests;
