//! How a refused document names its faults: every bad field at once, each with the rule it broke.
//!
//! Messages are read by people who wrote the document; they state the rule in plain English and never
//! repeat long values, so that a note cannot travel into a log inside an error.

use serde::Serialize;
use serde_json::{Map, Value};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// One fault of a document. `field` is a path such as `pushes[1].days_before`; the document itself is `""`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    #[serde(flatten)]
    pub rule: Rule,
}

/// The rule that is broken, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub code: RuleCode,
    /// What a sentence in another language needs: the numbers and names that `message` has.
    pub params: Map<String, Value>,
    pub message: String,
}

/// The kinds of rules. The names are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RuleCode {
    /// It has to be there; `instead` names what may stand in its place.
    Required,
    /// Nobody knows a field of this name; `known` are those that are.
    UnknownField,
    /// It is `found` and has to be `wanted`.
    WrongType,
    /// It has `found` characters (or bytes: `unit`) and must have from `min` to `max`.
    Length,
    /// It is `found` and must be from `min` to `max`.
    Range,
    /// There are `found` of them and must be from `min` to `max`.
    Count,
    /// It has to be one of `allowed`.
    OneOf,
    /// It has to be written as `wanted`.
    Format,
    /// It holds characters that it must not hold.
    Characters,
    /// It must not stand beside `with`, or contradicts it.
    Conflict,
    /// It is there already, `of` says where.
    Duplicate,
    /// It is over.
    Past,
    /// It has to be `minutes` ahead.
    TooSoon,
    /// It may be `years` ahead.
    TooFar,
    /// It has to be `minutes` before the item expires.
    TooCloseToExpiry,
    /// It has to be said as a time before the day of expiry.
    NotRelative,
    /// It has to be shorter than the period, `every`.
    NotWithinPeriod,
    /// The settings have no template of this name.
    UnknownTemplate,
    /// It is none of the `configured` ones.
    NotConfigured,
    /// It cannot be shown as `keyword` of the message; `rule`, with `min`, `max` and `found` where it has them, says why.
    DoesNotFit,
    /// It is right elsewhere and not here.
    Misplaced,
    /// Its placeholders cannot be filled.
    Placeholder,
    /// There are more than `shown` faults.
    MoreFaults,
}

impl RuleCode {
    /// `message` follows the name of the field.
    pub fn says(self, message: impl Into<String>) -> Rule {
        Rule { code: self, params: Map::new(), message: message.into() }
    }
}

impl Rule {
    /// It has to be written as `wanted`.
    pub fn format(wanted: &str, message: impl Into<String>) -> Self {
        RuleCode::Format.says(message).with("wanted", wanted)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let field = if self.field.is_empty() { "document" } else { &self.field };
        write!(f, "{field} {}", self.rule.message)
    }
}

/// Nobody mends more at once, and a document of nothing but faults must not cost more than another.
pub const FIELD_ERRORS_MAX: usize = 100;

/// Collects faults while a document is read on to its end: the first hundred, and whether there are more.
#[derive(Debug, Default)]
pub struct FieldErrors {
    errors: Vec<FieldError>,
}

impl FieldErrors {
    /// Notes a fault; saying the same about the same field twice counts once.
    pub fn at(&mut self, field: impl Into<String>, rule: Rule) {
        if self.errors.len() > FIELD_ERRORS_MAX {
            return;
        }
        let error = FieldError { field: field.into(), rule };
        if self.errors.contains(&error) {
            return;
        }
        self.errors.push(match self.errors.len() {
            ..FIELD_ERRORS_MAX => error,
            _ => FieldError {
                field: String::new(),
                rule: RuleCode::MoreFaults
                    .says(format!("has more faults; these are the first {FIELD_ERRORS_MAX}"))
                    .with("shown", FIELD_ERRORS_MAX),
            },
        });
    }

    /// Whether this field itself (not a part of it) already has a fault.
    pub fn has(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The value if nothing was collected. A reader that gives up on a value says why first, so `None`
    /// comes only with faults.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => {
                debug_assert!(!self.errors.is_empty(), "a value is missing and no fault says why");
                Err(self.errors)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_faults_are_named_and_the_last_says_that_there_are_more() {
        let found = |count: usize| {
            let mut errors = FieldErrors::default();
            for n in (0..count).chain(0..count) {
                errors.at(format!("f{n}"), RuleCode::UnknownField.says("is not a known field"));
            }
            errors.into_result(Some(())).expect_err("faults")
        };
        assert_eq!(found(100).len(), 100);
        let many = found(9_000);
        assert_eq!(many.len(), 101);
        assert_eq!(many[99].field, "f99");
        assert_eq!(many[100].to_string(), "document has more faults; these are the first 100");
    }
}
