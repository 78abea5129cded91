//! CloudFormation's intrinsic functions, as far as the template uses them, with the names that things have in
//! this world. A name it does not know stands for itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use serde_yaml_ng::{Mapping, Value as Yaml};

use crate::stack::{ACCOUNT, DEAD_LETTER_QUEUE_ARN, REGION, SCHEDULE_GROUP, SCHEDULER_ROLE_ARN, TABLE_NAME};

/// What `!Ref` and `!GetAtt` come to, and which conditions hold.
pub(super) struct Intrinsics {
    names: BTreeMap<String, String>,
    conditions: Mapping,
}

impl Intrinsics {
    /// With every parameter at its default.
    pub(super) fn of(document: &Yaml) -> Self {
        let mut names: BTreeMap<String, String> = [
            ("AWS::Partition", "aws"),
            ("AWS::Region", REGION),
            ("AWS::AccountId", ACCOUNT),
            ("AWS::StackName", SCHEDULE_GROUP),
            ("AWS::URLSuffix", "amazonaws.com"),
            ("ScheduleGroup", SCHEDULE_GROUP),
            ("SchedulerRole.Arn", SCHEDULER_ROLE_ARN),
            ("UndeliveredSchedulesQueue.Arn", DEAD_LETTER_QUEUE_ARN),
            ("Table", TABLE_NAME),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        names.insert(
            "Table.Arn".to_owned(),
            format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE_NAME}"),
        );
        for (name, parameter) in document["Parameters"].as_mapping().into_iter().flatten() {
            if let (Some(name), Some(default)) = (name.as_str(), scalar(&parameter["Default"])) {
                names.insert(name.to_owned(), default);
            }
        }
        let conditions = document["Conditions"].as_mapping().cloned().unwrap_or_default();
        Self { names, conditions }
    }

    /// YAML as JSON. Nothing is what `AWS::NoValue` leaves.
    pub(super) fn value(&self, yaml: &Yaml) -> Option<Value> {
        Some(match yaml {
            Yaml::Null => Value::Null,
            Yaml::Bool(value) => (*value).into(),
            Yaml::Number(number) => serde_json::to_value(number).unwrap_or_default(),
            Yaml::String(text) => text.as_str().into(),
            Yaml::Sequence(items) => items.iter().filter_map(|item| self.value(item)).collect(),
            Yaml::Mapping(entries) => entries
                .iter()
                .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), self.value(value)?)))
                .collect::<Map<_, _>>()
                .into(),
            Yaml::Tagged(tagged) => return self.call(&tagged.tag.to_string(), &tagged.value),
        })
    }

    fn call(&self, function: &str, argument: &Yaml) -> Option<Value> {
        match function {
            "!Ref" if argument.as_str() == Some("AWS::NoValue") => None,
            "!Ref" | "!GetAtt" => Some(self.name(argument.as_str()?).into()),
            "!Sub" => Some(self.text(argument)?.into()),
            "!If" => {
                let branch = if self.holds(argument[0].as_str()?) { 1 } else { 2 };
                self.value(&argument[branch])
            }
            "!Join" => {
                let parts = self.value(&argument[1])?;
                let parts = parts.as_array().map_or(std::slice::from_ref(&parts), Vec::as_slice);
                let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                Some(parts.join(argument[0].as_str()?).into())
            }
            "!Equals" => Some((self.compared(&argument[0]) == self.compared(&argument[1])).into()),
            "!Not" => Some((!self.is_true(&argument[0])).into()),
            "!And" => Some(argument.as_sequence()?.iter().all(|part| self.is_true(part)).into()),
            "!Condition" => Some(self.holds(argument.as_str()?).into()),
            _ => self.value(argument),
        }
    }

    /// `!Sub`, with or without names of its own.
    fn text(&self, argument: &Yaml) -> Option<String> {
        let (text, own) = match argument {
            Yaml::Sequence(parts) => (parts.first()?.as_str()?, parts.get(1)),
            text => (text.as_str()?, None),
        };
        let mut pieces = text.split("${");
        let mut whole = pieces.next()?.to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}')?;
            let own = own.and_then(|own| self.value(own.get(name)?));
            whole.push_str(
                &own.as_ref().and_then(Value::as_str).map_or_else(|| self.name(name), str::to_owned),
            );
            whole.push_str(rest);
        }
        Some(whole)
    }

    fn name(&self, name: &str) -> String {
        self.names.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn holds(&self, condition: &str) -> bool {
        self.conditions.get(condition).is_some_and(|condition| self.is_true(condition))
    }

    fn is_true(&self, condition: &Yaml) -> bool {
        self.value(condition) == Some(Value::Bool(true))
    }

    /// CloudFormation compares texts.
    fn compared(&self, yaml: &Yaml) -> Option<String> {
        match self.value(yaml)? {
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }
}

fn scalar(yaml: &Yaml) -> Option<String> {
    match yaml {
        Yaml::String(text) => Some(text.clone()),
        Yaml::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
