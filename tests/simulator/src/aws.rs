//! What the simulated AWS services have in common: answers and errors, as the SDK understands them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

/// Where a request of a function goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    Wechat,
    Dynamodb,
    Scheduler,
    Ssm,
}

impl Service {
    /// By the name in an inside address; `mp` is WeChat's second host.
    pub(crate) fn from_segment(segment: &str) -> Option<Self> {
        match segment {
            "wechat" | "mp" => Some(Self::Wechat),
            "dynamodb" => Some(Self::Dynamodb),
            "scheduler" => Some(Self::Scheduler),
            "ssm" => Some(Self::Ssm),
            _ => None,
        }
    }

    /// The name by which faults are planned for it.
    pub(crate) fn endpoint(self, operation: &str) -> String {
        match self {
            Self::Wechat => operation.to_owned(),
            Self::Dynamodb => format!("dynamodb:{operation}"),
            Self::Scheduler => format!("scheduler:{operation}"),
            Self::Ssm => format!("ssm:{operation}"),
        }
    }

    /// How the service says `status` when it did nothing: the exception the SDK knows by that status.
    pub(crate) fn refusal(self, operation: &str, status: StatusCode) -> Response<Bytes> {
        if self == Self::Dynamodb && operation == "TransactWriteItems" && status == StatusCode::CONFLICT {
            return transaction_conflict();
        }
        let exception = match (self, status.as_u16()) {
            (Self::Wechat, _) => {
                let mut response = Response::new(Bytes::from_static(b"<html>gateway error</html>"));
                *response.status_mut() = status;
                return response;
            }
            (Self::Dynamodb, 400) => "ProvisionedThroughputExceededException",
            (Self::Dynamodb, 409) => "TransactionConflictException",
            (Self::Dynamodb | Self::Ssm, 500) => "InternalServerError",
            (Self::Ssm, 400) | (_, 429) => "ThrottlingException",
            (_, 403) => "AccessDeniedException",
            (_, 503) => "ServiceUnavailable",
            (Self::Scheduler, 400) => "ValidationException",
            (Self::Scheduler, 402) => "ServiceQuotaExceededException",
            (Self::Scheduler, 404) => "ResourceNotFoundException",
            (Self::Scheduler, 409) => "ConflictException",
            (Self::Scheduler, 500..) => "InternalServerException",
            (_, 500..) => "InternalServerError",
            (_, _) => "ValidationException",
        };
        AwsError::new(status, exception, "This was planned through the control API.").into_response(self)
    }
}

/// Another transaction has its hands on one of the items.
fn transaction_conflict() -> Response<Bytes> {
    let reasons = [json!({"Code": "None"}), json!({"Code": "TransactionConflict"})];
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "This was planned through the control API.",
        "CancellationReasons": reasons,
    });
    answer(Service::Dynamodb, StatusCode::BAD_REQUEST, &body)
}

/// An exception of an AWS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    pub status: StatusCode,
    /// Its short name, as `ConflictException`.
    pub exception: String,
    pub message: String,
}

impl AwsError {
    pub fn new(status: StatusCode, exception: &str, message: impl Into<String>) -> Self {
        Self { status, exception: exception.to_owned(), message: message.into() }
    }

    /// On the wire. Scheduler (REST) says it in a header and `Message`, the JSON services in `__type`.
    pub(crate) fn into_response(self, service: Service) -> Response<Bytes> {
        let body = if service == Service::Scheduler {
            json!({ "Message": self.message })
        } else {
            json!({ "__type": self.exception, "message": self.message })
        };
        let mut response = answer(service, self.status, &body);
        if let Ok(exception) = HeaderValue::from_str(&self.exception) {
            response.headers_mut().insert(HeaderName::from_static("x-amzn-errortype"), exception);
        }
        response
    }
}

/// An answer in the service's own content type.
pub(crate) fn answer(service: Service, status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let content_type = match service {
        Service::Dynamodb => "application/x-amz-json-1.0",
        Service::Ssm => "application/x-amz-json-1.1",
        Service::Wechat | Service::Scheduler => "application/json",
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// How an answer ended, in a word, for the journal.
pub(crate) fn outcome(service: Service, response: &Response<Bytes>) -> String {
    let body = || serde_json::from_slice::<Value>(response.body()).unwrap_or_default();
    if service == Service::Wechat {
        if !response.status().is_success() {
            return format!("status {}", response.status().as_u16());
        }
        return match body().get("errcode").and_then(Value::as_i64) {
            None | Some(0) => "ok".to_owned(),
            Some(errcode) => format!("errcode {errcode}"),
        };
    }
    if response.status().is_success() {
        return "ok".to_owned();
    }
    let in_header = response.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let exception = match in_header {
        Some(exception) => Some(exception.to_owned()),
        None => body().get("__type").and_then(Value::as_str).map(str::to_owned),
    };
    match exception {
        Some(exception) => exception.rsplit('#').next().unwrap_or_default().to_owned(),
        None => format!("status {}", response.status().as_u16()),
    }
}
