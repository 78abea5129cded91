//! Random walks, as many as asked, or one of them step by step: `cargo run -p scenarios --example walk -- --help`.

#![expect(clippy::print_stdout, reason = "a report for the terminal")]

use std::process::ExitCode;

use clap::Parser;
use scenarios::walk::{Checks, Plan, Tally, walk};

#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Repeats this one alone, step by step.
    #[arg(long)]
    seed: Option<u64>,
    #[arg(long, default_value_t = 40)]
    steps: usize,
    /// Reminders live for months instead of days.
    #[arg(long)]
    months: bool,
    /// Disturbances of minutes to days, an owner who changes things, clocks that are wrong.
    #[arg(long)]
    rough: bool,
    /// Watches over pushes that rest although a way to their user is open.
    #[arg(long)]
    owed: bool,
    /// Watches over pushes that were said to be covered.
    #[arg(long)]
    coverage: bool,
    /// Compares the ledger with WeChat's once everything works again.
    #[arg(long)]
    ledger_in_the_end: bool,
    /// Does not stop at the first broken promise.
    #[arg(long)]
    keep_going: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = |seed| Plan {
        steps: arguments.steps,
        months: arguments.months,
        rough: arguments.rough,
        checks: Checks {
            owed: arguments.owed,
            coverage: arguments.coverage,
            ledger_in_the_end: arguments.ledger_in_the_end,
        },
        ..Plan::of(seed)
    };
    if let Some(seed) = arguments.seed {
        return match walk(&plan(seed), &mut |line| println!("{line}")).await {
            Ok(tally) => {
                println!("{tally}");
                ExitCode::SUCCESS
            }
            Err(broken) => {
                println!("{broken}");
                ExitCode::FAILURE
            }
        };
    }
    let (mut all, mut walked, mut broken_seeds) = (Tally::default(), 0, Vec::new());
    for seed in arguments.from..arguments.from + arguments.seeds {
        match walk(&plan(seed), &mut |_| {}).await {
            Ok(tally) => all.add(&tally),
            Err(broken) => {
                println!("{broken}\n");
                broken_seeds.push(seed);
                if !arguments.keep_going {
                    break;
                }
            }
        }
        walked += 1;
        if walked % 10 == 0 {
            println!("{walked} seeds: {} pushes, {} faults met", all.pushes, all.met);
        }
    }
    println!("{walked} seeds\n{all}");
    match broken_seeds.is_empty() {
        true => ExitCode::SUCCESS,
        false => {
            println!("promises were broken by seeds {broken_seeds:?}");
            ExitCode::FAILURE
        }
    }
}
