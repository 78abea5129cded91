//! The environment variables of the functions (docs/design.md §7).

use std::collections::BTreeMap;

use crate::addresses::Addresses;
use crate::lambda::FunctionName;
use crate::stack::{
    DEAD_LETTER_QUEUE_ARN, REGION, SCHEDULE_GROUP, SCHEDULER_ROLE_ARN, SECRETS_PARAMETER, TABLE_NAME,
};

/// How long the functions wait for WeChat here (docs/design.md §9).
const WECHAT_TIMEOUT_MS: &str = "1000";

/// The variables that say nothing of where things are.
fn everywhere() -> Vec<(&'static str, String)> {
    vec![
        ("TABLE_NAME", TABLE_NAME.to_owned()),
        ("SCHEDULE_GROUP", SCHEDULE_GROUP.to_owned()),
        ("DISPATCH_FUNCTION_ARN", FunctionName::ReminderDispatch.arn()),
        ("SCHEDULER_ROLE_ARN", SCHEDULER_ROLE_ARN.to_owned()),
        ("DEAD_LETTER_QUEUE_ARN", DEAD_LETTER_QUEUE_ARN.to_owned()),
        ("SECRETS_PARAMETER", SECRETS_PARAMETER.to_owned()),
        ("WECHAT_TIMEOUT_MS", WECHAT_TIMEOUT_MS.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIASIMULATEDWORLD00".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "made-up".to_owned()),
        ("AWS_SESSION_TOKEN", "made-up".to_owned()),
    ]
}

/// What `function` sees in the sandbox whose own addresses begin with `outside`.
pub(crate) fn of_function(
    function: FunctionName,
    outside: &str,
    addresses: &Addresses,
    log_level: &str,
    reserved_concurrency: Option<&str>,
    webhook_via: Option<&str>,
) -> BTreeMap<String, String> {
    let mut variables = everywhere();
    variables.extend([
        ("WECHAT_API_URL", format!("{outside}/wechat")),
        // Links made of it leave the sandbox: a phone opens them.
        ("WECHAT_MP_URL", addresses.url(addresses.wechat)),
        ("CALLBACK_URL", addresses.url(addresses.wechat_callback)),
        ("AWS_ENDPOINT_URL_DYNAMODB", format!("{outside}/dynamodb")),
        ("AWS_ENDPOINT_URL_SCHEDULER", format!("{outside}/scheduler")),
        ("AWS_ENDPOINT_URL_SSM", format!("{outside}/ssm")),
        ("AWS_LAMBDA_FUNCTION_NAME", function.as_str().to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", log_level.to_uppercase()),
        ("TZ", ":UTC".to_owned()),
    ]);
    variables.extend(reserved_concurrency.map(|text| ("RESERVED_CONCURRENCY", text.to_owned())));
    variables.extend(webhook_via.map(|url| ("WEBHOOK_VIA", url.to_owned())));
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a function needs that something else runs on this machine, `cargo lambda watch` for one; Lambda's own variables
/// come from there.
pub(crate) fn outside(addresses: &Addresses) -> Vec<(&'static str, String)> {
    let mut variables = everywhere();
    variables.extend([
        ("WECHAT_API_URL", addresses.url(addresses.wechat)),
        ("WECHAT_MP_URL", addresses.url(addresses.wechat)),
        ("CALLBACK_URL", addresses.url(addresses.wechat_callback)),
        ("AWS_ENDPOINT_URL_DYNAMODB", addresses.url(addresses.dynamodb)),
        ("AWS_ENDPOINT_URL_SCHEDULER", addresses.url(addresses.scheduler)),
        ("AWS_ENDPOINT_URL_SSM", addresses.url(addresses.ssm)),
    ]);
    variables
}
