//! How a refused document names its faults: every bad field at once, each with the rule it broke.
//!
//! Messages are read by people who wrote the document; they state the rule in plain English and never
//! repeat long values, so that a note cannot travel into a log inside an error.

use serde::Serialize;

/// One fault of a document. `field` is a path such as `pushes[1].days_before`; the document itself is `""`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let field = if self.field.is_empty() { "document" } else { &self.field };
        write!(f, "{field} {}", self.message)
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
    pub fn at(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if self.errors.len() > FIELD_ERRORS_MAX {
            return;
        }
        let error = FieldError { field: field.into(), message: message.into() };
        if self.errors.contains(&error) {
            return;
        }
        self.errors.push(match self.errors.len() {
            ..FIELD_ERRORS_MAX => error,
            _ => FieldError {
                field: String::new(),
                message: format!("has more faults; these are the first {FIELD_ERRORS_MAX}"),
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
                errors.at(format!("f{n}"), "is not a known field");
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
