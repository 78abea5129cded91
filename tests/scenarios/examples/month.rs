//! What a month of ordinary use costs in DynamoDB's units, by what was read and written:
//! `cargo run -p scenarios --example month -- --users 1000`.
//!
//! Users arrive over the first days, two of three follow the service account and the others accept prompts; each registers
//! a typical reminder of three pushes within the month, and looks at their list once a week.

#![expect(clippy::print_stdout, reason = "a report for the terminal")]

use std::collections::BTreeMap;

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::options::Options;
use simulator::people::Person;
use simulator::timeline::Pace;
use simulator::units::Units;
use simulator::world::World;

const BEGINS: &str = "2027-01-10T10:00:00+08:00";
const SUBSCRIPTION: &str = "M7tYc2RkPq9WzLx4NvBh6DsFg1JuTa8EoIe3KwXn5Zy";
const TITLE: &str = "护照还有一个月到期了";
const NOTE: &str = "到出入境大厅换发新护照，记得带上身份证件";
const PUSHES: usize = 3;
const DAYS: i64 = 30;
/// Over so many days the users arrive.
const ARRIVE_WITHIN: i64 = 5;

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1_000)]
    users: usize,
}

/// The same for every run: spread over the span, none at the same moment as many others.
fn spread(n: usize, over: SignedDuration) -> SignedDuration {
    let n = i64::try_from(n).unwrap_or_default();
    SignedDuration::from_secs(n * 7_919 % over.as_secs().max(1))
}

async fn arrives(world: &World, n: usize) -> Person {
    let mut person = Person::arrives(world, &format!("u{n}"), true).await;
    person.logs_in().await;
    if !n.is_multiple_of(3) {
        person.does("follow", json!({"via": "search"})).await;
    } else {
        for _ in 0..PUSHES {
            person.does("subscribe", json!({"template_ids": SUBSCRIPTION, "answer": "accept"})).await;
            world.advance(SignedDuration::from_secs(1)).await;
        }
    }
    // By day: at night nothing fires that nobody chose.
    let now = world.now();
    let pushes = [3, 10, 20].map(|days| {
        let at = now + SignedDuration::from_hours(24 * days) + spread(n, SignedDuration::from_hours(6));
        json!({ "at": at.to_string() })
    });
    let reminder = json!({
        "template": "expiry", "title": TITLE, "note": NOTE, "page": "pages/item/item?id=42",
        "expires_at": (now + SignedDuration::from_hours(24 * (DAYS - ARRIVE_WITHIN))).to_string(), "pushes": pushes,
    });
    let answer = person.registers(reminder).await;
    assert_eq!(answer.status, 201, "{answer}");
    person
}

#[tokio::main]
async fn main() {
    let Arguments { users } = Arguments::parse();
    let begins: Timestamp = BEGINS.parse().expect("an instant");
    let options = Options { pace: Pace::Explicit { now: begins }, ..Options::default() };
    let world = World::start(options, simulator::functions::built_in()).await.expect("the world starts");
    let hours = SignedDuration::from_hours(24 * ARRIVE_WITHIN);
    let mut arrivals: Vec<(Timestamp, usize)> = (0..users).map(|n| (begins + spread(n, hours), n)).collect();
    arrivals.sort_unstable();
    let mut people = Vec::new();
    for (at, n) in arrivals {
        if world.now() < at {
            world.advance_to(at).await;
        }
        people.push(arrives(&world, n).await);
    }
    for _ in 0..3 {
        world.advance(SignedDuration::from_hours(24 * 7)).await;
        for person in &people {
            person.gets("/reminders").await;
        }
    }
    world.advance_to(begins + SignedDuration::from_hours(24 * DAYS)).await;
    let reached = world.platform().sends().iter().filter(|send| send.reached).count();
    println!("{users} users, {} pushes, {reached} told", users * PUSHES);
    let mut spent: BTreeMap<String, (Units, Units)> = BTreeMap::new();
    let entries = world.journal().since(0);
    for share in entries.iter().filter_map(|entry| entry.spent.as_ref()).flat_map(|spent| &spent.shares) {
        let kind = share.key.iter().map(|part| part.split_once('#').map_or(part.as_str(), |(kind, _)| kind));
        // By partition; of a user's the profile and the reminders apart.
        let kind =
            kind.take(if share.key[0].starts_with("USER#") { 2 } else { 1 }).collect::<Vec<_>>().join("/");
        let kind = if kind.bytes().all(|byte| byte.is_ascii_digit()) { "the sweep".to_owned() } else { kind };
        for kind in [format!("{kind} {}", share.index.as_deref().unwrap_or_default()), "all".to_owned()] {
            let (read, write) = spent.entry(kind).or_default();
            (*read, *write) = (*read + share.read, *write + share.write);
        }
    }
    for (kind, (read, write)) in &spent {
        println!("{kind:<28} {read:>9} read units {write:>9} write units");
    }
}
