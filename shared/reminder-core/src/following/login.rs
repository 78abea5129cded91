//! A user logs in to the mini program: WeChat's one-time code becomes a user of ours.

use thiserror::Error;
use wechat::{CallError, ErrClass};

use crate::account::Account;
use crate::app::wechat::tokens::TokenError;
use crate::app::{App, AppError, WechatError};
use crate::following::follow;
use crate::person::user::User;
use crate::table::{Change, TableError};

#[derive(Debug, Error)]
pub enum LoginError {
    /// Used, expired or made up: the mini program asks `wx.login` for another one.
    #[error(
        "WeChat does not accept this code (errcode {0}): it is used, expired or not of this mini program"
    )]
    CodeRejected(i64),
    /// WeChat does not let this user in (40226).
    #[error("WeChat blocks this user")]
    Blocked,
    /// Nobody's fault here: another code, a moment later.
    #[error("WeChat did not answer: {0}")]
    Unavailable(String),
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
    let account = &secrets.mini_program;
    let mut answer = app.wechat.jscode2session(account.appid(), &account.app_secret, js_code).await;
    let refusal = answer.as_ref().err().and_then(CallError::refusal);
    if refusal.is_some_and(|refusal| refusal.errcode.class_at_token_endpoint() == ErrClass::Config)
        && let Some(newer) =
            app.secrets.app_secret_other_than(Account::MiniProgram, &account.app_secret, now).await
    {
        // The AppSecret was reset since ours was fetched; the code was not looked at.
        answer = app.wechat.jscode2session(account.appid(), &newer, js_code).await;
    }
    let session = match answer {
        Ok(session) => session,
        Err(CallError::Refused(refusal)) => match refusal.errcode.0 {
            errcode @ (40029 | 40163 | 41008) => return Err(LoginError::CodeRejected(errcode)),
            40226 => return Err(LoginError::Blocked),
            _ => return Err(unavailable(app, CallError::Refused(refusal)).await),
        },
        Err(error) => return Err(unavailable(app, error).await),
    };
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
    let Some(unionid) = session.unionid else { return Ok(stored.item) };
    Ok(follow::meet_as_user(app, stored, &unionid).await?.item)
}

/// Counted and noted like any other call that came to nothing; like the token's it is made with the AppSecret.
async fn unavailable(app: &App, error: CallError) -> LoginError {
    let reason = error.to_string();
    app.note_refusal(Account::MiniProgram, &WechatError::from(TokenError::Call(error))).await;
    LoginError::Unavailable(reason)
}
