//! A user logs in to the mini program: WeChat's one-time code becomes a user of ours.

use thiserror::Error;

use crate::app::wechat::CodeError;
use crate::app::{App, AppError};
use crate::following::profile::{self, Occasion};
use crate::following::{follow, missed};
use crate::person::user::{KEPT, User};
use crate::table::{Change, Item, TableError};

#[derive(Debug, Error)]
pub enum LoginError {
    #[error(transparent)]
    Code(#[from] CodeError),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<TableError> for LoginError {
    fn from(error: TableError) -> Self {
        Self::App(error.into())
    }
}

/// Exchanges `js_code`; answers the user as we know them now, linked to their follower if the unionid tells.
///
/// A code is good once: when WeChat's answer is lost, only a new code helps, so nothing is repeated here.
pub async fn login(app: &App, js_code: &str) -> Result<User, LoginError> {
    let now = app.now();
    let secrets = app.secrets.get(now).await.map_err(AppError::from)?;
    let session = app.wechat.jscode2session(&secrets.mini_program, js_code).await?;
    // The profile first, then the link: whoever comes second at the link finds the profile of the first.
    let changed = profile::change_user(app, &session.openid, Occasion::Login, |user| {
        let is_kept_longer = user.keep_until(now + KEPT);
        let is_unionid_news = session.unionid.is_some() && user.unionid != session.unionid;
        if is_unionid_news {
            user.unionid.clone_from(&session.unionid);
        }
        Change::when(is_kept_longer || is_unionid_news)
    });
    let (stored, _) = changed.await?.ok_or(TableError::Gone(User::KIND))?;
    let known = match session.unionid {
        Some(unionid) => follow::meet_as_user(app, stored, &unionid).await?,
        None => stored,
    };
    Ok(missed::at_login(app, known).await?.item)
}
