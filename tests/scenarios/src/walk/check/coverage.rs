//! "A push that coverage promised is told", unless its means were taken away by its user, its owner or what went wrong.

use super::Violation;
use super::owed::GRACE;
use crate::walk::book::{Book, Promise};
use crate::walk::message::Message;

use jiff::Timestamp;

pub(crate) const NAME: &str = "coverage";

/// Whether the push had the time to be told in a world where everything worked. `calm_since`: nothing was planned to go
/// wrong from then on.
pub(crate) fn had_time(promise: &Promise, expires_at: Timestamp, calm_since: Timestamp) -> bool {
    promise.fires_at.max(calm_since) + GRACE < expires_at
}

pub(crate) fn judge(
    book: &Book,
    place: usize,
    promise: &Promise,
    messages: &[Message],
) -> Result<(), Violation> {
    let told = messages.iter().any(|message| {
        let theirs = message.whose.is_some_and(|(whose, _)| whose == place);
        // Of which push a message was is not always known.
        let fires_at = message.fires_at(book).unwrap_or(promise.fires_at);
        message.reached && theirs && fires_at == promise.fires_at
    });
    if told {
        return Ok(());
    }
    let what = format!("push {} of {} was said to be covered, and was not told", promise.n, promise.fires_at);
    Err(Violation::new(NAME, Some(place), what))
}
