//! An axum router as a function behind a Function URL, through the same adapter as in the deployed binary:
//! events of payload format 2.0 go in, real Lambda responses come out.

use std::future::ready;

use axum::Router;
use futures::future::BoxFuture;
use lambda_http::Service;
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use lambda_http::request::LambdaRequest;
use serde_json::Value;

use super::Hosted;

#[derive(Debug, Clone)]
pub struct HttpFunction {
    router: Router,
}

impl HttpFunction {
    pub fn new(router: Router) -> Self {
        Self { router }
    }
}

impl Hosted for HttpFunction {
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>> {
        let request: LambdaRequest = match serde_json::from_str(&event.to_string()) {
            Ok(request) => request,
            Err(error) => return Box::pin(ready(Err(error.to_string()))),
        };
        let mut service = function_url::service(self.router.clone());
        let response = service.call(LambdaEvent::new(request, Context::default()));
        Box::pin(async move {
            let Ok(response) = response.await;
            serde_json::to_value(response).map_err(|error| error.to_string())
        })
    }
}
