//! What a push costs of a CPU and of memory, from its registration to its receipt, measured of the compiled functions as
//! processes at real pace. Linux, four minutes:
//! `cargo build --release --workspace && cargo run -p scenarios --example cpu -- --bin-dir target/release`.
//!
//! One push first, so that starting, settings, secrets and tokens are not counted; then all the others in one minute,
//! through one environment of dispatch. Nothing is encrypted on the way here, so handshakes come on top.

#![expect(clippy::print_stdout, reason = "a report for the terminal")]
#![expect(clippy::disallowed_methods, reason = "processes see no simulated clock: this happens in real time")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use scenarios::mishap::Call;
use scenarios::real_time::{Failure, within};
use serde_json::json;
use simulator::functions;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::Person;
use simulator::world::World;

/// A schedule is never made for less than a minute ahead.
const FIRST_DUE_IN: SignedDuration = SignedDuration::from_secs(65);
/// As many as a user may well have: a receipt reads all of them.
const REMINDERS_EACH: usize = 10;
/// Registering takes some of it.
const OTHERS_DUE_IN: SignedDuration = SignedDuration::from_secs(120);
const RECEIPTS_COME_WITHIN: Duration = Duration::from_secs(4);
const GIVES_UP_AFTER: Duration = Duration::from_secs(600);
/// `utime` and `stime` of proc(5) are in these; on every Linux that Rust runs on there are a hundred a second.
const TICK_MS: f64 = 10.0;

const FUNCTIONS: [FunctionName; 3] =
    [FunctionName::ReminderApi, FunctionName::ReminderDispatch, FunctionName::WechatCallback];

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1000)]
    pushes: usize,
    /// Where the four binaries are.
    #[arg(long, default_value = "target/release")]
    bin_dir: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    within(GIVES_UP_AFTER, measure(Arguments::parse())).await
}

async fn measure(Arguments { pushes, bin_dir }: Arguments) -> Result<(), Failure> {
    let options = Options {
        processes: Some(bin_dir),
        log_level: "info".to_owned(),
        dispatch_at_once: Some(1),
        ..Options::default()
    };
    let world = World::start(options, functions::built_in()).await?;
    let mut people = Vec::new();
    for n in 0..=pushes.div_ceil(REMINDERS_EACH) {
        let mut person = Person::arrives(&world, &format!("follower-{n}"), true).await;
        person.logs_in().await;
        person.does("follow", json!({"via": "search"})).await;
        people.push(person);
    }
    let (first, others) = people.split_first().ok_or("nobody")?;
    register(first, world.now() + FIRST_DUE_IN).await?;
    all_sent(&world, 1).await;
    let before = used(&world)?;
    let due = world.now() + OTHERS_DUE_IN;
    for n in 0..pushes {
        register(&others[n / REMINDERS_EACH], due).await?;
    }
    let registered = used(&world)?;
    all_sent(&world, 1 + pushes).await;
    let after = used(&world)?;
    println!("CPU a push of {pushes}, and the memory that the largest process has had at most");
    let phases = [("registration", before, registered), ("dispatch and receipt", registered, after)];
    for (phase, from, to) in phases {
        for (n, function) in FUNCTIONS.iter().enumerate() {
            let ms = (to[n].cpu_ms - from[n].cpu_ms) / pushes as f64;
            let mib = to[n].peak_kib / 1024.0;
            println!("  {phase:<22}{:<20}{ms:>7.2} ms {mib:>7.1} MiB", function.as_str());
        }
    }
    Ok(())
}

async fn register(person: &Person, due: Timestamp) -> Result<(), Failure> {
    let pushes =
        [0, 24, 48].map(|hours| json!({"at": (due + SignedDuration::from_hours(hours)).to_string()}));
    let reminder = json!({
        "template": "expiry", "title": "护照还有一个月到期了", "note": "到出入境大厅换发新护照，记得带上身份证件",
        "page": "pages/item/item?id=42", "expires_at": (due + SignedDuration::from_hours(99)).to_string(),
        "pushes": pushes,
    });
    match person.registers(reminder).await {
        answer if answer.status == 201 => Ok(()),
        answer => Err(answer.to_string().into()),
    }
}

async fn all_sent(world: &World, count: usize) {
    let sent = || world.journal().count_since(0, |entry| entry.operation == Call::TemplateSend.path());
    while sent() < count {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(RECEIPTS_COME_WITHIN).await;
}

#[derive(Clone, Copy, Default)]
struct Used {
    cpu_ms: f64,
    peak_kib: f64,
}

/// What the processes of each function have used so far.
fn used(world: &World) -> Result<[Used; 3], Failure> {
    let mut all = [Used::default(); 3];
    for (used, function) in all.iter_mut().zip(FUNCTIONS) {
        for id in world.lambda().process_ids(function) {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
            // What follows the name, which may hold anything.
            let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
            let ticks = fields.split_ascii_whitespace().skip(11).take(2).map(str::parse::<f64>);
            used.cpu_ms += ticks.sum::<Result<f64, _>>()? * TICK_MS;
            let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak")?;
            used.peak_kib = used.peak_kib.max(peak.trim().trim_end_matches("kB").trim_end().parse()?);
        }
    }
    Ok(all)
}
