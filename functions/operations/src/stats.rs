//! `stats`: what happened on each of the last days.

use jiff::SignedDuration;
use reminder_core::{App, AppError, stats};
use serde_json::{Value, json};

/// The function has 300 seconds; the last page of the table begins before these are over.
const TIME: SignedDuration = SignedDuration::from_secs(240);

/// Answers `{"days": [{"date", "users", "follows", "registered", "sent", "delivered", "unknown", "undeliverable"}],
/// "complete"}`.
pub(crate) async fn run(app: &App, days: i64) -> Result<Value, AppError> {
    Ok(json!(stats::count(app, days, app.now() + TIME).await?))
}
