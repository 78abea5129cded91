//! The DynamoDB of the simulated world: an embedded database with the one table of the template.
//!
//! Requests run in this process, straight into the database; a second HTTP hop would double their cost.
//! Its idea of time is the timeline's; nothing is deleted for its age.

mod capacity;
mod engine;
mod metered;
mod replica;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError};
use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::aws::{AwsError, Service};
use crate::rate::{Held, Waited};
use crate::stack::TABLE_NAME;
use crate::template::Template;
use crate::timeline::Timeline;
use crate::units::Layout;
use metered::Metered;

pub use capacity::Throughput;
pub(crate) use engine::OPERATIONS;

/// Cheap to clone, all clones are the same database.
#[derive(Clone)]
pub struct DynamoDb {
    database: Metered,
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
        let opened = Self { database: Metered::new(database, Layout::of(&template.table), timeline.clone()) };
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

    /// From now on an eventually consistent read of the table shows no write that is younger than this.
    pub fn lag(&self, lag: SignedDuration) {
        self.database.replica.lag(lag);
    }

    /// From now on the table, and each global index, carries no more than this in a second.
    pub fn limit(&self, throughput: Throughput) {
        self.database.capacity().limit(throughput);
    }

    /// What waited or was refused, by what was short.
    pub fn held(&self) -> BTreeMap<String, Held> {
        self.database.capacity().held()
    }

    /// One operation, past the gate.
    pub fn run(&self, operation: &str, request: &Value) -> Result<Value, DynoxideError> {
        let answer = self.database.run(operation, request.to_string().as_bytes())?;
        serde_json::from_slice(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
    }

    /// The answer carries what it cost and how long it waited, as extensions.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let Some(operation) = target.and_then(|target| target.strip_prefix("DynamoDB_20120810.")) else {
            return AwsError::new(StatusCode::BAD_REQUEST, "UnknownOperationException", "")
                .into_response(Service::Dynamodb);
        };
        let (answer, spent, waited) = self.database.run_metered(operation, request.body());
        let (status, body) = match answer {
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
        response.extensions_mut().insert(spent);
        response.extensions_mut().insert(Waited(waited));
        response
    }
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DynamoDb").finish_non_exhaustive()
    }
}
