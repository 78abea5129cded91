//! What the owner's backend is told (docs/operations.md, "Events to your own server"): by ids, signed, of what really
//! happened; again under the same id, if a run of ours died. Judged of each request that reached it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::journal::Entry;
use simulator::lambda::FunctionName;
use simulator::wechat::Callback;
use wechat::ErrCode;

use super::{Violation, told_once};
use crate::walk::book::{Book, Promise, Reminder, Version, instant};
use crate::walk::lives::Life;
use crate::walk::message::Message;

pub(crate) const NAME: &str = "events";

/// A run that stood still, and Lambda's repeat of it, may have begun so long before.
const RUN_LASTS_AT_MOST: SignedDuration = SignedDuration::from_secs(150);
/// The first time, and seven more (docs/operations.md).
const TRIES: usize = 8;
/// Told by a clock that is early, and cut to seconds.
const EARLY_BY_AT_MOST: SignedDuration = SignedDuration::from_secs(6);

/// One request that reached the owner's receiver.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) answer: Answer,
    pub(crate) is_signed: bool,
    pub(crate) text: String,
    pub(crate) event: Event,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken,
    /// It took it, and said so after more than five seconds.
    TooLate,
    Refused,
}

#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) at: Timestamp,
    pub(crate) openid: String,
    pub(crate) reminder: Option<String>,
    pub(crate) revision: Option<u64>,
    pub(crate) push: Option<u64>,
    pub(crate) channel: Option<String>,
}

impl Event {
    pub(crate) fn read(body: &Value) -> Option<Self> {
        let data = &body["data"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            kind: text(&body["type"])?,
            at: instant(&body["timestamp"])?,
            openid: text(&data["openid"])?,
            reminder: text(&data["reminder"]),
            revision: data["revision"].as_u64(),
            push: data["push"].as_u64(),
            channel: text(&data["channel"]),
        })
    }

    pub(crate) fn is_of(&self, kept: &Reminder) -> bool {
        self.reminder.as_ref() == Some(&kept.id)
    }
}

/// Their user ended it then: places and revisions.
pub(crate) type Done = (usize, u64, Timestamp);

/// What happened, as far as it can be known from outside.
pub(crate) struct Facts<'a> {
    pub(crate) book: &'a Book,
    pub(crate) messages: &'a [Message],
    pub(crate) journal: &'a [Entry],
    pub(crate) callbacks: &'a [Callback],
    /// By place of the citizen: their openids and lives.
    pub(crate) citizens: Vec<(&'a str, &'a Life)>,
    pub(crate) done: &'a [Done],
    /// How wrong the functions' clocks are at most.
    pub(crate) slack: SignedDuration,
}

/// Signed, and without a word that a user wrote.
pub(crate) fn judge_form(heard: &Heard, book: &Book) -> Result<(), Violation> {
    if !heard.is_signed {
        return Err(Violation::new(NAME, None, format!("the signature is wrong of {}", heard.text)));
    }
    let mut versions = book.reminders.iter().flat_map(|kept| &kept.versions);
    match versions.any(|version| heard.text.contains(&version.title)) {
        true => Err(Violation::new(NAME, None, format!("what a user wrote is in {}", heard.text))),
        false => Ok(()),
    }
}

/// What came under this id before is the same, and was not taken; unless a run met something, or was begun twice.
pub(crate) fn judge_repeat(
    before: &Heard,
    heard: &Heard,
    journal: &[Entry],
    is_doubled: bool,
) -> Result<(), Violation> {
    if before.text != heard.text {
        return Err(Violation::new(NAME, None, format!("{} was {} before", heard.text, before.text)));
    }
    let span = before.at - RUN_LASTS_AT_MOST..=heard.at + SignedDuration::from_secs(1);
    let met_something = |entry: &Entry| {
        entry.function == Some(FunctionName::ReminderDispatch)
            && span.contains(&entry.at)
            && entry.outcome.ends_with(')')
    };
    if before.answer != Answer::Taken || is_doubled || journal.iter().any(met_something) {
        return Ok(());
    }
    let what =
        format!("taken at {} and told again at {}, though no run died: {}", before.at, heard.at, heard.text);
    Err(Violation::new(NAME, None, what))
}

/// It really happened, and nobody has asked to be forgotten since.
pub(crate) fn judge_truth(heard: &Heard, facts: &Facts<'_>) -> Result<(), Violation> {
    let (event, slack) = (&heard.event, facts.slack + EARLY_BY_AT_MOST);
    let place = facts.book.reminders.iter().position(|kept| event.is_of(kept));
    let lie = |why: &str| Err(Violation::new(NAME, place, format!("{why}: {}", heard.text)));
    let Some((_, life)) = facts.citizens.iter().find(|(openid, _)| *openid == event.openid) else {
        return lie("it is about nobody");
    };
    if life.forgotten_at.is_some_and(|at| event.at < at - slack && at + RUN_LASTS_AT_MOST + slack < heard.at)
    {
        return lie("whom it is about asked to be forgotten");
    }
    let why = match event.kind.as_str() {
        "user.followed" => (!facts.may_have_followed(life, event.at + slack)).then_some("nobody followed"),
        "user.unfollowed" => (!facts.may_have_left(life, event.at + slack)).then_some("nobody left"),
        _ => match place {
            Some(place) => facts.lie_of_reminder(place, event, event.at + slack),
            None => Some("it is of no known reminder"),
        },
    };
    why.map_or(Ok(()), lie)
}

impl Facts<'_> {
    /// Themselves, or whoever scanned a code of theirs.
    fn followers(&self, life: &Life) -> impl Iterator<Item = &Life> {
        let whose = self.citizens.iter().position(|(_, other)| std::ptr::eq(*other, life));
        let lives = self.citizens.iter().map(|(_, life)| *life);
        lives.filter(move |other| {
            std::ptr::eq(*other, life) || whose.is_some_and(|whose| other.scanned.contains(&whose))
        })
    }

    fn may_have_followed(&self, life: &Life, by: Timestamp) -> bool {
        self.followers(life).any(|follower| follower.followed_at.iter().any(|at| *at <= by))
    }

    /// They unfollowed, or the link to a follower may have moved, or WeChat said what is not so.
    fn may_have_left(&self, life: &Life, by: Timestamp) -> bool {
        let denied = format!("errcode {} (planned)", ErrCode::REQUIRE_SUBSCRIBE.0);
        self.followers(life)
            .any(|follower| follower.left_at.iter().any(|at| *at <= by) || !follower.scanned.is_empty())
            || self.journal.iter().any(|entry| entry.at <= by && entry.outcome == denied)
    }

    /// Why it is none that happened by then.
    fn lie_of_reminder(&self, place: usize, event: &Event, by: Timestamp) -> Option<&'static str> {
        let kept = &self.book.reminders[place];
        if self.citizens[kept.owner].0 != event.openid {
            return Some("its reminder is another user's");
        }
        let of_it = |version: &&Version| Some(version.revision) == event.revision;
        let Some(version) = kept.versions.iter().find(of_it) else {
            // Whoever saved it may never have heard so, and saved it once more.
            let is_later = |version: &Version| Some(version.revision) > event.revision;
            return (!kept.versions.iter().any(is_later)).then_some("nobody saved that revision");
        };
        let promise = event.push.and_then(|n| version.promise(n));
        match (event.kind.as_str(), promise) {
            ("reminder.done", _) => {
                let is_it = |(whose, revision, at): &Done| {
                    *whose == place && *revision == version.revision && *at <= by
                };
                (!self.done.iter().any(is_it)).then_some("it was not done")
            }
            ("reminder.expired", _) if by < version.expires_at => Some("it had not expired"),
            ("reminder.expired", _) => {
                let over = kept.over.as_ref().map(|over| over.at);
                let ended = over.is_some_and(|at| at + self.slack < version.expires_at);
                (ended && version.revision == kept.version().revision).then_some("it had ended before")
            }
            (_, None) => Some("there is no such push"),
            (_, Some(promise)) if by < promise.fires_at => Some("its push was still to come"),
            ("push.delivered", Some(promise)) => {
                let arrived = self
                    .arrivals(place, promise)
                    .any(|message| message.at <= by && event.channel.as_deref() == Some(message.channel));
                (!arrived).then_some("no message of it reached a phone by that channel")
            }
            ("push.undeliverable", Some(promise)) => {
                let until = event.at - self.slack - EARLY_BY_AT_MOST;
                let known = self.arrivals(place, promise).any(|message| {
                    message.n.is_some() && message.at < until && !self.may_be_unknown(message)
                });
                known.then_some("it had reached the phone")
            }
            ("push.unknown", Some(promise)) => {
                let span = promise.fires_at - self.slack - EARLY_BY_AT_MOST..=by;
                let met = |entry: &Entry| {
                    entry.function == Some(FunctionName::ReminderDispatch)
                        && span.contains(&entry.at)
                        && entry.outcome.ends_with(')')
                };
                (!self.journal.iter().any(met)).then_some("all that was asked was answered")
            }
            _ => Some("there is no such event"),
        }
    }

    /// Messages of the push that reached a phone; of which push one was, is not always known.
    fn arrivals(&self, place: usize, promise: &Promise) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| {
            message.reached
                && message.whose.is_some_and(|(whose, _)| whose == place)
                && message.fires_at(self.book).is_none_or(|fires_at| fires_at == promise.fires_at)
        })
    }

    /// Answer and receipt were lost.
    fn may_be_unknown(&self, message: &Message) -> bool {
        told_once::is_answer_lost(message, self.journal)
            && told_once::is_receipt_lost(message, self.callbacks)
    }
}

/// In the end: taken, or refused as often as it is tried. `all`: what came under one id.
pub(crate) fn judge_end(all: &[&Heard]) -> Result<(), Violation> {
    let refused = all.iter().filter(|heard| heard.answer != Answer::Taken).count();
    if refused < all.len() || refused >= TRIES {
        return Ok(());
    }
    let what = format!("given up after {refused} of {TRIES} tries: {}", all[0].text);
    Err(Violation::new(NAME, None, what))
}

/// In the end: what the owner sees that happened to pushes of this reminder was told. `heard`: one of each id.
pub(crate) fn judge_told(
    place: usize,
    kept: &Reminder,
    timeline: &[Value],
    heard: &[&Event],
) -> Result<(), Violation> {
    for kind in ["delivered", "undeliverable", "unknown"] {
        for n in 1..=kept.version().pushes.iter().map(|push| push.n).max().unwrap_or_default() {
            let is_it = |entry: &&Value| {
                let detail = entry["detail"].as_str().unwrap_or_default();
                entry["event"] == kind && entry["push"] == n && !detail.starts_with("of revision")
            };
            let happened = timeline.iter().filter(is_it).count();
            let name = format!("push.{kind}");
            let told =
                heard.iter().filter(|event| event.is_of(kept) && event.kind == name && event.push == Some(n));
            let told = told.count();
            if told < happened {
                let what = format!("push {n} was {kind} {happened} times, and {told} times told of");
                return Err(Violation::new(NAME, Some(place), what));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
