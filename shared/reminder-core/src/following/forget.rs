//! A user asks to be forgotten, or WeChat says that they closed their account: from this moment on everything of theirs is
//! nobody's.
//!
//! One transaction says so, however much there is: it takes the profile and its links away, puts the tombstone, by which
//! dispatch deletes the rest (`erase`), and marks the allowance, so that no reminder under way is written after it. Who logs
//! in meanwhile has a new profile at once.

use futures::future::{try_join, try_join3};
use jiff::Timestamp;
use wechat::OpenId;

use crate::account::Account;
use crate::app::{App, AppError};
use crate::following::draft::{Draft, find};
use crate::following::links;
use crate::person::allowance::Allowance;
use crate::person::follower::{Follower, Union};
use crate::person::link::{Ground, Link};
use crate::person::linking;
use crate::person::tombstone::Tombstone;
use crate::person::user::User;
use crate::random;
use crate::schedules::Forgotten;
use crate::table::{Item, Part, RACES_MAX, Record, TableError, keys};
use crate::webhook::outbox;

/// Forgets a user of the mini program, if they are the one who `is_meant`: their profile, and with it credits and links;
/// then, in dispatch, reminders, schedules and receipts. Answers since when; none: there is nobody of that kind.
///
/// Whether their follower follows the service account is kept for a day, in case they log in again.
pub async fn forget(
    app: &App,
    openid: &OpenId,
    is_meant: impl Fn(&User) -> bool,
) -> Result<Option<Timestamp>, AppError> {
    for _ in 0..RACES_MAX {
        let tombstone = keys::tombstone(Account::MiniProgram, openid);
        let (user, before) = app.table.get_pair::<User, Tombstone>(keys::user(openid), tombstone).await?;
        let Some(user) = user.filter(|user| is_meant(&user.item)) else { return Ok(None) };
        let at = app.now().max(user.item.created_at);
        let id = random::id();
        let mut parts = cut_links(app, &user.item, at, &id).await?;
        let new = Tombstone::of_user(&user.item, before.as_ref().map(|before| &before.item), at);
        parts.push(app.table.delete_part(&user));
        parts.push(put_part(app, before, new.clone(), &id));
        parts.push(Allowance::forget(&app.table, openid, &id, at));
        if app.table.transact(parts, &id).await? {
            wake_dispatch(app, &new).await;
            return Ok(Some(at));
        }
    }
    Err(TableError::Contended(User::KIND).into())
}

/// WeChat says that somebody closed their account with one of ours, at `create_time`: they go, and of a follower's side
/// also the user, if unionids prove who that is; whoever is linked by a code may be somebody else, and keeps what is
/// theirs. Who has made themselves known again since stays.
pub async fn account_closed(
    app: &App,
    account: Account,
    openid: &OpenId,
    create_time: i64,
) -> Result<(), AppError> {
    let is_meant = |user: &User| user.created_at.as_second() <= create_time;
    match account {
        Account::MiniProgram => forget(app, openid, is_meant).await.map(drop),
        Account::ServiceAccount => forget_follower(app, openid, create_time, is_meant).await,
    }
}

async fn forget_follower(
    app: &App,
    openid: &OpenId,
    create_time: i64,
    is_meant: impl Fn(&User) -> bool,
) -> Result<(), AppError> {
    for _ in 0..RACES_MAX {
        let tombstone = keys::tombstone(Account::ServiceAccount, openid);
        let found = app.table.get_pair::<Follower, Tombstone>(keys::follower(openid), tombstone).await?;
        let (Some(follower), before) = found else { return Ok(()) };
        if follower.item.follow.at.is_some_and(|since| since > create_time) {
            return Ok(());
        }
        if let Some(Link { openid: mini_openid, ground: Ground::Unionid }) = &follower.item.link
            && forget(app, mini_openid, &is_meant).await?.is_some()
        {
            // Their follower was unlinked with that.
            continue;
        }
        let id = random::id();
        let mut new = Tombstone::new(Account::ServiceAccount, openid.clone(), app.now());
        new.unionids.extend(follower.item.unionid.clone());
        let mut parts = remove_follower(app, follower, &id).await?;
        parts.push(put_part(app, before, new.clone(), &id));
        if app.table.transact(parts, &id).await? {
            wake_dispatch(app, &new).await;
            return Ok(());
        }
    }
    Err(TableError::Contended(Follower::KIND).into())
}

/// The followers and the union item know this user no more.
async fn cut_links(app: &App, user: &User, at: Timestamp, id: &str) -> Result<Vec<Part>, AppError> {
    let (linked, kept, union) = try_join3(
        find::<Follower>(app, user.service_openid().map(keys::follower)),
        find::<Follower>(app, user.kept.as_ref().map(keys::follower)),
        find::<Union>(app, user.unionid.as_ref().map(keys::union)),
    )
    .await?;
    let mut parts = Vec::new();
    for mut follower in linked.into_iter().chain(kept) {
        linking::forget(user, &mut follower.item, at, links::notifications(app).await?);
        parts.extend(follower.part(app, id));
    }
    if let Some(union) = union.filter(|one| one.item.mini_openid.as_ref() == Some(&user.openid)) {
        parts.push(without_side(app, &union, Account::MiniProgram, id));
    }
    Ok(parts)
}

/// The follower goes, and whoever named them does so no more: their user, whom they kept, and the union item.
pub(super) async fn remove_follower(
    app: &App,
    follower: Record<Follower>,
    id: &str,
) -> Result<Vec<Part>, AppError> {
    let mut parts = vec![app.table.delete_part(&follower)];
    let mut follower = follower.item;
    let kept = follower.kept.as_ref().map(|kept| keys::user(&kept.mini_openid));
    let users = try_join(
        find::<User>(app, follower.link.as_ref().map(|link| keys::user(&link.openid))),
        find::<User>(app, kept),
    );
    let (linked, kept) = users.await?;
    let mut users: Vec<Draft<User>> = linked.into_iter().chain(kept).collect();
    for user in &mut users {
        linking::part(&mut user.item, &mut follower, links::notifications(app).await?);
        user.item.kept.take_if(|kept| *kept == follower.openid);
        parts.extend(user.part(app, id));
    }
    // Seldom enough for the sweep to find them.
    let events = outbox::of_users(app, users.iter().map(|user| (&user.read.item, &user.item))).await?;
    parts.extend(outbox::parts(app, &events));
    let union = find::<Union>(app, follower.unionid.as_ref().map(keys::union)).await?;
    if let Some(union) = union.filter(|one| one.item.service_openid.as_ref() == Some(&follower.openid)) {
        parts.push(without_side(app, &union, Account::ServiceAccount, id));
    }
    Ok(parts)
}

/// The union item without its side of this account; without either it is none.
fn without_side(app: &App, union: &Draft<Union>, account: Account, id: &str) -> Part {
    let mut left = union.item.clone();
    match account {
        Account::MiniProgram => left.mini_openid = None,
        Account::ServiceAccount => left.service_openid = None,
    }
    match left.is_empty() {
        true => app.table.delete_part(&union.read),
        false => app.table.update_part(&union.read, left, id),
    }
}

fn put_part(app: &App, before: Option<Record<Tombstone>>, new: Tombstone, id: &str) -> Part {
    match before {
        Some(before) => app.table.update_part(&before, new, id),
        None => app.table.create_part(new, id),
    }
}

/// After the tombstone, and if it can be: whoever asks is answered also while Scheduler makes no schedules, for nothing of
/// theirs is sent any more. The sweep finds the tombstone.
async fn wake_dispatch(app: &App, tombstone: &Tombstone) {
    let forgotten = Forgotten { account: tombstone.account, openid: tombstone.openid.clone() };
    if let Err(error) = app.schedules.create_erasure(forgotten, tombstone.looks_at).await {
        tracing::warn!(%error, "what is left of somebody who was forgotten waits for the sweep");
    }
}
