//! The clients every function makes at start, written plainly: whatever a function needs beyond these to be ready is
//! its own doing. Nothing here is ours; `measure` does the comparing.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use tracing_subscriber::filter::LevelFilter;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Three of the SDK over one HTTP client, and another one for WeChat. All TLS is ring's, with compiled-in roots.
#[derive(Debug)]
pub struct Clients {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub scheduler: aws_sdk_scheduler::Client,
    pub ssm: aws_sdk_ssm::Client,
    pub http: reqwest::Client,
}

impl Clients {
    #[expect(
        clippy::disallowed_methods,
        reason = "it reads what the SDK would, and shares nothing with the product"
    )]
    pub fn new() -> Result<Self, Error> {
        let variable = |name| std::env::var(name);
        let (id, key) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(id, key, variable("AWS_SESSION_TOKEN").ok(), None, "environment");
        let (region, endpoint) = (variable("AWS_REGION")?, variable("AWS_ENDPOINT_URL").ok());
        let connector = SharedHttpConnector::new(Connector(http_client()?));
        let http = http_client_fn(move |_, _| connector.clone());
        macro_rules! client {
            ($sdk:ident) => {{
                let mut config = $sdk::Config::builder()
                    .behavior_version($sdk::config::BehaviorVersion::latest())
                    .region($sdk::config::Region::new(region.clone()))
                    .credentials_provider(credentials.clone())
                    .http_client(http.clone());
                config.set_endpoint_url(endpoint.clone());
                $sdk::Client::from_conf(config.build())
            }};
        }
        Ok(Self {
            dynamodb: client!(aws_sdk_dynamodb),
            scheduler: client!(aws_sdk_scheduler),
            ssm: client!(aws_sdk_ssm),
            http: http_client()?,
        })
    }

    /// Uses every one of them, so that none is optimised away; the first call is DynamoDB's.
    pub async fn call_all(&self) -> Result<String, Error> {
        let tables = self.dynamodb.list_tables().send().await?;
        let schedules = self.scheduler.list_schedules().send().await?;
        let parameters = self.ssm.describe_parameters().send().await?;
        let page = self.http.get("https://api.weixin.qq.com/").send().await?.status();
        Ok(format!("{tables:?} {schedules:?} {parameters:?} {page}"))
    }
}

fn http_client() -> Result<reqwest::Client, Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).http1_only().no_proxy().build()?)
}

#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.0.clone();
        HttpConnectorFuture::new(async move { carry(&http, request).await.map_err(ConnectorError::io) })
    }
}

async fn carry(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Error> {
    let request = request.try_into_http1x()?.map(reqwest::Body::wrap);
    let answer = axum::http::Response::<reqwest::Body>::from(http.execute(request.try_into()?).await?);
    Ok(answer.map(SdkBody::from_body_1_x).try_into()?)
}

/// Log lines in JSON, as in every function.
pub fn log() {
    let lines = tracing_subscriber::fmt().with_target(false).without_time();
    lines.with_max_level(LevelFilter::INFO).json().init();
}
