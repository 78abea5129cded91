//! What the platform's books say was sent, and which push of whom each message was.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::wechat::SendRecord;
use wechat::ErrCode;

use super::book::{Book, Version, instant};

/// The three ways to tell somebody, as paths and as the product's words.
pub(crate) const CHANNELS: [(&str, &str); 3] = [
    ("/cgi-bin/message/template/send", "service_template"),
    ("/cgi-bin/message/subscribe/send", "mini_subscription"),
    ("/cgi-bin/message/subscribe/bizsend", "service_notification"),
];

/// The link to the mini program or its page is refused, and with it the message.
const LINK_REFUSED: [i64; 3] =
    [ErrCode::INVALID_APPID.0, ErrCode::INVALID_WEAPP_PAGEPATH.0, ErrCode::INVALID_PAGE.0];

/// Two moments that are the same for clocks that are wrong.
const A_LITTLE: SignedDuration = SignedDuration::from_secs(40);

/// What the timeline says is cut to seconds.
const CLOCKS_ROUND: SignedDuration = SignedDuration::from_secs(1);
/// From a claim to the last moment at which its message may leave.
const RUN_LASTS: SignedDuration = SignedDuration::from_secs(30);

/// A reminder's timeline keeps so many entries; a longer story has lost its middle.
pub(super) const ENTRIES_KEPT: usize = 60;

/// One request to tell somebody something that reached the platform.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub at: Timestamp,
    pub channel: &'static str,
    /// Whose it is: places of reminder and version in the book.
    pub whose: Option<(usize, usize)>,
    /// Which push of that version; unknown when nothing says so.
    pub n: Option<u64>,
    /// The timeline was complete and knew no attempt of this moment.
    pub unclaimed: bool,
    pub errcode: i64,
    pub reached: bool,
    pub msgid: Option<u64>,
}

impl Message {
    /// `None` for what is not about a reminder.
    pub(crate) fn read(send: &SendRecord, book: &Book) -> Option<Self> {
        let (_, channel) = *CHANNELS.iter().find(|(path, _)| *path == send.path)?;
        let title = send.body.pointer("/data/thing1/value").and_then(Value::as_str)?;
        let whose = book.find(title, send.at);
        let n = whose.and_then(|(place, version)| {
            let kept = &book.reminders[place];
            let version = &kept.versions[version];
            by_client_msg_id(send.client_msg_id.as_deref()?, &kept.id, version)
        });
        Some(Self {
            at: send.at,
            channel,
            whose,
            n,
            unclaimed: false,
            errcode: send.errcode,
            reached: send.reached,
            msgid: send.msgid,
        })
    }

    /// Learns from the timeline which push was claimed for this channel at that moment. `taken` are claims that other
    /// messages of that moment have been given, `clock` how far dispatch's own is ahead.
    pub(crate) fn attribute(&mut self, shown: &Value, clock: SignedDuration, taken: &mut Vec<usize>) {
        if self.n.is_some() {
            return;
        }
        let entries = shown["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        // A run may have stood still between claim and message; the latest claim before it is its own.
        let after_claim = |entry: &Value| {
            let at = instant(&entry["at"]).map_or(Timestamp::MIN, |at| at - clock);
            self.at.duration_since(at)
        };
        let claims = entries.iter().enumerate().filter(|(index, entry)| {
            entry["event"] == "claimed"
                && entry["detail"].as_str().is_some_and(|detail| detail.starts_with(self.channel))
                && (-CLOCKS_ROUND..=RUN_LASTS).contains(&after_claim(entry))
                && !taken.contains(index)
                && !left_without_a_message(&entries[index + 1..], entry)
                && !is_answered_otherwise(&entries[index + 1..], entry, self.errcode)
        });
        let claim = claims.min_by_key(|(_, entry)| after_claim(entry).abs());
        match claim {
            Some((index, entry)) => {
                // A refused link is left out within the same attempt.
                if !LINK_REFUSED.contains(&self.errcode) {
                    taken.push(index);
                }
                self.n = entry["push"].as_u64();
            }
            None => self.unclaimed = entries.len() < ENTRIES_KEPT,
        }
    }

    /// The moment the user had asked for.
    pub(crate) fn fires_at(&self, book: &Book) -> Option<Timestamp> {
        let (place, version) = self.whose?;
        let (n, versions) = (self.n?, &book.reminders[place].versions);
        let present = &versions[version];
        let promised = present.promise(n).map(|promise| promise.fires_at);
        if promised.is_some_and(|fires_at| fires_at <= self.at + A_LITTLE) {
            return promised;
        }
        // A push carried over from an earlier version goes by its number there, in ids and in the timeline.
        let before = versions[..version].iter().rev().filter_map(|version| version.promise(n));
        let mut carried = before.map(|promise| promise.fires_at).filter(|fires_at| {
            present
                .pushes
                .iter()
                .any(|promise| promise.fires_at == *fires_at && *fires_at <= self.at + A_LITTLE)
        });
        carried.next().or(promised)
    }
}

/// What is told next of the claimed push is that no message left.
fn left_without_a_message(later: &[Value], claim: &Value) -> bool {
    let next = later.iter().find(|entry| entry["push"] == claim["push"]);
    let detail = next.and_then(|entry| entry["detail"].as_str()).unwrap_or_default();
    detail.contains("gave no access_token") || detail.contains(": not sent (")
}

/// What is told next of the claimed push is that WeChat refused it with another code than this message met: of two that went
/// out in the same second, it was the other.
fn is_answered_otherwise(later: &[Value], claim: &Value, errcode: i64) -> bool {
    let next = later.iter().find(|entry| entry["push"] == claim["push"]);
    let Some(next) = next.filter(|entry| entry["event"] == "retrying" || entry["event"] == "refused") else {
        return false;
    };
    let detail = next["detail"].as_str().and_then(|detail| detail.split_once(": "));
    let answered = detail.and_then(|(_, said)| said.split(' ').next()?.parse::<i64>().ok());
    answered.is_some_and(|answered| answered != errcode)
}

/// `<id>-<revision>-<n>`, and a counter after failures.
fn by_client_msg_id(client_msg_id: &str, id: &str, version: &Version) -> Option<u64> {
    let mut parts = client_msg_id.strip_prefix(id)?.trim_start_matches('-').split('-');
    let (revision, n): (u64, u64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    // A push carried over from an earlier version keeps its id, and is asked for in the timeline.
    (revision == version.revision).then_some(n)
}
