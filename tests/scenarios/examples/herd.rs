//! A herd of pushes due in one minute, and what it costs: `cargo run -p scenarios --example herd -- --pushes 10000`.

#![expect(clippy::print_stdout, reason = "a report for the terminal")]

use std::process::ExitCode;

use clap::Parser;
use scenarios::herd::{Herd, run};

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 10_000)]
    pushes: usize,
    /// Environments of dispatch at once.
    #[arg(long, default_value_t = 50)]
    sandboxes: usize,
    /// WeChat answers so late, in real milliseconds.
    #[arg(long, default_value_t = 200)]
    answers_after_ms: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { pushes, sandboxes, answers_after_ms } = Arguments::parse();
    let numbers = run(&Herd { pushes, sandboxes, answers_after_ms }).await;
    println!("{numbers}");
    match numbers.all_well() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
