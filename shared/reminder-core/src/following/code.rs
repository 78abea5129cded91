//! A user asks for a QR code of their own: a ticket, and what WeChat makes of it. Scanning it is in `bind`.
//!
//! WeChat makes so many a day for all users of the account together, so each may have so many of them, and the last one
//! is shown again while it is good.

use jiff::{SignedDuration, Timestamp};
use wechat::OpenId;

use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::following::profile::{self, Occasion};
use crate::following::ticket::{BindTicket, MadeCode, TICKET_VALID, TicketOfUser};
use crate::person::allowance::{Allowance, CODES_A_DAY_MAX, until_midnight};
use crate::person::user::User;
use crate::random;
use crate::table::{Change, Creation, Item, RACES_MAX, Record, TableError, keys};

/// A code of this user, until when it is good.
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
    /// Until this time is over: then the next day begins.
    #[error("{CODES_A_DAY_MAX} codes were made today; the next day begins at midnight in China")]
    OverAllowance(SignedDuration),
    #[error("the user was forgotten since they asked for the code")]
    Forgotten,
    #[error(transparent)]
    App(#[from] AppError),
}

/// The last code, if nobody has used it and it is good for a while; else a ticket is made, and WeChat makes a code of it.
pub async fn create(app: &App, mini_openid: &OpenId, occasion: Occasion) -> Result<BindCode, BindError> {
    // Whoever asks for a code in a conversation may not have logged in yet.
    let user = profile::change_user(app, mini_openid, occasion, |_| Change::Keep(()));
    let (user, ()) = user.await.map_err(AppError::from)?.ok_or(BindError::Forgotten)?;
    let (user, now) = (user.item, app.now());
    for _ in 0..RACES_MAX {
        let allowance = Allowance::read(&app.table, mini_openid).await.map_err(AppError::from)?;
        if let Some(code) = unused(app, &user, &allowance, now).await? {
            return Ok(code);
        }
        if allowance.codes_left(now) == 0 {
            return Err(BindError::OverAllowance(until_midnight(now)));
        }
        match new_ticket(app, &user, &allowance, now).await {
            Ok(ticket) => return made_by_wechat(app, ticket).await,
            Err(TableError::Overtaken) => {}
            Err(error) => return Err(AppError::from(error).into()),
        }
    }
    Err(AppError::from(TableError::Contended(BindTicket::KIND)).into())
}

/// The user's last code, if it is good for them.
async fn unused(
    app: &App,
    user: &User,
    allowance: &Allowance,
    now: Timestamp,
) -> Result<Option<BindCode>, AppError> {
    let Some(scene_str) = allowance.newest_code() else { return Ok(None) };
    let ticket = app.table.get::<BindTicket>(keys::bind_ticket(scene_str)).await?.map(|stored| stored.item);
    let good = ticket.filter(|ticket| ticket.is_good_for(user, now));
    Ok(good.and_then(|BindTicket { code, expires_at, .. }| Some(bind_code(code?, expires_at))))
}

/// A ticket, in one transaction with its place in the allowance and with what finds it if its user is forgotten.
async fn new_ticket(
    app: &App,
    user: &User,
    allowance: &Allowance,
    now: Timestamp,
) -> Result<Record<BindTicket>, TableError> {
    // No older than the profile that it is for.
    let ticket = BindTicket::new(user.openid.clone(), now.max(user.created_at));
    let parts = [
        allowance.code(&app.table, &ticket.scene_str, now),
        app.table.create_part(TicketOfUser::of(&ticket), &random::id()),
    ];
    let (Creation::New(ticket) | Creation::Exists(ticket)) = app.table.create_with(ticket, &parts).await?;
    Ok(ticket)
}

async fn made_by_wechat(app: &App, ticket: Record<BindTicket>) -> Result<BindCode, BindError> {
    let (scene_str, expires_at) = (&ticket.item.scene_str, ticket.item.expires_at);
    let made = app
        .wechat
        .call(Account::ServiceAccount, |client, token| async move {
            client.qrcode_create(&token, scene_str, TICKET_VALID).await
        })
        .await?;
    let code = MadeCode { image_url: app.wechat.showqrcode_url(&made.ticket), url: made.url };
    let noted = app.table.update(ticket, |ticket| {
        ticket.code = Some(code.clone());
        Change::Write(())
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "a code is not remembered; the next time another one is made");
    }
    Ok(bind_code(code, expires_at))
}

fn bind_code(code: MadeCode, expires_at: Timestamp) -> BindCode {
    BindCode { url: code.url, image_url: code.image_url, expires_at }
}
