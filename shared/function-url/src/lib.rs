//! An axum router behind a Lambda Function URL: `lambda_http`, and before it what it would break on.
//!
//! `lambda_http` makes a URI of path and query, and panics where that is none. A Function URL hands queries on as they
//! come: through CloudFront, `a+b` comes with a bare space (issue 491 of aws-lambda-web-adapter). Lambda would count a
//! failed invocation, and anybody could ring the alarm for it.

use axum::Router;
use axum::response::Response;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Error, LambdaEvent};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tower::ServiceExt;
use tower::util::MapRequest;

/// The longest path and query that anybody can have meant; a URI holds twice that.
const PATH_AND_QUERY_BYTES_MAX: usize = 32 * 1024;

/// What must not stand bare in a query.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

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
    Adapter::from(router).map_request(readable)
}

/// The same event with a query that a URI can have. What is too long for any becomes the root without a query, which no
/// function serves.
fn readable(mut event: Event) -> Event {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        if let Some(query) = &mut request.raw_query_string {
            *query = utf8_percent_encode(query, NOT_IN_A_QUERY).to_string();
        }
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        if length(&request.raw_path) + length(&request.raw_query_string) > PATH_AND_QUERY_BYTES_MAX {
            request.raw_path = Some("/".to_owned());
            request.raw_query_string = None;
        }
    }
    event
}
