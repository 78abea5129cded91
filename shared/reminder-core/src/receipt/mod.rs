//! What WeChat says became of a message after it was accepted (docs/wechat.md §3.1, §10.4), and where that is kept. What
//! it means for a push is `delivery`'s matter.
//!
//! A receipt names only WeChat's msgid, and it may be here before the answer that told us the msgid: then it waits for it.

mod table;

pub(crate) use table::{MessageRecord, noted_at};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wechat::{DeliveryOutcome, MsgId, OpenId, TemplateId};

use crate::account::Account;
use crate::table::{IndexEntries, Item, keys};

/// One attempt of one push of one reminder: what a receipt belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRef {
    /// The user's mini-program openid.
    pub openid: OpenId,
    pub id: String,
    pub revision: u64,
    pub n: u8,
    /// The attempt under which it was sent.
    pub attempt: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub msgid: MsgId,
    /// Named by subscription receipts, not by template receipts.
    pub template_id: Option<TemplateId>,
    /// WeChat's time of the event.
    pub create_time: Timestamp,
    /// Our time of receiving it.
    pub received_at: Timestamp,
    pub outcome: Outcome,
    /// Unknown until the answer of the send is there too.
    pub push: Option<PushRef>,
}

impl Receipt {
    /// Whether it says that the user takes or refuses the service account's messages: only those of template messages
    /// do, which name no template.
    pub fn tells_of_block(&self) -> bool {
        self.template_id.is_none() && matches!(self.outcome, Outcome::Delivered | Outcome::Blocked)
    }

    /// It is of a template message, which WeChat brings to followers only, and that arrived.
    pub fn arrived_at_a_follower(&self) -> bool {
        self.template_id.is_none() && self.outcome == Outcome::Delivered
    }
}

/// An attempt that was given up as unknown. Its receipt may still come; nobody knows its msgid, so the receipt is known
/// by what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownSend {
    pub account: Account,
    /// Their openid with this account.
    pub recipient: OpenId,
    /// `None` for a template message, whose receipt names no template.
    pub template_id: Option<TemplateId>,
    pub push: PushRef,
    /// From when to when it, or an attempt it repeated, was under way.
    pub began: Timestamp,
    pub ended: Timestamp,
}

impl UnknownSend {
    /// Whether an unmatched receipt (its msgid is of no message that we know) may be this send's.
    pub fn may_be(&self, receipt: &Receipt) -> bool {
        (self.began..=self.ended).contains(&receipt.create_time) && self.template_id == receipt.template_id
    }
}

impl Item for UnknownSend {
    const KIND: &'static str = "unknown send";

    fn key(&self) -> keys::Key {
        keys::unknown(self.account, &self.recipient, &self.push.attempt)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.ended + RECEIPT_KEPT), ..IndexEntries::default() }
    }
}

/// A receipt comes within seconds; a month covers everything that still asks for one.
pub const RECEIPT_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    Delivered,
    /// The user refuses this account's messages.
    Blocked,
    /// WeChat failed after accepting it.
    Failed {
        status: String,
    },
}

impl From<&DeliveryOutcome> for Outcome {
    fn from(outcome: &DeliveryOutcome) -> Self {
        match outcome {
            DeliveryOutcome::Delivered => Self::Delivered,
            DeliveryOutcome::Blocked => Self::Blocked,
            DeliveryOutcome::Failed { status } => Self::Failed { status: status.clone() },
        }
    }
}
