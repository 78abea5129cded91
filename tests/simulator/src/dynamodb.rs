//! The DynamoDB of the simulated world: an embedded database with the one table of the template.
//!
//! Requests run in this process, straight into the database; a second HTTP hop would double their cost.
//! Its idea of time is the timeline's; nothing is deleted for its age.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError};
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::aws::{AwsError, Service};
use crate::stack::TABLE_NAME;
use crate::template::Template;
use crate::timeline::Timeline;

/// The operations this world knows.
pub(crate) const OPERATIONS: [&str; 17] = [
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
    "ExecuteStatement",
    "DescribeTable",
    "ListTables",
    "CreateTable",
    "DeleteTable",
    "UpdateTimeToLive",
    "DescribeTimeToLive",
];

/// How the database says that a value broke one of DynamoDB's own rules, inside a reading error.
const VALIDATION_MARKERS: [&str; 2] = ["VALIDATION_REQUEST:", "VALIDATION:"];

/// Cheap to clone, all clones are the same database.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
}

struct TimelineClock(Timeline);

impl Clock for TimelineClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_second()).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_duration().as_secs_f64()
    }
}

const EMPTY_KEY: &str = "One or more parameter values are not valid: an attribute value for a key attribute cannot contain \
                         an empty string value";

/// DynamoDB takes no empty text for a part of a key, in a condition either; the embedded one does.
fn has_an_empty_key(query: &[u8]) -> bool {
    let query: Value = serde_json::from_slice(query).unwrap_or_default();
    let condition = query["KeyConditionExpression"].as_str().unwrap_or_default();
    let names = condition.split(|letter: char| !(letter.is_alphanumeric() || letter == ':' || letter == '_'));
    names.into_iter().any(|name| query["ExpressionAttributeValues"][name]["S"] == "")
}

impl DynamoDb {
    /// In memory, or in a file of `data`; the table is made unless the file has it.
    pub fn open(
        data: Option<&Path>,
        template: &Template,
        timeline: &Timeline,
    ) -> Result<Self, DynoxideError> {
        let database = match data {
            None => Database::memory_with_clock(Arc::new(TimelineClock(timeline.clone())))?,
            Some(folder) => Database::new(&folder.join("dynamodb.sqlite").to_string_lossy())?,
        };
        let opened = Self { database };
        if opened.run("DescribeTable", &json!({ "TableName": TABLE_NAME })).is_err() {
            let mut table = template.table.clone();
            table.insert("TableName".to_owned(), TABLE_NAME.into());
            opened.run("CreateTable", &table.into())?;
            if let Some(attribute) = &template.ttl_attribute {
                let ttl = json!({ "AttributeName": attribute, "Enabled": true });
                let request = json!({ "TableName": TABLE_NAME, "TimeToLiveSpecification": ttl });
                opened.run("UpdateTimeToLive", &request)?;
            }
        }
        Ok(opened)
    }

    /// Every item of the table, in DynamoDB's JSON.
    pub fn items(&self) -> Result<Vec<Value>, DynoxideError> {
        let mut items = Vec::new();
        let mut request = json!({ "TableName": TABLE_NAME });
        loop {
            let page = self.run("Scan", &request)?;
            items.extend(page["Items"].as_array().into_iter().flatten().cloned());
            match page.get("LastEvaluatedKey") {
                Some(key) if !key.is_null() => request["ExclusiveStartKey"] = key.clone(),
                _ => return Ok(items),
            }
        }
    }

    /// One operation, past the gate.
    pub fn run(&self, operation: &str, request: &Value) -> Result<Value, DynoxideError> {
        let answer = self.dispatch(operation, request.to_string().as_bytes())?;
        serde_json::from_slice(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
    }

    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let Some(operation) = target.and_then(|target| target.strip_prefix("DynamoDB_20120810.")) else {
            return AwsError::new(StatusCode::BAD_REQUEST, "UnknownOperationException", "")
                .into_response(Service::Dynamodb);
        };
        let (status, body) = match self.dispatch(operation, request.body()) {
            Ok(body) => (StatusCode::OK, body),
            Err(error) => {
                let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
                (status, error.to_json().into_bytes())
            }
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        let content_type = HeaderValue::from_static("application/x-amz-json-1.0");
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        response
    }

    fn dispatch(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>, DynoxideError> {
        let db = &self.database;
        if operation == "Query" && has_an_empty_key(body) {
            return Err(DynoxideError::ValidationException(EMPTY_KEY.to_owned()));
        }
        match operation {
            "GetItem" => run(body, |request| db.get_item(request)),
            "PutItem" => run(body, |request| db.put_item(request)),
            "UpdateItem" => run(body, |request| db.update_item(request)),
            "DeleteItem" => run(body, |request| db.delete_item(request)),
            "Query" => run(body, |request| db.query(request)),
            "Scan" => run(body, |request| db.scan(request)),
            "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| db.batch_write_item(request)),
            "TransactGetItems" => run(body, |request| db.transact_get_items(request)),
            "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
            "ExecuteStatement" => run(body, |request| db.execute_statement(request)),
            "DescribeTable" => run(body, |request| db.describe_table(request)),
            "ListTables" => run(body, |request| db.list_tables(request)),
            "CreateTable" => run(body, |request| db.create_table(request)),
            "DeleteTable" => run(body, |request| db.delete_table(request)),
            "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
            "DescribeTimeToLive" => run(body, |request| db.describe_time_to_live(request)),
            _ => Err(DynoxideError::ValidationException(format!("{operation} is not part of this world"))),
        }
    }
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DynamoDb").finish_non_exhaustive()
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
    let answer = operation(request).map_err(in_envelope)?;
    serde_json::to_vec(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn unreadable(message: &str) -> DynoxideError {
    let rule = VALIDATION_MARKERS.iter().find_map(|marker| message.strip_prefix(marker));
    match rule {
        Some(message) => {
            // The reader adds where it was; DynamoDB does not say.
            let end = message.rfind(" at line ").unwrap_or(message.len());
            DynoxideError::ValidationException(message[..end].to_owned())
        }
        None if message.contains("missing field") => DynoxideError::ValidationException(message.to_owned()),
        None => DynoxideError::SerializationException(message.to_owned()),
    }
}

fn in_envelope(error: DynoxideError) -> DynoxideError {
    match error {
        DynoxideError::EnvelopedValidation(message) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_no_part_of_a_key() {
        let query = |condition: &str| {
            let values = json!({ ":pk": {"S": "A"}, ":sk": {"S": ""}, ":other": {"S": ""} });
            let query = json!({ "KeyConditionExpression": condition, "ExpressionAttributeValues": values });
            has_an_empty_key(query.to_string().as_bytes())
        };
        assert!(query("pk = :pk AND begins_with(sk, :sk)"));
        assert!(query("pk = :pk AND sk = :sk"));
        assert!(!query("pk = :pk"), "what only a filter names may be empty");
    }
}
