//! What is to be done with a push now. Pure.

use jiff::{SignedDuration, Timestamp};

use super::backoff::CHOSEN_FOR;
use super::facts::{Facts, Repeat, TEMPLATE_NOT_IN_SETTINGS};
use crate::reminder::{Attempt, LOOK_AFTER, REPEATABLE_FOR, Rest, State, Why};

/// A template that is missing from the settings may come back.
const NO_TEMPLATE_PAUSE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is due about it.
    Rest,
    /// An attempt begins.
    Begin { attempt: Attempt, why: Why },
    /// It has to wait, though nobody has begun to send it.
    Postpone { at: Timestamp, reason: &'static str },
    /// No channel can reach the user.
    GiveUp { reason: String, rest: Rest },
    /// The lease of an attempt ran out; its outcome is looked for from `look_at`.
    Abandon { look_at: Timestamp },
    /// Nobody knows the outcome of this attempt, and it is time to look.
    Resolve(Attempt),
}

pub(super) fn next(facts: &Facts<'_>) -> Step {
    if !facts.push.is_due(facts.now) {
        return Step::Rest;
    }
    match &facts.push.state {
        State::Scheduled { .. } | State::Retrying { .. } => begin(facts),
        State::Sending { attempt, .. } => Step::Abandon { look_at: look_at(facts, attempt) },
        State::Unresolved { attempt, .. } => Step::Resolve(attempt.clone()),
        _ => Step::Rest,
    }
}

/// At once where the same message can be repeated harmlessly.
fn look_at(facts: &Facts<'_>, attempt: &Attempt) -> Timestamp {
    let repeatable =
        attempt.channel.is_idempotent() && facts.since_first_template_attempt(attempt) < REPEATABLE_FOR;
    if repeatable { facts.now } else { (attempt.started_at + LOOK_AFTER).max(facts.now) }
}

fn begin(facts: &Facts<'_>) -> Step {
    if !facts.is_open() {
        return Step::GiveUp { reason: "expired".to_owned(), rest: Rest::Expired };
    }
    // A moment that was missed by so much is not the one they chose.
    let missed = facts.now.duration_since(facts.push.fires_at) > CHOSEN_FOR;
    let chosen_by_us = facts.push.at_once || missed || matches!(facts.push.state, State::Retrying { .. });
    if let Some(at) = facts.quiet_end(facts.now).filter(|_| chosen_by_us) {
        return Step::Postpone { at, reason: "quiet_hours" };
    }
    let plan = match facts.plan() {
        Ok(plan) => plan,
        Err(TEMPLATE_NOT_IN_SETTINGS) => {
            let at = facts.now + NO_TEMPLATE_PAUSE;
            return match at < facts.reminder.ends_at() {
                true => Step::Postpone { at, reason: TEMPLATE_NOT_IN_SETTINGS },
                false => Step::GiveUp { reason: TEMPLATE_NOT_IN_SETTINGS.to_owned(), rest: Rest::Expired },
            };
        }
        Err(reason) => return Step::GiveUp { reason: reason.to_owned(), rest: Rest::Unreachable },
    };
    match plan.routes.first() {
        Some(route) => {
            Step::Begin { attempt: facts.attempt(route.channel, Repeat::No), why: route.means.why() }
        }
        None => {
            let reasons: Vec<String> = plan.obstacles.iter().map(ToString::to_string).collect();
            Step::GiveUp { reason: reasons.join(", "), rest: Rest::Unreachable }
        }
    }
}

#[cfg(test)]
mod tests;
