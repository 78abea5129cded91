//! Log lines on standard output, as Lambda wants them: one JSON object each, and no time, which Lambda adds. Of the
//! runtime's spans the innermost is enough: it has the request's id.
//!
//! The runtime's own subscriber writes the same lines, but brings a language to filter them with, regular expressions
//! included: a megabyte in every function, for a level. And it listens to `RUST_LOG`, which could make the HTTP
//! libraries print what they carry.

use tracing::level_filters::LevelFilter;

/// Once per process, and first.
pub fn to_stdout(level: LevelFilter) {
    tracing_subscriber::fmt()
        .with_target(false)
        .without_time()
        .with_max_level(level)
        .json()
        .with_span_list(false)
        .init();
}
