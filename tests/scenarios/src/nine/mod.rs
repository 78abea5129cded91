//! The herd at nine: a hundred thousand pushes due at the same second, in simulated time, under the limits of AWS and WeChat.
//!
//! The real functions do everything there is to do, request by request; the world admits what its limits admit and lets time
//! pass between. What is played and what is not says [`Limits`].

mod report;

use std::collections::BTreeMap;

use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::dynamodb::Throughput;
use simulator::lambda::Concurrency;
use simulator::options::Options;
use simulator::people::{Person, client};
use simulator::timeline::Pace;
use simulator::wechat::AccountName;
use simulator::world::World;

pub use report::{Report, WECHAT};

const BEGINS: &str = "2027-01-10T10:00:00+08:00";
const DUE: &str = "2027-01-12T09:00:00+08:00";
const EXPIRES: &str = "2027-01-20T00:00:00+08:00";
/// So many arrive between two ticks of the clock.
const ARRIVE_TOGETHER: usize = 400;
const AT_ONCE: usize = 16;
const LOGINS_MAX: usize = 20;
/// One user in so many is asked in the end what they see.
const ASKED_ONE_IN: usize = 100;
/// After this nobody waits any more.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// What is not dispatch: a receipt, an answer of the API.
const OTHERS_TAKE: SignedDuration = SignedDuration::from_millis(100);

/// What holds a herd back. Played: at which moment Scheduler fires which schedule; which event finds an environment of Lambda,
/// which is busy for as long as a run takes and as long as its requests waited; which request the table admits in which
/// second; how many messages WeChat takes in a minute and a day. Not played: time within a run (a message counts as told when
/// its run began), cold starts, the SDK's own pauses (a request waits up to a second and a half, then it is refused three
/// times), capacity saved up or partitions split under load, AWS's own adaptation of how fast a queue is read.
#[derive(Debug, Clone)]
pub struct Limits {
    pub firings_per_second: u32,
    pub environments: u32,
    pub table: Throughput,
    /// Of the parameter with the secrets: each new environment reads it once.
    pub parameter_reads_per_second: u32,
    /// A run of dispatch takes so long: mostly WeChat's answer.
    pub dispatch_takes: SignedDuration,
    pub messages_per_day: u32,
    /// None: WeChat tells nobody to be slower.
    pub messages_per_minute: Option<u32>,
}

/// How large a herd, and how it is met.
#[derive(Debug, Clone)]
pub struct Herd {
    pub pushes: usize,
    pub users: usize,
    pub limits: Limits,
    /// Every schedule is lost: the sweep finds all of them overdue.
    pub schedules_lost: bool,
}

/// Who is asked in the end, and for which reminder.
type Asked = Vec<(Person, String)>;

pub async fn run(herd: &Herd) -> Report {
    let now = BEGINS.parse().expect("an instant");
    let options = Options { pace: Pace::Explicit { now }, sandboxes_max: usize::MAX, ..Options::default() };
    let world = World::start(options, simulator::functions::built_in()).await.expect("the world starts");
    let due: Timestamp = DUE.parse().expect("an instant");
    let asked = register(&world, herd, due).await;
    world.advance_to(due - SignedDuration::from_secs(1)).await;
    if herd.schedules_lost {
        let scheduler = world.scheduler();
        for schedule in scheduler.schedules().iter().filter(|schedule| schedule.name != "sweep") {
            assert!(scheduler.lose(&schedule.group, &schedule.name), "it was there a moment ago");
        }
    }
    limit(&world, &herd.limits);
    let from = world.journal().last();
    let cpu = report::cpu_time();
    while world.now() < due + PATIENCE && world.platform().reached() < herd.pushes {
        world.advance(SignedDuration::from_mins(1)).await;
    }
    // Receipts of the last, and whatever would tell somebody twice.
    world.advance(SignedDuration::from_mins(90)).await;
    let cpu = report::cpu_time() - cpu;
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for (person, id) in asked {
        // One after the other, as owners do: not each of them in an environment of its own, which has the secrets to read.
        world.advance(SignedDuration::from_secs(1)).await;
        let answer = person.gets(&format!("/reminders/{id}")).await;
        *states
            .entry(answer.body["pushes"][0]["state"].as_str().unwrap_or("nowhere").to_owned())
            .or_default() += 1;
    }
    Report::of(&world, herd, due, from, states, cpu)
}

/// From now on the world has limits, and no environment is warm.
fn limit(world: &World, limits: &Limits) {
    world.recycle();
    world.scheduler().limit_firings(limits.firings_per_second);
    world.lambda().limit(Concurrency {
        at_once: limits.environments,
        dispatch_takes: limits.dispatch_takes,
        others_take: OTHERS_TAKE,
    });
    world.dynamodb().limit(limits.table);
    world.ssm().limit_reads(limits.parameter_reads_per_second, world.timeline());
    let (platform, account) = (world.platform(), AccountName::ServiceAccount);
    platform.limit_calls(account, report::TEMPLATE_SEND, limits.messages_per_day);
    if let Some(per_minute) = limits.messages_per_minute {
        platform.limit_calls_per_minute(account, report::TEMPLATE_SEND, per_minute);
    }
}

/// Everybody arrives, follows the service account and registers what is theirs.
async fn register(world: &World, herd: &Herd, due: Timestamp) -> Asked {
    let mut asked = Asked::new();
    let client = client();
    let users: Vec<usize> = (0..herd.users.min(herd.pushes)).collect();
    for together in users.chunks(ARRIVE_TOGETHER) {
        let arrivals = together.iter().map(|n| arrive(world, &client, herd, *n, due));
        let arrived: Vec<Option<(Person, String)>> =
            futures::stream::iter(arrivals).buffer_unordered(AT_ONCE).collect().await;
        asked.extend(arrived.into_iter().flatten());
        // Their follows are told.
        world.advance(SignedDuration::from_secs(1)).await;
    }
    asked
}

async fn arrive(
    world: &World,
    client: &simulator::people::Client,
    herd: &Herd,
    n: usize,
    due: Timestamp,
) -> Option<(Person, String)> {
    let mut person = Person::arrives_with(world, client, &format!("u{n}"), true).await;
    // On a busy machine the functions' second for WeChat, which is real time, may run out.
    for _ in 0..LOGINS_MAX {
        if person.logs_in().await.status == 200 {
            break;
        }
    }
    person.does("follow", json!({"via": "search"})).await;
    let mut asked = None;
    for push in (n..herd.pushes).step_by(herd.users) {
        let reminder = json!({
            "template": "expiry", "title": format!("第{push}件"), "note": "",
            "expires_at": EXPIRES, "pushes": [{"at": due.to_string()}],
        });
        let answer = person.registers(reminder).await;
        assert_eq!(answer.status, 201, "{answer}");
        asked = answer.body["id"].as_str().map(str::to_owned);
    }
    asked.filter(|_| n.is_multiple_of(ASKED_ONE_IN)).map(|id| (person, id))
}

/// The title that tells a push from all others.
fn title(message: &Value) -> &str {
    message.pointer("/data/thing1/value").and_then(Value::as_str).unwrap_or_default()
}
