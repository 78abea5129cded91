//! Where the logs of the functions and of this world go: to standard error, or into memory for a test.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// To standard error, from `level` on (`warn`, or a filter as `info,reminder_core=debug`).
pub fn to_stderr(level: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(level).map_err(|error| error.to_string())?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .try_init()
        .map_err(|error| error.to_string())
}

/// Everything this process logs, at every level of our own crates, kept in memory.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Captured {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Captures the logs of this process from the first call on; every call gives the same capture.
/// The HTTP stack's own lines are left out below `info`.
pub fn capture() -> Captured {
    static CAPTURED: OnceLock<Captured> = OnceLock::new();
    CAPTURED
        .get_or_init(|| {
            let captured = Captured::default();
            let filter = EnvFilter::new("trace,hyper=info,hyper_util=info,aws=info,h2=info,rustls=info");
            // Whoever installed another subscriber before has its lines elsewhere.
            let _ = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_env_filter(filter)
                .with_writer(captured.clone())
                .try_init();
            captured
        })
        .clone()
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_is_captured() {
        let captured = capture();
        tracing::debug!(errcode = 43101, "a message for the capture");
        assert!(captured.text().contains("a message for the capture errcode=43101"), "{}", captured.text());
        assert_eq!(capture().text().len(), captured.text().len());
    }
}
