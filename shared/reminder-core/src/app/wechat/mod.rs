//! WeChat as the product calls it. [`Wechat`] owns the client and the tokens, so that no call goes around what belongs
//! to every call: a token that WeChat refuses is replaced once, a call that came to nothing is counted, and what only
//! the owner can mend is noted for the doctor.
//!
//! It decides nothing about a message: what a refusal means for a push is `delivery`'s matter. The doctor's own
//! questions are neither counted nor noted, because its findings say what came of them.

mod doctor;
mod error;
mod login;
pub mod quota;
mod shared_token;
pub mod templates;
mod tokens;

use std::sync::Arc;

use wechat::{AccessToken, CallError, Client, ErrClass, Picture};

use crate::account::Account;
use crate::app::health::{HealthNotes, Kind};
use crate::app::metrics::Metrics;
use crate::app::secrets::SecretStore;
use crate::clock::Clock;
use crate::table::Table;
pub use error::{TokenError, WechatError};
pub use login::CodeError;
use tokens::AccessTokens;

#[derive(Debug)]
pub struct Wechat {
    client: Client,
    tokens: AccessTokens,
    secrets: Arc<SecretStore>,
    health: Arc<HealthNotes>,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
}

impl Wechat {
    pub(crate) fn new(
        client: Client,
        table: Table,
        secrets: Arc<SecretStore>,
        health: Arc<HealthNotes>,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let tokens = AccessTokens::new(table, client.clone(), secrets.clone(), metrics.clone());
        Self { client, tokens, secrets, health, metrics, clock }
    }

    /// Calls WeChat with an access_token; refused for the token, once more with a fresh one.
    pub async fn call<'a, R, F>(
        &'a self,
        account: Account,
        call: impl Fn(&'a Client, AccessToken) -> F,
    ) -> Result<R, WechatError>
    where
        F: Future<Output = Result<R, CallError>>,
    {
        let outcome = self.call_unnoted(account, call).await;
        if let Err(error) = &outcome {
            self.note_failure(account, error).await;
        }
        outcome
    }

    async fn call_unnoted<'a, R, F>(
        &'a self,
        account: Account,
        call: impl Fn(&'a Client, AccessToken) -> F,
    ) -> Result<R, WechatError>
    where
        F: Future<Output = Result<R, CallError>>,
    {
        let token = self.tokens.get(account, self.clock.now()).await?;
        match call(&self.client, token.clone()).await {
            Err(CallError::Refused(refusal)) if refusal.class() == ErrClass::Token => {
                let token = self.tokens.replace(account, &token, self.clock.now()).await?;
                Ok(call(&self.client, token).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    /// Has an access_token at hand, so that the call after it needs no other first.
    pub(crate) async fn has_token(&self, account: Account) -> Result<(), WechatError> {
        let outcome = self.tokens.get(account, self.clock.now()).await.map(drop).map_err(WechatError::from);
        if let Err(error) = &outcome {
            self.note_failure(account, error).await;
        }
        outcome
    }

    /// Fetches a picture from any host. That is no call of WeChat's API, so it is not counted as one.
    pub(crate) async fn fetch_picture(&self, url: &str) -> Result<Picture, CallError> {
        self.client.fetch_picture(url).await
    }

    /// Where WeChat's own picture of a QR code is.
    pub(crate) fn showqrcode_url(&self, ticket: &str) -> String {
        self.client.showqrcode_url(ticket)
    }

    /// A call that came to nothing is counted; what only the owner can mend is noted where `doctor` looks, with the
    /// address WeChat saw.
    async fn note_failure(&self, account: Account, error: &WechatError) {
        let now = self.clock.now();
        let (refusal, class) = match error {
            WechatError::Call(CallError::Refused(refusal)) => (refusal, refusal.class()),
            // The token endpoint refuses the AppSecret; no newer token would help.
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
