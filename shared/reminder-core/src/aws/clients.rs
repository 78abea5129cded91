//! The AWS clients, made by hand: what `aws-config` would add (profiles, SSO, IMDS) a Lambda function does not
//! have, and its default TLS costs hundreds of milliseconds at first use on a small one.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use reqwest::{redirect, retry};
use secrecy::ExposeSecret;
use wechat::{ClientError, Said, said};

use crate::aws::environment::{Aws, Environment};

/// Three tries with backoff: what the SDK calls standard.
const ATTEMPTS: u32 = 3;
/// A connection idle for longer may have died while the environment was frozen.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A healthy call takes milliseconds; a dead socket left over from a frozen environment must not cost the callback
/// its five seconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);

#[derive(Debug)]
pub(crate) struct Clients {
    /// What carries their requests, and ours to the owner's backend: one kind of TLS, made once.
    pub(crate) http: reqwest::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) scheduler: aws_sdk_scheduler::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
}

impl Clients {
    /// Nothing here touches the network.
    pub(crate) fn new(environment: &Environment) -> Result<Self, ClientError> {
        let Aws { region, access_key_id, secret_access_key, session_token, .. } = &environment.aws;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(wechat::tls()?)
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build()
            .map_err(|_| ClientError::Setup)?;
        let plain = http.clone();
        let http = super::http::over(http);
        let credentials = Credentials::new(
            access_key_id,
            secret_access_key.expose_secret(),
            session_token.as_ref().map(|token| token.expose_secret().to_owned()),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        macro_rules! config {
            ($sdk:ident, $endpoint:expr) => {{
                let builder = $sdk::Config::builder()
                    .behavior_version($sdk::config::BehaviorVersion::latest())
                    .region($sdk::config::Region::new(region.clone()))
                    .credentials_provider(credentials.clone())
                    .http_client(http.clone())
                    .timeout_config(timeouts.clone())
                    .retry_config(retries.clone());
                match $endpoint {
                    Some(url) => builder.endpoint_url(url),
                    None => builder,
                }
                .build()
            }};
        }
        Ok(Self {
            http: plain,
            dynamodb: aws_sdk_dynamodb::Client::from_conf(config!(
                aws_sdk_dynamodb,
                &environment.aws.dynamodb_endpoint
            )),
            scheduler: aws_sdk_scheduler::Client::from_conf(config!(
                aws_sdk_scheduler,
                &environment.aws.scheduler_endpoint
            )),
            ssm: aws_sdk_ssm::Client::from_conf(config!(aws_sdk_ssm, &environment.aws.ssm_endpoint)),
        })
    }
}

/// An SDK error in a few words, without request or response.
pub(crate) fn reason<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Said {
    match error {
        SdkError::ServiceError(context) => match context.err().code() {
            Some(code) => Said::verbatim(code),
            None => said!("an error without a code", "没有错误码的错误"),
        },
        SdkError::TimeoutError(_) => said!("timed out", "超时"),
        SdkError::DispatchFailure(_) => said!("no answer", "没有应答"),
        _ => said!("an unreadable answer", "应答无法解析"),
    }
}
