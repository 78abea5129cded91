//! The four compiled functions as processes, at real pace; dispatch is killed in the middle of a send. Takes three
//! minutes: `cargo build && cargo run -p scenarios --example processes`.
//!
//! WeChat took the message and the run that sent it is dead: Lambda's retry a minute later must find out that it may have
//! been sent, and repeat it under the same id, so that it arrives once.

#![expect(clippy::print_stdout, reason = "a report for the terminal")]
#![expect(clippy::disallowed_methods, reason = "processes see no simulated clock: this happens in real time")]

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use scenarios::mishap::{Call, Endpoint};
use scenarios::real_time::{Failure, within};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::functions;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::Person;
use simulator::world::World;

const SUBSCRIPTION: &str = "M7tYc2RkPq9WzLx4NvBh6DsFg1JuTa8EoIe3KwXn5Zy";
/// A schedule is never made for less than a minute ahead.
const DUE_IN: SignedDuration = SignedDuration::from_secs(70);
/// WeChat has the message and keeps its answer so long: the moment in which dispatch is killed.
const ANSWERS_AFTER_MS: u64 = 800;
const GIVES_UP_AFTER: Duration = Duration::from_secs(270);

#[derive(Debug, Parser)]
#[command(
    about = "Kills a compiled dispatch function in mid-send, at real pace, and waits for what comes of it"
)]
struct Arguments {
    /// Where the four binaries are; by default where `cargo build` puts them.
    #[arg(long)]
    bin_dir: Option<PathBuf>,
    /// What the functions log at least, to standard error.
    #[arg(long, default_value = "error")]
    log: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let began = Instant::now();
    within(GIVES_UP_AFTER, play(arguments, began)).await
}

async fn play(arguments: Arguments, began: Instant) -> Result<(), Failure> {
    let say = |what: &str| println!("{:>5.1} s  {what}", began.elapsed().as_secs_f64());
    let bin_dir = match arguments.bin_dir {
        Some(folder) => folder,
        // This program is in target/<profile>/examples.
        None => std::env::current_exe()?.ancestors().nth(2).ok_or("nowhere")?.to_owned(),
    };
    let options = Options { processes: Some(bin_dir), log_level: arguments.log, ..Options::default() };
    let world = World::start(options, functions::built_in()).await?;
    say("started: the settings went through the compiled `operations`");

    let (mut follower, mut subscriber) =
        (Person::arrives(&world, "follower", true).await, Person::arrives(&world, "subscriber", true).await);
    for person in [&mut follower, &mut subscriber] {
        expect("login", person.logs_in().await.status, 200)?;
    }
    expect("follow", follower.does("follow", json!({"via": "search"})).await.status, 200)?;
    expect("prompt", subscriber.accepts(&[SUBSCRIPTION]).await.status, 200)?;
    let due = world.now() + DUE_IN;
    let killed = register(&follower, due).await?;
    // While one run is being killed, another one serves.
    let served = register(&subscriber, due + SignedDuration::from_secs(20)).await?;
    say("two people registered a push each through the compiled `reminder-api`");

    let late = Fault::DelayMs(ANSWERS_AFTER_MS);
    world.faults().plan(Endpoint::from(Call::TemplateSend).meets(late, 1));
    while sends(&world) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let processes = world.lambda().process_ids(FunctionName::ReminderDispatch);
    for id in &processes {
        // SIGKILL: the process learns nothing of it.
        let status = Command::new("kill").args(["-9", &id.to_string()]).status()?;
        expect("kill", u16::from(!status.success()), 0)?;
    }
    say(&format!("WeChat has the message; killed dispatch in mid-send (process {processes:?})"));
    expect("processes of dispatch", processes.len().try_into()?, 1)?;
    let state = state(&follower, &killed).await?;
    say(&format!("the push is `{state}`, and nobody knows better"));

    for (who, person, id) in [("subscriber", &subscriber, &served), ("follower", &follower, &killed)] {
        wait_for_delivery(person, id).await?;
        say(&format!("delivered to the {who}"));
    }
    let restarted = world.lambda().process_ids(FunctionName::ReminderDispatch);
    if restarted.iter().any(|id| processes.contains(id)) {
        return Err("a killed process is still there".into());
    }
    for (who, person) in [("follower", &follower), ("subscriber", &subscriber)] {
        let told = person.inbox().await.iter().filter(|item| item["kind"] != "reply").count();
        expect(&format!("messages on the {who}'s phone"), told.try_into()?, 1)?;
    }
    say(&format!("each was told once; WeChat was asked {} times for the follower's message", sends(&world)));
    print_timeline(&follower, &killed).await;
    Ok(())
}

async fn register(person: &Person, due: Timestamp) -> Result<String, Failure> {
    let reminder = json!({
        "template": "expiry", "title": "护照", "note": "到出入境大厅换发",
        "expires_at": (due + SignedDuration::from_hours(24)).to_string(), "pushes": [{"at": due.to_string()}],
    });
    let answer = person.registers(reminder).await;
    expect("register", answer.status, 201)?;
    Ok(answer.body["id"].as_str().ok_or("no id")?.to_owned())
}

/// How often WeChat was asked to send a template message.
fn sends(world: &World) -> usize {
    world.journal().count_since(0, |entry| entry.operation == Call::TemplateSend.path())
}

async fn shown(person: &Person, id: &str) -> Result<Value, Failure> {
    let answer = person.gets(&format!("/reminders/{id}")).await;
    expect("GET /reminders/{id}", answer.status, 200)?;
    Ok(answer.body)
}

async fn state(person: &Person, id: &str) -> Result<String, Failure> {
    let state = shown(person, id).await?["pushes"][0]["state"].as_str().ok_or("no state")?.to_owned();
    Ok(state)
}

async fn wait_for_delivery(person: &Person, id: &str) -> Result<(), Failure> {
    loop {
        match state(person, id).await?.as_str() {
            "delivered" => return Ok(()),
            "scheduled" | "sending" | "retrying" | "sent" => {}
            other => return Err(format!("the push ended as {other}").into()),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn print_timeline(person: &Person, id: &str) {
    let entries = person.gets(&format!("/reminders/{id}")).await.body["timeline"].clone();
    for entry in entries.as_array().into_iter().flatten() {
        let [at, event, detail] =
            ["at", "event", "detail"].map(|key| entry[key].as_str().unwrap_or_default());
        println!("         {at}  {event}  {detail}");
    }
}

fn expect(what: &str, is: u16, should_be: u16) -> Result<(), Failure> {
    match is == should_be {
        true => Ok(()),
        false => Err(format!("{what}: {is}, should be {should_be}").into()),
    }
}
