//! `completions`: what a shell reads to complete this command line.

use clap_complete::{Shell, generate};

use crate::help;
use crate::language::Language;

pub(crate) fn script(shell: Shell, language: Language) -> String {
    let mut script = Vec::new();
    generate(shell, &mut help::command(language), "reminders", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
