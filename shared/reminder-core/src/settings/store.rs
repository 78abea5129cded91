//! The settings document in the table, with those it replaced, and each environment's copy of it, at most a minute old.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use wechat::InChinese;

use crate::json::error::FieldError;
use crate::settings::Settings;
use crate::table::{Creation, Item, RACES_MAX, Replacement, Table, TableError, keys};

/// New settings are in force within a minute (docs/design.md §7).
const CACHED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// So many replaced documents are kept: each has the place of its version, and the one so many later takes it.
const KEPT_MAX: u64 = 20;

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

impl InChinese for SettingsError {
    fn in_chinese(&self) -> String {
        match self {
            Self::None => "还没有配置，请用 settings.put 写入".to_owned(),
            Self::Invalid(faults) => format!("存着的配置不符合当前版本的规则：{faults}"),
            Self::Table(error) => error.in_chinese(),
        }
    }
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

/// What was in force before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Kept(Document);

impl Item for Kept {
    const KIND: &'static str = "replaced settings document";

    fn key(&self) -> keys::Key {
        keys::kept_settings(self.0.version % KEPT_MAX)
    }
}

/// The settings as stored.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsVersion {
    pub version: u64,
    pub put_at: Timestamp,
    pub settings: Value,
}

impl From<Document> for SettingsVersion {
    fn from(stored: Document) -> Self {
        Self { version: stored.version, put_at: stored.put_at, settings: stored.document }
    }
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
        Ok(stored.into())
    }

    /// The document in force and those it replaced, newest first; one that cannot be read hides no other.
    pub async fn history(&self) -> Result<Vec<SettingsVersion>, SettingsError> {
        let in_force = self.document().await?;
        let kept = self.table.readable_with_prefix::<Kept>(keys::SETTINGS, keys::KEPT).await?;
        let mut versions: Vec<SettingsVersion> = kept.into_iter().map(|kept| kept.item.0.into()).collect();
        // One that was about to be replaced is kept already.
        versions.retain(|kept| kept.version < in_force.version);
        versions.push(in_force);
        versions.sort_by_key(|one| std::cmp::Reverse(one.version));
        Ok(versions)
    }

    /// Replaces the settings, or says everything that is wrong with them and changes nothing. The ones they replace are kept
    /// first, so that none is lost. With `if_version` they replace that version or nothing; 0 stands for none.
    pub async fn put(
        &self,
        document: &Value,
        if_version: Option<u64>,
        now: Timestamp,
    ) -> Result<u64, PutError> {
        let settings = Settings::parse(document).map_err(PutError::Invalid)?;
        for _ in 0..RACES_MAX {
            let stored = self.table.get::<Document>(keys::settings()).await?;
            let in_force = stored.as_ref().map_or(0, |stored| stored.item.version);
            if if_version.is_some_and(|wanted| wanted != in_force) {
                return Err(PutError::Changed(in_force));
            }
            let version = in_force + 1;
            let next = Document { version, put_at: now, document: document.clone() };
            let won = match stored {
                None => matches!(self.table.create(next).await?, Creation::New(_)),
                Some(stored) => {
                    self.table.put_anyway(Kept(stored.item.clone())).await?;
                    matches!(self.table.replace(&stored, next).await?, Replacement::Won(_))
                }
            };
            if won {
                *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::new(settings), now));
                return Ok(version);
            }
        }
        Err(TableError::Contended(Document::KIND).into())
    }
}

#[derive(Debug, Error)]
pub enum PutError {
    #[error("the settings are not valid")]
    Invalid(Vec<FieldError>),
    #[error("the settings are version {0} by now")]
    Changed(u64),
    #[error(transparent)]
    Table(#[from] TableError),
}
