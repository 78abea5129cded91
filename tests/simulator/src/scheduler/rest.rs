//! The REST face of Scheduler, as `aws-sdk-scheduler` speaks it.

use std::collections::HashMap;

use axum::extract::Query;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::definition::{AwsResult, Definition, check_client_token, check_name, invalid, not_found};
use super::schedules::{Entry, Key, Scheduler, no_schedule, schedule_arn};
use crate::aws::{self, AwsError, Service};

const RESULTS_MAX: usize = 100;

/// The operation's name, by method and path.
pub(crate) fn operation(method: &Method, path: &str) -> &'static str {
    match (method.as_str(), place(path)) {
        ("POST", Place::Schedule(_)) => "CreateSchedule",
        ("PUT", Place::Schedule(_)) => "UpdateSchedule",
        ("GET", Place::Schedule(_)) => "GetSchedule",
        ("DELETE", Place::Schedule(_)) => "DeleteSchedule",
        ("GET", Place::Schedules) => "ListSchedules",
        ("POST", Place::Group(_)) => "CreateScheduleGroup",
        ("GET", Place::Group(_)) => "GetScheduleGroup",
        ("DELETE", Place::Group(_)) => "DeleteScheduleGroup",
        ("GET", Place::Groups) => "ListScheduleGroups",
        _ => "Unknown",
    }
}

/// The names [`operation`] gives, for whoever checks a planned fault.
pub(crate) const OPERATIONS: [&str; 9] = [
    "CreateSchedule",
    "UpdateSchedule",
    "GetSchedule",
    "DeleteSchedule",
    "ListSchedules",
    "CreateScheduleGroup",
    "GetScheduleGroup",
    "DeleteScheduleGroup",
    "ListScheduleGroups",
];

enum Place {
    Schedules,
    Schedule(String),
    Groups,
    Group(String),
    Elsewhere,
}

fn place(path: &str) -> Place {
    let mut segments = path.trim_matches('/').split('/');
    let (kind, name, rest) = (segments.next(), segments.next(), segments.next());
    let decoded = |name: &str| percent_decode_str(name).decode_utf8_lossy().into_owned();
    match (kind, name, rest) {
        (Some("schedules"), None, None) => Place::Schedules,
        (Some("schedules"), Some(name), None) => Place::Schedule(decoded(name)),
        (Some("schedule-groups"), None, None) => Place::Groups,
        (Some("schedule-groups"), Some(name), None) => Place::Group(decoded(name)),
        _ => Place::Elsewhere,
    }
}

impl Scheduler {
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.run(request) {
            Ok(body) => aws::answer(Service::Scheduler, StatusCode::OK, &body),
            Err(error) => error.into_response(Service::Scheduler),
        }
    }

    fn run(&self, request: &Request<Bytes>) -> AwsResult<Value> {
        let query = query(request.uri())?;
        let named = |key: &str| query.get(key).map(String::as_str);
        if let Some(token) = named("clientToken") {
            check_client_token(token)?;
        }
        let key = |name: String| -> AwsResult<Key> {
            let group = named("groupName").unwrap_or("default");
            check_name("groupName", group)?;
            check_name("name", &name)?;
            Ok((group.to_owned(), name))
        };
        match (request.method().as_str(), place(request.uri().path())) {
            ("POST", Place::Schedule(name)) => {
                let arn = self.create(&name, definition(request.body())?)?;
                Ok(json!({ "ScheduleArn": arn }))
            }
            ("PUT", Place::Schedule(name)) => {
                let arn = self.update(&name, definition(request.body())?)?;
                Ok(json!({ "ScheduleArn": arn }))
            }
            ("GET", Place::Schedule(name)) => self.get(&key(name)?),
            ("DELETE", Place::Schedule(name)) => self.delete(&key(name)?).map(|()| json!({})),
            ("GET", Place::Schedules) => {
                let group = named("ScheduleGroup");
                let fits = |(key, entry): &(&Key, &Entry)| {
                    group.is_none_or(|group| key.0 == group)
                        && named("NamePrefix").is_none_or(|prefix| key.1.starts_with(prefix))
                        && named("State")
                            .is_none_or(|state| (state == "ENABLED") == entry.definition.is_enabled())
                };
                let all = {
                    let state = self.state();
                    state.schedules.iter().filter(fits).map(|(key, entry)| summary(key, entry)).collect()
                };
                page("Schedules", all, &query)
            }
            ("POST", Place::Group(name)) => self.create_group(&name),
            ("GET", Place::Group(name)) => self.get_group(&name),
            ("DELETE", Place::Group(name)) => self.delete_group(&name),
            ("GET", Place::Groups) => page("ScheduleGroups", self.list_groups(), &query),
            _ => Err(AwsError::new(StatusCode::NOT_FOUND, "UnknownOperationException", "")),
        }
    }

    fn get(&self, key: &Key) -> AwsResult<Value> {
        let state = self.state();
        let entry = state.schedules.get(key).ok_or_else(|| not_found(&no_schedule(&key.1)))?;
        let mut body = serde_json::to_value(&entry.definition).map_err(|error| invalid(error.to_string()))?;
        body["Arn"] = schedule_arn(key).into();
        body["Name"] = key.1.clone().into();
        body["GroupName"] = key.0.clone().into();
        body["State"] = state_word(entry).into();
        body["ScheduleExpressionTimezone"] = entry.definition.timezone().into();
        body["CreationDate"] = epoch_seconds(entry.created);
        body["LastModificationDate"] = epoch_seconds(entry.modified);
        Ok(body)
    }
}

fn definition(body: &[u8]) -> AwsResult<Definition> {
    serde_json::from_slice(body).map_err(|error| invalid(format!("1 validation error detected: {error}")))
}

fn query(uri: &Uri) -> AwsResult<HashMap<String, String>> {
    Query::try_from_uri(uri).map(|Query(query)| query).map_err(|error| invalid(error.to_string()))
}

fn summary(key: &Key, entry: &Entry) -> Value {
    json!({
        "Arn": schedule_arn(key),
        "Name": key.1,
        "GroupName": key.0,
        "State": state_word(entry),
        "CreationDate": epoch_seconds(entry.created),
        "LastModificationDate": epoch_seconds(entry.modified),
        "Target": { "Arn": entry.definition.target.arn },
    })
}

/// One page; the token is the number of the first result of the next one.
fn page(member: &str, all: Vec<Value>, query: &HashMap<String, String>) -> AwsResult<Value> {
    let limit = match query.get("MaxResults").map(|max| max.parse::<usize>()) {
        None => RESULTS_MAX,
        Some(Ok(max @ 1..=RESULTS_MAX)) => max,
        Some(_) => return Err(invalid("MaxResults must be between 1 and 100.")),
    };
    let from = match query.get("NextToken").map(|token| token.parse::<usize>()) {
        None => 0,
        Some(Ok(from)) => from,
        Some(Err(_)) => return Err(invalid("The NextToken is not valid.")),
    };
    let more = all.len() > from + limit;
    let results: Vec<Value> = all.into_iter().skip(from).take(limit).collect();
    let next = if more { Value::from((from + limit).to_string()) } else { Value::Null };
    Ok(json!({ member: results, "NextToken": next }))
}

fn state_word(entry: &Entry) -> &'static str {
    if entry.definition.is_enabled() { "ENABLED" } else { "DISABLED" }
}

pub(super) fn epoch_seconds(at: Timestamp) -> Value {
    at.as_duration().as_secs_f64().into()
}
