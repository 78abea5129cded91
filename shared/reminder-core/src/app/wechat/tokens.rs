//! Access tokens: memory, then the table, then WeChat.
//!
//! `stable_token` in normal mode hands every caller the same token, so there is no lock between environments and
//! no leader. Within a process one refresh is under way at a time. An endpoint that keeps refusing is asked at most
//! once in thirty seconds per account, whoever asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wechat::{AccessToken, AppId, CallError, ErrClass};

use crate::account::Account;
use crate::app::metrics::Metrics;
use crate::app::secrets::{SecretStore, SecretsError};
use crate::table::{Change, Item, Table, TableError, keys};

/// Old and new token are both good during the last five minutes (docs/wechat.md §5.1); a token is asked for anew
/// a little before the old one is of no use, and what is left of a fresh one is always more.
const REFRESH_MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// After a refusal nobody asks for this long.
const REFUSED_WAIT: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Error)]
pub enum TokenError {
    /// This owner has no such account.
    #[error("the secrets have no {0}")]
    NotConfigured(Account),
    /// WeChat gave none.
    #[error("WeChat gave no access_token: {0}")]
    Call(#[from] CallError),
    /// WeChat gave none a moment ago and is not asked again yet.
    #[error("WeChat gave no access_token a moment ago ({0}); it is asked again in half a minute")]
    Waiting(String),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What the environments share.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SharedToken {
    appid: AppId,
    /// Empty while WeChat gives none.
    access_token: String,
    expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
}

impl Item for SharedToken {
    const KIND: &'static str = "access token";

    fn key(&self) -> keys::Key {
        keys::token(&self.appid)
    }
}

#[derive(Clone)]
struct CachedToken {
    token: AccessToken,
    expires_at: Timestamp,
}

/// The tokens of both accounts.
pub struct AccessTokens {
    table: Table,
    client: wechat::Client,
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
    pub fn new(table: Table, client: wechat::Client, secrets: Arc<SecretStore>, metrics: Metrics) -> Self {
        Self { table, client, secrets, metrics, memory: Mutex::default(), refreshing: Default::default() }
    }

    pub async fn get(&self, account: Account, now: Timestamp) -> Result<AccessToken, TokenError> {
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
    pub async fn replace(
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
        if let Some(shared) = self.table.get::<SharedToken>(keys::token(appid)).await? {
            let shared = shared.item;
            let token = AccessToken::from(shared.access_token.clone());
            if is_good(shared.expires_at, now) && Some(&token) != failed {
                self.remember(account, &token, shared.expires_at);
                return Ok(token);
            }
            if let (Some(refused_at), Some(refusal)) = (shared.refused_at, shared.refusal)
                && now.duration_since(refused_at) < REFUSED_WAIT
            {
                return Err(TokenError::Waiting(refusal));
            }
        }
        let mut issued = self.client.stable_token(appid, &secrets.app_secret, false).await;
        if is_config(&issued)
            && let Some(newer) = self.secrets.app_secret_other_than(account, &secrets.app_secret, now).await
        {
            // The AppSecret was reset since ours was fetched.
            issued = self.client.stable_token(appid, &newer, false).await;
        }
        self.metrics.token_refreshed(account, issued.is_ok(), now);
        match issued {
            Ok(issued) => {
                let expires_at = now + issued.expires_in;
                tracing::info!(%account, seconds = issued.expires_in.as_secs(), "fetched an access_token");
                self.remember(account, &issued.access_token, expires_at);
                self.share(SharedToken {
                    appid: appid.clone(),
                    access_token: issued.access_token.expose().to_owned(),
                    expires_at,
                    refused_at: None,
                    refusal: None,
                })
                .await;
                Ok(issued.access_token)
            }
            // No answer at all says nothing about the next one.
            Err(error @ (CallError::NotSent { .. } | CallError::Unknown { .. })) => Err(error.into()),
            Err(error) => {
                let refused = SharedToken {
                    appid: appid.clone(),
                    access_token: String::new(),
                    expires_at: now,
                    refused_at: Some(now),
                    refusal: Some(error.to_string()),
                };
                match self.share_refusal(refused, failed, now).await {
                    Some((token, expires_at)) => {
                        self.remember(account, &token, expires_at);
                        Ok(token)
                    }
                    None => Err(error.into()),
                }
            }
        }
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
    ) -> Option<(AccessToken, Timestamp)> {
        let good = |shared: &SharedToken| {
            let token = AccessToken::from(shared.access_token.clone());
            let is_good = is_good(shared.expires_at, now) && Some(&token) != failed;
            is_good.then_some((token, shared.expires_at))
        };
        let shared = self.table.upsert(refused.clone(), |shared| match good(shared) {
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
        memory
            .get(&account)
            .filter(|cached| is_good(cached.expires_at, now))
            .map(|cached| cached.token.clone())
    }

    fn remember(&self, account: Account, token: &AccessToken, expires_at: Timestamp) {
        let cached = CachedToken { token: token.clone(), expires_at };
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(account, cached);
    }
}

/// WeChat does not take our credentials.
fn is_config<R>(outcome: &Result<R, CallError>) -> bool {
    let refusal = outcome.as_ref().err().and_then(CallError::refusal);
    refusal.is_some_and(|refusal| refusal.errcode.class_at_token_endpoint() == ErrClass::Config)
}

fn is_good(expires_at: Timestamp, now: Timestamp) -> bool {
    now + REFRESH_MARGIN < expires_at
}
