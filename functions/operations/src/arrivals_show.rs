//! `arrivals.show`: which callbacks have reached us, and who logged in for the first time.

use jiff::Timestamp;
use reminder_core::{App, AppError, arrivals};
use serde_json::{Value, json};

/// Answers `{"callbacks": {ACCOUNT: {"accepted_at", "refused_at", "refused"}}, "users": [{"openid", "created_at"}],
/// "complete"}`.
pub(crate) async fn run(app: &App, since: Option<Timestamp>) -> Result<Value, AppError> {
    Ok(json!(arrivals::look(app, since.unwrap_or(Timestamp::MIN)).await?))
}
