//! Which channels can reach this user now, in order. Pure: user, push, settings and clock in, routes out.

use jiff::Timestamp;

use crate::channel::Channel;
use crate::person::user::User;
use crate::reminder::Push;
use crate::settings::{Subscription, SubscriptionKind, Template};

/// One channel that should reach the user, and why we think so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub channel: Channel,
    pub why: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub routes: Vec<Route>,
    /// Of each channel that cannot, why not: the reason of an undeliverable push.
    pub missing: Vec<&'static str>,
}

/// A reported accept that no event confirmed is worth one attempt, but only when nothing better is left.
pub fn plan(user: &User, push: &Push, template: &Template, service_account: bool, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let mut last_resort = Vec::new();
    for channel in template.channels.iter().copied() {
        if push.refused.contains(&channel) {
            plan.missing.push(match channel {
                Channel::ServiceTemplate => "service_template_refused",
                Channel::MiniSubscription => "mini_subscription_refused",
                Channel::ServiceNotification => "service_notification_refused",
            });
            continue;
        }
        let no_account = channel != Channel::MiniSubscription && !service_account;
        let subscription = match channel {
            _ if no_account => {
                plan.missing.push("no_service_account");
                continue;
            }
            Channel::ServiceTemplate if user.follows() => {
                plan.routes.push(Route { channel, why: "the user follows the service account".to_owned() });
                continue;
            }
            Channel::ServiceTemplate => {
                plan.missing.push("not_following");
                continue;
            }
            Channel::MiniSubscription => template.mini_subscription.as_ref(),
            Channel::ServiceNotification if user.service_openid.is_none() => {
                plan.missing.push("not_linked");
                continue;
            }
            Channel::ServiceNotification => template.service_notification.as_ref(),
        };
        let Some(Subscription { template_id, kind, .. }) = subscription else { continue };
        match user.ledger_of(template_id) {
            Some(ledger) if ledger.granted && *kind == SubscriptionKind::LongTerm => {
                plan.routes.push(Route { channel, why: "a long-term subscription".to_owned() });
            }
            Some(ledger) if ledger.count > 0 => {
                let why = format!("{} of the accepted prompts left", ledger.count);
                plan.routes.push(Route { channel, why });
            }
            Some(ledger) if ledger.has_unconfirmed() => {
                let why = match ledger.available(now) {
                    0 => "an accepted prompt was reported, but never confirmed by WeChat",
                    _ => "an accepted prompt was reported a moment ago",
                };
                last_resort.push(Route { channel, why: why.to_owned() });
            }
            _ => plan.missing.push(match kind {
                SubscriptionKind::OneTime => "no_credit",
                SubscriptionKind::LongTerm => "no_subscription",
            }),
        }
    }
    plan.routes.append(&mut last_resort);
    plan.missing.dedup();
    plan
}

#[cfg(test)]
mod tests;
