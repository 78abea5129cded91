//! A user asks to be forgotten, or WeChat says that they withdrew their consent: everything of theirs goes.

use wechat::OpenId;

use crate::app::{Core, CoreError};
use crate::following::bind::unlink_follower;
use crate::person::follower::{Follower, Union};
use crate::person::user::User;
use crate::reminder::Reminder;
use crate::table::{Change, gone_is_fine, keys};

/// Forgets a user of the mini program: reminders, schedules, links, credits. Repeatable.
///
/// Whether their follower follows the service account stays on the follower's side, which is not theirs to forget here.
pub async fn forget(core: &Core, openid: &OpenId) -> Result<(), CoreError> {
    forget_reminders(core, openid).await?;
    forget_links(core, openid).await?;
    core.table.delete(keys::user(openid)).await?;
    // What was registered while this was going on.
    forget_reminders(core, openid).await
}

async fn forget_reminders(core: &Core, openid: &OpenId) -> Result<(), CoreError> {
    let partition = keys::user_partition(openid);
    for stored in core.table.all_with_prefix::<Reminder>(&partition, keys::REMINDER).await? {
        let reminder = stored.item;
        core.table.delete(keys::reminder(openid, &reminder.id)).await?;
        for push in reminder.pushes.iter().filter(|push| push.is_pending()) {
            let Some(at) = push.next_look_at() else { continue };
            let removed = core.schedules.remove_push(&reminder.id, push.revision, push.n, at).await;
            if let Err(error) = removed {
                tracing::warn!(%error, "a forgotten user's schedule stays; it will find nothing to do");
            }
        }
    }
    Ok(())
}

async fn forget_links(core: &Core, openid: &OpenId) -> Result<(), CoreError> {
    let Some(user) = core.table.get::<User>(keys::user(openid)).await? else { return Ok(()) };
    if let Some(service_openid) = &user.item.service_openid {
        unlink_follower(core, service_openid, openid).await?;
    }
    if let Some(unionid) = &user.item.unionid {
        gone_is_fine(
            core.table
                .update_at(keys::union(unionid), |union: &mut Union| {
                    union.mini_openid = None;
                    Change::Write(())
                })
                .await,
        )?;
    }
    Ok(())
}

/// WeChat says that a follower cancelled their account or withdrew their consent: they and, if linked, their user go.
pub async fn forget_follower(core: &Core, service_openid: &OpenId) -> Result<(), CoreError> {
    let Some(follower) = core.table.get::<Follower>(keys::follower(service_openid)).await? else {
        return Ok(());
    };
    if let Some(mini_openid) = &follower.item.mini_openid {
        forget(core, mini_openid).await?;
    }
    if let Some(unionid) = &follower.item.unionid {
        core.table.delete(keys::union(unionid)).await?;
    }
    core.table.delete(keys::follower(service_openid)).await?;
    Ok(())
}
