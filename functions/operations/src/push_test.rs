//! `push.test`: one message to one user now, marked as a test, by the way a real one would go.

use reminder_core::delivery::trial::{Trial, send_trial};
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

use crate::nobody::nobody;

/// Answers `{"outcome": "sent" | "not_sent" | "unknown", "channel", "msgid"?, "credit": "used" | "not_used" |
/// "perhaps_used" | "not_needed", "detail", "errmsg"?}`, or `{"error", "obstacles"?, "again"?}` when nothing was tried.
pub(crate) async fn run(app: &App, openid: &OpenId, template: &str) -> Result<Value, AppError> {
    Ok(match send_trial(app, openid, template).await? {
        Trial::Tried(tally) => json!(tally),
        Trial::Nobody => nobody(app, openid).await?,
        Trial::NoTemplate => {
            json!({ "error": "the settings have no template of this name; nothing was sent" })
        }
        Trial::Unreachable(obstacles) => {
            json!({ "error": "no channel reaches this user; nothing was sent", "obstacles": obstacles })
        }
        Trial::Again => {
            json!({ "error": "a test was sent to this user in this minute; nothing was sent again", "again": true })
        }
    })
}
