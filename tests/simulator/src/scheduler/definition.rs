//! What a schedule may be: the members of `CreateSchedule` and `UpdateSchedule`, and every rule they have
//! to keep (service model of EventBridge Scheduler; docs/aws.md §4).

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::aws::AwsError;
use crate::stack::SCHEDULER_ROLE_ARN;
use crate::template::Recurring;

const NAME_CHARS_MAX: usize = 64;
const EXPRESSION_CHARS_MAX: usize = 256;
const TIMEZONE_CHARS_MAX: usize = 50;
const DESCRIPTION_CHARS_MAX: usize = 512;
/// Lambda takes no larger event asynchronously.
const INPUT_BYTES_MAX: usize = 256 * 1024;

/// What an operation of Scheduler ends in.
pub(super) type AwsResult<T> = Result<T, AwsError>;

/// The body of `CreateSchedule` and `UpdateSchedule`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Definition {
    pub schedule_expression: String,
    pub target: Target,
    pub flexible_time_window: FlexibleTimeWindow,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_expression_timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_after_completion: Option<String>,
    /// Epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<f64>,
    /// Epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    #[serde(skip_serializing)]
    pub client_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    pub arn: String,
    pub role_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_policy: Option<RetryPolicy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeadLetterConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RetryPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_event_age_in_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_retry_attempts: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FlexibleTimeWindow {
    pub mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_window_in_minutes: Option<i64>,
}

impl Definition {
    pub(super) fn recurring(recurring: &Recurring, group: &str, target: &str, role: &str) -> Self {
        Self {
            schedule_expression: recurring.expression.clone(),
            target: Target {
                arn: target.to_owned(),
                role_arn: role.to_owned(),
                input: recurring.input.clone(),
                dead_letter_config: None,
                retry_policy: None,
            },
            flexible_time_window: FlexibleTimeWindow {
                mode: "OFF".to_owned(),
                maximum_window_in_minutes: None,
            },
            schedule_expression_timezone: recurring.timezone.clone(),
            group_name: Some(group.to_owned()),
            description: None,
            state: None,
            action_after_completion: None,
            start_date: None,
            end_date: None,
            kms_key_arn: None,
            client_token: None,
        }
    }

    pub(super) fn group_name(&self) -> &str {
        self.group_name.as_deref().unwrap_or("default")
    }

    pub(super) fn timezone(&self) -> &str {
        self.schedule_expression_timezone.as_deref().unwrap_or("UTC")
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.state.as_deref() != Some("DISABLED")
    }

    pub(super) fn is_deleted_after_completion(&self) -> bool {
        self.action_after_completion.as_deref() == Some("DELETE")
    }

    /// Every rule but those of the expression; the error is the ValidationException AWS would answer.
    pub(super) fn check(&self, name: &str) -> AwsResult<()> {
        check_name("name", name)?;
        check_name("groupName", self.group_name())?;
        if let Some(token) = &self.client_token {
            check_client_token(token)?;
        }
        at_most("description", self.description.as_deref().unwrap_or_default(), DESCRIPTION_CHARS_MAX)?;
        at_most("scheduleExpression", &self.schedule_expression, EXPRESSION_CHARS_MAX)?;
        at_most("scheduleExpressionTimezone", self.timezone(), TIMEZONE_CHARS_MAX)?;
        one_of("state", self.state.as_deref(), &["ENABLED", "DISABLED"])?;
        one_of("actionAfterCompletion", self.action_after_completion.as_deref(), &["NONE", "DELETE"])?;
        self.flexible_time_window.check()?;
        self.target.check()
    }
}

impl FlexibleTimeWindow {
    fn check(&self) -> AwsResult<()> {
        one_of("flexibleTimeWindow.mode", Some(&self.mode), &["OFF", "FLEXIBLE"])?;
        match (self.mode.as_str(), self.maximum_window_in_minutes) {
            ("FLEXIBLE", Some(1..=1440)) | ("OFF", None) => Ok(()),
            ("OFF", Some(_)) => Err(invalid(
                "MaximumWindowInMinutes may only be set when the flexible time window is FLEXIBLE.",
            )),
            _ => Err(invalid("A FLEXIBLE time window needs MaximumWindowInMinutes between 1 and 1440.")),
        }
    }
}

impl Target {
    fn check(&self) -> AwsResult<()> {
        if !self.arn.starts_with("arn:aws:") {
            return Err(invalid(format!("Provided Arn is not in correct format: {}", self.arn)));
        }
        if self.role_arn != SCHEDULER_ROLE_ARN {
            return Err(invalid(
                "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
            ));
        }
        if let Some(input) = &self.input {
            if serde_json::from_str::<serde_json::Value>(input).is_err() {
                return Err(invalid("The Input of a Lambda target must be well-formed JSON."));
            }
            if input.len() > INPUT_BYTES_MAX {
                return Err(invalid("The Input is too large."));
            }
        }
        if let Some(queue) = self.dead_letter_config.as_ref().and_then(|config| config.arn.as_ref())
            && !queue.starts_with("arn:aws:sqs:")
        {
            return Err(invalid("The dead-letter queue must be an SQS queue."));
        }
        if let Some(policy) = &self.retry_policy {
            within("maximumEventAgeInSeconds", policy.maximum_event_age_in_seconds, 60, 86_400)?;
            within("maximumRetryAttempts", policy.maximum_retry_attempts, 0, 185)?;
        }
        Ok(())
    }
}

/// Names of schedules and groups: `^[0-9a-zA-Z-_.]+$`, 1 to 64.
pub(super) fn check_name(member: &str, name: &str) -> AwsResult<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(constraint(
            member,
            name,
            "Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$",
        ));
    }
    at_most(member, name, NAME_CHARS_MAX)
}

/// `^[a-zA-Z0-9-_]+$`, 1 to 64.
pub(super) fn check_client_token(token: &str) -> AwsResult<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if token.is_empty() || !token.chars().all(allowed) {
        let rule = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9-_]+$";
        return Err(constraint("clientToken", token, rule));
    }
    at_most("clientToken", token, NAME_CHARS_MAX)
}

fn at_most(member: &str, value: &str, chars_max: usize) -> AwsResult<()> {
    if value.chars().count() > chars_max {
        let rule = format!("Member must have length less than or equal to {chars_max}");
        return Err(constraint(member, value, &rule));
    }
    Ok(())
}

fn one_of(member: &str, value: Option<&str>, allowed: &[&str]) -> AwsResult<()> {
    match value {
        Some(value) if !allowed.contains(&value) => {
            let rule = format!("Member must satisfy enum value set: [{}]", allowed.join(", "));
            Err(constraint(member, value, &rule))
        }
        _ => Ok(()),
    }
}

fn within(member: &str, value: Option<i64>, least: i64, most: i64) -> AwsResult<()> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            let rule = format!("Member must have value between {least} and {most}");
            Err(constraint(member, &value.to_string(), &rule))
        }
        _ => Ok(()),
    }
}

fn constraint(member: &str, value: &str, rule: &str) -> AwsError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}

pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(StatusCode::BAD_REQUEST, "ValidationException", message)
}

pub(super) fn not_found(message: &str) -> AwsError {
    AwsError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}

pub(super) fn conflict(name: &str) -> AwsError {
    AwsError::new(StatusCode::CONFLICT, "ConflictException", format!("Schedule {name} already exists."))
}
