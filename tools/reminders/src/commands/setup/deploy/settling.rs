//! A stack on its way: watched until it stands, or until CloudFormation says why it does not.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::types::StackEvent;

use crate::commands::setup::owner::{Owner, StackNow};
use crate::commands::setup::progress::Progress;
use crate::commands::setup::wait;
use crate::commands::setup::words::Say;
use crate::commands::setup::work::Work;
use crate::failure::Failure;

const REASONS_MAX: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing of it is there.
    Absent,
    /// CloudFormation is at work.
    Moving,
    Whole,
    /// Its first deployment failed: it can only be deleted.
    Stillborn,
    /// The last update failed, and what was before is there.
    AsBefore,
    /// Only a person at CloudFormation's console helps.
    Stuck,
}

pub(super) fn standing(stack: Option<&StackNow>) -> Standing {
    let Some(stack) = stack else { return Standing::Absent };
    match stack.status.as_str() {
        // A change set was made, and never executed; or it is gone.
        "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => Standing::Absent,
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Standing::Whole,
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" => Standing::Stillborn,
        "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_ROLLBACK_COMPLETE" => Standing::AsBefore,
        status if status.ends_with("_IN_PROGRESS") => Standing::Moving,
        _ => Standing::Stuck,
    }
}

/// Until CloudFormation has done what it is about; `of` is how many resources that concerns, if we know.
pub(super) async fn watch(work: &mut Work<'_, '_>, of: Option<usize>) -> Result<Option<StackNow>, Failure> {
    let mut progress = Progress::begin(work.session.terminal);
    let language = work.session.language;
    loop {
        let stack = work.owner.stack_now().await?;
        if standing(stack.as_ref()) != Standing::Moving {
            return Ok(stack);
        }
        let status = stack.map(|stack| stack.status).unwrap_or_default();
        let events = events(&work.owner).await?;
        let done = done(&events);
        let of = of.map(|of| format!("/{of}")).unwrap_or_default();
        progress.show(language.say(Say::Deploying, &[&status, &done, &of]), work.session.terminal);
        wait::a_moment().await;
    }
}

/// Why the last deployment failed, in CloudFormation's words.
pub(super) async fn reasons(owner: &Owner) -> Result<String, Failure> {
    Ok(told(&events(owner).await?))
}

/// Newest first, the first page.
async fn events(owner: &Owner) -> Result<Vec<StackEvent>, Failure> {
    let told = owner.cloudformation.describe_stack_events().stack_name(&owner.stack).send().await;
    let told = told.map_err(|error| owner.refused("cloudformation:DescribeStackEvents", &error))?;
    Ok(told.stack_events.unwrap_or_default())
}

/// Those since the deployment began.
fn latest(events: &[StackEvent]) -> impl Iterator<Item = &StackEvent> {
    let is_begin = |event: &StackEvent| {
        let status = status(event);
        event.logical_resource_id == event.stack_name
            && (status == "CREATE_IN_PROGRESS"
                || status == "UPDATE_IN_PROGRESS"
                || status == "DELETE_IN_PROGRESS")
    };
    events.iter().take_while(move |event| !is_begin(event))
}

fn status(event: &StackEvent) -> &str {
    event.resource_status.as_ref().map(|status| status.as_str()).unwrap_or_default()
}

fn done(events: &[StackEvent]) -> usize {
    let complete = latest(events).filter(|event| status(event).ends_with("_COMPLETE"));
    complete.filter_map(|event| event.logical_resource_id.as_deref()).collect::<BTreeSet<_>>().len()
}

fn told(events: &[StackEvent]) -> String {
    let failed = latest(events).filter(|event| status(event).ends_with("_FAILED"));
    let mut lines: Vec<String> = failed
        .filter_map(|event| {
            let reason = event.resource_status_reason.as_deref()?;
            // What was given up because of another.
            let is_cause = !reason.contains("cancelled");
            is_cause
                .then(|| format!("  {}: {reason}", event.logical_resource_id.as_deref().unwrap_or_default()))
        })
        .collect();
    lines.reverse();
    lines.truncate(REASONS_MAX);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::ResourceStatus;

    use super::*;

    #[test]
    fn what_stands_is_read_from_cloudformations_word() {
        use Standing::{Absent, AsBefore, Moving, Stillborn, Stuck, Whole};
        assert_eq!(standing(None), Absent);
        for (status, expected) in [
            ("REVIEW_IN_PROGRESS", Absent),
            ("CREATE_IN_PROGRESS", Moving),
            ("CREATE_COMPLETE", Whole),
            ("ROLLBACK_IN_PROGRESS", Moving),
            ("ROLLBACK_COMPLETE", Stillborn),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Moving),
            ("UPDATE_COMPLETE", Whole),
            ("UPDATE_ROLLBACK_COMPLETE", AsBefore),
            ("UPDATE_ROLLBACK_FAILED", Stuck),
            ("DELETE_IN_PROGRESS", Moving),
            ("DELETE_FAILED", Stuck),
        ] {
            let stack = StackNow { status: status.to_owned(), ..StackNow::default() };
            assert_eq!(standing(Some(&stack)), expected, "{status}");
        }
    }

    #[test]
    fn events_tell_how_far_it_is_and_what_failed_first() {
        let event = |resource: &str, status: &str, reason: &str| {
            StackEvent::builder()
                .stack_id("id")
                .event_id("id")
                .stack_name("reminders")
                .logical_resource_id(resource)
                .resource_status(ResourceStatus::from(status))
                .resource_status_reason(reason)
                .build()
        };
        let events = [
            event("B", "CREATE_FAILED", "Resource creation cancelled"),
            event("A", "CREATE_FAILED", "no such role"),
            event("T", "CREATE_COMPLETE", ""),
            event("T", "CREATE_IN_PROGRESS", ""),
            event("reminders", "CREATE_IN_PROGRESS", "User Initiated"),
            event("Old", "CREATE_FAILED", "of the last time"),
        ];
        assert_eq!(done(&events), 1);
        assert_eq!(told(&events), "  A: no such role");
    }
}
