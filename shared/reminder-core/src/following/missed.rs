//! Follows and unfollows whose event never came, and what else tells of them: a refused message, a login, whatever only a
//! follower can do.

use std::time::Duration;

use tokio::time::Instant;
use wechat::OpenId;

use super::follow;
use crate::app::{App, AppError};
use crate::person::follower::Follower;
use crate::person::tombstone::is_too_late;
use crate::person::user::User;
use crate::table::{Change, Record, gone_is_fine, keys};

/// A login waits so long for WeChat's word on a follow, and is answered without it then.
const LOGIN_WAITS: Duration = Duration::from_secs(2);

/// WeChat refused a message that was sent at `at`, epoch seconds: they do not follow (43004).
pub(crate) async fn refused(app: &App, openid: &OpenId, at: i64) -> Result<(), AppError> {
    let told = app.table.update_at(keys::follower(openid), |follower: &mut Follower| {
        Change::when(follower.learn_of_refusal(at))
    });
    Ok(gone_is_fine(told.await)?)
}

/// Something came of them, at `create_time`, that only a follower can do. Whoever is not known to follow has followed, and
/// the event was lost.
pub async fn seen(app: &App, openid: &OpenId, create_time: i64, deadline: Instant) -> Result<(), AppError> {
    let known = app.table.get::<Follower>(keys::follower(openid)).await?;
    let is_lost = match known {
        Some(known) => known.item.seems_gone_at(create_time),
        None => !is_too_late(create_time, app.now()),
    };
    if is_lost {
        tracing::info!("somebody follows whose event was lost");
        follow::follow(app, openid, create_time, None, deadline).await?;
    }
    Ok(())
}

/// A user logs in whose follower is known, and does not follow as far as we know: WeChat is asked.
pub(crate) async fn at_login(app: &App, user: Record<User>) -> Result<Record<User>, AppError> {
    let Some(service_openid) = user.item.service_openid().cloned().filter(|_| !user.item.follows()) else {
        return Ok(user);
    };
    if app.secrets.get(app.now()).await?.service_account.is_none() {
        return Ok(user);
    }
    follow::ask_now(app, &service_openid, Instant::now() + LOGIN_WAITS).await?;
    Ok(app.table.get(keys::user(&user.item.openid)).await?.unwrap_or(user))
}
