//! "A push is sent twice." Judged of what reached phones; the one residue is decided from what went wrong.
//!
//! The residue: WeChat's answer and its receipt both lost, on a channel without an idempotency key. A template message
//! has one for ten minutes; the platform itself drops a repeat in that time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use simulator::journal::Entry;
use simulator::lambda::FunctionName;
use simulator::wechat::Callback;

use super::Violation;
use crate::walk::book::{Book, instant};
use crate::walk::message::Message;

pub(crate) const NAME: &str = "told_once";

/// A receipt later than this is as good as lost: by then the product has looked.
const RECEIPT_WITHIN: SignedDuration = SignedDuration::from_mins(4);

/// Answers how many pushes fell into the residue.
pub(crate) fn judge(
    book: &Book,
    messages: &[Message],
    journal: &[Entry],
    callbacks: &[Callback],
) -> Result<usize, Violation> {
    let mut told: BTreeMap<(usize, Timestamp), Vec<&Message>> = BTreeMap::new();
    for message in messages.iter().filter(|message| message.reached) {
        let Some((place, _)) = message.whose else {
            return Err(Violation::new(NAME, None, "a message that belongs to no reminder"));
        };
        if message.unclaimed {
            let what = format!("a message at {} that no attempt claimed", message.at);
            return Err(Violation::new(NAME, Some(place), what));
        }
        if let Some(fires_at) = message.fires_at(book) {
            told.entry((place, fires_at)).or_default().push(message);
        }
    }
    let mut residue = 0;
    for ((place, fires_at), messages) in told {
        for earlier in &messages[..messages.len() - 1] {
            let answer = is_answer_lost(earlier, journal);
            let receipt = is_receipt_lost(earlier, callbacks);
            if !(answer && receipt) {
                let all: Vec<String> =
                    messages.iter().map(|message| format!("{} {}", message.channel, message.at)).collect();
                let what = format!(
                    "the push of {fires_at} reached the phone {} times ({}); answer lost: {answer}, receipt lost: {receipt}",
                    messages.len(),
                    all.join(", ")
                );
                return Err(Violation::new(NAME, Some(place), what));
            }
            residue += 1;
        }
    }
    Ok(residue)
}

/// The run that sent it met something that kept it from writing the answer down.
pub(crate) fn is_answer_lost(message: &Message, journal: &[Entry]) -> bool {
    journal.iter().any(|entry| {
        let disturbed = ["dropped", "crash", "late", "frozen", "planned"]
            .iter()
            .any(|word| entry.outcome.rsplit_once('(').is_some_and(|(_, fault)| fault.contains(word)));
        entry.at.duration_since(message.at).abs() <= SignedDuration::from_secs(1)
            && entry.function == Some(FunctionName::ReminderDispatch)
            && disturbed
    })
}

pub(crate) fn is_receipt_lost(message: &Message, callbacks: &[Callback]) -> bool {
    let Some(msgid) = message.msgid else { return true };
    let msgid = msgid.to_string();
    let of_it = |callback: &&Callback| {
        matches!(callback.event.as_str(), "TEMPLATESENDJOBFINISH" | "subscribe_msg_sent_event")
            && callback.document.contains(&msgid)
    };
    let Some(receipt) = callbacks.iter().find(of_it) else { return true };
    let taken = receipt.attempts.iter().find(|attempt| attempt.status == Some(200));
    let at = taken.and_then(|attempt| instant(&attempt.at.as_str().into()));
    at.is_none_or(|at| at.duration_since(message.at) > RECEIPT_WITHIN)
}
