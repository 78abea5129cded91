//! How far something is that takes minutes: one line that changes, or for whoever is no terminal a line for each change.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::terminal::Terminal;

const TURNS_EVERY: Duration = Duration::from_millis(120);

#[derive(Debug)]
pub(super) struct Progress {
    line: Option<ProgressBar>,
    said: String,
}

impl Progress {
    pub(super) fn begin(terminal: &Terminal<'_>) -> Self {
        // It goes to standard error, and hides itself where that is no terminal.
        let line = terminal.interactive.then(|| {
            let line = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                line.set_style(style);
            }
            line.enable_steady_tick(TURNS_EVERY);
            line
        });
        Self { line, said: String::new() }
    }

    pub(super) fn show(&mut self, text: String, terminal: &mut Terminal<'_>) {
        if text == self.said {
            return;
        }
        match &self.line {
            Some(line) => line.set_message(text.clone()),
            None => terminal.complain(&text),
        }
        self.said = text;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}
