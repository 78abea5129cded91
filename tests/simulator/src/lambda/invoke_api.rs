//! Lambda's Invoke API: `POST /2015-03-31/functions/{name or ARN}/invocations`.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{FunctionName, InvokeError, Lambda};
use crate::listen::{self, Reply};

#[derive(Debug, Clone)]
pub(crate) struct InvokeApi {
    lambda: Lambda,
}

impl InvokeApi {
    pub(crate) fn new(lambda: Lambda) -> Self {
        Self { lambda }
    }

    pub(crate) async fn answer(self, request: Request<Bytes>, _caller: IpAddr) -> Reply {
        let path = percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
        let name =
            path.strip_prefix("/2015-03-31/functions/").and_then(|rest| rest.strip_suffix("/invocations"));
        let (Some(name), &Method::POST) = (name, request.method()) else {
            return Ok(exception(StatusCode::NOT_FOUND, "UnknownOperationException", "Only Invoke is here."));
        };
        let Some(function) = FunctionName::from_name(name).or_else(|| FunctionName::from_arn(name)) else {
            let message = format!("Function not found: {name}");
            return Ok(exception(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message));
        };
        let event = match request.body().as_ref() {
            [] => json!({}),
            body => match serde_json::from_slice(body) {
                Ok(event) => event,
                Err(error) => {
                    let message = format!("Could not parse request body into json: {error}");
                    return Ok(exception(
                        StatusCode::BAD_REQUEST,
                        "InvalidRequestContentException",
                        &message,
                    ));
                }
            },
        };
        let kind = request.headers().get("x-amz-invocation-type").map(HeaderValue::as_bytes);
        Ok(match kind {
            None | Some(b"RequestResponse") => self.synchronous(function, event).await,
            Some(b"Event") => {
                self.lambda.accept(function, event);
                // Nobody waits for it; at explicit pace somebody still has to let it run.
                let timeline = self.lambda.shared.timeline.clone();
                self.lambda.shared.tasks.spawn(async move {
                    timeline.settle().await;
                });
                listen::status(StatusCode::ACCEPTED)
            }
            Some(b"DryRun") => listen::status(StatusCode::NO_CONTENT),
            Some(_) => {
                let message = "The invocation type is RequestResponse, Event or DryRun.";
                exception(StatusCode::BAD_REQUEST, "InvalidParameterValueException", message)
            }
        })
    }

    async fn synchronous(&self, function: FunctionName, event: Value) -> Response<Bytes> {
        let mut response = match self.lambda.invoke(function, event).await {
            Ok(answer) => listen::json(StatusCode::OK, &answer),
            Err(InvokeError::Throttled) => {
                return exception(
                    StatusCode::TOO_MANY_REQUESTS,
                    "TooManyRequestsException",
                    "Rate Exceeded.",
                );
            }
            Err(error) => {
                let body = json!({ "errorType": error_type(&error), "errorMessage": error.to_string() });
                let mut response = listen::json(StatusCode::OK, &body);
                let unhandled = HeaderValue::from_static("Unhandled");
                response.headers_mut().insert(HeaderName::from_static("x-amz-function-error"), unhandled);
                response
            }
        };
        let version = HeaderValue::from_static("$LATEST");
        response.headers_mut().insert(HeaderName::from_static("x-amz-executed-version"), version);
        response
    }
}

fn error_type(error: &InvokeError) -> &'static str {
    match error {
        InvokeError::Throttled | InvokeError::Failed(_) => "Error",
        InvokeError::Init(_) => "Runtime.InitError",
        InvokeError::TimedOut(_) => "Sandbox.Timedout",
        InvokeError::Died => "Runtime.ExitError",
    }
}

fn exception(status: StatusCode, name: &str, message: &str) -> Response<Bytes> {
    let mut response = listen::json(status, &json!({ "Type": "User", "Message": message }));
    if let Ok(name) = HeaderValue::from_str(name) {
        response.headers_mut().insert(HeaderName::from_static("x-amzn-errortype"), name);
    }
    response
}
