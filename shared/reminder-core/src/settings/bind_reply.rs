//! What a follower is answered who scanned a user's code: that somebody's reminders come to them now, and how to undo it.
//! The code may have been put in front of them by somebody else (docs/design.md §4).

use super::reply::TEXT_BYTES_MAX;
use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::Field;

/// The message to the service account, exactly this word, that undoes the last scan.
pub const UNDO: &str = "解除";
/// What it is answered.
pub const UNDONE: &str = "已解除最近一次扫码的绑定。";

pub(super) const DEFAULT: &str =
    "小程序里一位用户的到期提醒，今后会发到这里。如果这不是您自己扫的码，或者不想收到，请回复“解除”。";

pub(super) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<String> {
    let text = field.text(errors)?;
    let bytes = text.len();
    if bytes > TEXT_BYTES_MAX {
        errors.at(
            &field.path,
            RuleCode::Length
                .says(format!("must be at most {TEXT_BYTES_MAX} bytes of UTF-8; this one has {bytes}"))
                .with("max", TEXT_BYTES_MAX)
                .with("found", bytes)
                .with("unit", "bytes"),
        );
        return None;
    }
    if !text.contains(UNDO) {
        errors.at(&field.path, Rule::format(UNDO, format!("must say that answering {UNDO} undoes it")));
        return None;
    }
    Some(text.to_owned())
}
