//! What a request needs, and how it is refused.

use http::StatusCode;
use serde_json::{Value, json};

use super::role::Permission;
use crate::aws::{AwsError, Service};
use crate::stack::{ACCOUNT, REGION};

/// What `body`, sent to `service` as `operation` at `path`, needs. WeChat asks for none.
pub(crate) fn needed(service: Service, operation: &str, path: &str, body: &[u8]) -> Vec<Permission> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match service {
        Service::Wechat => Vec::new(),
        Service::Ssm => {
            let name = body["Name"].as_str().unwrap_or_default();
            let parameter = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}");
            vec![Permission::new(format!("ssm:{operation}"), parameter)]
        }
        Service::Scheduler => of_scheduler(operation, path, &body),
        Service::Dynamodb => of_dynamodb(operation, &body),
    }
}

/// A transaction needs what is in it; a batch has an action of its own; an index is a resource of its own.
fn of_dynamodb(operation: &str, body: &Value) -> Vec<Permission> {
    let on = |action: &str, request: &Value| {
        let table = request["TableName"].as_str().unwrap_or_default();
        let table = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}");
        let keys = [&request["Item"], &request["Key"]].into_iter();
        let leading_keys = keys.filter_map(|key| key["pk"]["S"].as_str().map(str::to_owned)).collect();
        Permission { leading_keys, ..Permission::new(format!("dynamodb:{action}"), table) }
    };
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let items = body["TransactItems"].as_array().into_iter().flatten();
            let parts = items.filter_map(Value::as_object).flatten();
            let parts = parts.map(|(kind, part)| match kind.as_str() {
                "ConditionCheck" => on("ConditionCheckItem", part),
                kind => on(&format!("{kind}Item"), part),
            });
            parts.collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| on(operation, &json!({ "TableName": table }))).collect()
        }
        _ => {
            let mut permission = on(operation, body);
            if let Some(index) = body["IndexName"].as_str() {
                permission.resource.push_str(&format!("/index/{index}"));
            }
            vec![permission]
        }
    }
}

/// Listing is authorised on all groups, also when one is asked for.
fn of_scheduler(operation: &str, path: &str, body: &Value) -> Vec<Permission> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let in_query = query.split('&').find_map(|pair| pair.strip_prefix("groupName="));
    let group = body["GroupName"].as_str().or(in_query).unwrap_or("default");
    let name = if operation == "ListSchedules" { "*" } else { path.rsplit('/').next().unwrap_or_default() };
    let group = if operation == "ListSchedules" { "*" } else { group };
    let schedule = format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{group}/{name}");
    let mut needed = vec![Permission::new(format!("scheduler:{operation}"), schedule)];
    if let Some(role) = body["Target"]["RoleArn"].as_str() {
        needed.push(Permission::new("iam:PassRole", role));
    }
    needed
}

/// A role does not grant what was needed.
pub(crate) fn denied(missing: &Permission) -> AwsError {
    let Permission { action, resource, .. } = missing;
    // The JSON services say it with 400.
    let is_rest = action.starts_with("scheduler:") || action.starts_with("iam:");
    let status = if is_rest { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
    let message = format!(
        "User is not authorized to perform: {action} on resource: {resource} \
         because no identity-based policy allows the {action} action"
    );
    AwsError::new(status, "AccessDeniedException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(service: Service, operation: &str, path: &str, body: Value) -> Vec<String> {
        let needed = needed(service, operation, path, body.to_string().as_bytes());
        needed.iter().map(Permission::to_string).collect()
    }

    #[test]
    fn a_request_needs_what_aws_asks_for_it() {
        let table = "arn:aws:dynamodb:ap-southeast-1:000000000000:table/t";
        let schedule = "arn:aws:scheduler:ap-southeast-1:000000000000:schedule";
        let part = json!({"TableName": "t"});
        for (service, operation, path, body, expected) in [
            (Service::Dynamodb, "GetItem", "/", part.clone(), vec![format!("dynamodb:GetItem on {table}")]),
            (
                Service::Dynamodb,
                "Query",
                "/",
                json!({"TableName": "t", "IndexName": "due"}),
                vec![format!("dynamodb:Query on {table}/index/due")],
            ),
            (
                Service::Dynamodb,
                "TransactWriteItems",
                "/",
                json!({"TransactItems": [{"Put": part}, {"ConditionCheck": part}]}),
                vec![
                    format!("dynamodb:PutItem on {table}"),
                    format!("dynamodb:ConditionCheckItem on {table}"),
                ],
            ),
            (
                Service::Dynamodb,
                "BatchGetItem",
                "/",
                json!({"RequestItems": {"t": {"Keys": []}}}),
                vec![format!("dynamodb:BatchGetItem on {table}")],
            ),
            (
                Service::Scheduler,
                "CreateSchedule",
                "/schedules/one",
                json!({"GroupName": "g", "Target": {"RoleArn": "arn:role"}}),
                vec![
                    format!("scheduler:CreateSchedule on {schedule}/g/one"),
                    "iam:PassRole on arn:role".to_owned(),
                ],
            ),
            (
                Service::Scheduler,
                "DeleteSchedule",
                "/schedules/one?clientToken=x&groupName=g",
                Value::Null,
                vec![format!("scheduler:DeleteSchedule on {schedule}/g/one")],
            ),
            (
                Service::Scheduler,
                "ListSchedules",
                "/schedules?ScheduleGroup=g",
                Value::Null,
                vec![format!("scheduler:ListSchedules on {schedule}/*/*")],
            ),
            (
                Service::Ssm,
                "GetParameter",
                "/",
                json!({"Name": "/a/b"}),
                vec!["ssm:GetParameter on arn:aws:ssm:ap-southeast-1:000000000000:parameter/a/b".to_owned()],
            ),
            (Service::Wechat, "/cgi-bin/token", "/cgi-bin/token", Value::Null, vec![]),
        ] {
            assert_eq!(permissions(service, operation, path, body), expected, "{operation}");
        }
    }
}
