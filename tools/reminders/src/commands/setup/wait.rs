//! The one place where the command waits: for CloudFormation, for a person at a console, for a login.

use std::time::Duration;

/// Often enough for whoever watches, and seldom enough for AWS.
const LOOK_EVERY: Duration = Duration::from_secs(3);

#[expect(
    clippy::disallowed_methods,
    reason = "a person waits in front of it, and nothing else would wake it"
)]
pub(super) async fn a_moment() {
    tokio::time::sleep(LOOK_EVERY).await;
}

/// How many looks fit into so many minutes; one at least.
pub(super) fn looks_in(minutes: u16) -> u64 {
    (u64::from(minutes) * 60 / LOOK_EVERY.as_secs()).max(1)
}
