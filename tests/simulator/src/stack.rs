//! What the simulated deployment is called: its account and Region, and the names and ARNs its functions are told.

pub const REGION: &str = "ap-southeast-1";
pub const ACCOUNT: &str = "000000000000";

/// As `template.yaml` does, functions may be named after it.
pub const STACK: &str = "reminders";

pub const TABLE_NAME: &str = "reminders";
pub const SCHEDULE_GROUP: &str = "reminders";
pub const SCHEDULER_ROLE_ARN: &str = "arn:aws:iam::000000000000:role/reminders-scheduler";
pub const DEAD_LETTER_QUEUE_ARN: &str = "arn:aws:sqs:ap-southeast-1:000000000000:reminders-dead-letters";
/// The name of the one parameter.
pub const SECRETS_PARAMETER: &str = "/reminders/secrets";
