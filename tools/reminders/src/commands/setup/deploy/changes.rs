//! What a deployment will do, before it does it: a change set, made and read.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeSetStatus, ChangeSetType, Parameter, Replacement,
};

use crate::commands::setup::owner::{Owner, StackNow};
use crate::commands::setup::wait;
use crate::commands::setup::words::Say;
use crate::failure::Failure;
use crate::language::Language;
use crate::table::Table;

/// A minute or two: CloudFormation expands the template first.
const LOOKS_MAX: u32 = 60;

#[derive(Debug)]
pub(super) struct Planned {
    pub(super) change_set: String,
    pub(super) changes: Vec<Planning>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planning {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) kind: String,
    /// Whether another one takes its place, and what is in it goes.
    pub(super) replacement: Option<Replacement>,
}

/// In the template's order; `None`: what the stack has.
pub(super) fn parameters(
    names: &[String],
    given: &BTreeMap<String, String>,
    stack: Option<&StackNow>,
) -> Vec<(String, Option<String>)> {
    let value = |name: &String| match given.get(name) {
        Some(value) => Some(Some(value.clone())),
        None => stack.filter(|stack| stack.parameters.contains_key(name)).map(|_| None),
    };
    names.iter().filter_map(|name| Some((name.clone(), value(name)?))).collect()
}

/// None: there is nothing to change.
pub(super) async fn plan(
    owner: &Owner,
    template_url: &str,
    parameters: Vec<(String, Option<String>)>,
    is_new: bool,
) -> Result<Option<Planned>, Failure> {
    let name = format!("setup-{}", reminder_core::random::id());
    let parameters = parameters.into_iter().map(|(name, value)| {
        let parameter = Parameter::builder().parameter_key(name);
        match value {
            Some(value) => parameter.parameter_value(value),
            None => parameter.use_previous_value(true),
        }
        .build()
    });
    let made = owner
        .cloudformation
        .create_change_set()
        .stack_name(&owner.stack)
        .change_set_name(&name)
        .change_set_type(if is_new { ChangeSetType::Create } else { ChangeSetType::Update })
        .template_url(template_url)
        .capabilities(Capability::CapabilityNamedIam)
        .set_parameters(Some(parameters.collect()))
        .send();
    made.await.map_err(|error| owner.refused("cloudformation:CreateChangeSet", &error))?;
    for _ in 0..LOOKS_MAX {
        let (status, reason, changes) = read(owner, &name).await?;
        match status {
            Some(ChangeSetStatus::CreateComplete) => return Ok(Some(Planned { change_set: name, changes })),
            Some(ChangeSetStatus::Failed) => return none_or_failed(owner, &name, &reason).await,
            _ => wait::a_moment().await,
        }
    }
    Err(Failure::Broke(owner.language.say(Say::ChangeSetLate, &[])))
}

/// That nothing would change is a failure to CloudFormation.
async fn none_or_failed(owner: &Owner, name: &str, reason: &str) -> Result<Option<Planned>, Failure> {
    let delete = owner.cloudformation.delete_change_set().stack_name(&owner.stack).change_set_name(name);
    delete.send().await.map_err(|error| owner.refused("cloudformation:DeleteChangeSet", &error))?;
    let is_nothing = ["didn't contain changes", "No updates are to be performed"];
    if is_nothing.iter().any(|words| reason.contains(words)) {
        return Ok(None);
    }
    Err(Failure::Broke(
        owner.language.say(Say::AwsRefused, &[&"cloudformation:CreateChangeSet", &"", &reason]),
    ))
}

type Read = (Option<ChangeSetStatus>, String, Vec<Planning>);

async fn read(owner: &Owner, name: &str) -> Result<Read, Failure> {
    let (mut changes, mut after) = (Vec::new(), None);
    loop {
        let page = owner
            .cloudformation
            .describe_change_set()
            .stack_name(&owner.stack)
            .change_set_name(name)
            .set_next_token(after)
            .send()
            .await
            .map_err(|error| owner.refused("cloudformation:DescribeChangeSet", &error))?;
        changes.extend(page.changes.unwrap_or_default().iter().filter_map(planning));
        after = page.next_token;
        if after.is_none() {
            return Ok((page.status, page.status_reason.unwrap_or_default(), changes));
        }
    }
}

fn planning(change: &Change) -> Option<Planning> {
    let change = change.resource_change.as_ref()?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Some(Planning {
        action: change.action.as_ref().map(|action| action.as_str().to_owned()).unwrap_or_default(),
        resource: text(&change.logical_resource_id),
        kind: text(&change.resource_type),
        replacement: change.replacement.clone(),
    })
}

/// What is new is counted by its kind; what is changed or goes is named.
pub(super) fn shown(changes: &[Planning], language: Language) -> String {
    let (new, others): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.action == "Add");
    let mut kinds = BTreeMap::<&str, usize>::new();
    for change in new {
        *kinds.entry(change.kind.as_str()).or_default() += 1;
    }
    let mut table = Table::default();
    for (kind, count) in kinds {
        table.row([language.say(Say::PlanNew, &[]), count.to_string(), kind.to_owned()]);
    }
    for change in others {
        let word = match (change.action.as_str(), &change.replacement) {
            ("Remove", _) => Say::PlanRemoved,
            (_, Some(Replacement::True)) => Say::PlanReplaced,
            (_, Some(Replacement::Conditional)) => Say::PlanPerhapsReplaced,
            _ => Say::PlanChanged,
        };
        table.row([language.say(word, &[]), change.resource.clone(), change.kind.clone()]);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: &str, resource: &str, kind: &str, replacement: Option<Replacement>) -> Planning {
        let [action, resource, kind] = [action, resource, kind].map(str::to_owned);
        Planning { action, resource, kind, replacement }
    }

    #[test]
    fn plan_counts_what_is_new_and_names_what_changes() {
        let changes = [
            change("Add", "A", "AWS::Lambda::Function", None),
            change("Add", "T", "AWS::DynamoDB::Table", None),
            change("Add", "B", "AWS::Lambda::Function", None),
            change("Modify", "C", "AWS::Lambda::Function", Some(Replacement::False)),
            change("Modify", "P", "AWS::SQS::Queue", Some(Replacement::Conditional)),
            change("Modify", "Q", "AWS::SQS::Queue", Some(Replacement::True)),
            change("Remove", "U", "AWS::Lambda::Url", None),
        ];
        assert_eq!(
            shown(&changes, Language::English),
            "new                1  AWS::DynamoDB::Table\n\
             new                2  AWS::Lambda::Function\n\
             changed            C  AWS::Lambda::Function\n\
             replaced, perhaps  P  AWS::SQS::Queue\n\
             REPLACED           Q  AWS::SQS::Queue\n\
             REMOVED            U  AWS::Lambda::Url\n"
        );
    }

    #[test]
    fn a_stack_keeps_the_parameters_that_nobody_gives() {
        let names = ["A", "B", "C", "D"].map(str::to_owned);
        let given = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("C".to_owned(), "3".to_owned())]);
        let values = |stack: Option<&StackNow>| {
            let values = parameters(&names, &given, stack);
            values
                .into_iter()
                .map(|(name, value)| name + "=" + &value.unwrap_or_default())
                .collect::<Vec<_>>()
        };
        assert_eq!(values(None), ["A=1", "C=3"], "the template's own for the others");
        let stack = StackNow {
            parameters: ["A", "B", "X"].map(|name| (name.to_owned(), "old".to_owned())).into(),
            ..StackNow::default()
        };
        assert_eq!(values(Some(&stack)), ["A=1", "B=", "C=3"]);
    }
}
