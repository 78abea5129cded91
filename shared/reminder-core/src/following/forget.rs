//! A user asks to be forgotten, or WeChat says that they closed their account: everything of theirs goes.

use wechat::OpenId;

use crate::app::{App, AppError};
use crate::following::links;
use crate::person::follower::{Follower, Union};
use crate::person::link::{Ground, Link};
use crate::person::user::User;
use crate::reminder::Reminder;
use crate::scheduling;
use crate::table::{Change, gone_is_fine, keys};

/// Forgets a user of the mini program: reminders, schedules, links, credits. Repeatable. Answers how many reminders
/// there were.
///
/// Whether their follower follows the service account stays on the follower's side, which is not theirs to forget here.
pub async fn forget(app: &App, openid: &OpenId) -> Result<usize, AppError> {
    let before = forget_reminders(app, openid).await?;
    forget_links(app, openid).await?;
    app.table.delete(keys::user(openid)).await?;
    // What was registered while this was going on.
    Ok(before + forget_reminders(app, openid).await?)
}

async fn forget_reminders(app: &App, openid: &OpenId) -> Result<usize, AppError> {
    let partition = keys::user_partition(openid);
    let mut forgotten = 0;
    for stored in app.table.all_with_prefix::<Reminder>(&partition, keys::REMINDER).await? {
        let reminder = stored.item;
        app.table.delete(keys::reminder(openid, &reminder.id)).await?;
        scheduling::unschedule(app, &reminder.id, &reminder.schedules).await;
        forgotten += 1;
    }
    Ok(forgotten)
}

async fn forget_links(app: &App, openid: &OpenId) -> Result<(), AppError> {
    let Some(user) = app.table.get::<User>(keys::user(openid)).await? else { return Ok(()) };
    if let Some(Link { openid: service_openid, ground: Ground::Code { .. } }) = &user.item.link {
        links::end(app, openid, service_openid).await?;
    }
    for service_openid in user.item.service_openid().into_iter().chain(&user.item.kept) {
        let update = |follower: &mut Follower| {
            let linked = follower.link.take_if(|link| link.openid == *openid).is_some();
            let kept = follower.kept.take_if(|kept| kept.mini_openid == *openid).is_some();
            Change::when(linked || kept)
        };
        gone_is_fine(app.table.update_at(keys::follower(service_openid), update).await)?;
    }
    if let Some(unionid) = &user.item.unionid {
        gone_is_fine(
            app.table
                .update_at(keys::union(unionid), |union: &mut Union| {
                    union.mini_openid = None;
                    Change::Write(())
                })
                .await,
        )?;
    }
    Ok(())
}

/// WeChat says that a follower closed their account: they go, and their user as well if unionids prove who that is; whoever
/// is linked by a code may be somebody else, and keeps what is theirs. Answers how many reminders there were.
pub async fn forget_follower(app: &App, service_openid: &OpenId) -> Result<usize, AppError> {
    let Some(follower) = app.table.get::<Follower>(keys::follower(service_openid)).await? else {
        return Ok(0);
    };
    let reminders = match &follower.item.link {
        Some(Link { openid, ground: Ground::Unionid }) => forget(app, openid).await?,
        Some(Link { openid, ground: Ground::Code { .. } }) => {
            links::end(app, openid, service_openid).await?;
            0
        }
        None => 0,
    };
    if let Some(kept) = &follower.item.kept {
        let update =
            |user: &mut User| Change::when(user.kept.take_if(|openid| openid == service_openid).is_some());
        gone_is_fine(app.table.update_at(keys::user(&kept.mini_openid), update).await)?;
    }
    if let Some(unionid) = &follower.item.unionid {
        app.table.delete(keys::union(unionid)).await?;
    }
    app.table.delete(keys::follower(service_openid)).await?;
    Ok(reminders)
}
