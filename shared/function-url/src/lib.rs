//! An axum router behind a Lambda Function URL: `lambda_http`, and before it what it would break on.
//!
//! `lambda_http` makes a URI of host, scheme, path and query, and panics where that is none. A Function URL hands all of
//! them on as they come: through CloudFront, `a+b` comes with a bare space (issue 491 of aws-lambda-web-adapter). Lambda
//! would count a failed invocation, and anybody could ring the alarm for it. And it resolves dot segments, so that a path
//! that somebody put together from two would be another route: `DELETE /reminders/../me`. An HTTP API of API Gateway sends
//! the same events, but decodes the path before (docs/aws.md §4): there `/me%3Fx` comes as `/me?x`.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Error, LambdaEvent};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use tower::ServiceExt;
use tower::util::MapRequest;

/// The longest path and query that anybody can have meant, as the URI writes them; it holds twice that.
const PATH_AND_QUERY_BYTES_MAX: usize = 32 * 1024;

/// A byte of a path becomes three at most, `%7B`.
const ESCAPED_BYTES: usize = 3;

/// Somebody may have escaped an escape.
const ESCAPED_TIMES_MAX: usize = 3;

/// What must not stand bare in a query.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// What would end a path, or be left out of it: an HTTP API has decoded it.
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'?').add(b'#').add(b'\\');

type Event = LambdaEvent<LambdaRequest>;

/// Serves events until the environment ends.
///
/// # Errors
/// When Lambda's runtime API cannot be reached.
pub async fn run(router: Router) -> Result<(), Error> {
    lambda_http::lambda_runtime::run(service(router)).await
}

/// The function itself: events of payload format 2.0 in, their answers out.
pub fn service(router: Router) -> MapRequest<Adapter<'static, Response, Router>, fn(Event) -> Event> {
    Adapter::from(router.layer(map_response(not_to_be_kept))).map_request(readable)
}

/// Whatever is answered is for one caller, at this moment.
async fn not_to_be_kept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The same event with what a URI can have. A path that is too long for any, or has dot segments, becomes the root without a
/// query, which no function serves.
fn readable(mut event: Event) -> Event {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        if let Some(query) = &mut request.raw_query_string {
            *query = utf8_percent_encode(query, NOT_IN_A_QUERY).to_string();
        }
        // No function asks for them, and without them the URI is the path.
        request.headers.remove(header::HOST);
        request.headers.remove("x-forwarded-proto");
        request.request_context.domain_name = None;
        let path = request.raw_path.as_deref().unwrap_or_default();
        let query = request.raw_query_string.as_deref().unwrap_or_default();
        let length = path.len() * ESCAPED_BYTES + query.len();
        if length > PATH_AND_QUERY_BYTES_MAX || !path.starts_with('/') || has_dot_segments(path) {
            request.raw_path = Some("/".to_owned());
            request.raw_query_string = None;
        } else {
            request.raw_path = Some(utf8_percent_encode(path, NOT_IN_A_PATH).to_string());
        }
    }
    event
}

/// Whether a reader of addresses would take a segment for `.` or `..`: escaped or not, between slashes of either kind, with
/// characters in between that such readers leave out.
fn has_dot_segments(path: &str) -> bool {
    let mut path = path.to_owned();
    for _ in 0..ESCAPED_TIMES_MAX {
        path.retain(|c| !c.is_control());
        if path.split(['/', '\\']).any(|segment| matches!(segment.trim(), "." | "..")) {
            return true;
        }
        path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_found_in_any_spelling() {
        for path in [
            "/reminders/../me",
            "/reminders/./x",
            "/..",
            "/reminders/%2e%2e/me",
            "/reminders/.%2E/me",
            "/reminders/%252e%252E/me",
            "/reminders/..%2fme",
            "/reminders/..%5Cme",
            "/reminders\\..\\me",
            "/reminders/.\t./me",
            "/reminders/.%0a./me",
            "/reminders/..%20/me",
        ] {
            assert!(has_dot_segments(path), "{path}");
        }
        for path in [
            "/",
            "/me",
            "/reminders/a.b",
            "/reminders/...",
            "/reminders/%41",
            "/reminders/a..",
            "/%",
            "/护照",
        ] {
            assert!(!has_dot_segments(path), "{path}");
        }
    }
}
