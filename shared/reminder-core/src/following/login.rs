//! A user logs in to the mini program: WeChat's one-time code becomes a user of ours.

use thiserror::Error;

use crate::app::wechat::CodeError;
use crate::app::{App, AppError};
use crate::following::{follow, missed};
use crate::person::user::User;
use crate::table::{Change, TableError};

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
    let (stored, ()) = app
        .table
        .upsert(User::new(session.openid.clone(), now), |user| {
            if user.unionid == session.unionid || session.unionid.is_none() {
                return Change::Keep(());
            }
            user.unionid.clone_from(&session.unionid);
            Change::Write(())
        })
        .await?;
    let known = match session.unionid {
        Some(unionid) => follow::meet_as_user(app, stored, &unionid).await?,
        None => stored,
    };
    Ok(missed::at_login(app, known).await?.item)
}
