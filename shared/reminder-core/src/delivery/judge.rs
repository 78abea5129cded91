//! What an outcome means for the push: the one place where error classes become decisions (docs/design.md §4).

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use wechat::{ErrClass, Refusal};

use super::send::Outcome;
use crate::channel::Channel;
use crate::jitter;
use crate::reminder::{LAST_CALL, LOOK_AFTER, Push, REPEATABLE_FOR};
use crate::settings::Settings;

/// First pause before something is tried again; it doubles.
const PAUSE_FIRST: SignedDuration = SignedDuration::from_secs(60);
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// What only the owner can mend is not mended in a minute.
const CONFIG_PAUSE_FIRST: SignedDuration = SignedDuration::from_mins(10);
const CONFIG_PAUSE_MAX: SignedDuration = SignedDuration::from_hours(6);
/// Pushes due in the same minute do not come back in the same second.
const SPREAD: SignedDuration = SignedDuration::from_secs(60);
/// Nobody knows to the minute when WeChat's day begins (docs/wechat.md §16).
const QUOTA_MARGIN: SignedDuration = SignedDuration::from_mins(10);
const QUOTA_SPREAD: SignedDuration = SignedDuration::from_mins(30);
/// A passing trouble that does not pass: from then on another channel is better than waiting.
const PATIENCE: u32 = 3;
/// A code nobody has heard of is tried this often.
const UNKNOWN_CODES_MAX: u32 = 3;
/// How soon a repeat that WeChat makes harmless is sent.
const REPEAT_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// What is to be done with the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Sent,
    /// The channel is out; the next one now, or undeliverable if there is none.
    NextChannel,
    /// Definitely not sent. Later; `give_way`: rather on another channel now, if there is one.
    Later {
        at: Timestamp,
        give_way: bool,
    },
    Look {
        at: Timestamp,
    },
}

/// What is to be done about the credit that was reserved for the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CreditVerdict {
    /// Spent, or nobody knows.
    Keep,
    /// Definitely not used.
    Release,
    /// WeChat says there is none (43101).
    Exhausted,
}

pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) credit: CreditVerdict,
    /// WeChat says that the user does not follow (43004).
    pub(super) unfollowed: bool,
    /// Somebody should look at it.
    pub(super) alarm: bool,
    pub(super) detail: String,
}

/// The circumstances of an attempt.
pub(super) struct Circumstances<'a> {
    pub(super) channel: Channel,
    pub(super) started_at: Timestamp,
    pub(super) push: &'a Push,
    pub(super) reminder_id: &'a str,
    pub(super) expires_at: Timestamp,
    pub(super) settings: &'a Settings,
    pub(super) timezone: &'a TimeZone,
    pub(super) now: Timestamp,
}

pub(super) fn judge(outcome: &Outcome, around: &Circumstances<'_>) -> Judged {
    let channel = around.channel;
    let judged = |verdict, credit, detail: String| Judged {
        verdict,
        credit,
        unfollowed: false,
        alarm: false,
        detail: format!("{channel}: {detail}"),
    };
    match outcome {
        Outcome::Sent { msgid } => {
            let detail = match msgid {
                Some(msgid) => format!("WeChat took it as {}", msgid.as_str()),
                None => "WeChat took it".to_owned(),
            };
            judged(Verdict::Sent, CreditVerdict::Keep, detail)
        }
        Outcome::Refused(refusal) => refused(refusal, around),
        Outcome::Unknown(reason) => judged(
            Verdict::Look { at: around.look_at() },
            CreditVerdict::Keep,
            format!("nobody knows whether it was sent ({reason})"),
        ),
        Outcome::NotSent(reason) => judged(
            around.later(PAUSE_FIRST, PAUSE_MAX),
            CreditVerdict::Release,
            format!("not sent ({reason})"),
        ),
        Outcome::NoToken { reason, config } => {
            let verdict = match config {
                true => around.later(PAUSE_FIRST, CONFIG_PAUSE_MAX),
                false => around.later(PAUSE_FIRST, PAUSE_MAX),
            };
            Judged { alarm: *config, ..judged(verdict, CreditVerdict::Release, reason.clone()) }
        }
        Outcome::NoCredit => {
            judged(Verdict::NextChannel, CreditVerdict::Keep, "no accepted prompt is left".to_owned())
        }
        Outcome::Unfit(why) => Judged {
            alarm: true,
            ..judged(Verdict::NextChannel, CreditVerdict::Release, format!("cannot be made: {why}"))
        },
    }
}

fn refused(refusal: &Refusal, around: &Circumstances<'_>) -> Judged {
    let errcode = refusal.errcode.0;
    let mut detail = format!("{}: {errcode} {}", around.channel, refusal.errcode.meaning());
    if let Some(keyword) = refusal.keyword() {
        detail = format!("{detail} ({keyword})");
    }
    let mut judged = Judged {
        verdict: Verdict::NextChannel,
        credit: CreditVerdict::Release,
        unfollowed: false,
        alarm: false,
        detail,
    };
    match refusal.class() {
        // Busy is no answer: it may have been sent. Where WeChat drops repeats, or says that it was only too early,
        // it is.
        ErrClass::Retry if errcode == 43108 => judged.verdict = around.later(PAUSE_FIRST, PAUSE_MAX),
        ErrClass::Retry => {
            judged.verdict = Verdict::Look { at: around.look_at() };
            judged.credit = CreditVerdict::Keep;
        }
        ErrClass::Rate => judged.verdict = around.later(PAUSE_FIRST + PAUSE_FIRST, PAUSE_MAX),
        ErrClass::Token => judged.verdict = around.later(PAUSE_FIRST, PAUSE_MAX),
        ErrClass::Quota => {
            judged.verdict = around.after_reset();
            judged.alarm = true;
        }
        ErrClass::Recipient => {
            judged.unfollowed =
                matches!(errcode, 43004 | 50005) && around.channel == Channel::ServiceTemplate;
            if errcode == 43101 {
                judged.credit = CreditVerdict::Exhausted;
            }
        }
        ErrClass::Content | ErrClass::Bug => judged.alarm = true,
        ErrClass::Config => {
            judged.verdict = match around.later(CONFIG_PAUSE_FIRST, CONFIG_PAUSE_MAX) {
                Verdict::Later { at, .. } => Verdict::Later { at, give_way: true },
                verdict => verdict,
            };
            judged.alarm = true;
        }
        // Not known, or not expected of a send.
        _ => {
            judged.alarm = true;
            if around.push.attempts < UNKNOWN_CODES_MAX {
                judged.verdict = around.later(PAUSE_FIRST, PAUSE_MAX);
            }
        }
    }
    judged
}

impl Circumstances<'_> {
    /// When to look at an attempt nobody knows the outcome of.
    fn look_at(&self) -> Timestamp {
        let first = self.push.first_template_attempt.unwrap_or(self.started_at);
        let repeat_at = self.now + REPEAT_AFTER;
        // A schedule fires up to a minute late.
        let repeats_in_time = repeat_at + REPEAT_AFTER < first + REPEATABLE_FOR;
        if self.channel.is_idempotent() && repeats_in_time { repeat_at } else { self.started_at + LOOK_AFTER }
    }

    /// Backoff with spread, out of the quiet hours, and never past the expiry.
    fn later(&self, first: SignedDuration, most: SignedDuration) -> Verdict {
        let doublings = self.push.attempts.saturating_sub(1).min(10);
        let pause = SignedDuration::from_secs(first.as_secs() << doublings).min(most);
        self.at(self.now + pause + self.spread(SPREAD), self.push.attempts >= PATIENCE)
    }

    /// After WeChat's day is over, each push by itself.
    fn after_reset(&self) -> Verdict {
        let china = TimeZone::get("Asia/Shanghai").expect("the zone is compiled in");
        let today = self.now.to_zoned(china).date();
        let midnight = today
            .checked_add(1.day())
            .ok()
            .and_then(|tomorrow| tomorrow.to_datetime(Time::midnight()).in_tz("Asia/Shanghai").ok())
            .map_or(self.now + SignedDuration::from_hours(24), |zoned| zoned.timestamp());
        let at = midnight + QUOTA_MARGIN + self.spread(QUOTA_SPREAD);
        match at < self.expires_at - LAST_CALL {
            true => self.at(at, false),
            // It would be too late: another channel, or nothing.
            false => Verdict::NextChannel,
        }
    }

    fn at(&self, at: Timestamp, give_way: bool) -> Verdict {
        let quiet = self.settings.quiet_hours.as_ref();
        let latest = self.expires_at - LAST_CALL;
        let at = quiet
            .and_then(|quiet| quiet.end_of_quiet(at, self.timezone))
            .filter(|end| *end < latest)
            .unwrap_or(at);
        let earliest = crate::schedules::ahead(self.now, self.now);
        match at.min(latest) {
            at if at >= earliest => Verdict::Later { at, give_way },
            _ => Verdict::NextChannel,
        }
    }

    fn spread(&self, width: SignedDuration) -> SignedDuration {
        let (n, attempts) = (self.push.n.to_string(), self.push.attempts.to_string());
        jitter::within(width, &[self.reminder_id, &n, &attempts])
    }
}

#[cfg(test)]
mod tests;
