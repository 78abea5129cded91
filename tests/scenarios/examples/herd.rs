//! A hundred thousand pushes due at nine, under the limits of AWS and WeChat, in simulated time: who is told when, and what
//! held them back. `cargo run --release -p scenarios --example herd`; with `--burst`, ten thousand in one minute as fast as
//! this machine goes, through a WeChat that fails now and then.

#![expect(clippy::print_stdout, reason = "a report for the terminal")]

use std::process::ExitCode;

use clap::Parser;
use jiff::SignedDuration;
use scenarios::nine::{Herd, Limits};
use scenarios::{herd, nine};
use simulator::dynamodb::Throughput;

/// Limits are those of AWS for an account and a table that are new, where nothing else is said.
#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long)]
    pushes: Option<usize>,
    #[arg(long, default_value_t = 100_000)]
    users: usize,
    /// Scheduler fires so many a second: 1,000 in the large regions, 500 in others
    #[arg(long, default_value_t = 1_000)]
    firings: u32,
    /// Lambda has so many environments at a time: 1,000, or 10 in a new account
    #[arg(long, default_value_t = 1_000)]
    environments: u32,
    /// The table carries so many write units a second, and three times as many read units; so does each index
    #[arg(long, default_value_t = Throughput::NEW_TABLE.writes)]
    table_writes: u32,
    /// The parameter with the secrets can be read so often in a second: 40, or 10,000 with "higher throughput"
    #[arg(long, default_value_t = 40)]
    parameter_reads: u32,
    /// A run of dispatch takes so many milliseconds, most of them WeChat's
    #[arg(long, default_value_t = 400)]
    run_takes_ms: u32,
    /// WeChat takes so many messages of the service account in a day
    #[arg(long, default_value_t = 1_000_000)]
    daily_quota: u32,
    /// and in a minute (45011); without it, as many as come
    #[arg(long)]
    minute_quota: Option<u32>,
    /// Every schedule is lost, and the sweep finds all pushes overdue
    #[arg(long)]
    schedules_lost: bool,

    /// The other herd: real time, faults, few environments
    #[arg(long)]
    burst: bool,
    /// Of the burst: environments of dispatch at once
    #[arg(long, default_value_t = 50)]
    sandboxes: usize,
    /// Of the burst: WeChat answers so late, in real milliseconds
    #[arg(long, default_value_t = 200)]
    answers_after_ms: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let all_well = if arguments.burst {
        let Arguments { pushes, sandboxes, answers_after_ms, .. } = arguments;
        let pushes = pushes.unwrap_or(10_000);
        let numbers = herd::run(&herd::Herd { pushes, sandboxes, answers_after_ms }).await;
        println!("{numbers}");
        numbers.all_well()
    } else {
        let report = nine::run(&at_nine(&arguments)).await;
        println!("{report}");
        report.all_well()
    };
    if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn at_nine(arguments: &Arguments) -> Herd {
    let limits = Limits {
        firings_per_second: arguments.firings,
        environments: arguments.environments,
        table: Throughput { writes: arguments.table_writes, reads: arguments.table_writes.saturating_mul(3) },
        parameter_reads_per_second: arguments.parameter_reads,
        dispatch_takes: SignedDuration::from_millis(arguments.run_takes_ms.into()),
        messages_per_day: arguments.daily_quota,
        messages_per_minute: arguments.minute_quota,
    };
    let pushes = arguments.pushes.unwrap_or(100_000);
    Herd { pushes, users: arguments.users, limits, schedules_lost: arguments.schedules_lost }
}
