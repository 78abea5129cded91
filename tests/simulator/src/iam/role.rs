//! What the template's roles grant.
//!
//! Denying statements, boundaries and resource policies are not read; the template has none for functions. A
//! condition that this world cannot check is not met.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::lambda::FunctionName;

/// An action on a resource, as `dynamodb:GetItem` on the ARN of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    pub action: String,
    pub resource: String,
}

impl Permission {
    pub(super) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
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
