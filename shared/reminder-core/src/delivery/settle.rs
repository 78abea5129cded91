//! What the outcome of an attempt means for its push, the ledger and the owner: the one place where error classes become
//! decisions (docs/design.md §4). Pure.

use jiff::{SignedDuration, Timestamp};
use wechat::{ErrClass, ErrCode, Refusal};

use super::backoff::{self, Pauses};
use super::evidence::{EVIDENCE_AFTER, Noted};
use super::facts::{Facts, Repeat};
use super::send::Outcome;
use crate::channel::{Channel, Need};
use crate::person::ledger::{CreditChange, Standing};
use crate::reminder::{Attempt, Ending, LOOK_AFTER, REPEATABLE_FOR, Rest, ahead, taken_as};

/// A passing trouble that does not pass: from then on another channel is better than waiting.
const PATIENCE: u32 = 3;
/// Rather on another channel than to wait longer.
const LONG_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// How soon a repeat that WeChat makes harmless is sent.
const REPEAT_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// So long WeChat takes no equal message for the same user (40241, docs/wechat.md §10.3).
const DUPLICATE_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// How an attempt ends, and what is learnt of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settlement {
    pub(super) ending: Ending,
    pub(super) credit: CreditChange,
    pub(super) learnt: Option<Learnt>,
    /// WeChat does not allow the words of the message on this channel.
    pub(super) words_refused: bool,
    /// When this channel is to be asked again, though another one is tried now.
    pub(super) again_at: Option<Timestamp>,
    /// Somebody should look at it.
    pub(super) alarm: bool,
    pub(super) detail: String,
    /// WeChat's own words, for the operator.
    pub(super) errmsg: String,
}

/// What WeChat says of the follower, for this push and all later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Learnt {
    /// They do not follow (43004).
    Unfollowed,
    /// They switched the account's messages of this template off (43101, docs/wechat.md §10.3).
    Refuses,
}

/// What an answer means by itself, before anybody asks what else could be tried.
struct Ruling {
    verdict: Verdict,
    credit: CreditChange,
    learnt: Option<Learnt>,
    words_refused: bool,
    alarm: bool,
    detail: String,
}

enum Verdict {
    Sent,
    /// The channel is out.
    Refused,
    /// Definitely not sent. Again at this moment, if that is before the expiry; `fallback`: rather on another channel
    /// now, if there is one, even if the wait is short.
    Later {
        at: Option<Timestamp>,
        fallback: bool,
    },
    /// Nobody knows. `answered`: WeChat said something, only not that.
    Look {
        at: Timestamp,
        answered: bool,
    },
}

/// Whether the outcome says that the message, or the one that it repeats, was taken without saying which it was.
pub(super) fn was_taken_unnamed(attempt: &Attempt, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Sent { msgid } => msgid.is_none(),
        Outcome::Refused(refusal) => proves_the_first(attempt, refusal),
        _ => false,
    }
}

/// Whether the refusal of a repeat says that the attempt before it was sent.
fn proves_the_first(attempt: &Attempt, refusal: &Refusal) -> bool {
    match refusal.errcode {
        // "No credit", on the credit of the attempt it repeats: that one used it. Where none is needed, it says nothing.
        ErrCode::USER_REFUSES => attempt.credit.is_some() && attempt.one_time_template.is_some(),
        // Later than that, WeChat means an equal message of another push.
        ErrCode::DUPLICATE_WITHIN_A_MINUTE => {
            attempt.is_repeat() && attempt.started_at.duration_since(attempt.began()) <= DUPLICATE_WITHIN
        }
        _ => false,
    }
}

/// `noted`: what is known by now of the message that WeChat took.
pub(super) fn settle(
    attempt: &Attempt,
    outcome: &Outcome,
    noted: Option<Noted>,
    facts: &Facts<'_>,
) -> Settlement {
    let ruling = rule(attempt, outcome, facts);
    let again_at = match ruling.verdict {
        Verdict::Later { at, .. } => at,
        _ => None,
    };
    // What the ledger, the follow flag or time will tell need not be remembered against the channel.
    let keep_channel = again_at.is_some()
        || ruling.learnt == Some(Learnt::Unfollowed)
        || ruling.credit == CreditChange::Exhausted
        || matches!(outcome, Outcome::NoCredit);
    let proves_the_first = matches!(outcome, Outcome::Refused(refusal) if proves_the_first(attempt, refusal));
    let ending = match ruling.verdict {
        Verdict::Sent => sent(noted),
        // 43101, on its credit: what it repeats was sent, unless its receipt never comes though it would have.
        _ if proves_the_first && noted.is_none() => {
            Ending::Denied { look_at: attempt.started_at + EVIDENCE_AFTER }
        }
        _ if proves_the_first => sent(noted),
        // A refusal of a repeat says nothing about the attempt it repeats.
        Verdict::Refused | Verdict::Later { .. } if attempt.is_repeat() => match again_at {
            Some(look_at) => Ending::NotRepeated { look_at },
            None => Ending::Wait { look_at: ahead(attempt.started_at + LOOK_AFTER, facts.now) },
        },
        Verdict::Look { at, answered } => Ending::Unresolved { look_at: at, answered },
        Verdict::Refused => elsewhere(attempt, outcome, None, keep_channel, facts),
        Verdict::Later { at: Some(at), fallback: false } if at.duration_since(facts.now) <= LONG_WAIT => {
            retry(at, keep_channel, facts)
        }
        Verdict::Later { at, .. } => elsewhere(attempt, outcome, at, keep_channel, facts),
    };
    let Ruling { credit, learnt, words_refused, alarm, detail, .. } = ruling;
    let errmsg = match outcome {
        Outcome::Refused(refusal) => refusal.errmsg.clone(),
        Outcome::NoToken { errmsg, .. } => errmsg.clone(),
        _ => String::new(),
    };
    Settlement { ending, credit, learnt, words_refused, again_at, alarm, detail, errmsg }
}

fn sent(noted: Option<Noted>) -> Ending {
    let (msgid, receipt) = noted.map_or((None, None), |noted| (Some(noted.msgid), noted.receipt));
    Ending::Sent { msgid, receipt }
}

/// On this channel again, or on one that this run tried before, whichever comes first.
fn retry(at: Timestamp, keep_channel: bool, facts: &Facts<'_>) -> Ending {
    Ending::Retry { at: facts.tried.again_at.map_or(at, |earlier| earlier.min(at)), keep_channel }
}

/// On the next channel now; without time left in this run, in the next one, and after the quiet hours, if they have come;
/// without a channel, when one that gave way is to be asked again.
fn elsewhere(
    attempt: &Attempt,
    outcome: &Outcome,
    again_at: Option<Timestamp>,
    keep_channel: bool,
    facts: &Facts<'_>,
) -> Ending {
    let routes = facts.plan().map(|plan| plan.routes).unwrap_or_default();
    let next = routes.iter().find(|route| route.channel != attempt.channel);
    match next {
        Some(route) if facts.may_send() && facts.may_go_on() => {
            Ending::Fallback { attempt: facts.attempt(route.channel, Repeat::No), keep_channel }
        }
        Some(_) => Ending::Retry { at: facts.soon().unwrap_or(ahead(facts.now, facts.now)), keep_channel },
        None => match again_at.into_iter().chain(facts.tried.again_at).min() {
            Some(at) => Ending::Retry { at, keep_channel },
            None => Ending::Undeliverable { refused: !keep_channel, rest: rest(outcome) },
        },
    }
}

/// What would have to change.
fn rest(outcome: &Outcome) -> Rest {
    match outcome {
        Outcome::Unfit(_) => Rest::Unfit,
        Outcome::Refused(refusal) if matches!(refusal.class(), ErrClass::Content | ErrClass::Bug) => {
            Rest::Unfit
        }
        _ => Rest::Unreachable,
    }
}

fn rule(attempt: &Attempt, outcome: &Outcome, facts: &Facts<'_>) -> Ruling {
    let channel = attempt.channel;
    let ruling = |verdict, credit, detail: String| Ruling {
        verdict,
        credit,
        learnt: None,
        words_refused: false,
        alarm: false,
        detail: format!("{channel}: {detail}"),
    };
    match outcome {
        Outcome::Sent { msgid } => ruling(Verdict::Sent, CreditChange::Keep, taken_as(msgid.as_ref())),
        Outcome::Refused(refusal) => rule_refusal(attempt, refusal, facts),
        Outcome::Unknown { reason, answered } => ruling(
            Verdict::Look { at: look_at(attempt, facts), answered: *answered },
            CreditChange::Keep,
            format!("nobody knows whether it was sent ({reason})"),
        ),
        Outcome::NotSent(reason) => {
            ruling(later(backoff::USUAL, facts), CreditChange::Release, format!("not sent ({reason})"))
        }
        Outcome::NoToken { reason, config, .. } => {
            let pauses = if *config { backoff::NO_TOKEN } else { backoff::USUAL };
            let ruling = ruling(later(pauses, facts), CreditChange::Release, reason.clone());
            Ruling { alarm: *config, ..ruling }
        }
        Outcome::NoCredit => {
            ruling(Verdict::Refused, CreditChange::Keep, "no accepted prompt is left".to_owned())
        }
        Outcome::Unfit(why) => Ruling {
            alarm: true,
            ..ruling(Verdict::Refused, CreditChange::Release, format!("cannot be made: {why}"))
        },
    }
}

fn rule_refusal(attempt: &Attempt, refusal: &Refusal, facts: &Facts<'_>) -> Ruling {
    let channel = attempt.channel;
    let mut detail = format!("{channel}: {}", refusal.told());
    if let Some(keyword) = refusal.keyword() {
        detail = format!("{detail} ({keyword})");
    }
    let mut ruling = Ruling {
        verdict: Verdict::Refused,
        credit: CreditChange::Release,
        learnt: None,
        words_refused: false,
        alarm: false,
        detail,
    };
    if !rule_by_code(&mut ruling, attempt, refusal, facts) {
        rule_by_class(&mut ruling, attempt, refusal, facts);
    }
    ruling
}

/// The codes that mean more than their class. Says whether this is one of them.
fn rule_by_code(ruling: &mut Ruling, attempt: &Attempt, refusal: &Refusal, facts: &Facts<'_>) -> bool {
    let channel = attempt.channel;
    match refusal.errcode {
        ErrCode::DUPLICATE_WITHIN_A_MINUTE if proves_the_first(attempt, refusal) => {
            ruling.verdict = Verdict::Sent;
            ruling.credit = CreditChange::Keep;
        }
        ErrCode::DUPLICATE_WITHIN_A_MINUTE => ruling.verdict = later(backoff::DUPLICATE, facts),
        // Another message to this user was under way: it was not taken.
        ErrCode::CONCURRENT_SENDS => ruling.verdict = later(backoff::USUAL, facts),
        // It is the user who was sent too much on this channel, and that lasts.
        ErrCode::TOO_FREQUENT_TO_USER => {
            ruling.verdict = Verdict::Later { at: facts.after(backoff::USER), fallback: true };
        }
        ErrCode::REQUIRE_SUBSCRIBE | ErrCode::USER_UNSUBSCRIBED => {
            ruling.learnt = (channel.need() == Need::Follow).then_some(Learnt::Unfollowed);
        }
        ErrCode::USER_REFUSES if channel.need() == Need::Follow => ruling.learnt = Some(Learnt::Refuses),
        ErrCode::USER_REFUSES => {
            ruling.credit = CreditChange::Exhausted;
            ruling.verdict = after_denial(attempt, facts);
        }
        // On another channel, where the words may be allowed; else here without them, once.
        ErrCode::SENSITIVE_WORDS | ErrCode::TEMPLATE_MESSAGE_BLOCKED
            if !facts.push.wordless.contains(&channel) =>
        {
            ruling.verdict = Verdict::Later { at: facts.soon(), fallback: true };
            ruling.words_refused = true;
            ruling.alarm = true;
        }
        ErrCode::ARGUMENT_INVALID if is_of_the_mapping(channel, refusal, facts) => {
            only_the_owner_mends_it(ruling, facts);
        }
        _ => return false,
    }
    true
}

/// What the ledger has left is worth another attempt: at once what was accepted meanwhile, later what WeChat's own events told
/// of and it denies.
fn after_denial(attempt: &Attempt, facts: &Facts<'_>) -> Verdict {
    match facts.left_after_denial(attempt) {
        Some(Standing::Confirmed | Standing::Reported) => Verdict::Later { at: facts.soon(), fallback: true },
        Some(Standing::Uncertain) => Verdict::Later { at: facts.after(backoff::DENIED), fallback: true },
        None => Verdict::Refused,
    }
}

fn rule_by_class(ruling: &mut Ruling, attempt: &Attempt, refusal: &Refusal, facts: &Facts<'_>) {
    match refusal.class() {
        // Busy is no answer: it may have been sent.
        ErrClass::Retry => {
            ruling.verdict = Verdict::Look { at: look_at(attempt, facts), answered: true };
            ruling.credit = CreditChange::Keep;
        }
        ErrClass::Rate => ruling.verdict = later(backoff::RATE, facts),
        ErrClass::Token => ruling.verdict = later(backoff::USUAL, facts),
        ErrClass::Quota => {
            let reset = facts.after_quota_reset();
            // Too late for the item: whatever is left is used, and the owner may clear the quota.
            let at = reset.or_else(|| facts.after(backoff::CLEARED));
            ruling.verdict = Verdict::Later { at, fallback: reset.is_none() };
            ruling.alarm = true;
        }
        ErrClass::Recipient => {}
        ErrClass::Content | ErrClass::Bug => ruling.alarm = true,
        // Set up wrongly; or not known, or not expected of a send: somebody has to look what it means.
        _ => only_the_owner_mends_it(ruling, facts),
    }
}

fn only_the_owner_mends_it(ruling: &mut Ruling, facts: &Facts<'_>) {
    ruling.verdict = Verdict::Later { at: facts.after(backoff::CONFIGURATION), fallback: true };
    ruling.alarm = true;
}

/// 47003 for a keyword that the settings do not fill: the template was changed in WeChat's console, and no other words of
/// the user would help. No value of ours is empty.
fn is_of_the_mapping(channel: Channel, refusal: &Refusal, facts: &Facts<'_>) -> bool {
    refusal.says_empty() || refusal.keyword().is_some_and(|keyword| !facts.fills(channel, keyword))
}

fn later(pauses: Pauses, facts: &Facts<'_>) -> Verdict {
    Verdict::Later { at: facts.after(pauses), fallback: facts.push.attempts >= PATIENCE }
}

/// When to look at an attempt that nobody knows the outcome of: soon, where it can be repeated harmlessly.
fn look_at(attempt: &Attempt, facts: &Facts<'_>) -> Timestamp {
    // A schedule fires up to a minute late.
    let repeats_in = facts.since_first_template_attempt(attempt) + REPEAT_AFTER + REPEAT_AFTER;
    match attempt.channel.is_idempotent() && repeats_in < REPEATABLE_FOR {
        true => facts.now + REPEAT_AFTER,
        false => attempt.started_at + LOOK_AFTER,
    }
}

#[cfg(test)]
mod tests;
