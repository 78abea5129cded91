//! What the simulated world takes from the deployment template, so that both stay in step: the table, the
//! recurring schedules, and what each function may do.

mod intrinsics;

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::iam::{Role, Roles};
use crate::lambda::FunctionName;
use intrinsics::Intrinsics;

/// The template at the root of the repository.
pub const TEMPLATE: &str = include_str!("../../../../template.yaml");

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
    /// By function; one that the template does not have may do nothing.
    pub roles: Roles,
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
        let document: Yaml = serde_yaml_ng::from_str(text)?;
        let resources = Intrinsics::of(&document).value(&document["Resources"]).unwrap_or_default();
        let resources = resources.as_object().cloned().unwrap_or_default();
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
            Some(Recurring {
                name: text(&properties["Name"]).unwrap_or_else(|| logical_id.clone()),
                expression: text(&properties["ScheduleExpression"])?,
                timezone: text(&properties["ScheduleExpressionTimezone"]),
                input: text(&properties["Target"]["Input"]),
            })
        });
        let roles = of_type("AWS::Serverless::Function").filter_map(|(_, function)| {
            let name = FunctionName::from_name(function["Metadata"]["BuildProperties"]["Binary"].as_str()?)?;
            let role = function["Properties"]["Role"].as_str()?.strip_suffix(".Arn")?;
            Some((name, role_of(&resources, role)))
        });
        Ok(Self {
            table: kept.collect(),
            ttl_attribute: properties["TimeToLiveSpecification"]["AttributeName"].as_str().map(str::to_owned),
            recurring: recurring.collect(),
            roles: roles.collect(),
        })
    }
}

/// The role's own policies, and the managed ones of this template.
fn role_of(resources: &Map<String, Value>, logical_id: &str) -> Role {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let role = &resources.get(logical_id).unwrap_or(&Value::Null)["Properties"];
    let own = list(&role["Policies"]).into_iter().map(|policy| policy["PolicyDocument"].clone());
    let managed = list(&role["ManagedPolicyArns"]).into_iter().filter_map(|managed| {
        Some(resources.get(managed.as_str()?)?["Properties"]["PolicyDocument"].clone())
    });
    let documents: Vec<Value> = own.chain(managed).collect();
    Role::of(&documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intrinsic_functions_are_evaluated() {
        let template = Template::read(
            r#"
Parameters:
  Stage: { Type: String, Default: prod }
Conditions:
  Cheap: !Not [!Equals [!Ref Stage, test]]
  Named: !And [!Condition Cheap, !Equals [!Join ["", [!Ref Stage, "-eu"]], prod-us]]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${AWS::StackName}-table"
      BillingMode: !If [Cheap, PAY_PER_REQUEST, PROVISIONED]
      LocalSecondaryIndexes: !If [Named, [], !Ref AWS::NoValue]
      DeletionProtectionEnabled: !Equals [!Ref Stage, prod]
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
  Sweep:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: !Sub "${AWS::StackName}-sweep-${Stage}-${Dispatch.Arn}"
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
                name: "reminders-sweep-prod-Dispatch.Arn".to_owned(),
                expression: "rate(30 minutes)".to_owned(),
                timezone: None,
                input: Some(r#"{"sweep":true}"#.to_owned()),
            }]
        );
    }
}
