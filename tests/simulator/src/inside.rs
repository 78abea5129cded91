//! The sandboxes' own way out: `/{sandbox}/{service}/…`. By it the gate knows whose request it sees.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, StatusCode, Uri};
use tokio::net::TcpListener;

use crate::aws::Service;
use crate::gate::Gate;
use crate::lambda::Lambda;
use crate::listen::{self, Dropped};

pub(crate) async fn serve(listener: TcpListener, gate: Gate, lambda: Lambda) {
    listen::serve(listener, move |request, caller| {
        let (gate, lambda) = (gate.clone(), lambda.clone());
        async move {
            let Some((sandbox, service, request)) = split(request) else {
                return Ok(listen::status(StatusCode::NOT_FOUND));
            };
            // A sandbox nobody knows any more is a dead one: nothing it still says is heard.
            let sandbox = lambda.sandbox(&sandbox).ok_or(Dropped)?;
            gate.pass(Some(sandbox), service, request, caller).await
        }
    })
    .await;
}

/// Sandbox and service out of the path, and the request as the service is to see it.
fn split(request: Request<Bytes>) -> Option<(String, Service, Request<Bytes>)> {
    let (mut parts, body) = request.into_parts();
    let whole = parts.uri.path_and_query()?.as_str();
    let (sandbox, rest) = whole.strip_prefix('/')?.split_once('/')?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (service, rest) = rest.split_at(end);
    let service = Service::from_segment(service)?;
    let sandbox = sandbox.to_owned();
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    parts.uri = Uri::from(rest.parse::<PathAndQuery>().ok()?);
    Some((sandbox, service, Request::from_parts(parts, body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inside_address_names_sandbox_and_service() {
        for (path, expected) in [
            ("/callback-1/dynamodb/", Some(("callback-1", Service::Dynamodb, "/"))),
            ("/callback-1/dynamodb", Some(("callback-1", Service::Dynamodb, "/"))),
            (
                "/api-2/scheduler/schedules/a?groupName=g",
                Some(("api-2", Service::Scheduler, "/schedules/a?groupName=g")),
            ),
            ("/api-2/wechat?x=1", Some(("api-2", Service::Wechat, "/?x=1"))),
            ("/api-2/elsewhere/", None),
            ("/api-2", None),
        ] {
            let request = Request::get(path).body(Bytes::new()).expect("a request");
            let split = split(request);
            let seen = split
                .as_ref()
                .map(|(sandbox, service, request)| (sandbox.as_str(), *service, request.uri().to_string()));
            let seen = seen.as_ref().map(|(sandbox, service, uri)| (*sandbox, *service, uri.as_str()));
            assert_eq!(seen, expected, "{path}");
        }
    }
}
