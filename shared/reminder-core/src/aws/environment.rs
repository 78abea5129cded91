//! Where everything outside is: the environment variables of docs/design.md §7, read once, in one place.

use std::time::Duration;

use secrecy::SecretString;
use thiserror::Error;
use tracing::level_filters::LevelFilter;

const WECHAT_API_URL: &str = "https://api.weixin.qq.com";
const WECHAT_MP_URL: &str = "https://mp.weixin.qq.com";
/// From outside mainland China expect 200–400 ms a call and stalls now and then (docs/wechat.md §14).
const WECHAT_TIMEOUT: Duration = Duration::from_secs(5);

/// What Lambda, or whatever stands for it, sets by itself: without them the runtime panics with less to say.
const OF_LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

/// What a function is told at start.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Read from `TABLE_NAME`.
    pub table_name: String,
    /// Read from `SCHEDULE_GROUP`.
    pub schedule_group: String,
    /// Read from `DISPATCH_FUNCTION_ARN`: the target of every schedule.
    pub dispatch_function_arn: String,
    /// Read from `SCHEDULER_ROLE_ARN`: what EventBridge Scheduler acts as.
    pub scheduler_role_arn: String,
    /// Read from `DEAD_LETTER_QUEUE_ARN`: where Scheduler leaves what it could not deliver.
    pub dead_letter_queue_arn: String,
    /// Read from `SECRETS_PARAMETER`: the name of the SecureString.
    pub secrets_parameter: String,
    /// Read from `WECHAT_API_URL`.
    pub wechat_api_url: String,
    /// Read from `WECHAT_MP_URL`: where QR pictures are.
    pub wechat_mp_url: String,
    /// Read from `WECHAT_TIMEOUT_MS`.
    pub wechat_timeout: Duration,
    /// Read from `WECHAT_PROXY_URL`: a forward proxy with a fixed address.
    pub wechat_proxy_url: Option<String>,
    /// Read from `WEBHOOK_VIA`: where events go instead of to the host of the settings' webhook. Only for trying it out: the
    /// template sets none.
    pub webhook_via: Option<String>,
    /// Read from `CALLBACK_URL`: what `doctor` tries from outside.
    pub callback_url: Option<String>,
    /// Read from `RESERVED_CONCURRENCY`, as the template writes it; only `doctor` reads on.
    pub reserved_concurrency: Option<String>,
    /// Read from `AWS_LAMBDA_LOG_LEVEL`; INFO where it says nothing that is a level.
    pub log_level: LevelFilter,
    pub aws: Aws,
}

/// The AWS SDK's own variables, as far as a Lambda function has them.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Read from `AWS_REGION`, else `AWS_DEFAULT_REGION`.
    pub region: String,
    /// Read from `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// Read from `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
    /// Read from `AWS_SESSION_TOKEN`.
    pub session_token: Option<SecretString>,
    /// Read from `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`.
    pub dynamodb_endpoint: Option<String>,
    /// Read from `AWS_ENDPOINT_URL_SCHEDULER`, else `AWS_ENDPOINT_URL`.
    pub scheduler_endpoint: Option<String>,
    /// Read from `AWS_ENDPOINT_URL_SSM`, else `AWS_ENDPOINT_URL`.
    pub ssm_endpoint: Option<String>,
}

/// Every variable that is missing or unusable, all at once.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the environment is not complete: {}", .0.join("; "))]
pub struct EnvironmentError(pub Vec<String>);

impl Environment {
    /// The environment of this process, which Lambda started.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn of_process() -> Result<Self, EnvironmentError> {
        Self::in_lambda(|name| std::env::var(name).ok())
    }

    fn in_lambda(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let is_missing = |name: &&str| variable(name).is_none_or(|value| value.is_empty());
        let missing = OF_LAMBDA.into_iter().filter(is_missing);
        let mut wrong: Vec<String> = missing
            .map(|name| format!("{name} is missing, which Lambda or `cargo lambda watch` sets"))
            .collect();
        match Self::read(&variable) {
            Ok(environment) if wrong.is_empty() => Ok(environment),
            Ok(_) => Err(EnvironmentError(wrong)),
            Err(EnvironmentError(more)) => {
                wrong.extend(more);
                Err(EnvironmentError(wrong))
            }
        }
    }

    /// Reads the variables through `variable`. An empty value counts as none.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let wrong = std::cell::RefCell::new(Vec::new());
        let optional = |name: &str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &str| {
            optional(name).unwrap_or_else(|| {
                wrong.borrow_mut().push(format!("{name} is missing"));
                String::new()
            })
        };
        let url = |name: &str, default: &str| {
            let value = optional(name).unwrap_or_else(|| default.to_owned());
            if !value.starts_with("https://") && !value.starts_with("http://") {
                wrong.borrow_mut().push(format!("{name} must be an http or https URL"));
            }
            value.trim_end_matches('/').to_owned()
        };
        let endpoint = |name: &str| optional(name).or_else(|| optional("AWS_ENDPOINT_URL"));
        let environment = Self {
            table_name: required("TABLE_NAME"),
            schedule_group: required("SCHEDULE_GROUP"),
            dispatch_function_arn: required("DISPATCH_FUNCTION_ARN"),
            scheduler_role_arn: required("SCHEDULER_ROLE_ARN"),
            dead_letter_queue_arn: required("DEAD_LETTER_QUEUE_ARN"),
            secrets_parameter: required("SECRETS_PARAMETER"),
            wechat_api_url: url("WECHAT_API_URL", WECHAT_API_URL),
            wechat_mp_url: url("WECHAT_MP_URL", WECHAT_MP_URL),
            wechat_timeout: match optional("WECHAT_TIMEOUT_MS").map(|text| text.parse()) {
                None => WECHAT_TIMEOUT,
                Some(Ok(milliseconds @ 1..=30_000)) => Duration::from_millis(milliseconds),
                Some(_) => {
                    wrong.borrow_mut().push("WECHAT_TIMEOUT_MS must be a number from 1 to 30000".to_owned());
                    WECHAT_TIMEOUT
                }
            },
            wechat_proxy_url: optional("WECHAT_PROXY_URL"),
            webhook_via: optional("WEBHOOK_VIA").map(|url| url.trim_end_matches('/').to_owned()),
            callback_url: optional("CALLBACK_URL"),
            reserved_concurrency: optional("RESERVED_CONCURRENCY"),
            log_level: optional("AWS_LAMBDA_LOG_LEVEL")
                .and_then(|level| level.parse().ok())
                .unwrap_or(LevelFilter::INFO),
            aws: Aws {
                region: optional("AWS_REGION").unwrap_or_else(|| {
                    optional("AWS_DEFAULT_REGION").unwrap_or_else(|| required("AWS_REGION"))
                }),
                access_key_id: required("AWS_ACCESS_KEY_ID"),
                secret_access_key: required("AWS_SECRET_ACCESS_KEY").into(),
                session_token: optional("AWS_SESSION_TOKEN").map(SecretString::from),
                dynamodb_endpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
                scheduler_endpoint: endpoint("AWS_ENDPOINT_URL_SCHEDULER"),
                ssm_endpoint: endpoint("AWS_ENDPOINT_URL_SSM"),
            },
        };
        let wrong = wrong.into_inner();
        if wrong.is_empty() { Ok(environment) } else { Err(EnvironmentError(wrong)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lambda_itself_has_not_set_is_named_too() {
        let all = |name: &str| Some(if name.starts_with("WECHAT_") { String::new() } else { "x".to_owned() });
        assert!(Environment::in_lambda(all).is_ok());
        let no_runtime_api = |name: &str| all(name).filter(|_| name != "AWS_LAMBDA_RUNTIME_API");
        let error = Environment::in_lambda(no_runtime_api).unwrap_err();
        insta::assert_snapshot!(error, @"the environment is not complete: AWS_LAMBDA_RUNTIME_API is missing, which Lambda or `cargo lambda watch` sets");
        let error =
            Environment::in_lambda(|name| all(name).filter(|_| !name.ends_with("_NAME"))).unwrap_err();
        insta::assert_snapshot!(error, @"the environment is not complete: AWS_LAMBDA_FUNCTION_NAME is missing, which Lambda or `cargo lambda watch` sets; TABLE_NAME is missing");
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let known = ["TABLE_NAME", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let error = Environment::read(|name| match name {
            "WECHAT_TIMEOUT_MS" => Some("soon".to_owned()),
            _ => known.contains(&name).then(|| "x".to_owned()),
        })
        .unwrap_err();
        insta::assert_snapshot!(error, @"the environment is not complete: SCHEDULE_GROUP is missing; DISPATCH_FUNCTION_ARN is missing; SCHEDULER_ROLE_ARN is missing; DEAD_LETTER_QUEUE_ARN is missing; SECRETS_PARAMETER is missing; WECHAT_TIMEOUT_MS must be a number from 1 to 30000");
    }
}
