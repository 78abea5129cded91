//! The secrets: one SecureString of the parameter store, JSON (docs/design.md §7), fetched when first needed and kept.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;
use wechat::{
    AppId, AppSecret, CallbackAccount, CallbackMode, CallbackToken, EncodingAesKey, InChinese, Said, said,
};

use crate::account::Account;
use crate::app::shared_secret::SharedSecret;
use crate::webhook::signature::WebhookSecret;

/// How often a failing signature or credential may make us fetch again, so that forgers cannot drive it.
const FETCH_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// How long an owner is taken to have only a mini program. Nothing fails for want of the other account that would show
/// it was added: pushes end as undeliverable.
const WITHOUT_SERVICE_ACCOUNT_FOR: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug)]
pub struct Secrets {
    pub mini_program: AccountSecrets,
    /// An owner may have only a mini program.
    pub service_account: Option<AccountSecrets>,
    pub session_signing_key: SecretString,
    pub previous_session_signing_key: Option<SecretString>,
    /// Where a CDN or relay stands in front of the API.
    pub origin_secret: Option<SharedSecret>,
    /// Where a server of the owner's calls the API.
    pub server_key: Option<SharedSecret>,
    /// By which the owner's backend knows that an event is ours.
    pub webhook_secret: Option<WebhookSecret>,
}

#[derive(Debug)]
pub struct AccountSecrets {
    /// `gh_…`, by which a mini program opens the account's profile; no secret, and its owner may leave it out.
    pub original_id: Option<String>,
    pub app_secret: AppSecret,
    pub callback: CallbackAccount,
}

impl AccountSecrets {
    pub fn appid(&self) -> &AppId {
        &self.callback.appid
    }
}

impl Secrets {
    pub fn of(&self, account: Account) -> Option<&AccountSecrets> {
        match account {
            Account::MiniProgram => Some(&self.mini_program),
            Account::ServiceAccount => self.service_account.as_ref(),
        }
    }

    fn parse(document: &str) -> Result<Self, SecretsError> {
        // serde's message may quote the document; the position is enough.
        let document: Document = serde_json::from_str(document)
            .map_err(|error| SecretsError::Unreadable { line: error.line(), column: error.column() })?;
        let shared = |name, current, previous| {
            SharedSecret::check(name, current, previous).map_err(SecretsError::Field)
        };
        Ok(Self {
            mini_program: document.mini_program.check("mini_program")?,
            service_account: document
                .service_account
                .map(|account| account.check("service_account"))
                .transpose()?,
            session_signing_key: signing_key("session_signing_key", document.session_signing_key)?,
            previous_session_signing_key: document
                .previous_session_signing_key
                .filter(|key| !key.is_empty())
                .map(|key| signing_key("previous_session_signing_key", key))
                .transpose()?,
            origin_secret: shared("origin_secret", document.origin_secret, document.previous_origin_secret)?,
            server_key: shared("server_key", document.server_key, document.previous_server_key)?,
            webhook_secret: WebhookSecret::check(document.webhook_secret, document.previous_webhook_secret)
                .map_err(SecretsError::Field)?,
        })
    }
}

/// HS256 wants a key at least as long as its digest.
const SIGNING_KEY_MIN: usize = 32;

fn signing_key(name: &str, key: String) -> Result<SecretString, SecretsError> {
    if key.len() < SIGNING_KEY_MIN {
        return Err(SecretsError::Field(said!(
            "{name} must be at least {SIGNING_KEY_MIN} characters",
            "{name} 至少 {SIGNING_KEY_MIN} 个字符"
        )));
    }
    Ok(key.into())
}

#[derive(Debug, Error)]
pub enum SecretsError {
    #[error("the parameter {name} could not be read: {reason}")]
    Fetch { name: String, reason: Said },
    #[error("the secrets are not the expected JSON (line {line}, column {column})")]
    Unreadable { line: usize, column: usize },
    #[error("the secrets are wrong: {0}")]
    Field(Said),
}

impl InChinese for SecretsError {
    fn in_chinese(&self) -> String {
        match self {
            Self::Fetch { name, reason } => format!("读不到参数 {name}：{}", reason.chinese),
            Self::Unreadable { line, column } => {
                format!("密钥不是约定的 JSON（第 {line} 行第 {column} 列）")
            }
            Self::Field(fault) => format!("密钥有误：{}", fault.chinese),
        }
    }
}

#[derive(Deserialize)]
struct Document {
    mini_program: AccountDocument,
    #[serde(default)]
    service_account: Option<AccountDocument>,
    session_signing_key: String,
    #[serde(default)]
    previous_session_signing_key: Option<String>,
    #[serde(default)]
    origin_secret: Option<String>,
    #[serde(default)]
    previous_origin_secret: Option<String>,
    #[serde(default)]
    server_key: Option<String>,
    #[serde(default)]
    previous_server_key: Option<String>,
    #[serde(default)]
    webhook_secret: Option<String>,
    #[serde(default)]
    previous_webhook_secret: Option<String>,
}

#[derive(Deserialize)]
struct AccountDocument {
    appid: String,
    app_secret: String,
    callback_token: String,
    encoding_aes_key: String,
    #[serde(default)]
    previous_encoding_aes_key: Option<String>,
    #[serde(default)]
    mode: Option<CallbackMode>,
    #[serde(default)]
    original_id: Option<String>,
}

impl AccountDocument {
    fn check(self, name: &str) -> Result<AccountSecrets, SecretsError> {
        let key = |field: &str, text: &str| {
            EncodingAesKey::parse(text).map_err(|error| {
                let error = error.said();
                SecretsError::Field(said!("{name}.{field}: {error}", "{name}.{field}：{error}", error))
            })
        };
        for (field, value) in [
            ("appid", &self.appid),
            ("app_secret", &self.app_secret),
            ("callback_token", &self.callback_token),
        ] {
            if value.is_empty() {
                return Err(SecretsError::Field(said!("{name}.{field} is empty", "{name}.{field} 是空的")));
            }
        }
        Ok(AccountSecrets {
            original_id: self.original_id.filter(|id| !id.is_empty()),
            app_secret: AppSecret::from(self.app_secret),
            callback: CallbackAccount {
                appid: AppId::from(self.appid),
                callback_token: CallbackToken::from(self.callback_token),
                encoding_aes_key: key("encoding_aes_key", &self.encoding_aes_key)?,
                previous_encoding_aes_key: self
                    .previous_encoding_aes_key
                    .filter(|text| !text.is_empty())
                    .map(|text| key("previous_encoding_aes_key", &text))
                    .transpose()?,
                mode: self.mode.unwrap_or(CallbackMode::Secure),
            },
        })
    }
}

/// Fetches the secrets once per container, and again when somebody has reason to think them old, or now and then while
/// they have no service account.
#[derive(Debug)]
pub struct SecretStore {
    client: aws_sdk_ssm::Client,
    name: String,
    cached: Mutex<Option<(Arc<Secrets>, Timestamp)>>,
    fetching: tokio::sync::Mutex<()>,
}

impl SecretStore {
    pub fn new(client: aws_sdk_ssm::Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into(), cached: Mutex::new(None), fetching: tokio::sync::Mutex::new(()) }
    }

    pub async fn get(&self, now: Timestamp) -> Result<Arc<Secrets>, SecretsError> {
        if let Some((secrets, asked_at)) = self.cached()
            && !may_lack_an_account(&secrets, asked_at, now)
        {
            return Ok(secrets);
        }
        let _fetching = self.fetching.lock().await;
        match self.cached() {
            Some((secrets, asked_at)) if may_lack_an_account(&secrets, asked_at, now) => {
                self.keep(secrets.clone(), now);
                Ok(self.fetch(now).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "whether a service account was added could not be found out");
                    secrets
                }))
            }
            Some((secrets, _)) => Ok(secrets),
            None => self.fetch(now).await,
        }
    }

    /// Fetches again, unless that was done within the last minute: then `None`.
    pub async fn get_newer(&self, now: Timestamp) -> Result<Option<Arc<Secrets>>, SecretsError> {
        let _fetching = self.fetching.lock().await;
        match self.cached() {
            Some((_, asked_at)) if now.duration_since(asked_at) < FETCH_AGAIN_AFTER => Ok(None),
            Some((secrets, _)) => {
                // A fetch that fails counts as well.
                self.keep(secrets, now);
                self.fetch(now).await.map(Some)
            }
            None => self.fetch(now).await.map(Some),
        }
    }

    /// The AppSecret as it is now, if WeChat's refusal of ours is explained by another one having come. Asked at most
    /// once a minute.
    pub async fn app_secret_other_than(
        &self,
        account: Account,
        refused: &AppSecret,
        now: Timestamp,
    ) -> Option<AppSecret> {
        let newer = self.get_newer(now).await.ok().flatten()?;
        let app_secret = &newer.of(account)?.app_secret;
        (app_secret.expose() != refused.expose()).then(|| app_secret.clone())
    }

    async fn fetch(&self, now: Timestamp) -> Result<Arc<Secrets>, SecretsError> {
        let output = self.client.get_parameter().name(&self.name).with_decryption(true).send().await;
        let output = output.map_err(|error| SecretsError::Fetch {
            name: self.name.clone(),
            reason: crate::aws::reason(&error),
        })?;
        let document = output.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
        let secrets = Arc::new(Secrets::parse(&document)?);
        self.keep(secrets.clone(), now);
        Ok(secrets)
    }

    fn keep(&self, secrets: Arc<Secrets>, asked_at: Timestamp) {
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((secrets, asked_at));
    }

    fn cached(&self) -> Option<(Arc<Secrets>, Timestamp)> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn may_lack_an_account(secrets: &Secrets, asked_at: Timestamp, now: Timestamp) -> bool {
    secrets.service_account.is_none() && now.duration_since(asked_at) > WITHOUT_SERVICE_ACCOUNT_FOR
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};

    use super::*;

    fn document(previous: Value) -> String {
        json!({
            "mini_program": {
                "appid": "wx0", "app_secret": "made up", "callback_token": "made up",
                "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            },
            "session_signing_key": "a key of at least thirty-two characters",
            "previous_session_signing_key": previous,
        })
        .to_string()
    }

    #[test]
    fn a_previous_signing_key_is_none_or_as_long_as_the_current_one_must_be() {
        let previous = |value| {
            let secrets = Secrets::parse(&document(value)).map_err(|error| error.to_string())?;
            Ok(secrets.previous_session_signing_key.map(|key| key.expose_secret().to_owned()))
        };
        let long = "another one of thirty-two characters or more";
        let short = "the secrets are wrong: previous_session_signing_key must be at least 32 characters";
        assert_eq!(previous(json!(null)), Ok(None));
        assert_eq!(previous(json!("")), Ok(None), "an empty key would verify what anybody signs");
        assert_eq!(previous(json!("short")), Err(short.to_owned()));
        assert_eq!(previous(json!(long)), Ok(Some(long.to_owned())));
    }
}
