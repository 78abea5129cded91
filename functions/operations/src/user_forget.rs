//! `user.forget`: what `DELETE /me` does, on an operator's word.

use reminder_core::following::forget::forget;
use reminder_core::{App, AppError};
use serde_json::{Value, json};
use wechat::OpenId;

use crate::nobody::nobody;

/// Answers since when they are forgotten; dispatch deletes what is left within minutes.
pub(crate) async fn run(app: &App, openid: &OpenId) -> Result<Value, AppError> {
    match forget(app, openid, |_| true).await? {
        Some(at) => Ok(json!({ "forgotten_at": at })),
        None => nobody(app, openid).await,
    }
}
