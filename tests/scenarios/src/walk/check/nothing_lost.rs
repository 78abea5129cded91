//! "A push that was accepted is lost: not sent, and not reported." Judged of what the owner sees.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use wechat::ErrCode;

use super::Violation;
use crate::walk::book::{Book, Reminder, instant};
use crate::walk::message::Message;

pub(crate) const NAME: &str = "nothing_lost";

/// How long after its item's expiry nothing about a push may be open, once everything works.
pub(crate) const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(2);

/// What the owner sees of a reminder, against the book and the platform's truth. `calm_since`: nothing was planned to
/// go wrong from then on.
pub(crate) fn judge(
    book: &Book,
    place: usize,
    shown: &Value,
    messages: &[Message],
    now: Timestamp,
    calm_since: Timestamp,
) -> Result<(), Violation> {
    let kept = &book.reminders[place];
    let wrong = |what: String| Err(Violation::new(NAME, Some(place), what));
    let version = kept.version();
    if shown["title"] != version.title.as_str() || shown["revision"] != version.revision {
        return wrong(format!("revision {} was answered, another content is there", version.revision));
    }
    let pushes = shown["pushes"].as_array().map(Vec::as_slice).unwrap_or_default();
    if pushes.len() != version.pushes.len() {
        return wrong(format!("{} pushes were accepted, {} are there", version.pushes.len(), pushes.len()));
    }
    let settled = now.duration_since(version.expires_at.max(calm_since)) > SETTLED_AFTER;
    for (promise, push) in version.pushes.iter().zip(pushes) {
        let n = promise.n;
        if push["n"] != n || instant(&push["fires_at"]) != Some(promise.fires_at) {
            return wrong(format!("push {n} was moved"));
        }
        let state = push["state"].as_str().unwrap_or_default();
        let taken = |reached: bool| {
            messages.iter().any(|message| {
                let accepted = message.errcode == 0 && (message.reached || !reached);
                message.whose.is_some_and(|(owner, _)| owner == place)
                    && message.fires_at(book) == Some(promise.fires_at)
                    && accepted
            })
        };
        let reason = push["reason"].as_str().unwrap_or_default();
        match state {
            "scheduled" | "sending" | "retrying" if settled => {
                return wrong(format!("push {n} is still {state}, long after its item expired"));
            }
            "scheduled" | "sending" | "retrying" => {}
            "delivered" if !taken(true) => {
                return wrong(format!("push {n} is said to be delivered and never reached the phone"));
            }
            "sent" if !taken(false) && !is_denied_twice(shown, n) => {
                return wrong(format!("push {n} is said to be sent and WeChat never took it"));
            }
            "cancelled" if kept.over.is_none() => {
                return wrong(format!("push {n} is cancelled, and nobody asked for that"));
            }
            "undeliverable" | "unknown" | "skipped" | "cancelled" if reason.is_empty() => {
                return wrong(format!("push {n} is {state} without a reason"));
            }
            "delivered" | "sent" | "undeliverable" | "unknown" | "skipped" | "cancelled" => {}
            other => return wrong(format!("push {n} is in no known state: {other:?}")),
        }
    }
    Ok(())
}

/// WeChat denied the credit of an attempt whose answer nobody heard, hours apart: that is believed, though a walk that plans
/// both to go wrong knows better (docs/design.md §4).
fn is_denied_twice(shown: &Value, n: u64) -> bool {
    let entries = shown["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_denial = |entry: &&Value| {
        let denied = |detail: &str| detail.contains(&format!(": {} ", ErrCode::USER_REFUSES.0));
        entry["push"] == n && entry["event"] == "unresolved" && entry["detail"].as_str().is_some_and(denied)
    };
    entries.iter().filter(is_denial).count() >= 2
}

/// A reminder that is not to be seen any more must have been taken away by its owner.
pub(crate) fn judge_absence(kept: &Reminder, place: usize, status: u16) -> Result<(), Violation> {
    match &kept.over {
        Some(over) if over.how != "done" && status == 404 => Ok(()),
        Some(over) if over.how != "done" => {
            Err(Violation::new(NAME, Some(place), format!("{} and still answered {status}", over.how)))
        }
        _ => Err(Violation::new(NAME, Some(place), format!("was accepted, and is answered {status}"))),
    }
}
