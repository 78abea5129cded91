//! How a reminder changes, row by row: what its push was about, what happened, what it is about now.

mod begin;
mod receive;
mod renew;
mod settle;
mod waiting;

use super::*;
use crate::cases;
use crate::channel::Channel::{MiniSubscription, ServiceTemplate};
use crate::reminder::states::*;

/// A push in words: its state, what refused it, which message it is by now, and why it is where it is.
fn words(push: &Push) -> String {
    let mut words = vec![state(&push.state)];
    words.extend(push.refused.iter().map(|channel| format!("{channel} refused")));
    words.extend((push.message > 0).then(|| format!("message {}", push.message)));
    words.extend(push.reason.iter().map(|reason| format!("({reason})")));
    words.join("; ")
}

/// What the timeline says of it, one entry after the other.
fn told(reminder: &Reminder) -> Vec<String> {
    let entries = reminder.timeline.entries().iter();
    entries.map(|entry| format!("{}: {}", entry.event(), entry.detail(&reminder.content))).collect()
}
