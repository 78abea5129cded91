//! IAM, as far as the functions' own roles go: what a request needs, and what the template's roles grant.
//!
//! Denying statements, boundaries and resource policies are not read; the template has none for functions. A
//! condition that this world cannot check is not met.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::aws::Service;
use crate::lambda::FunctionName;
use crate::stack::{ACCOUNT, REGION};

/// An action on a resource, as `dynamodb:GetItem` on the ARN of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    pub action: String,
    pub resource: String,
}

impl Permission {
    fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}

/// What one role may do: actions and resources are patterns, with `*` for any text and `?` for one character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    grants: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Grant {
    pattern: Permission,
    conditions_met: bool,
}

/// The functions' roles.
pub type Roles = BTreeMap<FunctionName, Role>;

impl Role {
    /// From policy documents.
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Value>) -> Self {
        let statements = documents.into_iter().flat_map(|document| list(&document["Statement"]));
        let grants = statements.filter(|statement| statement["Effect"] == "Allow").flat_map(|statement| {
            let conditions_met = are_met(&statement["Condition"]);
            let resources = texts(&statement["Resource"]);
            texts(&statement["Action"]).into_iter().flat_map(move |action| {
                let patterns =
                    resources.clone().into_iter().map(move |resource| Permission::new(action, resource));
                patterns.map(move |pattern| Grant { pattern, conditions_met })
            })
        });
        Self { grants: grants.collect() }
    }

    pub fn allows(&self, needed: &Permission) -> bool {
        self.grants.iter().any(|grant| grant.conditions_met && grant.covers(needed))
    }

    /// What is granted and not among `used`.
    pub fn unused<'a>(&'a self, used: &'a [Permission]) -> impl Iterator<Item = &'a Permission> {
        let unused = self.grants.iter().filter(|grant| !used.iter().any(|used| grant.covers(used)));
        unused.map(|grant| &grant.pattern)
    }
}

impl Grant {
    fn covers(&self, needed: &Permission) -> bool {
        matches(&self.pattern.action.to_lowercase(), &needed.action.to_lowercase())
            && matches(&self.pattern.resource, &needed.resource)
    }
}

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
    let on = |action: &str, table: &Value| {
        let table = table.as_str().unwrap_or_default();
        let table = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}");
        Permission::new(format!("dynamodb:{action}"), table)
    };
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let items = list(&body["TransactItems"]);
            let parts = items.filter_map(Value::as_object).flatten();
            let parts = parts.map(|(kind, part)| match kind.as_str() {
                "ConditionCheck" => on("ConditionCheckItem", &part["TableName"]),
                kind => on(&format!("{kind}Item"), &part["TableName"]),
            });
            parts.collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| on(operation, &Value::from(table.as_str()))).collect()
        }
        _ => {
            let mut permission = on(operation, &body["TableName"]);
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

/// The only keys this world knows: a role is passed to Scheduler, and to nobody else.
fn are_met(conditions: &Value) -> bool {
    conditions.as_object().into_iter().flatten().all(|(operator, keys)| {
        operator == "StringEquals"
            && keys.as_object().into_iter().flatten().all(|(key, value)| {
                key == "iam:PassedToService" && texts(value).contains(&"scheduler.amazonaws.com")
            })
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text or a list of them: policies allow both.
fn texts(value: &Value) -> Vec<&str> {
    value.as_str().map_or_else(|| list(value).filter_map(Value::as_str).collect(), |text| vec![text])
}

fn matches(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '*' => text.char_indices().any(|(at, _)| matches(rest, &text[at..])) || matches(rest, ""),
        _ => text.chars().next().is_some_and(|character| {
            (first == '?' || first == character) && matches(rest, &text[character.len_utf8()..])
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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

    #[test]
    fn a_role_allows_what_a_statement_covers_and_no_more() {
        let role = Role::of([&json!({"Statement": [
            {"Effect": "Allow", "Action": ["s:Get*", "s:Put"], "Resource": ["arn:a/*", "arn:b"]},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:role",
             "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
             "Condition": {"StringEquals": {"kms:ViaService": "ssm"}}},
            {"Effect": "Deny", "Action": "s:Delete", "Resource": "*"},
        ]})]);
        for (action, resource, allowed) in [
            ("s:GetThing", "arn:a/1/2", true),
            ("S:getthing", "arn:b", true),
            ("s:Put", "arn:b", true),
            ("s:Puts", "arn:b", false),
            ("s:Put", "arn:bb", false),
            ("s:Put", "arn:a", false),
            ("s:Delete", "arn:b", false),
            ("iam:PassRole", "arn:role", true),
            ("kms:Decrypt", "arn:key", false),
        ] {
            assert_eq!(role.allows(&Permission::new(action, resource)), allowed, "{action} {resource}");
        }
    }
}
