//! Reads JSON strictly: a wrong type, a null, a missing or an unknown field is a fault with its path.
//!
//! Not serde's derive, because that stops at the first fault and this names them all.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::json::error::{FieldErrors, RuleCode};
use crate::json::surrogates;

/// A value and where it stands in the document.
#[derive(Debug)]
pub struct Field<'a> {
    pub path: String,
    pub value: &'a Value,
}

impl<'a> Field<'a> {
    pub fn document(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    pub fn text(&self, errors: &mut FieldErrors) -> Option<&'a str> {
        let text = self.expect(self.value.as_str(), "a string", errors)?;
        if surrogates::is_in(text) {
            let message = "must not contain half of a surrogate pair: an emoji that was cut in two";
            errors.at(&self.path, RuleCode::Characters.says(message));
            return None;
        }
        Some(text)
    }

    pub fn boolean(&self, errors: &mut FieldErrors) -> Option<bool> {
        self.expect(self.value.as_bool(), "true or false", errors)
    }

    /// A string of so many characters (Unicode scalar values).
    pub fn text_of(&self, chars: RangeInclusive<usize>, errors: &mut FieldErrors) -> Option<&'a str> {
        let text = self.text(errors)?;
        let count = text.chars().count();
        if chars.contains(&count) {
            return Some(text);
        }
        let (min, max) = chars.into_inner();
        let rule = if min == 0 { format!("at most {max}") } else { format!("{min} to {max}") };
        errors.at(
            &self.path,
            RuleCode::Length
                .says(format!("must be {rule} characters; this one has {count}"))
                .with("min", min)
                .with("max", max)
                .with("found", count),
        );
        None
    }

    pub fn integer(&self, range: RangeInclusive<i64>, errors: &mut FieldErrors) -> Option<i64> {
        // JSON knows one kind of number: 30.0 is as whole as 30.
        let whole = || self.value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
        #[expect(clippy::cast_possible_truncation, reason = "whole and far below the limit")]
        let number = self.value.as_i64().or_else(|| whole().map(|number| number as i64));
        let number = self.expect(number, "a whole number", errors)?;
        if !range.contains(&number) {
            let (min, max) = range.into_inner();
            errors.at(
                &self.path,
                RuleCode::Range
                    .says(format!("must be {min} to {max}; this one is {number}"))
                    .with("min", min)
                    .with("max", max)
                    .with("found", number),
            );
            return None;
        }
        Some(number)
    }

    /// One of a closed set of words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)], errors: &mut FieldErrors) -> Option<T> {
        let text = self.text(errors)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let allowed = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
            let message = format!("must be one of {}", allowed.join(", "));
            errors.at(&self.path, RuleCode::OneOf.says(message).with("allowed", allowed));
        }
        found
    }

    pub fn list(&self, errors: &mut FieldErrors) -> Option<Vec<Field<'a>>> {
        let values = self.expect(self.value.as_array(), "a list", errors)?;
        let at = |(n, value)| Field { path: format!("{}[{n}]", self.path), value };
        Some(values.iter().enumerate().map(at).collect())
    }

    pub fn object(&self, errors: &mut FieldErrors) -> Option<Fields<'a>> {
        let members = self.expect(self.value.as_object(), "an object", errors)?;
        Some(Fields { path: self.path.clone(), members, known: Vec::new() })
    }

    /// The members of an object whose names are the document's own, in its order.
    pub fn entries(&self, errors: &mut FieldErrors) -> Option<Vec<(&'a str, Field<'a>)>> {
        let fields = self.object(errors)?;
        Some(fields.members.iter().map(|(name, value)| (name.as_str(), fields.field(name, value))).collect())
    }

    fn expect<T>(&self, value: Option<T>, wanted: &str, errors: &mut FieldErrors) -> Option<T> {
        if value.is_none() {
            let found = match self.value {
                Value::Null => "null",
                Value::Bool(_) => "a boolean",
                Value::Number(number) if number.is_f64() => "a number with decimals",
                Value::Number(_) => "a number",
                Value::String(_) => "a string",
                Value::Array(_) => "a list",
                Value::Object(_) => "an object",
            };
            errors.at(
                &self.path,
                RuleCode::WrongType
                    .says(format!("must be {wanted}, not {found}"))
                    .with("wanted", wanted)
                    .with("found", found),
            );
        }
        value
    }
}

/// The members of an object with a fixed set of fields. [`Fields::close`] reports those nobody asked for.
#[derive(Debug)]
pub struct Fields<'a> {
    path: String,
    members: &'a Map<String, Value>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn optional(&mut self, name: &'static str) -> Option<Field<'a>> {
        self.known.push(name);
        self.members.get(name).map(|value| self.field(name, value))
    }

    /// A field that may be there and says nothing.
    pub fn ignore(&mut self, name: &'static str) {
        self.known.push(name);
    }

    pub fn required(&mut self, name: &'static str, errors: &mut FieldErrors) -> Option<Field<'a>> {
        let field = self.optional(name);
        if field.is_none() {
            errors.at(self.path_of(name), RuleCode::Required.says("is required"));
        }
        field
    }

    pub fn close(self, errors: &mut FieldErrors) {
        for name in self.members.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let message = format!("is not a known field; known here: {}", self.known.join(", "));
            errors.at(
                self.path_of(name),
                RuleCode::UnknownField.says(message).with("known", self.known.as_slice()),
            );
        }
    }

    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn field(&self, name: &str, value: &'a Value) -> Field<'a> {
        Field { path: self.path_of(name), value }
    }
}
