//! `POST /subscriptions`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use reminder_core::App;
use reminder_core::consent::{self, ReportError};
use reminder_core::json::error::{FieldErrors, RuleCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::caller::Caller;
use crate::me::show::credits;
use crate::problem::Problem;
use crate::request::{JsonBody, idempotency_key};

#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub struct SubscriptionsRequest {
    /// The object that `wx.requestSubscribeMessage` gave: a template id with `accept`, `reject`, `ban` or `filter`.
    /// Its `errMsg`, a text, is ignored.
    #[schema(schema_with = results)]
    results: BTreeMap<String, String>,
}

/// Whatever WeChat says of itself, and by template id what the user chose.
fn results() -> utoipa::openapi::Object {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    ObjectBuilder::new()
        .description(Some("The object that `wx.requestSubscribeMessage` gave."))
        .property("errMsg", text())
        .additional_properties(Some(text().pattern(Some("^(accept[A-Za-z]*|reject|ban|filter)$"))))
        .max_properties(Some(consent::RESULTS_MAX))
        .examples([serde_json::json!({
            "kM4t0Vn4QZbXxW7p9rT2sYd8LhJ6gFqA1cU3eR5oBiE": "accept",
            "errMsg": "requestSubscribeMessage:ok",
        })])
        .build()
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionsAnswer {
    /// By template id: how many messages the user can be sent.
    pub credits: BTreeMap<String, u32>,
    /// Template ids of the report that the settings do not know; nothing is counted for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub ignored: Vec<String>,
}

/// Reports what the user chose in a prompt.
#[utoipa::path(
    post, path = "/subscriptions", operation_id = "reportSubscriptions", tag = "users",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key reports the same prompt only once.", max_length = 200, pattern = "^[!-~]{1,200}$")),
    request_body = SubscriptionsRequest,
    responses(
        (status = 200, description = "Reported", body = SubscriptionsAnswer),
        (status = 400, description = "`invalid_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`not_for_servers`, `forbidden_origin`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn report(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<SubscriptionsAnswer>, Problem> {
    let key = idempotency_key(&headers)?;
    let results = read(&body)?;
    let reported = consent::report(&app, &login, key, &results).await.map_err(|error| match error {
        ReportError::Invalid(errors) => Problem::invalid(errors),
        ReportError::ProfileGone(error) => error.into(),
        ReportError::App(error) => error.into(),
    })?;
    let settings = app.settings.get(app.now()).await.map_err(reminder_core::AppError::from)?;
    let credits = credits(&reported.user, &settings);
    Ok(Json(SubscriptionsAnswer { credits, ignored: reported.ignored }))
}

fn read(body: &Value) -> Result<BTreeMap<String, String>, Problem> {
    let mut errors = FieldErrors::default();
    let mut read = BTreeMap::new();
    match body.get("results") {
        Some(Value::Object(results)) => {
            for (template_id, result) in results {
                match result {
                    Value::String(result) => drop(read.insert(template_id.clone(), result.clone())),
                    _ if template_id == "errMsg" => errors.at(
                        "results.errMsg",
                        RuleCode::WrongType.says("must be a text").with("wanted", "a string"),
                    ),
                    _ => errors.at(
                        format!("results.{template_id}"),
                        RuleCode::WrongType.says("must be a text such as accept").with("wanted", "a string"),
                    ),
                }
            }
        }
        Some(_) => errors.at(
            "results",
            RuleCode::WrongType
                .says("must be the object that wx.requestSubscribeMessage gave")
                .with("wanted", "an object"),
        ),
        None => errors.at("results", RuleCode::Required.says("is missing")),
    }
    errors.into_result(Some(())).map_err(Problem::invalid)?;
    Ok(read)
}
