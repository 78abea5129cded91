//! Loopback listeners with a connection loop of our own: a handler may close the connection without an
//! answer, which no web framework lets it do. Connections end with the future that serves them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// More than any service behind a listener takes (DynamoDB: 16 MB), so that each refuses in its own words.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The connection closes without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed without an answer")]
pub(crate) struct Dropped;

/// What a handler gives back.
pub(crate) type Reply = Result<Response<Bytes>, Dropped>;

/// Listens on loopback only; port 0 takes any free one.
pub(crate) async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

/// Where a listener of [`bind`] is.
pub(crate) fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("a bound listener has an address")
}

/// Serves every connection of `listener`, for ever; dropped, it closes all of them.
pub(crate) async fn serve<H, F>(listener: TcpListener, handler: H)
where
    H: Fn(Request<Bytes>, IpAddr) -> F + Clone + Send + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    accept(listener, move |stream, peer| connection(stream, peer, handler.clone())).await;
}

/// One task for each connection; dropped, it ends all of them.
async fn accept<F>(listener: TcpListener, connection: impl Fn(TcpStream, IpAddr) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Small answers to small requests: waiting to fill a packet would cost 40 ms each.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(stream, peer.ip()));
                }
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection<H, F>(stream: TcpStream, peer: IpAddr, handler: H)
where
    H: Fn(Request<Bytes>, IpAddr) -> F + Clone + Send + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = handler.clone();
        async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
                return Ok(status(StatusCode::PAYLOAD_TOO_LARGE).map(Full::new));
            };
            let response = handler(Request::from_parts(parts, body.to_bytes()), peer).await?;
            Ok::<_, Dropped>(response.map(Full::new))
        }
    });
    // An error here is a connection the peer or a planned fault has closed.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// As [`serve`], with a router whose answers may go on for ever.
pub(crate) async fn serve_router(listener: TcpListener, router: axum::Router) {
    accept(listener, move |stream, _| {
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
        async move {
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        }
    })
    .await;
}

/// An answer without a body.
pub(crate) fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
