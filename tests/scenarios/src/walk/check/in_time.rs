//! "A push is sent early, or claimed for sending after its item was cancelled, renewed, marked done or has expired."
//! Judged of every request to send, taken or refused.

use jiff::SignedDuration;

use super::Violation;
use crate::walk::book::Book;
use crate::walk::message::Message;

pub(crate) const NAME: &str = "in_time";

/// A clock may be a few seconds off (docs/design.md §4).
const EARLY_BY_AT_MOST: SignedDuration = SignedDuration::from_secs(5);

/// `slack`: how wrong the functions' clocks are at most.
pub(crate) fn judge(book: &Book, message: &Message, slack: SignedDuration) -> Result<(), Violation> {
    let Some((place, version)) = message.whose else {
        return Err(Violation::new(NAME, None, format!("a message at {} of no known content", message.at)));
    };
    let kept = &book.reminders[place];
    let version = &kept.versions[version];
    let wrong = |what: String| Err(Violation::new(NAME, Some(place), what));
    let first = version.pushes.iter().map(|push| push.fires_at).min();
    let promised = message.fires_at(book).or(first);
    if let Some(fires_at) = promised.filter(|fires_at| message.at < *fires_at - EARLY_BY_AT_MOST - slack) {
        return wrong(format!("sent at {}, not asked for before {fires_at}", message.at));
    }
    if message.at >= version.expires_at + slack {
        return wrong(format!("sent at {}, its item expired at {}", message.at, version.expires_at));
    }
    if let Some(replaced_at) = version.replaced_at.filter(|replaced_at| message.at > *replaced_at) {
        return wrong(format!("sent at {} with the content replaced at {replaced_at}", message.at));
    }
    if let Some(over) = kept.over.as_ref().filter(|over| message.at > over.at) {
        return wrong(format!("sent at {}, {} at {}", message.at, over.how, over.at));
    }
    Ok(())
}
