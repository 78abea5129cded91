//! Every way a reminder changes, each a pure function that repeats harmlessly: a settle only acts on the attempt it
//! belongs to, so a run that was overtaken leaves a line in the timeline and nothing else.

use jiff::Timestamp;
use thiserror::Error;

use super::content::{Content, PlannedPush};
use super::ending::{Ending, Over};
use super::push::{Rest, State};
use super::timeline::{EventName, What, Why};
use super::{Attempt, Push, Reminder, Said, Status, ahead};
use crate::receipt::Outcome;

/// Why an attempt may not begin now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BeginError {
    #[error("this push belongs to an earlier revision")]
    Stale,
    #[error("it is final")]
    Final,
    #[error("another run is sending it")]
    Leased,
    #[error("its outcome is being looked for")]
    Unresolved,
    #[error("it is not due before {0}")]
    NotDue(Timestamp),
    #[error("the reminder is done, deleted or expired")]
    Over,
}

impl Reminder {
    /// Begins an attempt: the point of no return. Repeating it with the same attempt is harmless.
    pub fn begin(
        &mut self,
        revision: u64,
        n: u8,
        attempt: &Attempt,
        why: &Why,
        now: Timestamp,
    ) -> Result<(), BeginError> {
        let is_open = self.is_open(now);
        let push = self.push_mut(revision, n).ok_or(BeginError::Stale)?;
        if push.is_pending()
            && let Some(due) = push.due_at().filter(|_| !push.is_due(now))
        {
            return Err(BeginError::NotDue(due));
        }
        match &push.state {
            State::Sending { attempt: held, .. } if held.id == attempt.id => return Ok(()),
            State::Sending { .. } => return Err(BeginError::Leased),
            State::Unresolved { attempt: held, .. }
                if attempt.repeats.last().is_none_or(|last| last.id != held.id) =>
            {
                return Err(BeginError::Unresolved);
            }
            State::Scheduled { .. } | State::Retrying { .. } | State::Unresolved { .. } => {}
            _ => return Err(BeginError::Final),
        }
        if !is_open {
            return Err(BeginError::Over);
        }
        if attempt.as_settings_ask {
            let was_lost = push.attempt().is_some_and(|held| !held.answered);
            push.asked_repeats += 1;
            push.lost_repeats += u32::from(was_lost);
        }
        push.hold(attempt.clone(), now);
        self.timeline.note(now, Some(n), What::Claimed { channel: attempt.channel, why: why.clone() });
        Ok(())
    }

    /// Settles the attempt `attempt_id`. Says whether it was still this attempt's to settle.
    pub fn settle(
        &mut self,
        revision: u64,
        n: u8,
        attempt_id: &str,
        ending: &Ending,
        said: Said<'_>,
        now: Timestamp,
    ) -> bool {
        let Said { detail, errmsg } = said;
        let over = self.over(now);
        let ends_at = self.ends_at();
        let Some(push) = self.push_mut(revision, n) else {
            let note = format!("of revision {revision}: {detail}");
            self.timeline.add_with(now, Some(n), ending.event(), note, errmsg);
            return false;
        };
        let Some(attempt) = push.attempt().filter(|attempt| attempt.id == attempt_id).cloned() else {
            return false;
        };
        let channel = attempt.channel;
        push.end_attempt(attempt, ending, detail, over.as_ref(), ends_at, now);
        let words = match ending {
            Ending::Retry { at, .. } | Ending::NotTaken { at } if over.is_none() && *at < ends_at => {
                format!("{detail}; again at {}", self.content.local(*at))
            }
            _ => detail.to_owned(),
        };
        match ending {
            Ending::Sent { msgid: Some(msgid), .. } => {
                self.timeline.note(now, Some(n), What::sent(channel, msgid, detail));
            }
            _ => self.timeline.add_with(now, Some(n), ending.event(), words, errmsg),
        }
        match ending {
            Ending::Fallback { attempt, .. } if over.is_none() => {
                let why = Why::from("next channel");
                self.timeline.note(now, Some(n), What::Claimed { channel: attempt.channel, why });
            }
            Ending::Sent { receipt, .. } => match receipt {
                Some(outcome) => drop(self.receive(revision, n, attempt_id, outcome, now)),
                None => self.skip_what_is_told(now),
            },
            _ => {}
        }
        true
    }

    /// No channel can reach the user: said of a push that nobody has begun to send.
    pub fn give_up(&mut self, revision: u64, n: u8, reason: &str, rest: Rest, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n).filter(|push| push.is_pending()) else { return false };
        push.reason = Some(reason.to_owned());
        push.state = State::Undeliverable { at: now, rest };
        self.timeline.add(now, Some(n), EventName::Undeliverable, reason);
        true
    }

    /// Nobody has begun to send it and it has to wait: quiet hours, or a cause that will pass.
    pub fn postpone(&mut self, revision: u64, n: u8, at: Timestamp, reason: &str, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n).filter(|push| push.is_pending()) else { return false };
        push.reason = Some(reason.to_owned());
        push.state = State::Retrying { at };
        let again = self.content.local(at);
        self.timeline.add(now, Some(n), EventName::Postponed, format!("{reason}; again at {again}"));
        true
    }

    /// What made a push rest has changed, says `cause`: it is tried again at this moment, on whatever channel is open then.
    /// `even_unknown`: also one that may have been sent.
    pub fn arm(
        &mut self,
        revision: u64,
        n: u8,
        at: Timestamp,
        cause: &str,
        even_unknown: bool,
        now: Timestamp,
    ) -> bool {
        let is_open = self.is_open(now);
        let Some(push) = self.push_mut(revision, n).filter(|_| is_open) else { return false };
        match push.state {
            State::Undeliverable { rest: Rest::Unreachable | Rest::Unfit, .. } => {}
            State::Unknown { .. } if even_unknown => {}
            _ => return false,
        }
        push.refused.clear();
        push.becomes_another_message();
        push.retry(at, cause);
        let again = self.content.local(at);
        self.timeline.add(now, Some(n), EventName::Armed, format!("{cause}; again at {again}"));
        true
    }

    /// One push was sent: what it tells need not be told again by those whose moment has passed and that certainly were
    /// not.
    fn skip_what_is_told(&mut self, now: Timestamp) {
        let is_passed = |push: &Push| {
            let waits = push.is_pending() || matches!(push.state, State::Undeliverable { .. });
            waits && push.fires_at <= now
        };
        for index in 0..self.pushes.len() {
            if is_passed(&self.pushes[index]) {
                let push = &mut self.pushes[index];
                push.is_told_by_another();
                let n = push.n;
                self.timeline.add(now, Some(n), EventName::Skipped, "another push told it already");
            }
        }
    }

    /// An earlier push of the user's goes first. Whoever chose its moment, this one only waits.
    pub fn give_precedence(&mut self, revision: u64, n: u8, until: Timestamp, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n).filter(|push| push.is_pending()) else { return false };
        push.wait_until(until);
        let again = self.content.local(until);
        self.timeline.add(
            now,
            Some(n),
            EventName::Postponed,
            format!("an earlier push goes first; again at {again}"),
        );
        true
    }

    /// An attempt whose lease ran out: nobody knows what its channel did.
    pub fn abandon(&mut self, revision: u64, n: u8, look_at: Timestamp, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n) else { return false };
        let State::Sending { attempt, .. } = &push.state else { return false };
        if now < attempt.lease_ends() {
            return false;
        }
        let attempt = Attempt { answered: false, ..attempt.clone() };
        push.state = State::Unresolved { attempt, look_at };
        self.timeline.add(
            now,
            Some(n),
            EventName::Abandoned,
            "the run that was sending it did not come back",
        );
        true
    }

    /// A receipt came that may be of an attempt under way, to which WeChat's answer is not here yet: who settles that looks
    /// for the receipt. Says whether there is such an attempt.
    pub fn hear(&mut self, may_be_its_own: impl Fn(&Attempt) -> bool) -> bool {
        let mut heard = false;
        for push in &mut self.pushes {
            if matches!(&push.state, State::Sending { attempt, .. } if may_be_its_own(attempt)) {
                push.heard += 1;
                heard = true;
            }
        }
        heard
    }

    /// What WeChat reports of an attempt, now or long after. Says whether it is news.
    pub(crate) fn receive(
        &mut self,
        revision: u64,
        n: u8,
        attempt_id: &str,
        outcome: &Outcome,
        now: Timestamp,
    ) -> bool {
        let at = now + RETRY_AFTER_RECEIPT;
        let may_retry = self.is_open(now) && at < self.ends_at();
        let Some(push) = self.push_mut(revision, n) else {
            self.timeline.add(now, Some(n), outcome.event(), format!("of revision {revision}"));
            return true;
        };
        let Some(channel) = push.channel_of(attempt_id) else { return false };
        let detail = match outcome {
            Outcome::Delivered => {
                push.reason = None;
                push.first_template_attempt = None;
                push.state = State::Delivered { channel, at: now };
                self.timeline.note(now, Some(n), What::Delivered { channel });
                self.skip_what_is_told(now);
                return true;
            }
            Outcome::Blocked | Outcome::Failed { .. } => {
                let detail = match outcome {
                    Outcome::Failed { status } => {
                        format!("{channel}: WeChat could not deliver it ({status})")
                    }
                    _ => format!("{channel}: the user refuses this account's messages"),
                };
                // A system failure may be tried on the same channel again, a few times.
                push.becomes_another_message();
                push.system_failures += 1;
                if *outcome == Outcome::Blocked || push.system_failures >= SYSTEM_FAILURES_MAX {
                    push.refuse(channel, &detail);
                }
                push.reason = Some(detail.clone());
                push.state = match may_retry {
                    true => State::Retrying { at },
                    false => State::Undeliverable { at: now, rest: Rest::Expired },
                };
                detail
            }
        };
        self.timeline.add(now, Some(n), outcome.event(), detail);
        true
    }

    /// Handled by the user. What is under way stays to be settled. Repeating it changes nothing.
    pub fn done(&mut self, now: Timestamp) -> bool {
        if self.status != Status::Active {
            return false;
        }
        self.status = Status::Done { at: now };
        self.cancel_pending("done", now);
        self.timeline.add(now, None, EventName::Done, "");
        true
    }

    /// Leaves a tombstone without content.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        if self.is_deleted() {
            return false;
        }
        self.status = Status::Deleted { at: now };
        self.cancel_pending("deleted", now);
        self.timeline.add(now, None, EventName::Deleted, "");
        self.content.forget_texts();
        true
    }

    /// Whether the push of this plan was told, is being told, or was given up; by itself, or by another one.
    pub fn has_begun(&self, planned: &PlannedPush) -> bool {
        let of_it = self.pushes.iter().filter(|push| push.meant_for() == planned.meant_for);
        of_it.into_iter().any(|push| !push.is_pending() && !push.was_past())
    }

    /// New content, one revision on. A push of the same instant that was begun already, or that another one told, is
    /// carried over, so that nobody is told the same twice; and so is one that is due and still to be sent, which the new
    /// plan would take for past. Others under way are settled into the timeline. What was snoozed stays.
    pub fn renew(&mut self, content: Content, pushes: Vec<Push>, now: Timestamp) {
        self.revision += 1;
        let old = std::mem::take(&mut self.pushes);
        let carried = |push: &Push| {
            old.iter()
                .find(|known| {
                    let planned_anew = push.is_pending() && !push.at_once;
                    let only_planned = known.is_pending() && planned_anew;
                    let never_came = matches!(known.state, State::Cancelled { .. }) || known.was_past();
                    known.meant_for() == push.meant_for() && !only_planned && !never_came
                })
                .map(|known| Push { channels: push.channels.clone(), ..known.clone() })
        };
        let mut pushes: Vec<Push> = pushes.into_iter().map(|push| carried(&push).unwrap_or(push)).collect();
        let is_carried =
            |push: &Push| pushes.iter().any(|one| (one.revision, one.n) == (push.revision, push.n));
        let snoozed: Vec<Push> =
            old.iter().filter(|push| push.snoozed && !is_carried(push)).cloned().collect();
        pushes.extend(snoozed);
        let is_open = self.status == Status::Active && now < content.expires_at;
        for push in pushes.iter_mut().filter(|_| is_open) {
            push.is_owed_again();
        }
        self.pushes = pushes;
        // The schedules of the old revision go: what is due by now needs one that can still be made.
        self.pushes.iter_mut().for_each(|push| push.wait_until(ahead(now, now)));
        self.content = content;
        self.schedules.clear();
        self.timeline.add(now, None, EventName::Renewed, format!("revision {}", self.revision));
    }

    fn cancel_pending(&mut self, reason: &str, now: Timestamp) {
        for push in self.pushes.iter_mut().filter(|push| push.is_pending()) {
            push.reason = Some(reason.to_owned());
            push.state = State::Cancelled { at: now };
        }
        self.forget_needless_schedules(now);
    }

    /// Why no further attempt may be made, if that is so.
    fn over(&self, now: Timestamp) -> Option<Over> {
        match self.status {
            Status::Done { .. } => Some(Over::Cancelled("done")),
            Status::Deleted { .. } => Some(Over::Cancelled("deleted")),
            Status::Active if !self.is_open(now) => Some(Over::Expired),
            Status::Active => None,
        }
    }
}

/// A fallback after a receipt goes through a schedule, which is never less than a minute ahead.
const RETRY_AFTER_RECEIPT: jiff::SignedDuration = jiff::SignedDuration::from_secs(90);
/// A channel whose receipts say "system failed" is asked this often.
const SYSTEM_FAILURES_MAX: u32 = 3;

impl Outcome {
    fn event(&self) -> EventName {
        match self {
            Self::Delivered => EventName::Delivered,
            Self::Blocked => EventName::Blocked,
            Self::Failed { .. } => EventName::Failed,
        }
    }
}

#[cfg(test)]
mod tests;
