//! Promises to several pushes of one minute are kept: their runs begin at the same time, and what is left of a few credits
//! is for those that coverage promised it to, the elder first. Pure.

use jiff::{SignedDuration, Timestamp};

use super::facts::Facts;
use crate::person::ledger::{Ledger, Standing};
use crate::reach::{Means, plan};
use crate::reminder::{Attempt, Push, Reminder, State};

/// More credits than this are enough for all pushes of a minute.
const FEW: u32 = 3;
/// How long a later push waits before it looks again; an earlier one that is looked at by then goes first.
pub(super) const WAIT: SignedDuration = SignedDuration::from_secs(60);
/// A push that should have been looked at longer ago is not waited for: it was forgotten, and the sweep is late.
const OVERDUE: SignedDuration = SignedDuration::from_mins(3);

/// Whether the attempt would take one of a few credits, so that the user's other pushes matter; and there is time to wait.
pub(super) fn takes_one_of_few(attempt: &Attempt, facts: &Facts<'_>) -> bool {
    let in_time = facts.now + WAIT < facts.last_call();
    in_time && best_left(attempt, facts).is_some_and(|(_, left)| left <= FEW)
}

/// Whether all that is left of the surest credits is promised to earlier pushes that are about to take it. `others`: the
/// user's reminders.
pub(super) fn gives_precedence(attempt: &Attempt, facts: &Facts<'_>, others: &[Reminder]) -> bool {
    let Some((ledger, left)) = best_left(attempt, facts) else { return false };
    let ours = order(facts.push, facts.reminder);
    let others = others.iter().filter(|other| other.id != facts.reminder.id && other.is_open(facts.now));
    let earlier = others.flat_map(|other| other.pushes.iter().map(move |push| (push, other)));
    let earlier = earlier
        .filter(|(push, other)| order(push, other) < ours)
        .filter(|(push, other)| is_about_to_take(push, other, attempt, ledger, facts));
    u32::try_from(earlier.count()).unwrap_or(u32::MAX) >= left
}

/// As coverage promises.
fn order<'a>(push: &Push, reminder: &'a Reminder) -> (Timestamp, Timestamp, &'a str) {
    (push.fires_at, reminder.created_at, &reminder.id)
}

/// The ledger that the attempt takes a credit of its own from, and how many of the surest there are.
fn best_left<'a>(attempt: &Attempt, facts: &Facts<'a>) -> Option<(&'a Ledger, u32)> {
    let template_id = attempt.one_time_template.as_deref().filter(|_| attempt.credit.is_none())?;
    let ledger = facts.user?.ledger_of(template_id)?;
    let left = Standing::ALL.into_iter().map(|standing| ledger.left(standing)).find(|left| *left > 0)?;
    Some((ledger, left))
}

fn is_about_to_take(
    push: &Push,
    reminder: &Reminder,
    attempt: &Attempt,
    ledger: &Ledger,
    facts: &Facts<'_>,
) -> bool {
    let ours = attempt.one_time_template.as_deref();
    match &push.state {
        State::Scheduled { wakes_at: at } | State::Retrying { at } => {
            let is_soon = (facts.now - OVERDUE..=facts.now + WAIT).contains(at);
            is_soon && next_template(push, reminder, facts).as_deref() == ours
        }
        // It has begun; perhaps it has not taken its credit yet.
        State::Sending { attempt: theirs, .. } => {
            let is_under_way = facts.now < theirs.lease_ends();
            is_under_way
                && theirs.one_time_template.as_deref() == ours
                && !ledger.holds(theirs.credit_cause())
        }
        _ => false,
    }
}

/// The template whose prompt the push would be sent on now.
fn next_template(push: &Push, reminder: &Reminder, facts: &Facts<'_>) -> Option<String> {
    let template = facts.settings.templates.get(&reminder.content.template)?;
    let routes = plan(facts.user?, push, template, facts.service_account).routes;
    match routes.into_iter().next()?.means {
        Means::Accepts { template_id, .. } => Some(template_id),
        Means::Follows | Means::Blocked | Means::LongTerm(_) => None,
    }
}

#[cfg(test)]
mod tests;
