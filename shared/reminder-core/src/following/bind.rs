//! Binding without a unionid: a QR code that, scanned, follows the service account and says whose code it was.
//!
//! The text in the code is a bearer ticket: random, single-use, expiring. Using it up and linking the two accounts is
//! one transaction, so a ticket can bind one follower or none.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wechat::OpenId;

use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::following::profile::{self, Occasion};
use crate::person::follower::Follower;
use crate::person::user::User;
use crate::random;
use crate::table::{Change, IndexEntries, Item, Record, TableError, gone_is_fine, keys};

/// Codes are mostly scanned at once; an hour is enough for one that was photographed to be scanned later.
pub const TICKET_VALID: SignedDuration = SignedDuration::from_hours(1);
/// Whoever scans it again, having used it up, is met by it for so long.
const TICKET_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// What our tickets begin with; the owner may have other QR codes of the account, which are none of our business.
const PREFIX: &str = "bind:";
const RACES_MAX: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindTicket {
    pub scene_str: String,
    pub mini_openid: OpenId,
    pub expires_at: Timestamp,
    /// The follower who used it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<OpenId>,
}

impl Item for BindTicket {
    const KIND: &'static str = "bind ticket";

    fn key(&self) -> keys::Key {
        keys::bind_ticket(&self.scene_str)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.expires_at + TICKET_KEPT), ..IndexEntries::default() }
    }
}

/// That this ticket is this user's: nothing in a ticket's key tells whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketOfUser {
    pub mini_openid: OpenId,
    pub scene_str: String,
    pub expires_at: Timestamp,
}

impl TicketOfUser {
    pub(super) fn made_at(&self) -> Timestamp {
        self.expires_at - TICKET_VALID
    }
}

impl Item for TicketOfUser {
    const KIND: &'static str = "bind ticket of a user";

    fn key(&self) -> keys::Key {
        keys::ticket_of_user(&self.mini_openid, &self.scene_str)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.expires_at + TICKET_KEPT), ..IndexEntries::default() }
    }
}

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
    #[error("the user was forgotten since they asked for the code")]
    Forgotten,
}

/// Makes a ticket and has WeChat make a code of it.
pub async fn create(app: &App, mini_openid: &OpenId, occasion: Occasion) -> Result<BindCode, BindError> {
    // Whoever asks for a code in a conversation may not have logged in yet.
    let user = profile::change_user(app, mini_openid, occasion, |_| Change::Keep(()));
    let (user, ()) = user.await.map_err(AppError::from)?.ok_or(BindError::Forgotten)?;
    // A ticket is no older than the profile that it is for.
    let expires_at = app.now().max(user.item.created_at) + TICKET_VALID;
    // 32 characters of base32 are 160 bits.
    let scene_str = format!("{PREFIX}{}", random::base32(&random::bytes::<20>(), 32));
    let mini_openid = mini_openid.clone();
    // First that by which it is found if they are forgotten.
    let of_user = TicketOfUser { mini_openid: mini_openid.clone(), scene_str: scene_str.clone(), expires_at };
    app.table.create(of_user).await.map_err(AppError::from)?;
    let ticket = BindTicket { scene_str: scene_str.clone(), mini_openid, expires_at, used_by: None };
    app.table.create(ticket).await.map_err(AppError::from)?;
    let scene_str = &scene_str;
    let code = app
        .wechat
        .call(Account::ServiceAccount, |client, token| async move {
            client.qrcode_create(&token, scene_str, TICKET_VALID).await
        })
        .await?;
    Ok(BindCode { image_url: app.wechat.showqrcode_url(&code.ticket), url: code.url, expires_at })
}

/// Somebody who follows scanned a code with this text. If it is a ticket of ours and still good, they are linked with
/// the user it was made for, unless the two are known to be different people.
pub async fn bind(app: &App, service_openid: &OpenId, scene: &str) -> Result<(), AppError> {
    if !scene.starts_with(PREFIX) {
        return Ok(());
    }
    for _ in 0..RACES_MAX {
        let Some(ticket) = usable_ticket(app, scene, service_openid).await? else { return Ok(()) };
        let (user, follower) = app
            .table
            .get_pair::<User, Follower>(keys::user(&ticket.item.mini_openid), keys::follower(service_openid))
            .await?;
        let (Some(user), Some(follower)) = (user, follower) else { return Ok(()) };
        if ticket.item.expires_at - TICKET_VALID < user.item.created_at {
            tracing::info!("a bind ticket of somebody who was forgotten since was scanned");
            return Ok(());
        }
        if are_two_people(&user.item, &follower.item) {
            tracing::warn!("a bind ticket was scanned by somebody else than its user; nothing was linked");
            return Ok(());
        }
        let is_linked = user.item.service_openid.as_ref() == Some(service_openid);
        if is_linked && ticket.item.used_by.is_some() {
            return Ok(());
        }
        if use_up(app, &ticket, &user, &follower).await? {
            return Ok(());
        }
    }
    Err(TableError::Contended("bind ticket").into())
}

/// The ticket, if there is one that this follower may use, or has used.
async fn usable_ticket(
    app: &App,
    scene: &str,
    service_openid: &OpenId,
) -> Result<Option<Record<BindTicket>>, AppError> {
    let Some(ticket) = app.table.get::<BindTicket>(keys::bind_ticket(scene)).await? else { return Ok(None) };
    let is_usable = match &ticket.item.used_by {
        Some(follower) => follower == service_openid,
        None => app.now() < ticket.item.expires_at,
    };
    if !is_usable {
        tracing::info!("a used or expired bind ticket was scanned");
    }
    Ok(is_usable.then_some(ticket))
}

/// By their unionids, or because the follower belongs to another user already.
fn are_two_people(user: &User, follower: &Follower) -> bool {
    let differ = matches!((&user.unionid, &follower.unionid), (Some(one), Some(other)) if one != other);
    differ || follower.mini_openid.as_ref().is_some_and(|linked| *linked != user.openid)
}

/// Links the two and marks the ticket as used, in one transaction. `false`: one of the items was written meanwhile.
async fn use_up(
    app: &App,
    ticket: &Record<BindTicket>,
    user: &Record<User>,
    follower: &Record<Follower>,
) -> Result<bool, AppError> {
    let service_openid = &follower.item.openid;
    let before = user.item.service_openid.as_ref().filter(|linked| *linked != service_openid);
    let (mut linked_user, mut linked_follower) = (user.item.clone(), follower.item.clone());
    if before.is_some() {
        linked_user.leave_follower(app.settings_if_any().await?.as_deref());
    }
    linked_user.service_openid = Some(service_openid.clone());
    linked_user.follow = follower.item.follow;
    linked_user.block = follower.item.block;
    linked_user.takes_over(std::mem::take(&mut linked_follower.credits));
    linked_follower.mini_openid = Some(user.item.openid.clone());
    let mut used = ticket.item.clone();
    used.used_by = Some(service_openid.clone());
    let id = random::id();
    let parts = vec![
        app.table.update_part(ticket, used, &id),
        app.table.update_part(user, linked_user, &id),
        app.table.update_part(follower, linked_follower, &id),
    ];
    if !app.table.transact(parts, &id).await? {
        return Ok(false);
    }
    if let Some(before) = before {
        unlink_follower(app, before, &user.item.openid).await?;
    }
    Ok(true)
}

/// The follower belongs to nobody now, if they belonged to this user.
pub(crate) async fn unlink_follower(
    app: &App,
    service_openid: &OpenId,
    mini_openid: &OpenId,
) -> Result<(), AppError> {
    let unlinked = |follower: &mut Follower| {
        if follower.mini_openid.as_ref() != Some(mini_openid) {
            return Change::Keep(());
        }
        follower.mini_openid = None;
        Change::Write(())
    };
    Ok(gone_is_fine(app.table.update_at(keys::follower(service_openid), unlinked).await)?)
}

/// The user has no follower now, if it was this one.
pub(super) async fn unlink_user(
    app: &App,
    mini_openid: &OpenId,
    service_openid: &OpenId,
) -> Result<(), AppError> {
    let settings = app.settings_if_any().await?;
    let unlinked = |user: &mut User| {
        if user.service_openid.as_ref() != Some(service_openid) {
            return Change::Keep(());
        }
        user.leave_follower(settings.as_deref());
        Change::Write(())
    };
    Ok(gone_is_fine(app.table.update_at(keys::user(mini_openid), unlinked).await)?)
}
