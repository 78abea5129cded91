//! One-time schedules: how the product waits. Each wakes dispatch with ids only, and deletes itself.

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::SdkError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, Target,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wechat::{InChinese, OpenId, Said};

use crate::account::Account;
use crate::aws::environment::Environment;
use crate::reminder::{Schedule, ahead};

/// Delivery of the wake-up itself: an event older than a day is the sweep's business.
const DELIVERY_AGE_MAX_S: i32 = 86_400;
const DELIVERY_ATTEMPTS_MAX: i32 = 185;
/// The recurring schedule of `template.yaml`.
const SWEEP: &str = "sweep";

/// What dispatch is woken with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WakeUp {
    /// Something about this reminder is due.
    Reminder(ReminderDue),
    /// A follower's unionid is still to be asked for.
    LookUp { lookup: FollowerDue },
    /// Something may reach this user anew: what of theirs rests is looked at.
    Rest { rest: OpenId },
    /// The next page of a job that arms what rests.
    Arming { arming: String },
    /// Somebody was forgotten: what is left of them is deleted.
    Erase { erase: Forgotten },
    /// The owner's backend is to be told of something.
    Webhook { webhook: EventDue },
    /// Look for what was forgotten; `shard`: in this part of the index only.
    Sweep {
        sweep: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<u32>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderDue {
    pub openid: OpenId,
    pub id: String,
    /// The moment of the schedule, epoch seconds: one that fires before it has to be made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowerDue {
    pub service_openid: OpenId,
}

/// An event about a user, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDue {
    pub openid: OpenId,
    pub id: String,
}

/// Whom to forget, by their openid in this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    pub account: Account,
    pub openid: OpenId,
}

#[derive(Debug, Error)]
#[error("EventBridge Scheduler did not {action} a schedule: {reason}")]
pub struct ScheduleError {
    action: &'static str,
    reason: Said,
}

impl InChinese for ScheduleError {
    fn in_chinese(&self) -> String {
        let action = match self.action {
            "create" => "创建",
            "delete" => "删除",
            _ => "读取",
        };
        format!("EventBridge Scheduler 没能{action}定时：{}", self.reason.chinese)
    }
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

    /// Has dispatch look at a reminder when the schedule says.
    pub async fn create_for(
        &self,
        openid: &OpenId,
        id: &str,
        schedule: &Schedule,
    ) -> Result<(), ScheduleError> {
        let at = Some(schedule.at.as_second());
        let due = ReminderDue { openid: openid.clone(), id: id.to_owned(), at };
        self.create(&schedule.name(id), schedule.at, &WakeUp::Reminder(due)).await
    }

    /// Has dispatch ask WeChat about this follower later.
    pub async fn create_look_up(&self, service_openid: &OpenId, at: Timestamp) -> Result<(), ScheduleError> {
        let name =
            format!("lookup-{:08x}-{}", crate::jitter::hash(&[service_openid.as_str()]), at.as_second());
        let lookup = FollowerDue { service_openid: service_openid.clone() };
        self.create(&name, at, &WakeUp::LookUp { lookup }).await
    }

    /// Has dispatch look at what of this user's rests.
    pub async fn create_look_at_rest(&self, openid: &OpenId, at: Timestamp) -> Result<(), ScheduleError> {
        let name = format!("rest-{:08x}-{}", crate::jitter::hash(&[openid.as_str()]), at.as_second());
        self.create(&name, at, &WakeUp::Rest { rest: openid.clone() }).await
    }

    /// Has dispatch go on with a job that arms what rests.
    pub async fn create_arming(&self, job: &str, at: Timestamp) -> Result<(), ScheduleError> {
        let name = format!("arming-{:08x}-{}", crate::jitter::hash(&[job]), at.as_second());
        self.create(&name, at, &WakeUp::Arming { arming: job.to_owned() }).await
    }

    /// Has dispatch tell the owner's backend of an event.
    pub async fn create_telling(
        &self,
        openid: &OpenId,
        id: &str,
        at: Timestamp,
    ) -> Result<(), ScheduleError> {
        let webhook = EventDue { openid: openid.clone(), id: id.to_owned() };
        let wake_up = WakeUp::Webhook { webhook };
        self.create(&format!("event-{id}-{}", at.as_second()), at, &wake_up).await
    }

    /// Has dispatch delete what is left of somebody who was forgotten.
    pub async fn create_erasure(&self, forgotten: Forgotten, at: Timestamp) -> Result<(), ScheduleError> {
        let hash = crate::jitter::hash(&[forgotten.account.name(), forgotten.openid.as_str()]);
        let name = format!("erase-{hash:08x}-{}", at.as_second());
        self.create(&name, at, &WakeUp::Erase { erase: forgotten }).await
    }

    /// Has dispatch sweep this shard once more, a minute from now.
    pub async fn create_sweep(&self, shard: u32, now: Timestamp) -> Result<(), ScheduleError> {
        let at = ahead(now, now);
        let wake_up = WakeUp::Sweep { sweep: true, shard: Some(shard) };
        self.create(&format!("sweep-{shard}-{}", at.as_second()), at, &wake_up).await
    }

    /// A schedule of this name that exists already is the one wanted: names tell everything.
    async fn create(&self, name: &str, at: Timestamp, wake_up: &WakeUp) -> Result<(), ScheduleError> {
        let input = serde_json::to_string(wake_up).expect("plain data becomes JSON");
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

    /// Removes a reminder's schedule; one that fired or never was is removed already.
    pub async fn remove(&self, id: &str, schedule: &Schedule) -> Result<(), ScheduleError> {
        let deletion = self.client.delete_schedule().name(schedule.name(id)).group_name(&self.group);
        let outcome = deletion.send().await;
        match outcome {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if context.err().is_resource_not_found_exception() => Ok(()),
            Err(error) => Err(ScheduleError { action: "delete", reason: crate::aws::reason(&error) }),
        }
    }

    /// Whether a reminder's schedule exists: for `doctor`.
    pub async fn exists(&self, id: &str, schedule: &Schedule) -> Result<bool, ScheduleError> {
        self.has(&schedule.name(id)).await
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
        let name = Schedule { revision: 3, at }.name("aaaaabbbbbcccccddddd");
        assert_eq!(name, "aaaaabbbbbcccccddddd-3-1803816000");
    }

    #[test]
    fn the_events_of_dispatch_are_told_apart() {
        let wake_up = |text: &str| serde_json::from_str::<WakeUp>(text).expect("an event of ours");
        assert!(matches!(wake_up(r#"{"sweep":true}"#), WakeUp::Sweep { sweep: true, shard: None }));
        let shard = wake_up(r#"{"sweep":true,"shard":3}"#);
        assert!(matches!(shard, WakeUp::Sweep { sweep: true, shard: Some(3) }));
        assert!(matches!(wake_up(r#"{"lookup":{"service_openid":"o1"}}"#), WakeUp::LookUp { .. }));
        assert!(matches!(wake_up(r#"{"rest":"o1"}"#), WakeUp::Rest { .. }));
        assert!(
            matches!(wake_up(r#"{"arming":"settings"}"#), WakeUp::Arming { arming } if arming == "settings")
        );
        let erase = r#"{"erase":{"account":"service_account","openid":"o1"}}"#;
        assert!(matches!(wake_up(erase), WakeUp::Erase { .. }));
        let webhook = r#"{"webhook":{"openid":"o1","id":"e"}}"#;
        assert!(matches!(wake_up(webhook), WakeUp::Webhook { .. }));
        let reminder = r#"{"openid":"o1","id":"x","at":1803816000}"#;
        assert!(matches!(wake_up(reminder), WakeUp::Reminder(ReminderDue { at: Some(1_803_816_000), .. })));
        assert!(matches!(wake_up(r#"{"openid":"o1","id":"x"}"#), WakeUp::Reminder(_)));
        assert!(serde_json::from_str::<WakeUp>(r#"{"id":"x"}"#).is_err());
    }
}
