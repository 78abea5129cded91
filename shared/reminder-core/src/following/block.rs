//! Whether a follower refuses the service account's messages. WeChat takes such a message all the same, and only its
//! receipt tells (docs/wechat.md §10.4).

use wechat::OpenId;

use crate::app::{App, AppError};
use crate::person::follower::Follower;
use crate::person::user::{Block, User};
use crate::scheduling;
use crate::table::{Change, gone_is_fine, keys};

/// The follower and their user learn what a receipt says; an older one changes nothing.
pub async fn learn(app: &App, service_openid: &OpenId, news: Block) -> Result<(), AppError> {
    let Some(follower) = app.table.get::<Follower>(keys::follower(service_openid)).await? else {
        return Ok(());
    };
    let mini_openid = follower.item.link.as_ref().map(|link| link.openid.clone());
    let told = app.table.update(follower, |follower| Change::when(follower.block.learn(news)));
    gone_is_fine(told.await)?;
    let Some(mini_openid) = mini_openid else { return Ok(()) };
    let now = app.now();
    let told = app.table.update_at(keys::user(&mini_openid), |user: &mut User| {
        Change::when(user.learn_of_block(service_openid, news, now))
    });
    match told.await {
        // Not only if it is news: the schedule of a first try may not have been made.
        Ok((user, _)) if !news.blocked => Ok(scheduling::look_at_rest(app, &user.item).await?),
        outcome => Ok(gone_is_fine(outcome)?),
    }
}
