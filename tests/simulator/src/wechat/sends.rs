//! Every message anybody asked this platform to send, and what became of it: for those who check afterwards.
//!
//! Also the platform's memory of `client_msg_id` (docs/wechat.md §10.1).

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::accounts::AccountName;
use super::random::Random;

/// How long a repeated client_msg_id is recognised.
const CLIENT_MSG_ID_REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// Beyond what a double holds exactly, so that nobody may read a msgid as one.
const FIRST_MSGID: u64 = 3_248_682_510_344_192_000;

/// One send request that reached the platform's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRecord {
    pub at: Timestamp,
    pub account: AccountName,
    pub path: String,
    pub openid: String,
    pub template_id: Option<String>,
    pub client_msg_id: Option<String>,
    /// 0 if it was accepted.
    pub errcode: i64,
    pub msgid: Option<u64>,
    /// A repeat of a client_msg_id: accepted, and nothing more happened.
    pub repeated: bool,
    /// It is on the phone now: accepted, no repeat, and not refused by a user who blocks the account.
    pub reached: bool,
    /// The message as it was sent.
    pub body: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Sends {
    log: Vec<SendRecord>,
    /// By openid and client_msg_id: when it was last sent, and the msgid it got.
    seen: HashMap<(String, String), (Timestamp, Option<u64>)>,
    issued: u64,
    /// Openids to which a message is under way.
    under_way: BTreeSet<String>,
}

impl Sends {
    pub(crate) fn next_msgid(&mut self, random: &mut Random) -> u64 {
        self.issued += 1 + random.number() % 1000;
        FIRST_MSGID + self.issued
    }

    /// A message to this openid is under way; `false` if another one is.
    pub(crate) fn begins(&mut self, openid: &str) -> bool {
        self.under_way.insert(openid.to_owned())
    }

    pub(crate) fn ends(&mut self, openid: &str) {
        self.under_way.remove(openid);
    }

    pub(crate) fn record(&mut self, send: SendRecord) {
        if let Some(id) = send.client_msg_id.as_ref().filter(|_| !send.repeated && send.msgid.is_some()) {
            self.seen.insert((send.openid.clone(), id.clone()), (send.at, send.msgid));
        }
        self.log.push(send);
    }

    /// The msgid that this client_msg_id got, if that was less than ten minutes ago.
    pub(crate) fn seen(&self, openid: &str, client_msg_id: &str, now: Timestamp) -> Option<u64> {
        let (at, msgid) = self.seen.get(&(openid.to_owned(), client_msg_id.to_owned()))?;
        msgid.filter(|_| now.duration_since(*at) < CLIENT_MSG_ID_REMEMBERED)
    }

    pub(crate) fn log(&self) -> &[SendRecord] {
        &self.log
    }
}
