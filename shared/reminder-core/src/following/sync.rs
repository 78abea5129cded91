//! Learns who follows the service account from WeChat's own list: followers from before the first deployment, and
//! those whose event was lost. Who has unfollowed since is not on that list.
//!
//! A list may be longer than one invocation: it goes on from any follower, and stops between two batches.

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use wechat::{ErrCode, MAX_BATCHGET, OpenId, UserInfo};

use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::following::follow;

/// How many followers are written at a time.
const AT_ONCE: usize = 16;

#[derive(Debug, Default)]
pub struct SyncReport {
    /// Followers that we know now.
    pub synced: usize,
    /// On the list, but unknown when asked about: accounts that are gone.
    pub unknown: usize,
    /// Where to go on; `None` at the end of the list.
    pub next_openid: Option<OpenId>,
    /// Why it stopped before its time.
    pub error: Option<String>,
}

/// Goes through the list behind `from`, or from its beginning, until its end or until `stop_at`; one batch at least.
pub async fn sync(app: &App, from: Option<OpenId>, stop_at: Timestamp) -> SyncReport {
    let mut synced = SyncReport { next_openid: from, ..SyncReport::default() };
    match go_on(app, &mut synced, stop_at).await {
        Ok(()) => synced,
        Err(error) => SyncReport { error: Some(error), ..synced },
    }
}

async fn go_on(app: &App, synced: &mut SyncReport, stop_at: Timestamp) -> Result<(), String> {
    loop {
        let from = synced.next_openid.as_ref();
        let page = app
            .wechat
            .call(Account::ServiceAccount, |client, token| async move { client.user_get(&token, from).await })
            .await
            .map_err(|error| error.to_string())?;
        for batch in page.openids.chunks(MAX_BATCHGET) {
            let infos = ask(app, batch).await.map_err(|error| error.to_string())?;
            learn(app, &infos).await.map_err(|error| error.to_string())?;
            synced.synced += infos.len();
            synced.unknown += batch.len() - infos.len();
            synced.next_openid = batch.last().cloned();
            if app.now() >= stop_at {
                return Ok(());
            }
        }
        synced.next_openid = page.next_openid;
        if synced.next_openid.is_none() {
            return Ok(());
        }
    }
}

async fn learn(app: &App, infos: &[UserInfo]) -> Result<(), AppError> {
    let learning: Vec<_> = infos.iter().map(|info| follow::learn(app, &info.openid, info)).collect();
    stream::iter(learning).buffer_unordered(AT_ONCE).try_collect().await
}

/// One openid that WeChat does not know fails the whole batch: then each is asked about by itself.
async fn ask(app: &App, openids: &[OpenId]) -> Result<Vec<UserInfo>, WechatError> {
    let asked = app
        .wechat
        .call(Account::ServiceAccount, |client, token| async move {
            client.user_info_batchget(&token, openids).await
        })
        .await;
    match asked {
        Err(error) if is_unknown(&error) => {}
        outcome => return outcome,
    }
    let mut infos = Vec::new();
    for openid in openids {
        let asked =
            app.wechat
                .call(Account::ServiceAccount, |client, token| async move {
                    client.user_info(&token, openid).await
                })
                .await;
        match asked {
            Err(error) if is_unknown(&error) => {}
            outcome => infos.push(outcome?),
        }
    }
    Ok(infos)
}

/// The account is gone, or never was this account's.
fn is_unknown(error: &WechatError) -> bool {
    error.errcode() == Some(ErrCode::INVALID_OPENID)
}

#[cfg(test)]
mod tests {
    use wechat::{CallError, Refusal, Said};

    use super::*;

    #[test]
    fn only_an_openid_that_wechat_does_not_know_is_passed_over() {
        let refused =
            |errcode| WechatError::Call(CallError::Refused(Refusal::new(errcode, "invalid openid")));
        assert!(is_unknown(&refused(ErrCode::INVALID_OPENID)));
        assert!(!is_unknown(&refused(ErrCode::USER_REFUSES)));
        assert!(!is_unknown(&WechatError::Call(CallError::NotSent { reason: Said::verbatim("r") })));
    }
}
