//! What WeChat says became of a message after it was accepted (protocol sheet §3.1, §10.4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wechat::{DeliveryOutcome, MsgId, OpenId, TemplateId};

/// One attempt of one push of one reminder: what a receipt belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRef {
    /// The user's mini-program openid.
    pub openid: OpenId,
    pub id: String,
    pub revision: u64,
    pub n: u8,
    /// The claim under which it was sent.
    pub claim: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub msgid: MsgId,
    /// Named by subscription receipts, not by template receipts.
    pub template_id: Option<TemplateId>,
    /// WeChat's time of the event.
    pub create_time: Timestamp,
    /// Ours.
    pub received_at: Timestamp,
    pub outcome: Outcome,
    /// Unknown until the answer of the send is there too.
    pub push: Option<PushRef>,
}

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
