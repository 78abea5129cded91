//! What to do about an attempt that nobody knows the outcome of: its receipt is looked for, the message repeated where
//! WeChat makes that harmless, and in the end the settings decide. Pure.
//!
//! Never another channel: that could tell the user twice.

use jiff::{SignedDuration, Timestamp};

use super::backoff;
use super::evidence::{EVIDENCE_AFTER, Evidence, Noted};
use super::facts::{Facts, Repeat};
use crate::account::Account;
use crate::receipt::Receipt;
use crate::reminder::{Attempt, LOOK_AFTER, REPEATABLE_FOR, ahead};
use crate::settings::{CreditSource, OnUnknown};

/// A receipt this young may still be waiting for the answer of its own send.
pub(super) const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Harmless repeats follow each other within minutes until a push has had so many attempts; then pauses grow.
const PROMPT_REPEATS: u32 = 12;
/// Attempts so close to each other stand between the same callbacks.
const ONE_SPAN: SignedDuration = SignedDuration::from_mins(10);
/// A receipt is dated within so much of its message.
const NEAR: SignedDuration = SignedDuration::from_secs(60);
/// An answer that never came is asked for so often, at the risk of a second message.
const LOST_REPEATS_MAX: u32 = 2;
/// So many 43101s, hours apart, are believed.
const DENIALS_MAX: u32 = 2;
const DENIED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(3);
const LOOKING: &str = "its receipt is looked for";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolution {
    /// It was sent.
    Sent(Noted),
    /// This receipt is its own, if nobody else takes it first.
    Take(Receipt),
    /// It was never sent: back to where the push was before it, and again at this moment.
    Retry { at: Timestamp, why: &'static str },
    /// WeChat did not take it: its receipt would have come. Again at this moment, as another message.
    NotTaken { at: Timestamp },
    /// Its credit was used, and nothing says that it was not sent.
    Used,
    /// Once more on its own channel. `uncertain`: the credit of the attempt before may still be WeChat's.
    Repeat { attempt: Attempt, why: String, uncertain: bool },
    /// Too early to tell.
    Wait { at: Timestamp, why: &'static str },
    /// Nothing more can be said without evidence.
    Gather { others_matter: bool },
    /// Before it is given up, whatever receipt comes must be able to find it.
    Announce,
    /// Nobody will ever know.
    Unknown,
}

/// Called when the time to look has come.
pub(super) fn resolve(attempt: &Attempt, evidence: Option<&Evidence>, facts: &Facts<'_>) -> Resolution {
    let Some(evidence) = evidence else { return before_evidence(attempt, facts) };
    match find(attempt, evidence, facts, SETTLED_AFTER) {
        Search::Noted(noted) => return Resolution::Sent(noted),
        Search::Unmatched(receipt) => return Resolution::Take(receipt),
        Search::TooYoung if !evidence.announced => {
            return Resolution::Wait { at: facts.now + SETTLED_AFTER, why: LOOKING };
        }
        Search::TooYoung | Search::Nothing => {}
    }
    if evidence.announced {
        return Resolution::Unknown;
    }
    if attempt.denials > 0 {
        return after_denial(attempt, evidence, facts);
    }
    let repeat = match repeat_on_the_last_credit(attempt, evidence, facts) {
        Some(repeat) if facts.push.attempts < PROMPT_REPEATS => Some((facts.now, repeat)),
        _ if facts.now < attempt.started_at + EVIDENCE_AFTER => {
            return wait(facts, attempt.started_at + EVIDENCE_AFTER, LOOKING);
        }
        _ if was_not_taken(attempt, evidence) => {
            return Resolution::NotTaken { at: facts.after_silence() };
        }
        Some(repeat) => facts.repeat_at(attempt, facts.push.attempts - PROMPT_REPEATS).map(|at| (at, repeat)),
        None => repeat_as_settings_ask(attempt, facts),
    };
    let Some((at, repeat)) = repeat else { return Resolution::Announce };
    if !facts.is_time(at) {
        return wait(facts, at, LOOKING);
    }
    match facts.quiet_end(facts.now) {
        Some(end) => wait(facts, end, "it is repeated after the quiet hours"),
        None => repeat,
    }
}

/// Never less than a minute: by a clock that is a little behind, what it is woken for has not come yet, and a push that is due
/// is looked at again at once.
fn wait(facts: &Facts<'_>, at: Timestamp, why: &'static str) -> Resolution {
    Resolution::Wait { at: ahead(at, facts.now), why }
}

/// WeChat says that the credit is gone. Silence where its receipt would have come says that no message used it: WeChat may
/// have been wrong, or the user took the credit back.
fn after_denial(attempt: &Attempt, evidence: &Evidence, facts: &Facts<'_>) -> Resolution {
    let judged_at = attempt.started_at + EVIDENCE_AFTER;
    if facts.now < judged_at {
        return wait(facts, judged_at, LOOKING);
    }
    if !was_not_taken(attempt, evidence) {
        return repeat_after_denial(attempt, facts).unwrap_or(Resolution::Used);
    }
    let elsewhere = facts.plan().is_ok_and(|plan| plan.routes.iter().any(|route| route.means.is_sure()));
    let later = facts.after(backoff::DENIED).filter(|_| !elsewhere);
    Resolution::NotTaken { at: later.unwrap_or_else(|| facts.after_silence()) }
}

/// Once, hours later: if its credit was used, another 43101 does no harm.
fn repeat_after_denial(attempt: &Attempt, facts: &Facts<'_>) -> Option<Resolution> {
    let (template_id, user) = (attempt.one_time_template.as_ref()?, facts.user?);
    let accepted_since =
        user.ledger_of(template_id).is_some_and(|ledger| ledger.accepted_since(attempt.began()));
    if attempt.denials >= DENIALS_MAX || accepted_since || !facts.is_open() {
        return None;
    }
    let later = attempt.started_at + DENIED_AGAIN_AFTER;
    let at = facts.quiet_end(later).unwrap_or(later);
    if at >= facts.last_call() {
        return None;
    }
    Some(match facts.is_time(at) {
        true => Resolution::Repeat {
            attempt: facts.attempt(attempt.channel, Repeat::Harmless(attempt)),
            why: "repeated, in case WeChat denied its credit by mistake".to_owned(),
            uncertain: false,
        },
        false => wait(facts, at, LOOKING),
    })
}

/// WeChat sends a receipt for whatever it took, within seconds. Callbacks worked around the attempt, and around every one
/// that it repeats; nothing of ours failed meanwhile; and no receipt came that could be one of theirs.
fn was_not_taken(attempt: &Attempt, evidence: &Evidence) -> bool {
    let Some(minutes) = &evidence.minutes else { return false };
    let worked = |(first, last)| minutes.worked_around(attempt.channel, first, last);
    !evidence.has_unmatched && spans(attempt.starts()).into_iter().all(worked)
}

/// Attempts that follow each other within minutes are judged as one.
fn spans(starts: impl Iterator<Item = Timestamp>) -> Vec<(Timestamp, Timestamp)> {
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for at in starts {
        match spans.last_mut() {
            Some((first, last)) if at.duration_since(*first) <= ONE_SPAN => *last = at,
            _ => spans.push((at, at)),
        }
    }
    spans
}

fn before_evidence(attempt: &Attempt, facts: &Facts<'_>) -> Resolution {
    let is_remembered = facts.since_first_template_attempt(attempt) < REPEATABLE_FOR;
    // It drops the repeat of a message to the same openid only.
    if attempt.channel.is_idempotent() && facts.is_open() && is_remembered && goes_to_the_same(attempt, facts)
    {
        return Resolution::Repeat {
            attempt: facts.attempt(attempt.channel, Repeat::Harmless(attempt)),
            why: "repeated with the same client_msg_id".to_owned(),
            uncertain: false,
        };
    }
    if was_never_sent(attempt, facts) {
        let at = facts.quiet_end(facts.now).unwrap_or(facts.now);
        return Resolution::Retry { at, why: "the attempt was lost before it was sent" };
    }
    let look_at = attempt.started_at + LOOK_AFTER;
    if facts.now < look_at {
        return wait(facts, look_at, LOOKING);
    }
    Resolution::Gather { others_matter: facts.is_open() && may_rest_on_the_last_credit(attempt, facts) }
}

/// A one-time credit is reserved before anything is sent: an attempt without reservation never got that far.
fn was_never_sent(attempt: &Attempt, facts: &Facts<'_>) -> bool {
    let (Some(template_id), Some(user)) = (&attempt.one_time_template, facts.user) else { return false };
    // Of a repeat, an earlier attempt may have been sent; and the credits of another follower tell nothing of it.
    !attempt.is_repeat()
        && goes_to_the_same(attempt, facts)
        && user.ledger_of(template_id).is_some_and(|ledger| !ledger.holds(&attempt.id))
}

/// The user's follower is still the one whom it was sent to.
fn goes_to_the_same(attempt: &Attempt, facts: &Facts<'_>) -> bool {
    attempt.follower.as_ref() == facts.follower(attempt.channel)
}

/// If any attempt so far was sent, WeChat refuses this one with 43101.
fn repeat_on_the_last_credit(
    attempt: &Attempt,
    evidence: &Evidence,
    facts: &Facts<'_>,
) -> Option<Resolution> {
    let harmless =
        facts.is_open() && may_rest_on_the_last_credit(attempt, facts) && evidence.others.is_empty();
    harmless.then(|| Resolution::Repeat {
        attempt: facts.attempt(attempt.channel, Repeat::Harmless(attempt)),
        why: "repeated on the user's last credit".to_owned(),
        uncertain: false,
    })
}

/// Once more on its own channel, and when: an answer that says nothing is followed by another attempt until the item
/// expires, one that never came by two at most.
fn repeat_as_settings_ask(attempt: &Attempt, facts: &Facts<'_>) -> Option<(Timestamp, Resolution)> {
    let is_worth_it = attempt.answered || facts.push.lost_repeats < LOST_REPEATS_MAX;
    if !facts.is_open() || facts.settings.on_unknown != OnUnknown::Repeat || !is_worth_it {
        return None;
    }
    let at = facts.repeat_at(attempt, facts.push.asked_repeats)?;
    let channel = attempt.channel;
    // On a credit that WeChat may not have, a lost answer would be repeated for another message's sake.
    let mut routes = facts.plan().ok()?.routes.into_iter();
    let route =
        routes.find(|route| route.channel == channel && (attempt.answered || route.means.is_sure()))?;
    let repeat = Resolution::Repeat {
        attempt: facts.attempt(channel, Repeat::AsSettingsAsk(attempt)),
        why: format!("no receipt came; once more, as the settings ask ({})", route.means.why()),
        uncertain: true,
    };
    Some((at, repeat))
}

/// The attempt took the user's last credit, and nothing was accepted since. Whether another attempt may have left its own
/// with WeChat is asked apart.
fn may_rest_on_the_last_credit(attempt: &Attempt, facts: &Facts<'_>) -> bool {
    // What only the mini program reports may not be true, and 43101 then proves nothing.
    let counts_events = facts.settings.credit_source == CreditSource::Events;
    let (Some(template_id), Some(user)) = (&attempt.one_time_template, facts.user) else { return false };
    let is_still_its_template =
        facts.subscription(attempt.channel).is_some_and(|own| own.template_id == *template_id);
    attempt.channel.account() == Account::MiniProgram
        && counts_events
        && is_still_its_template
        && user
            .ledger_of(template_id)
            .is_some_and(|ledger| ledger.is_last(attempt.credit_cause(), attempt.began()))
}

/// What the evidence says of the attempt's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    Noted(Noted),
    Unmatched(Receipt),
    TooYoung,
    Nothing,
}

/// The receipt of the one may be that of the other.
fn are_near(attempt: &Attempt, other: &Attempt) -> bool {
    attempt.began().duration_since(other.began()).abs() <= NEAR
}

/// What was noted of this very attempt; else an unmatched receipt that has waited for `settled_after`.
pub(super) fn find(
    attempt: &Attempt,
    evidence: &Evidence,
    facts: &Facts<'_>,
    settled_after: SignedDuration,
) -> Search {
    if let Some(noted) = &evidence.noted {
        return Search::Noted(noted.clone());
    }
    // No receipt says whose it is: each goes to the open attempt that began last before it; but to none of several that
    // began at about the same time, unless there is one for each of them.
    let (near, others): (Vec<&Attempt>, Vec<&Attempt>) =
        evidence.others.iter().partition(|other| are_near(attempt, other));
    let is_another_s = |receipt: &&Receipt| {
        others.iter().any(|other| {
            other.began() > attempt.began() && receipt.create_time.as_second() >= other.began().as_second()
        })
    };
    let theirs = || evidence.unmatched.iter().filter(|receipt| !is_another_s(receipt));
    if theirs().count() <= near.len() {
        return Search::Nothing;
    }
    let mut found = Search::Nothing;
    for receipt in theirs() {
        if facts.now.duration_since(receipt.received_at) >= settled_after {
            return Search::Unmatched(receipt.clone());
        }
        found = Search::TooYoung;
    }
    found
}

#[cfg(test)]
mod tests;
