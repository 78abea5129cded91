//! What happens in real time, and gives up after a while.
#![expect(clippy::print_stderr, reason = "a report for the terminal")]

use std::process::ExitCode;
use std::time::Duration;

pub type Failure = Box<dyn std::error::Error>;

/// Succeeds if the work does, within this time; else says why not.
pub async fn within(limit: Duration, work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            eprintln!("FAILED: {failure}");
            ExitCode::FAILURE
        }
        Err(_) => {
            eprintln!("FAILED: not over after {} s", limit.as_secs());
            ExitCode::FAILURE
        }
    }
}
