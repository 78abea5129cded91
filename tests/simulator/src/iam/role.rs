//! What the template's roles grant.
//!
//! Boundaries and resource policies are not read; the template has none for functions. What denies wins. A condition that
//! this world cannot check is not met by what grants, and is met by what denies.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::lambda::FunctionName;

/// An action on a resource, as `dynamodb:GetItem` on the ARN of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    pub action: String,
    pub resource: String,
    /// Partition keys of the items it is about (`dynamodb:LeadingKeys`), where the request names them.
    pub leading_keys: Vec<String>,
}

impl Permission {
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), leading_keys: Vec::new() }
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
    grants: Vec<Statement>,
    denials: Vec<Statement>,
}

/// One action on one resource, as a pattern, under conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    pattern: Permission,
    conditions: Value,
}

/// The functions' roles.
pub type Roles = BTreeMap<FunctionName, Role>;

impl Role {
    /// From policy documents.
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut role = Self::default();
        for statement in documents.into_iter().flat_map(|document| list(&document["Statement"])) {
            let statements = match statement["Effect"].as_str() {
                Some("Allow") => &mut role.grants,
                Some("Deny") => &mut role.denials,
                _ => continue,
            };
            for action in texts(&statement["Action"]) {
                statements.extend(texts(&statement["Resource"]).into_iter().map(|resource| Statement {
                    pattern: Permission::new(action, resource),
                    conditions: statement["Condition"].clone(),
                }));
            }
        }
        role
    }

    pub fn allows(&self, needed: &Permission) -> bool {
        let granted = |grant: &Statement| grant.covers(needed) && grant.is_met(needed) == Some(true);
        let denied = |denial: &Statement| denial.covers(needed) && denial.is_met(needed) != Some(false);
        self.grants.iter().any(granted) && !self.denials.iter().any(denied)
    }

    /// What is granted and not among `used`.
    pub fn unused<'a>(&'a self, used: &'a [Permission]) -> impl Iterator<Item = &'a Permission> {
        let unused = self.grants.iter().filter(|grant| !used.iter().any(|used| grant.covers(used)));
        unused.map(|grant| &grant.pattern)
    }
}

impl Statement {
    fn covers(&self, needed: &Permission) -> bool {
        matches(&self.pattern.action.to_lowercase(), &needed.action.to_lowercase())
            && matches(&self.pattern.resource, &needed.resource)
    }

    /// Whether its conditions are met; none: this world cannot say.
    fn is_met(&self, needed: &Permission) -> Option<bool> {
        let conditions = self.conditions.as_object().into_iter().flatten();
        let keys = conditions.flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |(key, value)| (operator.as_str(), key, value))
        });
        keys.map(|(operator, key, value)| condition(operator, key, &texts(value), needed))
            .try_fold(true, |all, one| Some(all && one?))
    }
}

/// The only keys this world knows: a role is passed to Scheduler, and to nobody else; and items have partition keys.
fn condition(operator: &str, key: &str, values: &[&str], needed: &Permission) -> Option<bool> {
    match (operator, key) {
        ("StringEquals", "iam:PassedToService") => Some(values.contains(&"scheduler.amazonaws.com")),
        ("ForAnyValue:StringEquals", "dynamodb:LeadingKeys") => {
            Some(needed.leading_keys.iter().any(|key| values.contains(&key.as_str())))
        }
        _ => None,
    }
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

    #[test]
    fn a_role_allows_what_a_statement_covers_and_no_more() {
        let role = Role::of([&json!({"Statement": [
            {"Effect": "Allow", "Action": ["s:Get*", "s:Put"], "Resource": ["arn:a/*", "arn:b"]},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:role",
             "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
             "Condition": {"StringEquals": {"kms:ViaService": "ssm"}}},
            {"Effect": "Allow", "Action": "s:Delete", "Resource": "*"},
            {"Effect": "Deny", "Action": "s:Delete", "Resource": "arn:b"},
            {"Effect": "Deny", "Action": "s:Delete", "Resource": "arn:c",
             "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": "arn:f"}}},
        ]})]);
        for (action, resource, allowed) in [
            ("s:GetThing", "arn:a/1/2", true),
            ("S:getthing", "arn:b", true),
            ("s:Put", "arn:b", true),
            ("s:Puts", "arn:b", false),
            ("s:Put", "arn:bb", false),
            ("s:Put", "arn:a", false),
            ("s:Delete", "arn:a", true),
            ("s:Delete", "arn:b", false),
            ("s:Delete", "arn:c", false),
            ("iam:PassRole", "arn:role", true),
            ("kms:Decrypt", "arn:key", false),
        ] {
            assert_eq!(role.allows(&Permission::new(action, resource)), allowed, "{action} {resource}");
        }
    }

    #[test]
    fn a_role_may_be_denied_the_items_of_one_partition() {
        let role = Role::of([&json!({"Statement": [
            {"Effect": "Allow", "Action": "d:Put", "Resource": "*"},
            {"Effect": "Deny", "Action": "d:Put", "Resource": "*",
             "Condition": {"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": ["A", "B"]}}},
        ]})]);
        for (keys, allowed) in [(&[][..], true), (&["C"], true), (&["B"], false), (&["C", "A"], false)] {
            let leading_keys = keys.iter().map(|key| (*key).to_owned()).collect();
            let needed = Permission { leading_keys, ..Permission::new("d:Put", "arn:t") };
            assert_eq!(role.allows(&needed), allowed, "{keys:?}");
        }
    }
}
