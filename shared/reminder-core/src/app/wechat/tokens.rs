//! Access tokens: memory, then the table, then WeChat.
//!
//! `stable_token` in normal mode hands every caller the same token, so there is no lock between environments and
//! no leader. Within a process one refresh is under way at a time. An endpoint that keeps refusing is asked at most
//! once in thirty seconds per account, whoever asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use wechat::{AccessToken, AppId, CallError, Client, ErrClass, IssuedToken};

use super::error::TokenError;
use super::shared_token::{CachedToken, SharedToken};
use crate::account::Account;
use crate::app::metrics::Metrics;
use crate::app::secrets::{AccountSecrets, SecretStore};
use crate::table::{Change, Table, keys};

/// The tokens of both accounts.
pub(super) struct AccessTokens {
    table: Table,
    client: Client,
    secrets: Arc<SecretStore>,
    metrics: Metrics,
    memory: Mutex<HashMap<Account, CachedToken>>,
    refreshing: [tokio::sync::Mutex<()>; 2],
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

impl AccessTokens {
    pub(super) fn new(table: Table, client: Client, secrets: Arc<SecretStore>, metrics: Metrics) -> Self {
        Self { table, client, secrets, metrics, memory: Mutex::default(), refreshing: Default::default() }
    }

    pub(super) async fn get(&self, account: Account, now: Timestamp) -> Result<AccessToken, TokenError> {
        if let Some(token) = self.remembered(account, now) {
            return Ok(token);
        }
        let _refreshing = self.refreshing[account as usize].lock().await;
        if let Some(token) = self.remembered(account, now) {
            return Ok(token);
        }
        self.look_up(account, None, now).await
    }

    /// A call was refused for `failed`: the table's token if that is another one, else what WeChat says now,
    /// which may be the same.
    pub(super) async fn replace(
        &self,
        account: Account,
        failed: &AccessToken,
        now: Timestamp,
    ) -> Result<AccessToken, TokenError> {
        let _refreshing = self.refreshing[account as usize].lock().await;
        if let Some(token) = self.remembered(account, now).filter(|token| token != failed) {
            return Ok(token);
        }
        self.look_up(account, Some(failed), now).await
    }

    async fn look_up(
        &self,
        account: Account,
        failed: Option<&AccessToken>,
        now: Timestamp,
    ) -> Result<AccessToken, TokenError> {
        let secrets = self.secrets.get(now).await?;
        let secrets = secrets.of(account).ok_or(TokenError::NotConfigured(account))?;
        let appid = secrets.appid();
        if let Some(shared) = self.shared(appid, failed, now).await? {
            return Ok(self.remember(account, shared));
        }
        match self.ask_wechat(account, secrets, now).await {
            Ok(issued) => {
                tracing::info!(%account, seconds = issued.expires_in.as_secs(), "fetched an access_token");
                let issued = CachedToken { token: issued.access_token, expires_at: now + issued.expires_in };
                let shared = SharedToken::issued(appid.clone(), &issued);
                let token = self.remember(account, issued);
                self.share(shared).await;
                Ok(token)
            }
            // No answer at all says nothing about the next one.
            Err(error @ (CallError::NotSent { .. } | CallError::Unknown { .. })) => Err(error.into()),
            Err(CallError::Refused(refusal)) => {
                let refused = SharedToken::refused(appid.clone(), &refusal, now);
                let found = self.share_refusal(refused, failed, now).await;
                found
                    .map(|found| self.remember(account, found))
                    .ok_or_else(|| CallError::from(refusal).into())
            }
        }
    }

    /// What the table says: a good token, that WeChat is to be left alone, or nothing.
    async fn shared(
        &self,
        appid: &AppId,
        failed: Option<&AccessToken>,
        now: Timestamp,
    ) -> Result<Option<CachedToken>, TokenError> {
        let Some(shared) = self.table.get::<SharedToken>(keys::token(appid)).await? else { return Ok(None) };
        let good = shared.item.good(failed, now);
        match shared.item.refusal_to_wait_for(now) {
            Some(refusal) if good.is_none() => Err(TokenError::Waiting(refusal)),
            _ => Ok(good),
        }
    }

    /// Once more if the AppSecret was reset since ours was fetched.
    async fn ask_wechat(
        &self,
        account: Account,
        secrets: &AccountSecrets,
        now: Timestamp,
    ) -> Result<IssuedToken, CallError> {
        let (appid, app_secret) = (secrets.appid(), &secrets.app_secret);
        let mut issued = self.client.stable_token(appid, app_secret, false).await;
        if is_config(&issued)
            && let Some(newer) = self.secrets.app_secret_other_than(account, app_secret, now).await
        {
            issued = self.client.stable_token(appid, &newer, false).await;
        }
        self.metrics.token_refreshed(account, issued.is_ok(), now);
        issued
    }

    /// Sharing saves the others a call; without it they ask WeChat themselves and get the same token.
    async fn share(&self, token: SharedToken) {
        if let Err(error) = self.table.put_anyway(token).await {
            tracing::warn!(%error, "the access_token could not be shared through the table");
        }
    }

    /// Unless somebody else was given a token meanwhile: then that one.
    async fn share_refusal(
        &self,
        refused: SharedToken,
        failed: Option<&AccessToken>,
        now: Timestamp,
    ) -> Option<CachedToken> {
        let shared = self.table.upsert(refused.clone(), |shared| match shared.good(failed, now) {
            None if *shared != refused => {
                *shared = refused.clone();
                Change::Write(None)
            }
            found => Change::Keep(found),
        });
        match shared.await {
            Ok((_, found)) => found,
            Err(error) => {
                tracing::warn!(%error, "WeChat's refusal could not be shared through the table");
                None
            }
        }
    }

    fn remembered(&self, account: Account, now: Timestamp) -> Option<AccessToken> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.get(&account).filter(|cached| cached.is_good(now)).map(|cached| cached.token.clone())
    }

    fn remember(&self, account: Account, cached: CachedToken) -> AccessToken {
        let token = cached.token.clone();
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(account, cached);
        token
    }
}

/// WeChat does not take our credentials.
fn is_config<R>(outcome: &Result<R, CallError>) -> bool {
    let refusal = outcome.as_ref().err().and_then(CallError::refusal);
    refusal.is_some_and(|refusal| refusal.errcode.class_at_token_endpoint() == ErrClass::Config)
}
