//! Every way a reminder changes, each a pure function that repeats harmlessly: a settle only acts on the attempt it
//! belongs to, so a run that was overtaken leaves a line in the timeline and nothing else.

use jiff::Timestamp;
use thiserror::Error;
use wechat::MsgId;

use super::push::{EARLY_BY_AT_MOST, State};
use super::{Attempt, Push, Reminder, Status};
use crate::channel::Channel;
use crate::receipt::Outcome;
use crate::reminder::content::Content;

/// Why a push may not be claimed now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
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

/// What the end of an attempt asks to happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// WeChat took it; its receipt may have come already.
    Sent { msgid: Option<MsgId>, receipt: Option<Outcome> },
    /// This channel definitely did not send it; the next one is claimed in the same write. `keep_channel`: what stood
    /// in its way may pass.
    Next { attempt: Attempt, keep_channel: bool },
    /// Definitely not sent; again at this moment. `keep_channel`: it may be asked again.
    Retry { at: Timestamp, keep_channel: bool },
    /// Nothing that could be tried is left.
    Undeliverable { refused: bool },
    /// Nobody knows; look again at this moment. `not_sent`: the repeat itself definitely was not, so that it may be
    /// made another time.
    Unresolved { look_at: Timestamp, not_sent: bool },
    /// Nobody will ever know.
    Unknown,
}

/// What a receipt asks of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterReceipt {
    Nothing,
    /// The push is to be tried again at this moment: a schedule is needed.
    WakeAt(Timestamp),
}

impl Reminder {
    /// Takes the push for one attempt. Repeating it with the same attempt is harmless.
    pub fn attempt(
        &mut self,
        revision: u64,
        n: u8,
        attempt: &Attempt,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let is_open = self.is_open(now);
        let push = self.push_mut(revision, n).ok_or(Refused::Stale)?;
        if push.is_pending()
            && let Some(due) = push.due_at().filter(|due| now + EARLY_BY_AT_MOST < *due)
        {
            return Err(Refused::NotDue(due));
        }
        match &push.state {
            State::Sending { attempt: held } if held.id == attempt.id => return Ok(()),
            State::Sending { .. } => return Err(Refused::Leased),
            State::Unresolved { attempt: held, .. } if attempt.repeats.last() != Some(&held.id) => {
                return Err(Refused::Unresolved);
            }
            State::Scheduled { .. } | State::Retrying { .. } | State::Unresolved { .. } => {}
            _ => return Err(Refused::Final),
        }
        if !is_open {
            return Err(Refused::Over);
        }
        push.repeated |= attempt.as_settings_ask;
        push.hold(attempt.clone());
        self.timeline.add(now, Some(n), "claimed", format!("{}: {detail}", attempt.channel));
        Ok(())
    }

    /// Settles the attempt `attempt_id`. Says whether it was still this attempt's to settle.
    pub fn settle(
        &mut self,
        revision: u64,
        n: u8,
        attempt_id: &str,
        ended: &Ended,
        detail: &str,
        now: Timestamp,
    ) -> bool {
        let is_open = self.is_open(now);
        let (over, status, expires_at) = (self.over(), self.status, self.content.expires_at);
        let event = ended.event();
        let Some(push) = self.push_mut(revision, n) else {
            self.timeline.add(now, Some(n), event, format!("of revision {revision}: {detail}"));
            return false;
        };
        let Some(attempt) = push.attempt().filter(|attempt| attempt.id == attempt_id).cloned() else {
            return false;
        };
        let channel = attempt.channel;
        let mut note = detail.to_owned();
        match ended {
            Ended::Sent { msgid, receipt } => {
                push.reason = None;
                push.state = State::Sent { channel, at: now, msgid: msgid.clone(), attempt: attempt.id };
                self.timeline.add(now, Some(n), event, note);
                if let Some(outcome) = receipt {
                    // The caller sees from the state that a wake-up is needed.
                    self.receive(revision, n, attempt_id, outcome, now);
                }
                return true;
            }
            Ended::Next { attempt: next, keep_channel } if is_open => {
                if !keep_channel {
                    push.refuse(channel, detail);
                }
                push.hold(next.clone());
                self.timeline.add(now, Some(n), event, note);
                self.timeline.add(now, Some(n), "claimed", format!("{}: next channel", next.channel));
                return true;
            }
            Ended::Retry { at, keep_channel } if is_open && *at < expires_at => {
                if !keep_channel {
                    push.refuse(channel, detail);
                }
                push.reason = Some(detail.to_owned());
                let failures = push.attempts;
                push.state = State::Retrying { at: *at, failures };
                note = format!("{detail}; again at {at}");
            }
            Ended::Next { .. } | Ended::Retry { .. } => {
                let expired = "it expired before it could be sent";
                push.end(over.unwrap_or(expired), status, now);
            }
            Ended::Undeliverable { refused } => {
                if *refused {
                    push.refuse(channel, detail);
                }
                push.reason = Some(detail.to_owned());
                push.state = State::Undeliverable { at: now };
            }
            Ended::Unresolved { look_at, not_sent } => {
                push.repeated &= !(*not_sent && attempt.as_settings_ask);
                push.reason = Some(detail.to_owned());
                push.state = State::Unresolved { attempt, look_at: *look_at };
            }
            Ended::Unknown => {
                push.reason = Some(detail.to_owned());
                push.state = State::Unknown { channel, at: now, attempt: attempt.id };
            }
        }
        self.timeline.add(now, Some(n), event, note);
        true
    }

    /// No channel can reach the user: said of a push that nobody has claimed.
    pub fn give_up(&mut self, revision: u64, n: u8, reason: &str, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n).filter(|push| push.is_pending()) else { return false };
        push.reason = Some(reason.to_owned());
        push.state = State::Undeliverable { at: now };
        self.timeline.add(now, Some(n), "undeliverable", reason);
        true
    }

    /// Nobody has claimed it and it has to wait: quiet hours, or a cause that will pass.
    pub fn postpone(&mut self, revision: u64, n: u8, at: Timestamp, reason: &str, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n).filter(|push| push.is_pending()) else { return false };
        let failures = push.attempts;
        push.reason = Some(reason.to_owned());
        push.state = State::Retrying { at, failures };
        self.timeline.add(now, Some(n), "postponed", format!("{reason}; again at {at}"));
        true
    }

    /// A attempt whose lease ran out: nobody knows what its channel did.
    pub fn abandon(&mut self, revision: u64, n: u8, look_at: Timestamp, now: Timestamp) -> bool {
        let Some(push) = self.push_mut(revision, n) else { return false };
        let State::Sending { attempt } = &push.state else { return false };
        if now < attempt.lease_ends() {
            return false;
        }
        push.state = State::Unresolved { attempt: attempt.clone(), look_at };
        self.timeline.add(now, Some(n), "abandoned", "the run that was sending it did not come back");
        true
    }

    /// What WeChat reports of an attempt, now or long after.
    pub(crate) fn receive(
        &mut self,
        revision: u64,
        n: u8,
        attempt_id: &str,
        outcome: &Outcome,
        now: Timestamp,
    ) -> AfterReceipt {
        let is_open = self.is_open(now);
        let at = now + RETRY_AFTER_RECEIPT;
        let in_time = at < self.content.expires_at;
        let Some(push) = self.push_mut(revision, n) else {
            self.timeline.add(now, Some(n), outcome.event(), format!("of revision {revision}"));
            return AfterReceipt::Nothing;
        };
        let channel = match &push.state {
            State::Sending { attempt } if attempt.id == attempt_id => attempt.channel,
            State::Unresolved { attempt, .. } if attempt.covers(attempt_id) => attempt.channel,
            State::Sent { channel, attempt, .. } | State::Unknown { channel, attempt, .. }
                if attempt == attempt_id =>
            {
                *channel
            }
            _ => return AfterReceipt::Nothing,
        };
        let (detail, after) = match outcome {
            Outcome::Delivered => {
                push.reason = None;
                push.state = State::Delivered { channel, at: now, attempt: attempt_id.to_owned() };
                (channel.to_string(), AfterReceipt::Nothing)
            }
            Outcome::Blocked | Outcome::Failed { .. } => {
                let detail = match outcome {
                    Outcome::Failed { status } => {
                        format!("{channel}: WeChat could not deliver it ({status})")
                    }
                    _ => format!("{channel}: the user refuses this account's messages"),
                };
                // A system failure may be tried on the same channel again, a few times.
                push.failed_after_taken += 1;
                push.first_template_attempt = None;
                if *outcome == Outcome::Blocked || push.failed_after_taken >= SYSTEM_FAILURES_MAX {
                    push.refuse(channel, &detail);
                }
                push.reason = Some(detail.clone());
                let failures = push.attempts;
                if is_open && in_time {
                    push.state = State::Retrying { at, failures };
                    (detail, AfterReceipt::WakeAt(at))
                } else {
                    push.state = State::Undeliverable { at: now };
                    (detail, AfterReceipt::Nothing)
                }
            }
        };
        self.timeline.add(now, Some(n), outcome.event(), detail);
        after
    }

    /// Handled by the user. What is under way stays to be settled. Repeating it changes nothing.
    pub fn done(&mut self, now: Timestamp) -> bool {
        if self.status != Status::Active {
            return false;
        }
        self.status = Status::Done { at: now };
        self.cancel_pending("done", now);
        self.timeline.add(now, None, "done", "");
        true
    }

    /// Leaves a tombstone without content.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        if self.is_deleted() {
            return false;
        }
        self.status = Status::Deleted { at: now };
        self.cancel_pending("deleted", now);
        self.timeline.add(now, None, "deleted", "");
        self.content.forget_texts();
        true
    }

    /// New content, one revision on. A push of the same instant that was claimed already is carried over, so that
    /// nobody is told the same twice; and so is one that is due and still to be told, which the new plan would take for
    /// past. Others under way are settled into the timeline.
    pub fn renew(&mut self, content: Content, pushes: Vec<Push>, now: Timestamp) {
        self.revision += 1;
        let old = std::mem::take(&mut self.pushes);
        let carried = |push: &Push| {
            old.iter()
                .find(|told| {
                    let planned_anew = push.is_pending() && !push.at_once;
                    told.meant_for() == push.meant_for()
                        && !(told.is_pending() && planned_anew)
                        && !matches!(told.state, State::Cancelled { .. } | State::Skipped)
                })
                .cloned()
        };
        self.pushes = pushes.into_iter().map(|push| carried(&push).unwrap_or(push)).collect();
        self.content = content;
        self.timeline.add(now, None, "renewed", format!("revision {}", self.revision));
    }

    fn cancel_pending(&mut self, reason: &str, now: Timestamp) {
        for push in self.pushes.iter_mut().filter(|push| push.is_pending()) {
            push.reason = Some(reason.to_owned());
            push.state = State::Cancelled { at: now };
        }
    }

    fn over(&self) -> Option<&'static str> {
        match self.status {
            Status::Active => None,
            Status::Done { .. } => Some("done"),
            Status::Deleted { .. } => Some("deleted"),
        }
    }
}

/// A fallback after a receipt goes through a schedule, which is never less than a minute ahead.
const RETRY_AFTER_RECEIPT: jiff::SignedDuration = jiff::SignedDuration::from_secs(90);
/// A channel whose receipts say "system failed" is asked this often.
const SYSTEM_FAILURES_MAX: u32 = 3;

impl Push {
    fn hold(&mut self, attempt: Attempt) {
        self.attempts += 1;
        if attempt.channel.is_idempotent() {
            self.first_template_attempt.get_or_insert(attempt.started_at);
        }
        self.state = State::Sending { attempt };
    }

    fn refuse(&mut self, channel: Channel, why: &str) {
        if !self.refused.contains(&channel) {
            self.refused.push(channel);
        }
        self.reason = Some(why.to_owned());
    }

    fn end(&mut self, reason: &str, status: Status, now: Timestamp) {
        self.reason = Some(reason.to_owned());
        self.state = match status {
            Status::Active => State::Undeliverable { at: now },
            Status::Done { .. } | Status::Deleted { .. } => State::Cancelled { at: now },
        };
    }
}

impl Ended {
    fn event(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Next { .. } => "refused",
            Self::Retry { .. } => "retrying",
            Self::Undeliverable { .. } => "undeliverable",
            Self::Unresolved { .. } => "unresolved",
            Self::Unknown => "unknown",
        }
    }
}

impl Outcome {
    fn event(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Blocked => "blocked",
            Self::Failed { .. } => "failed",
        }
    }
}
