//! The ports of docs/design.md §9, as offsets from `--base-port`, and where they ended up.

use std::net::SocketAddr;

use serde::Serialize;
use tokio::net::TcpListener;

use crate::listen;

/// Where everything is; all on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// Console page and control API.
    pub control: SocketAddr,
    pub wechat_callback: SocketAddr,
    pub reminder_api: SocketAddr,
    pub wechat: SocketAddr,
    pub dynamodb: SocketAddr,
    pub scheduler: SocketAddr,
    pub ssm: SocketAddr,
    pub lambda: SocketAddr,
}

impl Addresses {
    /// Where everything is, or will be, for a base port that is not 0.
    pub(crate) fn from(base_port: u16) -> Result<Self, PortError> {
        let mut at = [SocketAddr::from(([127, 0, 0, 1], base_port)); PURPOSES.len()];
        for (offset, address) in (0..).zip(&mut at) {
            address.set_port(base_port.checked_add(offset).ok_or(PortError::TooHigh(base_port))?);
        }
        Ok(Self::of(at))
    }

    fn of(at: [SocketAddr; PURPOSES.len()]) -> Self {
        let [control, wechat_callback, reminder_api, wechat, dynamodb, scheduler, ssm, lambda] = at;
        Self { control, wechat_callback, reminder_api, wechat, dynamodb, scheduler, ssm, lambda }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self, address: SocketAddr) -> String {
        format!("http://{address}")
    }
}

/// In the order of their offsets.
const PURPOSES: [&str; 8] = [
    "console and control API",
    "Function URL of wechat-callback",
    "Function URL of reminder-api",
    "WeChat",
    "DynamoDB",
    "EventBridge Scheduler",
    "SSM",
    "Lambda",
];

#[derive(Debug, thiserror::Error)]
pub enum PortError {
    #[error("port {port} ({purpose}) cannot be listened on: {error}; choose other ports with --base-port")]
    Taken { port: u16, purpose: &'static str, error: std::io::Error },
    #[error("--base-port {0} leaves no room for {count} ports below 65536", count = PURPOSES.len())]
    TooHigh(u16),
}

/// Binds all of them; base port 0 takes any free ports.
pub(crate) async fn bind(base_port: u16) -> Result<(Addresses, [TcpListener; 8]), PortError> {
    let mut listeners = Vec::with_capacity(PURPOSES.len());
    for (offset, purpose) in (0..).zip(PURPOSES) {
        let port = match base_port {
            0 => 0,
            base => base.checked_add(offset).ok_or(PortError::TooHigh(base))?,
        };
        let listener = listen::bind(port).await.map_err(|error| PortError::Taken { port, purpose, error })?;
        listeners.push(listener);
    }
    let listeners: [TcpListener; 8] = listeners.try_into().expect("one listener per purpose");
    let addresses = Addresses::of(std::array::from_fn(|at| listen::address(&listeners[at])));
    Ok((addresses, listeners))
}
