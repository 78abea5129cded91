//! How an invocation can fail.

/// Why an invocation has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    #[error("every execution environment is busy")]
    Throttled,
    #[error("the execution environment did not start: {0}")]
    Init(String),
    /// The function answered an error.
    #[error("the function failed: {0}")]
    Failed(String),
    #[error("the function took longer than {0} s")]
    TimedOut(u64),
    /// Planned, or a panic, or the end of its process.
    #[error("the execution environment died")]
    Died,
}
