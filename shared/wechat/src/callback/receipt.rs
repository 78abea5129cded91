//! What a receipt says: which message, and what became of it (docs/wechat.md §3.1, §10.4).

use crate::MsgId;
use crate::document::Fields;

/// What became of a message that WeChat had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It arrived.
    Delivered,
    /// The user refuses the account's messages.
    Blocked,
    /// WeChat failed.
    Failed {
        /// WeChat's word for it, its spaces normalised.
        status: String,
    },
}

pub(super) fn msgid(fields: &Fields<'_>) -> Option<MsgId> {
    MsgId::of_wechats(fields.string("MsgID")?.trim().to_owned())
}

impl DeliveryOutcome {
    /// Reads a status; documents and field disagree about the space after the colon (docs/wechat.md §10.4).
    pub(super) fn of(status: &str) -> Self {
        let words: Vec<&str> = status.split_whitespace().collect();
        let status = words.join(" ").replace(": ", ":").replace(" :", ":");
        match status.to_ascii_lowercase().as_str() {
            "success" => Self::Delivered,
            "failed:user block" => Self::Blocked,
            _ => Self::Failed { status },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_read_whatever_its_spaces() {
        let failed = |status: &str| DeliveryOutcome::Failed { status: status.to_owned() };
        let table = [
            ("success", DeliveryOutcome::Delivered),
            (" success\n", DeliveryOutcome::Delivered),
            ("failed:user block", DeliveryOutcome::Blocked),
            ("failed: user  block", DeliveryOutcome::Blocked),
            ("failed : user block", DeliveryOutcome::Blocked),
            ("failed: system failed", failed("failed:system failed")),
            ("failed:system failed", failed("failed:system failed")),
            ("", failed("")),
        ];
        for (status, expect) in table {
            assert_eq!(DeliveryOutcome::of(status), expect, "{status:?}");
        }
    }
}
