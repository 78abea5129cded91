//! The settings document in the table, and each environment's copy of it, at most a minute old.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::json::error::FieldError;
use crate::settings::Settings;
use crate::table::{Change, Item, Table, TableError, keys};

/// New settings are in force within a minute (docs/design.md §7).
const CACHED_FOR: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Error)]
pub enum SettingsError {
    /// Nobody has put any yet.
    #[error("there are no settings yet: put them with the operation settings.put")]
    None,
    /// It was valid for the version of this code that stored it.
    #[error("the stored settings are not valid for this version: {0}")]
    Invalid(String),
    #[error(transparent)]
    Table(#[from] TableError),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Document {
    /// One more with every put.
    version: u64,
    put_at: Timestamp,
    document: Value,
}

impl Item for Document {
    const KIND: &'static str = "settings document";

    fn key(&self) -> keys::Key {
        keys::settings()
    }
}

/// The settings as stored.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsVersion {
    pub version: u64,
    pub put_at: Timestamp,
    pub settings: Value,
}

#[derive(Debug)]
pub struct SettingsStore {
    table: Table,
    cached: Mutex<Option<(Arc<Settings>, Timestamp)>>,
}

impl SettingsStore {
    pub fn new(table: Table) -> Self {
        Self { table, cached: Mutex::new(None) }
    }

    pub async fn get(&self, now: Timestamp) -> Result<Arc<Settings>, SettingsError> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((settings, read_at)) = cached
            && now.duration_since(read_at).abs() < CACHED_FOR
        {
            return Ok(settings);
        }
        let stored = self.table.get::<Document>(keys::settings()).await?.ok_or(SettingsError::None)?;
        let settings = Settings::parse(&stored.item.document).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            SettingsError::Invalid(errors.join("; "))
        })?;
        let settings = Arc::new(settings);
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((settings.clone(), now));
        Ok(settings)
    }

    /// The document as stored, for operators.
    pub async fn document(&self) -> Result<SettingsVersion, SettingsError> {
        let stored = self.table.get::<Document>(keys::settings()).await?.ok_or(SettingsError::None)?.item;
        Ok(SettingsVersion { version: stored.version, put_at: stored.put_at, settings: stored.document })
    }

    /// Replaces the settings, or says everything that is wrong with them and changes nothing.
    pub async fn put(&self, document: &Value, now: Timestamp) -> Result<u64, PutError> {
        let settings = Settings::parse(document).map_err(PutError::Invalid)?;
        let first = Document { version: 0, put_at: now, document: document.clone() };
        let (_, version) = self
            .table
            .upsert(first, |stored| {
                stored.version += 1;
                stored.put_at = now;
                stored.document = document.clone();
                Change::Write(stored.version)
            })
            .await?;
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::new(settings), now));
        Ok(version)
    }
}

#[derive(Debug, Error)]
pub enum PutError {
    #[error("the settings are not valid")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Table(#[from] TableError),
}
