//! The [`App`]: everything a function works with, made once per environment. It holds no rule of the product; use cases
//! take it as their first argument.
//!
//! Making it touches no network: secrets, settings and tokens are fetched when they are first used.

pub mod bell;
pub mod health;
pub mod log;
pub mod metrics;
pub mod minutes;
pub mod secrets;
pub mod shared_secret;
pub mod wechat;

use std::sync::Arc;

use ::wechat::InChinese;
use jiff::Timestamp;
use thiserror::Error;

use crate::app::bell::Bell;
use crate::app::health::HealthNotes;
use crate::app::metrics::Metrics;
use crate::app::minutes::Minutes;
use crate::app::secrets::{SecretStore, SecretsError};
use crate::app::wechat::Wechat;
use crate::aws::Clients;
use crate::aws::environment::Environment;
use crate::clock::Clock;
use crate::schedules::{ScheduleError, Schedules};
use crate::settings::Settings;
use crate::settings::store::{SettingsError, SettingsStore};
use crate::table::{Table, TableError};
use crate::webhook::client::WebhookClient;

#[derive(Debug)]
pub struct App {
    pub clock: Arc<dyn Clock>,
    pub table: Table,
    pub schedules: Schedules,
    pub wechat: Wechat,
    pub secrets: Arc<SecretStore>,
    pub settings: SettingsStore,
    pub health: Arc<HealthNotes>,
    pub minutes: Minutes,
    pub metrics: Metrics,
    pub bell: Bell,
    pub webhook: WebhookClient,
    pub callback_url: Option<String>,
    pub reserved_concurrency: Option<String>,
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

impl InChinese for AppError {
    fn in_chinese(&self) -> String {
        match self {
            Self::Table(error) => error.in_chinese(),
            Self::Schedule(error) => error.in_chinese(),
            Self::Secrets(error) => error.in_chinese(),
            Self::Settings(error) => error.in_chinese(),
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
        let client = ::wechat::Client::new(::wechat::ClientConfig {
            api_url: environment.wechat_api_url.clone(),
            mp_url: environment.wechat_mp_url.clone(),
            timeout: environment.wechat_timeout,
            proxy_url: environment.wechat_proxy_url.clone(),
        })?;
        let table = Table::new(clients.dynamodb, &environment.table_name);
        let secrets = Arc::new(SecretStore::new(clients.ssm, &environment.secrets_parameter));
        let health = Arc::new(HealthNotes::new(table.clone()));
        let wechat = Wechat::new(
            client,
            table.clone(),
            secrets.clone(),
            health.clone(),
            metrics.clone(),
            clock.clone(),
        );
        Ok(Arc::new(Self {
            clock,
            schedules: Schedules::new(clients.scheduler, environment),
            settings: SettingsStore::new(table.clone()),
            minutes: Minutes::new(table.clone()),
            health,
            secrets,
            wechat,
            table,
            metrics,
            bell: Bell::default(),
            webhook: WebhookClient::new(clients.http, environment.webhook_via.clone()),
            callback_url: environment.callback_url.clone(),
            reserved_concurrency: environment.reserved_concurrency.clone(),
        }))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The settings, or none while there are none that this version can read: what WeChat tells us must be kept and
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
}
