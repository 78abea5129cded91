//! Everything a function works with, made once per environment and nothing of it touching the network before it is
//! used.

pub mod health;
pub mod log;
pub mod metrics;
pub mod secrets;
pub mod wechat;

use std::sync::Arc;

use ::wechat::{AccessToken, CallError, ErrClass};
use jiff::Timestamp;
use thiserror::Error;

use crate::account::Account;
use crate::app::health::{HealthNotes, Kind};
use crate::app::metrics::Metrics;
use crate::app::secrets::{SecretStore, SecretsError};
use crate::app::wechat::tokens::{AccessTokens, TokenError};
use crate::aws::Clients;
use crate::aws::environment::Environment;
use crate::clock::Clock;
use crate::schedules::{ScheduleError, Schedules};
use crate::settings::Settings;
use crate::settings::store::{SettingsError, SettingsStore};
use crate::table::{Table, TableError};

#[derive(Debug)]
pub struct App {
    pub clock: Arc<dyn Clock>,
    pub table: Table,
    pub schedules: Schedules,
    pub wechat: ::wechat::Client,
    pub secrets: Arc<SecretStore>,
    pub settings: SettingsStore,
    pub tokens: AccessTokens,
    pub health: HealthNotes,
    pub metrics: Metrics,
    pub callback_url: Option<String>,
}

/// Our own state could not be read or written, or is not there: the caller may try again.
#[derive(Debug, Error)]
pub enum AppError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// Why a call to WeChat came to nothing.
#[derive(Debug, Error)]
pub enum WechatError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Call(#[from] CallError),
}

impl WechatError {
    /// It definitely did not take effect. "System busy" does not say so (docs/wechat.md §13.2).
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Call(CallError::Unknown { .. }) => false,
            Self::Call(CallError::Refused(refusal)) => refusal.errcode.0 != -1,
            Self::Call(CallError::NotSent { .. }) | Self::Token(_) => true,
        }
    }
}

impl App {
    /// # Errors
    /// Only when the WeChat client cannot be made of the configuration (a proxy URL that is none).
    pub fn new(
        environment: &Environment,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
    ) -> Result<Arc<Self>, ::wechat::ClientError> {
        let clients = Clients::new(environment)?;
        let wechat = ::wechat::Client::new(::wechat::ClientConfig {
            api_url: environment.wechat_api_url.clone(),
            mp_url: environment.wechat_mp_url.clone(),
            timeout: environment.wechat_timeout,
            proxy_url: environment.wechat_proxy_url.clone(),
        })?;
        let table = Table::new(clients.dynamodb, &environment.table_name);
        let secrets = Arc::new(SecretStore::new(clients.ssm, &environment.secrets_parameter));
        Ok(Arc::new(Self {
            clock,
            schedules: Schedules::new(clients.scheduler, environment),
            tokens: AccessTokens::new(table.clone(), wechat.clone(), secrets.clone(), metrics.clone()),
            settings: SettingsStore::new(table.clone()),
            health: HealthNotes::new(table.clone()),
            secrets,
            wechat,
            table,
            metrics,
            callback_url: environment.callback_url.clone(),
        }))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The settings, or none while there are none that this version can read: what WeChat pushes must be kept and
    /// answered all the same.
    pub async fn settings_if_any(&self) -> Result<Option<Arc<Settings>>, AppError> {
        match self.settings.get(self.now()).await {
            Ok(settings) => Ok(Some(settings)),
            Err(SettingsError::Table(error)) => Err(error.into()),
            Err(error @ (SettingsError::None | SettingsError::Invalid(_))) => {
                tracing::error!(%error, "going on without settings");
                Ok(None)
            }
        }
    }

    /// Has an access_token at hand, so that the call after it needs no other first.
    pub(crate) async fn has_token(&self, account: Account) -> Result<(), WechatError> {
        let outcome = self.tokens.get(account, self.now()).await.map(drop).map_err(WechatError::from);
        if let Err(error) = &outcome {
            self.note_refusal(account, error).await;
        }
        outcome
    }

    /// Calls WeChat with an access_token; refused for the token, once more with a fresh one.
    pub async fn call<R, F>(
        &self,
        account: Account,
        call: impl Fn(AccessToken) -> F,
    ) -> Result<R, WechatError>
    where
        F: Future<Output = Result<R, CallError>>,
    {
        let outcome = self.call_quietly(account, call).await;
        if let Err(error) = &outcome {
            self.note_refusal(account, error).await;
        }
        outcome
    }

    async fn call_quietly<R, F>(
        &self,
        account: Account,
        call: impl Fn(AccessToken) -> F,
    ) -> Result<R, WechatError>
    where
        F: Future<Output = Result<R, CallError>>,
    {
        let token = self.tokens.get(account, self.now()).await?;
        match call(token.clone()).await {
            Err(CallError::Refused(refusal)) if refusal.class() == ErrClass::Token => {
                let token = self.tokens.replace(account, &token, self.now()).await?;
                Ok(call(token).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    /// A call that came to nothing is counted; what only the owner can mend is noted where `doctor` looks, with the
    /// address WeChat saw.
    pub(crate) async fn note_refusal(&self, account: Account, error: &WechatError) {
        let now = self.now();
        let (refusal, class) = match error {
            WechatError::Call(CallError::Refused(refusal)) => (refusal, refusal.class()),
            // There, a refused credential is not a matter of a newer token.
            WechatError::Token(TokenError::Call(CallError::Refused(refusal))) => {
                (refusal, refusal.errcode.class_at_token_endpoint())
            }
            WechatError::Call(error) | WechatError::Token(TokenError::Call(error)) => {
                let sent = matches!(error, CallError::Unknown { .. });
                return self.metrics.no_answer_from_wechat(
                    account,
                    if sent { "no_answer" } else { "not_sent" },
                    now,
                );
            }
            WechatError::Token(_) => return,
        };
        self.metrics.refused_by_wechat(account, class, refusal.errcode.0, now);
        if let Some(address) = refusal.seen_address() {
            self.health.note(account, Kind::AddressRefused, &address.to_string(), now).await;
        } else if class == ErrClass::Config {
            let detail = format!("{}: {}", refusal.errcode.0, refusal.errcode.meaning());
            self.health.note(account, Kind::CallRefused, &detail, now).await;
        }
    }
}
