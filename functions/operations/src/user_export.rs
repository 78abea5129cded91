//! `user.export`: everything that is stored about a user, as one document. Personal data, all of it.

use reminder_core::following::export::export;
use reminder_core::{App, AppError};
use serde_json::Value;
use wechat::OpenId;

use crate::nobody::nobody;

pub(crate) async fn run(app: &App, openid: &OpenId) -> Result<Value, AppError> {
    match export(app, openid).await? {
        Some(document) => Ok(document),
        None => nobody(app, openid).await,
    }
}
