//! What has reached a stack that is being set up: the callbacks of each account, and the users who came since.
//!
//! Users have no index by the time they came. So the table is read, and no more of it than a new stack has: of a large one
//! the answer says that it is not complete.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use wechat::OpenId;

use crate::account::Account;
use crate::app::health::Kind;
use crate::app::{App, AppError};
use crate::person::user::User;
use crate::table::item::Attributes;
use crate::table::keys::Due;
use crate::table::{Record, key_of};

/// Of a megabyte each: asked for every few seconds, they still cost nothing worth mentioning.
const PAGES_MAX: usize = 8;

#[derive(Debug, Serialize)]
pub struct Arrivals {
    /// By account, those in the secrets.
    pub callbacks: BTreeMap<&'static str, Callbacks>,
    /// Newest first.
    pub users: Vec<Newcomer>,
    /// False: the table is too large to be looked through for users.
    pub complete: bool,
}

/// The last of each, if there was one.
#[derive(Debug, Serialize)]
pub struct Callbacks {
    pub accepted_at: Option<Timestamp>,
    pub refused_at: Option<Timestamp>,
    /// Why.
    pub refused: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Newcomer {
    pub openid: OpenId,
    pub created_at: Timestamp,
}

/// # Errors
/// When secrets or table could not be read.
pub async fn look(app: &App, since: Timestamp) -> Result<Arrivals, AppError> {
    let secrets = app.secrets.get(app.now()).await?;
    let mut callbacks = BTreeMap::new();
    for account in Account::ALL.into_iter().filter(|account| secrets.of(*account).is_some()) {
        callbacks.insert(account.name(), callbacks_of(app, account).await?);
    }
    let (mut users, mut after) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let (page, next) = app.table.scan(after).await?;
        users.extend(page.iter().filter_map(|item| newcomer(item, since)));
        after = next;
        if after.is_none() {
            break;
        }
    }
    users.sort_by_key(|user| std::cmp::Reverse(user.created_at));
    Ok(Arrivals { callbacks, users, complete: after.is_none() })
}

async fn callbacks_of(app: &App, account: Account) -> Result<Callbacks, AppError> {
    let mut notes = app.health.read(account).await?.notes;
    let refused = notes.remove(&Kind::CallbackRefused);
    Ok(Callbacks {
        accepted_at: notes.remove(&Kind::CallbackAccepted).map(|note| note.at),
        refused_at: refused.as_ref().map(|note| note.at),
        refused: refused.map(|note| note.detail),
    })
}

/// One that cannot be read is the doctor's business.
fn newcomer(item: &Attributes, since: Timestamp) -> Option<Newcomer> {
    let Some(Due::User(_)) = key_of(item).due() else { return None };
    let user = Record::<User>::decode(item).ok()?.item;
    (user.created_at >= since).then_some(Newcomer { openid: user.openid, created_at: user.created_at })
}
