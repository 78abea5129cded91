//! Where the logs of the functions and of this world go: to standard error, or into memory for a test.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// How many bytes were captured before the oldest one that is kept.
    dropped: Arc<AtomicUsize>,
}

/// What is kept at least; a walk of hundreds of worlds says more than anybody reads again.
const KEPT_MAX: usize = 64 * 1024 * 1024;

impl Captured {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// Everything captured after `mark`, as far as it is still kept, and the mark for the next time.
    pub fn since(&self, mark: usize) -> (String, usize) {
        let mut bytes = self.bytes();
        let dropped = self.dropped.load(Ordering::Relaxed);
        let from = mark.saturating_sub(dropped).min(bytes.len());
        let text = String::from_utf8_lossy(&bytes[from..]).into_owned();
        let end = dropped + bytes.len();
        if bytes.len() > KEPT_MAX {
            let gone = bytes.len() / 2;
            bytes.drain(..gone);
            self.dropped.store(dropped + gone, Ordering::Relaxed);
        }
        (text, end)
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
