//! The API client: one method, one request (docs/wechat.md §4–§11, §13).
//!
//! It keeps no token and repeats nothing: whether a call may be repeated depends on what it does, so that is
//! its caller's decision, made on the three ways a call can fail ([`CallError`]).

mod account;
mod call;
mod custom;
mod data;
mod error;
mod lenient;
mod login;
mod media;
mod qrcode;
mod subscription;
mod template;
mod token;
mod user;

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Proxy, Url, redirect, retry};

pub use account::{PrivateTemplate, Quota, RateLimit, SubscriptionTemplate};
pub use custom::CustomMessage;
pub use data::MiniProgramLink;
pub use error::{CallError, Refusal};
pub use login::Session;
pub use media::{MAX_PICTURE_BYTES, Picture, UploadedMedia};
pub use qrcode::QrCode;
pub use subscription::{MiniProgramState, Notification, SubscribeMessage};
pub use template::{SentMessage, TemplateMessage};
pub use token::IssuedToken;
pub use user::{FollowerPage, MAX_BATCHGET, UserInfo};

/// How long a connection may take to come about, TLS included. WeChat's own budget in the other direction
/// (docs/wechat.md §14); longer only eats into the time for a retry.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a connection may lie idle and still be used. A frozen function wakes up with sockets that are dead
/// without knowing it; a request written into one ends as "unknown", the most expensive outcome there is. This
/// is long enough for the few calls of one invocation, and no more.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Where WeChat is, and how long to wait for it.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// `https://api.weixin.qq.com`, or where the API is simulated.
    pub api_url: String,
    /// `https://mp.weixin.qq.com`, where the pictures of QR codes are.
    pub mp_url: String,
    /// How long a whole call may take.
    pub timeout: Duration,
    /// A forward proxy with a fixed address, for WeChat's hosts only: pictures of other hosts go direct.
    pub proxy_url: Option<String>,
}

/// A client for every account: appid and access_token are arguments. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    api_url: Arc<str>,
    mp_url: Arc<str>,
}

/// A configuration that no client can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The named address is no `http` or `https` address, or has a query.
    #[error("{0} is not an http or https address")]
    Address(&'static str),
    /// TLS or the HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Setup,
}

impl Client {
    /// Makes a client; once per process, because it holds the connections.
    ///
    /// # Errors
    /// When an address in the configuration is none.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        let api_url = address(&config.api_url, "the API's address")?;
        let mp_url = address(&config.mp_url, "the address of QR pictures")?;
        // Shorter than the whole call, so that a connection that does not come about is recognised as such
        // ("not sent") before the call as a whole runs out of time ("unknown").
        let connect_timeout = CONNECT_TIMEOUT.min(config.timeout.mul_f32(0.9));
        // Without the retries of reqwest one repetition is left, which cannot be switched off and does no harm: a
        // pooled connection that is found closed before anything was written to it is replaced by a new one.
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .timeout(config.timeout)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT);
        if let Some(proxy_url) = &config.proxy_url {
            let proxy_url = address(proxy_url, "the proxy's address")?;
            let wechat = [origin(&api_url), origin(&mp_url)];
            builder = builder
                .proxy(Proxy::custom(move |url| wechat.contains(&origin(url)).then(|| proxy_url.clone())));
        }
        Ok(Self {
            http: builder.build().map_err(|_| ClientError::Setup)?,
            api_url: base(&api_url),
            mp_url: base(&mp_url),
        })
    }
}

/// TLS by ring with the roots that browsers trust, both compiled in: nothing is read from the machine, and no
/// other provider of cryptography comes along. For whatever else a process calls, too.
///
/// # Errors
/// Never, as long as ring knows a version of TLS.
pub fn tls() -> Result<rustls::ClientConfig, ClientError> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| ClientError::Setup)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn address(text: &str, what: &'static str) -> Result<Url, ClientError> {
    let url = Url::parse(text).map_err(|_| ClientError::Address(what))?;
    let is_address = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_address { Ok(url) } else { Err(ClientError::Address(what)) }
}

fn origin(url: &Url) -> (Option<String>, Option<u16>) {
    (url.host_str().map(str::to_owned), url.port_or_known_default())
}

fn base(url: &Url) -> Arc<str> {
    url.as_str().trim_end_matches('/').into()
}
