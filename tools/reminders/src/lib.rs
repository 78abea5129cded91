//! `reminders`: the owner's command. It asks the function `operations` of a deployed stack, with the owner's own AWS
//! credentials, or that of the local world, and tells people in tables and programs in JSON what was answered.
//!
//! [`arguments`] is the command line, [`help`] its Chinese, and [`usage`] what is said of a wrong one; [`operations`] is the way to the function ([`stack`],
//! [`local`]); each command has a file in [`commands`], [`console`] shows the same
//! in a browser; [`words`] is every message in both languages. It knows no secret:
//! the function never answers one.

mod arguments;
mod aws;
mod commands;
mod console;
mod failure;
mod faults;
mod findings;
mod help;
mod language;
mod local;
mod operations;
mod session;
mod sheet;
mod stack;
mod story;
mod table;
mod terminal;
mod usage;
mod warnings;
mod words;

use std::ffi::OsString;

use clap::FromArgMatches;

pub use failure::{FAILED, FINE, UNREACHABLE, USAGE};
pub use language::Language;
pub use terminal::Terminal;

use arguments::{Arguments, Command};
use failure::Failure;
use session::Session;

/// Does what the command line says (its first word is the program's name) and answers the exit code.
pub async fn run(
    command_line: impl IntoIterator<Item = OsString>,
    language: Language,
    terminal: Terminal<'_>,
) -> u8 {
    let mut terminal = terminal;
    let matches = help::command(language).try_get_matches_from(command_line);
    let arguments = match matches.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(told) if told.use_stderr() => {
            terminal.complain(&usage::told(&told, language));
            return USAGE;
        }
        Err(help) => {
            terminal.print(&help.render().to_string());
            return FINE;
        }
    };
    let json = arguments.json;
    if let Command::Completions { shell } = arguments.command {
        terminal.print(&commands::completions::script(shell, language));
        return FINE;
    }
    if let Command::Setup(how) = &arguments.command {
        let done = commands::setup::run(how, &arguments, language, &mut terminal).await;
        return done.map_or_else(|failure| told(failure, json, language, &mut terminal), |()| FINE);
    }
    let failed = match Session::begin(&arguments, language, &mut terminal).await {
        Ok(mut session) => commands::run(arguments.command, &mut session).await.err(),
        Err(failure) => Some(failure),
    };
    failed.map_or(FINE, |failure| told(failure, json, language, &mut terminal))
}

/// A failure is told once, here. What the stack answered goes to programs as it came.
fn told(failure: Failure, json: bool, language: Language, terminal: &mut Terminal<'_>) -> u8 {
    match &failure {
        Failure::Answer(answer) if json => terminal.print_json(answer),
        _ => terminal.complain(&failure.text(language)),
    }
    failure.exit_code()
}
