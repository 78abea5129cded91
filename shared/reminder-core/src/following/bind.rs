//! Binding without a unionid: a QR code that, scanned, follows the service account and says whose code it was.
//!
//! Using up the ticket in the code and linking the two accounts is one transaction, so a ticket can bind one follower or
//! none. Whose scan counts is decided in [`crate::person::linking`].

use wechat::OpenId;

use crate::app::{App, AppError};
use crate::following::links::{self, RACES_MAX, Settled};
use crate::following::ticket;
use crate::person::link::Ground;
use crate::person::linking::Claim;
use crate::table::TableError;

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
