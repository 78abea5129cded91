//! One-time schedules: how the product waits. Each wakes dispatch with ids only, and deletes itself.

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::SdkError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, Target,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wechat::OpenId;

use crate::aws::environment::Environment;
use crate::reminder::{Push, Reminder};

/// Scheduler works by the minute; what happens to an `at` just past is not documented (docs/aws.md §4).
pub const AHEAD_AT_LEAST: SignedDuration = SignedDuration::from_secs(60);
/// Delivery of the wake-up itself: an event older than a day is the sweep's business.
const DELIVERY_AGE_MAX_S: i32 = 86_400;
const DELIVERY_ATTEMPTS_MAX: i32 = 185;
/// The recurring schedule of `template.yaml`.
const SWEEP: &str = "sweep";

/// What dispatch is woken with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Wake {
    /// Something about this push is due.
    Push(PushDue),
    /// A follower's unionid is still to be asked for.
    Lookup { lookup: FollowerDue },
    /// Look for what was forgotten.
    Sweep { sweep: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushDue {
    pub openid: OpenId,
    pub id: String,
    pub revision: u64,
    pub push: u8,
    /// The moment this wake-up was made for, epoch seconds.
    pub fires_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowerDue {
    pub service_openid: OpenId,
    /// How often it was tried already.
    #[serde(default)]
    pub tries: u32,
}

#[derive(Debug, Error)]
#[error("EventBridge Scheduler did not {action} a schedule: {reason}")]
pub struct ScheduleError {
    action: &'static str,
    reason: String,
}

#[derive(Debug, Clone)]
pub struct Schedules {
    client: Client,
    group: String,
    target: Target,
}

impl Schedules {
    pub fn new(client: Client, environment: &Environment) -> Self {
        let target = Target::builder()
            .arn(&environment.dispatch_function_arn)
            .role_arn(&environment.scheduler_role_arn)
            .retry_policy(
                RetryPolicy::builder()
                    .maximum_event_age_in_seconds(DELIVERY_AGE_MAX_S)
                    .maximum_retry_attempts(DELIVERY_ATTEMPTS_MAX)
                    .build(),
            )
            .dead_letter_config(DeadLetterConfig::builder().arn(&environment.dead_letter_queue_arn).build())
            .build()
            .expect("arn and role are given");
        Self { client, group: environment.schedule_group.clone(), target }
    }

    /// Wakes dispatch for this push at `at`, or a minute from now if that is later. Answers when.
    pub async fn wake_push(
        &self,
        reminder: &Reminder,
        push: &Push,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Timestamp, ScheduleError> {
        let at = ahead(at, now);
        let due = PushDue {
            openid: reminder.openid.clone(),
            id: reminder.id.clone(),
            revision: push.revision,
            push: push.n,
            fires_at: at.as_second(),
        };
        self.create(&push_schedule(&reminder.id, push.revision, push.n, at), at, &Wake::Push(due)).await?;
        Ok(at)
    }

    /// Has dispatch ask WeChat about this follower later.
    pub async fn wake_lookup(&self, follower: FollowerDue, at: Timestamp) -> Result<(), ScheduleError> {
        let name = format!(
            "lookup-{:08x}-{}",
            crate::jitter::hash(&[follower.service_openid.as_str()]),
            at.as_second()
        );
        self.create(&name, at, &Wake::Lookup { lookup: follower }).await
    }

    /// Has dispatch sweep once more, a minute from now.
    pub async fn wake_sweep(&self, now: Timestamp) -> Result<(), ScheduleError> {
        let at = ahead(now, now);
        self.create(&format!("sweep-{}", at.as_second()), at, &Wake::Sweep { sweep: true }).await
    }

    /// A schedule of this name that exists already is the one wanted: names tell everything.
    async fn create(&self, name: &str, at: Timestamp, wake: &Wake) -> Result<(), ScheduleError> {
        let input = serde_json::to_string(wake).expect("plain data becomes JSON");
        let target = Target::builder()
            .arn(self.target.arn())
            .role_arn(self.target.role_arn())
            .set_retry_policy(self.target.retry_policy().cloned())
            .set_dead_letter_config(self.target.dead_letter_config().cloned())
            .input(input)
            .build()
            .expect("arn and role are given");
        let outcome = self
            .client
            .create_schedule()
            .name(name)
            .group_name(&self.group)
            .schedule_expression(at_expression(at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(
                FlexibleTimeWindow::builder()
                    .mode(FlexibleTimeWindowMode::Off)
                    .build()
                    .expect("a mode is given"),
            )
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if context.err().is_conflict_exception() => Ok(()),
            Err(error) => Err(ScheduleError { action: "create", reason: crate::aws::reason(&error) }),
        }
    }

    /// Removes the wake-up of this push; one that fired or never was is removed already.
    pub async fn remove_push(
        &self,
        id: &str,
        revision: u64,
        n: u8,
        at: Timestamp,
    ) -> Result<(), ScheduleError> {
        let outcome = self
            .client
            .delete_schedule()
            .name(push_schedule(id, revision, n, at))
            .group_name(&self.group)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if context.err().is_resource_not_found_exception() => Ok(()),
            Err(error) => Err(ScheduleError { action: "delete", reason: crate::aws::reason(&error) }),
        }
    }

    /// Whether the wake-up of this push exists: for `doctor`.
    pub async fn has_push(
        &self,
        id: &str,
        revision: u64,
        n: u8,
        at: Timestamp,
    ) -> Result<bool, ScheduleError> {
        self.has(&push_schedule(id, revision, n, at)).await
    }

    /// Whether the sweep is there, which finds what is lost: for `doctor`.
    pub async fn has_sweep(&self) -> Result<bool, ScheduleError> {
        self.has(SWEEP).await
    }

    async fn has(&self, name: &str) -> Result<bool, ScheduleError> {
        let outcome = self.client.get_schedule().name(name).group_name(&self.group).send().await;
        match outcome {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context)) if context.err().is_resource_not_found_exception() => {
                Ok(false)
            }
            Err(error) => Err(ScheduleError { action: "read", reason: crate::aws::reason(&error) }),
        }
    }
}

/// `at`, but never less than a minute ahead.
pub fn ahead(at: Timestamp, now: Timestamp) -> Timestamp {
    at.max(now + AHEAD_AT_LEAST)
}

/// id-revision-push-epoch seconds: at most 64 of the characters Scheduler allows.
fn push_schedule(id: &str, revision: u64, n: u8, at: Timestamp) -> String {
    format!("{id}-{revision}-{n}-{}", at.as_second())
}

/// `at(yyyy-mm-ddThh:mm:ss)`, no zone inside: the zone is said beside it.
fn at_expression(at: Timestamp) -> String {
    format!("at({})", at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_says_utc_in_the_form_scheduler_takes() {
        let at: Timestamp = "2027-02-28T20:00:00+08:00".parse().expect("valid");
        assert_eq!(at_expression(at), "at(2027-02-28T12:00:00)");
        assert_eq!(push_schedule("aaaaabbbbbcccccddddd", 3, 1, at), "aaaaabbbbbcccccddddd-3-1-1803816000");
    }

    #[test]
    fn the_events_of_dispatch_are_told_apart() {
        let wake = |text: &str| serde_json::from_str::<Wake>(text).expect("an event of ours");
        assert!(matches!(wake(r#"{"sweep":true}"#), Wake::Sweep { sweep: true }));
        assert!(matches!(wake(r#"{"lookup":{"service_openid":"o1"}}"#), Wake::Lookup { .. }));
        let push = r#"{"openid":"o1","id":"x","revision":1,"push":2,"fires_at":1803816000}"#;
        assert!(matches!(wake(push), Wake::Push(PushDue { push: 2, .. })));
        assert!(serde_json::from_str::<Wake>(r#"{"id":"x"}"#).is_err());
    }
}
