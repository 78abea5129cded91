//! How an attempt ends, and what that makes of its push.

use jiff::Timestamp;
use wechat::MsgId;

use super::attempt::Attempt;
use super::push::{Push, Rest, State};
use super::timeline::EventName;
use crate::channel::Channel;
use crate::receipt::Outcome;

/// Why a push is skipped that another one told.
const TOLD_ALREADY: &str = "told_already";

/// How an attempt ends, and what is to happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// WeChat took it; its receipt may have come already.
    Sent { msgid: Option<MsgId>, receipt: Option<Outcome> },
    /// This channel definitely did not send it; the attempt on the next one begins in the same write. `keep_channel`:
    /// what stood in its way may pass.
    Fallback { attempt: Attempt, keep_channel: bool },
    /// Definitely not sent; again at this moment. `keep_channel`: it may be asked again.
    Retry { at: Timestamp, keep_channel: bool },
    /// Nothing that could be tried is left.
    Undeliverable { refused: bool, rest: Rest },
    /// Nobody knows; look again at this moment. `answered`: WeChat said something, only not that.
    Unresolved { look_at: Timestamp, answered: bool },
    /// A repeat was definitely not sent, so that it may be made another time; of the attempt before it still nobody knows.
    NotRepeated { look_at: Timestamp },
    /// WeChat refused a repeat on the credit of the attempt before it: that one was sent, unless its receipt never comes.
    Denied { look_at: Timestamp },
    /// It is too early to tell.
    Wait { look_at: Timestamp },
    /// WeChat did not take it, nor any attempt that it repeats, though it never said so: again at this moment, as another
    /// message.
    NotTaken { at: Timestamp },
    /// Nobody will ever know.
    Unknown,
}

/// Why there is no further attempt.
pub(super) enum Over {
    Cancelled(&'static str),
    Expired,
}

impl Push {
    pub(super) fn hold(&mut self, attempt: Attempt, now: Timestamp) {
        let due = self.next_look_at().unwrap_or(now);
        self.heard = 0;
        self.attempts += 1;
        if attempt.channel.is_idempotent() {
            self.first_template_attempt.get_or_insert(attempt.started_at);
        }
        self.state = State::Sending { attempt, due };
    }

    /// WeChat must not take it for a repeat of what it was asked to send before.
    pub(super) fn becomes_another_message(&mut self) {
        self.message += 1;
        self.first_template_attempt = None;
        (self.asked_repeats, self.lost_repeats) = (0, 0);
    }

    pub(super) fn refuse(&mut self, channel: Channel, why: &str) {
        if !self.refused.contains(&channel) {
            self.refused.push(channel);
        }
        self.reason = Some(why.to_owned());
    }

    pub(super) fn is_told_by_another(&mut self) {
        self.reason = Some(TOLD_ALREADY.to_owned());
        self.state = State::Skipped;
    }

    /// Its moment had gone by when it was saved.
    pub(super) fn was_past(&self) -> bool {
        self.state == State::Skipped && self.reason.as_deref() != Some(TOLD_ALREADY)
    }

    /// The channel of this attempt, as long as a receipt may still say something about it.
    pub(super) fn channel_of(&self, attempt_id: &str) -> Option<Channel> {
        match &self.state {
            State::Sending { attempt, .. } if attempt.id == attempt_id => Some(attempt.channel),
            State::Unresolved { attempt, .. } if attempt.covers(attempt_id) => Some(attempt.channel),
            State::Sent { channel, attempt, .. } | State::Unknown { channel, attempt, .. }
                if attempt == attempt_id =>
            {
                Some(*channel)
            }
            _ => None,
        }
    }

    pub(super) fn end_attempt(
        &mut self,
        attempt: Attempt,
        ending: &Ending,
        detail: &str,
        over: Option<&Over>,
        ends_at: Timestamp,
        now: Timestamp,
    ) {
        let channel = attempt.channel;
        match ending {
            Ending::Sent { msgid, .. } => {
                self.reason = None;
                self.state = State::Sent { channel, at: now, msgid: msgid.clone(), attempt: attempt.id };
            }
            Ending::Fallback { attempt: next, keep_channel } if over.is_none() => {
                if !keep_channel {
                    self.refuse(channel, detail);
                }
                self.hold(next.clone(), now);
            }
            Ending::Retry { at, keep_channel } if over.is_none() && *at < ends_at => {
                if !keep_channel {
                    self.refuse(channel, detail);
                }
                self.retry(*at, detail);
            }
            Ending::NotTaken { at } if over.is_none() && *at < ends_at => {
                self.becomes_another_message();
                self.retry(*at, detail);
            }
            Ending::Fallback { .. } | Ending::Retry { .. } | Ending::NotTaken { .. } => self.end(over, now),
            Ending::Undeliverable { refused, rest } => {
                if *refused {
                    self.refuse(channel, detail);
                }
                self.reason = Some(detail.to_owned());
                self.state = State::Undeliverable { at: now, rest: *rest };
            }
            Ending::Unresolved { look_at, answered } => {
                self.look(Attempt { answered: *answered, ..attempt }, *look_at, detail);
            }
            Ending::NotRepeated { look_at } => {
                if attempt.as_settings_ask {
                    self.asked_repeats = self.asked_repeats.saturating_sub(1);
                    self.lost_repeats = self.lost_repeats.saturating_sub(u32::from(!attempt.answered));
                }
                self.look(attempt, *look_at, detail);
            }
            Ending::Denied { look_at } => {
                let denials = attempt.denials + 1;
                self.look(Attempt { denials, ..attempt }, *look_at, detail);
            }
            Ending::Wait { look_at } => self.look(attempt, *look_at, detail),
            Ending::Unknown => {
                self.reason = Some(detail.to_owned());
                self.state = State::Unknown { channel, at: now, attempt: attempt.id };
            }
        }
    }

    /// Its item had expired, and has been given more time.
    pub(super) fn is_owed_again(&mut self) {
        if let State::Undeliverable { rest: rest @ Rest::Expired, .. } = &mut self.state {
            *rest = Rest::Unreachable;
        }
    }

    pub(super) fn retry(&mut self, at: Timestamp, why: &str) {
        self.reason = Some(why.to_owned());
        self.state = State::Retrying { at };
    }

    fn look(&mut self, attempt: Attempt, look_at: Timestamp, why: &str) {
        self.reason = Some(why.to_owned());
        self.state = State::Unresolved { attempt, look_at };
    }

    /// There is no further attempt.
    pub(super) fn end(&mut self, over: Option<&Over>, now: Timestamp) {
        let (reason, state) = match over {
            Some(Over::Cancelled(reason)) => (*reason, State::Cancelled { at: now }),
            Some(Over::Expired) | None => {
                ("it expired before it could be sent", State::Undeliverable { at: now, rest: Rest::Expired })
            }
        };
        self.reason = Some(reason.to_owned());
        self.state = state;
    }
}

impl Ending {
    /// It was sent under an id by which its receipt can be found, and that is not there yet.
    pub fn lacks_its_receipt(&self) -> bool {
        matches!(self, Self::Sent { msgid: Some(_), receipt: None })
    }

    pub(super) fn event(&self) -> EventName {
        match self {
            Self::Sent { .. } => EventName::Sent,
            Self::Fallback { .. } => EventName::Refused,
            Self::Retry { .. } | Self::NotTaken { .. } => EventName::Retrying,
            Self::Undeliverable { .. } => EventName::Undeliverable,
            Self::Unresolved { .. } | Self::NotRepeated { .. } | Self::Denied { .. } | Self::Wait { .. } => {
                EventName::Unresolved
            }
            Self::Unknown => EventName::Unknown,
        }
    }
}
