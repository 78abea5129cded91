//! The simulated world as a program; everything is in the library.

use std::process::ExitCode;

use clap::Parser;
use simulator::command_line::{CommandLine, run};

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the one place where a person is told why nothing started")]
async fn main() -> ExitCode {
    match run(CommandLine::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("simulator: {failure}");
            ExitCode::FAILURE
        }
    }
}
