//! What the simulated world takes from the deployment template, so that both stay in step: the table, and
//! the recurring schedules. CloudFormation's tags are read past, not evaluated.

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The template at the root of the repository.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What `CreateTable` takes of the `Properties` of an `AWS::DynamoDB::Table`.
const CREATE_TABLE: [&str; 5] =
    ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode"];

#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("the template is not YAML: {0}")]
    NotYaml(#[from] serde_yaml_ng::Error),
    #[error("the template has no resource of type {0}")]
    Missing(&'static str),
}

/// The parts of the template that matter here.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The input of `CreateTable`, but for the table's name.
    pub table: Map<String, Value>,
    /// The attribute that says when an item may be deleted.
    pub ttl_attribute: Option<String>,
    pub recurring: Vec<Recurring>,
}

/// An `AWS::Scheduler::Schedule`; its target is taken to be the dispatch function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurring {
    pub name: String,
    pub expression: String,
    pub timezone: Option<String>,
    pub input: Option<String>,
}

impl Template {
    pub fn read(text: &str) -> Result<Self, TemplateError> {
        let document = plain(serde_yaml_ng::from_str(text)?);
        let resources = document.get("Resources").and_then(Value::as_object).cloned().unwrap_or_default();
        let of_type = |wanted: &'static str| {
            resources.iter().filter(move |(_, resource)| resource.get("Type") == Some(&json!(wanted)))
        };
        let (_, table) =
            of_type("AWS::DynamoDB::Table").next().ok_or(TemplateError::Missing("AWS::DynamoDB::Table"))?;
        let properties = &table["Properties"];
        let kept =
            CREATE_TABLE.iter().filter_map(|key| Some(((*key).to_owned(), properties.get(*key)?.clone())));
        let recurring = of_type("AWS::Scheduler::Schedule").filter_map(|(logical_id, resource)| {
            let properties = &resource["Properties"];
            let text = |value: &Value| value.as_str().map(str::to_owned);
            // A name with variables in it is known only once deployed.
            let name = text(&properties["Name"]).filter(|name| !name.contains('$'));
            Some(Recurring {
                name: name.unwrap_or_else(|| logical_id.clone()),
                expression: text(&properties["ScheduleExpression"])?,
                timezone: text(&properties["ScheduleExpressionTimezone"]),
                input: text(&properties["Target"]["Input"]),
            })
        });
        Ok(Self {
            table: kept.collect(),
            ttl_attribute: properties["TimeToLiveSpecification"]["AttributeName"].as_str().map(str::to_owned),
            recurring: recurring.collect(),
        })
    }
}

/// YAML as JSON. Of a tag only its value stays; of an `!If` the first branch, of a `!Sub` with variables its text.
fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => serde_json::to_value(number).unwrap_or_default(),
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(entries) => entries
            .into_iter()
            .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), plain(value))))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => match (tagged.tag.to_string().as_str(), plain(tagged.value)) {
            ("!If", Value::Array(branches)) => branches.get(1).cloned().unwrap_or_default(),
            ("!Sub", Value::Array(parts)) => parts.first().cloned().unwrap_or_default(),
            (_, value) => value,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_past() {
        let template = Template::read(
            r#"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${AWS::StackName}-table"
      BillingMode: !If [Cheap, PAY_PER_REQUEST, PROVISIONED]
      DeletionProtectionEnabled: !Equals [!Ref Stage, prod]
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
  Sweep:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(30 minutes)
      Target: { Arn: !GetAtt Dispatch.Arn, Input: '{"sweep":true}' }
"#,
        )
        .expect("a template");
        assert_eq!(Value::from(template.table), json!({"BillingMode": "PAY_PER_REQUEST"}));
        assert_eq!(template.ttl_attribute.as_deref(), Some("ttl"));
        assert_eq!(
            template.recurring,
            [Recurring {
                name: "Sweep".to_owned(),
                expression: "rate(30 minutes)".to_owned(),
                timezone: None,
                input: Some(r#"{"sweep":true}"#.to_owned()),
            }]
        );
    }
}
