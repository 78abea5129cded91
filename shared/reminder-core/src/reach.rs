//! One answer to one question: can this channel reach this user with this push, as things stand?
//!
//! Who sends asks it and who promises asks it, so that a push counts as covered exactly when a route exists that is good
//! for a message.

use std::fmt;

use crate::account::Account;
use crate::channel::{Channel, Need};
use crate::person::ledger::Standing;
use crate::person::user::User;
use crate::reminder::{Push, Why};
use crate::settings::{ChannelTemplate, SubscriptionKind, Template};

/// What makes a channel reach the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// They follow the service account: any number of messages.
    Follows,
    /// They follow it, and refused its messages when the last one was sent: nothing to promise, but worth asking again
    /// when no other channel is left.
    Blocked,
    /// A long-term subscription is granted: any number.
    LongTerm(Standing),
    /// Accepted prompts, one message each: by how sure they are, in the order of [`Standing`], which is that in which
    /// they are used.
    Accepts { template_id: String, left: [u32; 3] },
}

/// What keeps a channel from reaching the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It definitely refused this push and is not asked again.
    Refused(Channel),
    NoServiceAccount,
    NotFollowing,
    /// Nobody knows which follower they are.
    NotLinked,
    NoCredit,
    NoSubscription,
    /// The settings have no such channel for this template.
    NotConfigured(Channel),
}

/// Whether `channel` reaches the user with this push, and how. `service_account`: the owner has one.
///
/// # Errors
/// Why it does not.
pub fn reach(
    channel: Channel,
    template: &Template,
    user: &User,
    push: &Push,
    service_account: bool,
) -> Result<Means, Obstacle> {
    if !template.channels.contains(&channel) {
        return Err(Obstacle::NotConfigured(channel));
    }
    if push.refused.contains(&channel) {
        return Err(Obstacle::Refused(channel));
    }
    let is_of_service_account = channel.account() == Account::ServiceAccount;
    if is_of_service_account && !service_account {
        return Err(Obstacle::NoServiceAccount);
    }
    match channel.need() {
        Need::Follow if user.is_blocked() => Ok(Means::Blocked),
        Need::Follow if user.follows() => Ok(Means::Follows),
        Need::Follow => Err(Obstacle::NotFollowing),
        // After an unfollow, too.
        Need::Accept if is_of_service_account && user.link.is_none() => Err(Obstacle::NotLinked),
        Need::Accept => accepted(user, template.of(channel).ok_or(Obstacle::NotConfigured(channel))?),
    }
}

fn accepted(user: &User, own: &ChannelTemplate) -> Result<Means, Obstacle> {
    let long_term = own.kind == Some(SubscriptionKind::LongTerm);
    let none = if long_term { Obstacle::NoSubscription } else { Obstacle::NoCredit };
    let ledger = user.ledger_of(&own.template_id).ok_or(none)?;
    if let Some(standing) = ledger.granted().filter(|_| long_term) {
        return Ok(Means::LongTerm(standing));
    }
    let left = Standing::ALL.map(|standing| ledger.left(standing));
    match left.iter().any(|left| *left > 0) {
        true => Ok(Means::Accepts { template_id: own.template_id.clone(), left }),
        false => Err(none),
    }
}

/// One channel that should reach the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub channel: Channel,
    pub means: Means,
}

/// The ways to a user, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub routes: Vec<Route>,
    /// Of each channel that does not reach them, why.
    pub obstacles: Vec<Obstacle>,
}

/// The channels to ask: those that the push names, else those of the template, where what the user prefers comes first.
fn channels(user: &User, push: &Push, template: &Template) -> Vec<Channel> {
    if !push.channels.is_empty() {
        return push.channels.clone();
    }
    let prefer = &user.preferences.prefer;
    let rank = |channel: &Channel| prefer.iter().position(|one| one == channel).unwrap_or(prefer.len());
    let mut channels = template.channels.clone();
    channels.sort_by_key(rank);
    channels
}

/// Asks every channel in its order; behind them what only the mini program reported, then what WeChat may
/// not have any more, then where the user would be told without their own words, and last what they refused to be reached
/// by.
pub fn plan(user: &User, push: &Push, template: &Template, service_account: bool) -> Plan {
    let mut plan = Plan::default();
    for channel in channels(user, push, template) {
        match reach(channel, template, user, push, service_account) {
            Ok(means) => plan.routes.push(Route { channel, means }),
            // Only a push that names it can have lost it.
            Err(Obstacle::NotConfigured(_)) if push.channels.is_empty() => {}
            Err(obstacle) => plan.obstacles.push(obstacle),
        }
    }
    plan.routes.sort_by_key(|route| {
        let standing = route.means.standing();
        (standing.is_none(), push.wordless.contains(&route.channel), standing)
    });
    plan.obstacles.dedup();
    plan
}

impl Means {
    /// How sure the next message is; none: it is no more than asked for.
    pub fn standing(&self) -> Option<Standing> {
        self.standing_after(0)
    }

    /// It is good for a message, as far as we know: a credit that may be gone is not, nor what they refuse.
    pub fn is_sure(&self) -> bool {
        self.standing().is_some_and(|standing| standing < Standing::Uncertain)
    }

    /// The one after so many messages; none if it is not good for more.
    pub fn standing_after(&self, messages: u32) -> Option<Standing> {
        match self {
            Self::Follows => Some(Standing::Confirmed),
            Self::Blocked => None,
            Self::LongTerm(standing) => Some(*standing),
            Self::Accepts { left, .. } => {
                let mut before = 0;
                Standing::ALL.into_iter().zip(left).find_map(|(standing, left)| {
                    before += left;
                    (messages < before).then_some(standing)
                })
            }
        }
    }
}

impl Means {
    /// Why a push goes by it.
    pub fn why(&self) -> Why {
        match self {
            Self::Follows => Why::Follows,
            Self::Blocked => {
                "the user refused the service account's messages, and no other channel is left".into()
            }
            Self::LongTerm(_) => "a long-term subscription".into(),
            Self::Accepts { left: [confirmed, ..], .. } => match self.standing() {
                Some(Standing::Confirmed) => Why::Accepts(*confirmed),
                Some(Standing::Reported) => {
                    "an accepted prompt was reported, but never confirmed by WeChat".into()
                }
                Some(Standing::Uncertain) | None => {
                    "WeChat may still have an accepted prompt, and nothing better is left".into()
                }
            },
        }
    }
}

/// The word of a push's `reason`.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(channel) => write!(f, "{channel}_refused"),
            Self::NoServiceAccount => f.write_str("no_service_account"),
            Self::NotFollowing => f.write_str("not_following"),
            Self::NotLinked => f.write_str("not_linked"),
            Self::NoCredit => f.write_str("no_credit"),
            Self::NoSubscription => f.write_str("no_subscription"),
            Self::NotConfigured(channel) => write!(f, "{channel}_not_configured"),
        }
    }
}

#[cfg(test)]
mod tests;
