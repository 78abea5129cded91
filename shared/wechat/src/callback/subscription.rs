//! The entries of subscription events: what was chosen in a prompt, and what became of a message (docs/wechat.md §3.1).

use super::receipt::{DeliveryOutcome, msgid};
use crate::document::Fields;
use crate::ids::MAX_IDENTIFIER;
use crate::{MsgId, TemplateId};

/// One template of a prompt, and what was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscribeChoice {
    /// The template.
    pub template_id: TemplateId,
    /// The choice.
    pub status: SubscribeStatus,
    /// Where: `0` a page of the mini program, `1` a web page, `2` an article.
    pub popup_scene: Option<String>,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscribeStatus {
    /// Yes (`accept`, also with sound or alert): one more message of a one-time template.
    Accept,
    /// No.
    Reject,
    /// A word that is not known here, `filter` and `ban` among them.
    Other(String),
}

/// What became of one subscription message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentResult {
    /// The template.
    pub template_id: TemplateId,
    /// The id that the send was answered with; `None` when the receipt names no message.
    pub msgid: Option<MsgId>,
    /// What became of it.
    pub outcome: DeliveryOutcome,
}

pub(super) fn choices(fields: &Fields<'_>) -> Vec<SubscribeChoice> {
    let choice = |entry: &&Fields<'_>| SubscribeChoice {
        template_id: TemplateId::from(entry.owned("TemplateId")),
        status: SubscribeStatus::of(entry.text("SubscribeStatusString").unwrap_or_default()),
        popup_scene: entry.string("PopupScene"),
    };
    let entries = fields.groups_with("TemplateId");
    entries.iter().map(choice).filter(|choice| choice.template_id.as_str().len() <= MAX_IDENTIFIER).collect()
}

pub(super) fn sent_results(fields: &Fields<'_>) -> Vec<SentResult> {
    let result = |entry: &&Fields<'_>| SentResult {
        template_id: TemplateId::from(entry.owned("TemplateId")),
        msgid: msgid(entry),
        outcome: match (entry.text("ErrorStatus"), entry.string("ErrorCode").as_deref()) {
            (Some(status), _) => DeliveryOutcome::of(status),
            (None, Some("0")) => DeliveryOutcome::Delivered,
            (None, code) => DeliveryOutcome::Failed { status: code.unwrap_or_default().to_owned() },
        },
    };
    fields.groups_with("TemplateId").iter().map(result).collect()
}

impl SubscribeStatus {
    fn of(word: &str) -> Self {
        match word {
            "reject" => Self::Reject,
            accept if accept.starts_with("accept") => Self::Accept,
            other => Self::Other(other.to_owned()),
        }
    }
}
