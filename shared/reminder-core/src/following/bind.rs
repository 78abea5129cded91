//! Binding without a unionid: a QR code that, scanned, follows the service account and says whose code it was.
//!
//! Using up the ticket in the code and linking the two accounts is one transaction, so a ticket can bind one follower or
//! none. Whose scan counts is decided in [`crate::person::linking`].

use jiff::Timestamp;
use wechat::OpenId;

use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::following::links::{self, RACES_MAX, Settled};
use crate::following::ticket::{self, BindTicket, TICKET_VALID};
use crate::person::link::Ground;
use crate::person::linking::Claim;
use crate::person::user::User;
use crate::table::{Change, TableError};

/// A fresh code of this user: what is in it, where its picture is, until when it is good.
#[derive(Debug, Clone)]
pub struct BindCode {
    /// What the code says, to be drawn.
    pub url: String,
    /// WeChat's own picture of it.
    pub image_url: String,
    pub expires_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(transparent)]
    Wechat(#[from] WechatError),
    #[error(transparent)]
    App(#[from] AppError),
}

/// Makes a ticket and has WeChat make a code of it.
pub async fn create(app: &App, mini_openid: &OpenId) -> Result<BindCode, BindError> {
    let now = app.now();
    let ticket = BindTicket::new(mini_openid.clone(), now);
    let (scene_str, expires_at) = (&ticket.scene_str.clone(), ticket.expires_at);
    // Whoever asks for a code in a conversation may not have logged in yet.
    let user = User::new(mini_openid.clone(), now);
    app.table.upsert(user, |_| Change::Keep(())).await.map_err(AppError::from)?;
    app.table.create(ticket).await.map_err(AppError::from)?;
    let code = app
        .wechat
        .call(Account::ServiceAccount, |client, token| async move {
            client.qrcode_create(&token, scene_str, TICKET_VALID).await
        })
        .await?;
    Ok(BindCode { image_url: app.wechat.showqrcode_url(&code.ticket), url: code.url, expires_at })
}

/// Somebody who follows scanned, at `at`, a code with this text. If it is a ticket of ours and still good, they are linked
/// with the user it was made for, as far as a scan may decide that. Says whether it is a code that links them now.
pub(super) async fn bind(app: &App, service_openid: &OpenId, scene: &str, at: i64) -> Result<bool, AppError> {
    for _ in 0..RACES_MAX {
        let Some(ticket) = ticket::usable(app, scene, service_openid, at).await? else { return Ok(false) };
        let mini_openid = &ticket.item.mini_openid;
        match links::attempt(app, mini_openid, service_openid, Claim::Scan { at }, Some(&ticket)).await? {
            Settled::Raced => {}
            settled => return Ok(settled == Settled::Linked(Ground::Code { at })),
        }
    }
    Err(TableError::Contended("bind ticket").into())
}
