//! What a call comes to.

use bytes::Bytes;
use serde_json::Value;

use crate::wechat::refusals::Refusal;

/// What a call that was not refused gets.
#[derive(Debug)]
pub(crate) enum Answer {
    Json(Value),
    /// JSON that calls itself text, with `\/` for every slash.
    EscapedText(Value),
    Binary {
        content_type: String,
        disposition: Option<String>,
        bytes: Bytes,
    },
    NotFound,
}

pub(super) type Outcome = Result<Answer, Refusal>;
