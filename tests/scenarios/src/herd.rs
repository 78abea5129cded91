//! Thousands of pushes due in one minute, few environments to send them, and a WeChat that takes its time.
//!
//! The pushes are spread over the seconds of the minute; simulated time stands while those of one second are sent, which
//! takes as long as it takes. What is measured is the whole process: the product and the world around it.

use std::collections::BTreeMap;
use std::fmt;

use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::aws::Service;
use simulator::faults::Fault;
use simulator::options::Options;
use simulator::people::Person;
use simulator::timeline::Pace;
use simulator::world::World;
use wechat::ErrCode;

use crate::mishap::{ANSWER_LOST, Call, Endpoint, refusal};

const BEGINS: &str = "2027-01-10T10:00:00+08:00";
const DUE: &str = "2027-01-12T09:00:00+08:00";
const EXPIRES: &str = "2027-01-20T00:00:00+08:00";
const SUBSCRIPTION: &str = "M7tYc2RkPq9WzLx4NvBh6DsFg1JuTa8EoIe3KwXn5Zy";
/// One person's share; they may have two hundred.
const PUSHES_EACH: usize = 20;
/// One person in so many does not follow, and has accepted a prompt for each push.
const SUBSCRIBER_ONE_IN: usize = 5;
const AT_ONCE: usize = 16;
/// Receipts come all at once; AWS gives an account a thousand environments.
const CALLBACKS_AT_ONCE: usize = 1_000;

/// What goes wrong, one after another, at one call in a hundred.
const MIX: [Fault; 6] = [
    ANSWER_LOST,
    refusal(ErrCode::SYSTEM_ERROR),
    Fault::HttpStatus(502),
    refusal(ErrCode::MINUTE_QUOTA_REACHED),
    ANSWER_LOST,
    refusal(ErrCode::INVALID_CREDENTIAL),
];
const FAULT_ONE_IN: usize = 100;

/// How large a herd, and how it is met.
#[derive(Debug, Clone)]
pub struct Herd {
    pub pushes: usize,
    /// Environments of dispatch at once.
    pub sandboxes: usize,
    /// WeChat answers a send so late, in real time.
    pub answers_after_ms: u64,
}

/// What it came to.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub pushes: usize,
    /// Messages on phones; each push must be there once.
    pub told_once: usize,
    pub told_twice: usize,
    /// Pushes by the state their owners see.
    pub states: BTreeMap<String, usize>,
    /// Requests from the first firing to the end, by service.
    pub requests: BTreeMap<String, usize>,
    pub tokens_fetched: usize,
    pub faults_met: usize,
    pub dead_letters: usize,
    pub sandboxes: usize,
    /// Processor time of the whole process while the herd ran.
    pub cpu: SignedDuration,
}

impl Numbers {
    /// Nothing lost, nothing told twice.
    pub fn all_well(&self) -> bool {
        let sent = ["sent", "delivered"].iter().filter_map(|state| self.states.get(*state)).sum::<usize>();
        self.told_once == self.pushes && self.told_twice == 0 && sent == self.pushes && self.dead_letters == 0
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pushes = self.pushes.max(1);
        writeln!(f, "{} pushes: {} told once, {} twice", self.pushes, self.told_once, self.told_twice)?;
        writeln!(f, "their owners see {:?}", self.states)?;
        writeln!(f, "{} sends met a fault, {} dead letters", self.faults_met, self.dead_letters)?;
        for (service, requests) in &self.requests {
            let each = f64::from(u32::try_from(*requests).unwrap_or(u32::MAX))
                / f64::from(u32::try_from(pushes).unwrap_or(u32::MAX));
            writeln!(f, "{requests} requests to {service}, {each:.2} per push")?;
        }
        writeln!(
            f,
            "{} access tokens fetched, {} environments of dispatch",
            self.tokens_fetched, self.sandboxes
        )?;
        let each = self.cpu.as_millis() / i128::try_from(pushes).unwrap_or(1);
        write!(f, "{} of processor time, {each} ms per push (with the simulated world)", self.cpu)
    }
}

pub async fn run(herd: &Herd) -> Numbers {
    let now: Timestamp = BEGINS.parse().expect("an instant");
    let options = Options {
        pace: Pace::Explicit { now },
        sandboxes_max: CALLBACKS_AT_ONCE,
        dispatch_at_once: Some(herd.sandboxes),
        ..Options::default()
    };
    let world = World::start(options, simulator::functions::built_in()).await.expect("the world starts");
    let people = arrive(&world, herd.pushes).await;
    let due: Timestamp = DUE.parse().expect("an instant");
    // A minute at most, and fewer seconds for a smaller herd: the environments shall be busy.
    let seconds = (herd.pushes / (2 * herd.sandboxes)).clamp(1, 60);
    let ids = register(&people, herd.pushes, due, seconds).await;
    world.advance_to(due - SignedDuration::from_secs(1)).await;
    plan(&world, herd);
    let (journal, cpu) = (world.journal().last(), cpu_time());
    world.advance(SignedDuration::from_secs(75)).await;
    let sandboxes = world.lambda().sandboxes(simulator::lambda::FunctionName::ReminderDispatch);
    // The answers that are not needed any more would keep the stragglers waiting.
    world.clear_faults();
    world.advance(SignedDuration::from_hours(2)).await;
    let cpu = cpu_time() - cpu;
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    let (mut tokens_fetched, mut faults_met) = (0, 0);
    for entry in world.journal().since(journal) {
        *requests.entry(format!("{:?}", entry.service)).or_default() += 1;
        let of_wechat = entry.service == Service::Wechat;
        tokens_fetched += usize::from(of_wechat && entry.operation == "/cgi-bin/stable_token");
        let met = ["planned", "dropped"].iter().any(|word| entry.outcome.contains(word));
        faults_met += usize::from(of_wechat && met);
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for send in world.platform().sends().iter().filter(|send| send.reached) {
        let title = send.body.pointer("/data/thing1/value").and_then(Value::as_str);
        *told.entry(title.unwrap_or_default().to_owned()).or_default() += 1;
    }
    Numbers {
        pushes: herd.pushes,
        told_once: told.values().filter(|times| **times == 1).count(),
        told_twice: told.values().filter(|times| **times > 1).count(),
        states: states(&people, &ids).await,
        requests,
        tokens_fetched,
        faults_met,
        dead_letters: world.dead_letters().len(),
        sandboxes,
        cpu,
    }
}

async fn arrive(world: &World, pushes: usize) -> Vec<Person> {
    let people = futures::stream::iter(0..pushes.div_ceil(PUSHES_EACH))
        .map(|n| async move {
            let mut person = Person::arrives(world, &format!("u{n}"), true).await;
            person.logs_in().await;
            if n % SUBSCRIBER_ONE_IN > 0 {
                person.does("follow", json!({"via": "search"})).await;
            }
            person
        })
        .buffered(AT_ONCE);
    let people: Vec<Person> = people.collect().await;
    for _ in 0..PUSHES_EACH {
        for person in people.iter().step_by(SUBSCRIBER_ONE_IN) {
            person.does("subscribe", json!({"template_ids": SUBSCRIPTION, "answer": "accept"})).await;
        }
        // WeChat tells accepts by the second.
        world.advance(SignedDuration::from_secs(1)).await;
    }
    people
}

async fn register(people: &[Person], pushes: usize, due: Timestamp, seconds: usize) -> Vec<(usize, String)> {
    futures::stream::iter(0..pushes)
        .map(|n| async move {
            let at = due + SignedDuration::from_secs(i64::try_from(n % seconds).unwrap_or_default());
            let who = n / PUSHES_EACH;
            let reminder = json!({
                "template": "expiry", "title": format!("第{n}件"), "note": "",
                "expires_at": EXPIRES, "pushes": [{"at": at.to_string()}],
            });
            let answer = people[who].registers(reminder).await;
            assert_eq!(answer.status, 201, "{answer}");
            (who, answer.body["id"].as_str().expect("an id").to_owned())
        })
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// Every send is answered late, but for one in a hundred that goes wrong.
fn plan(world: &World, herd: &Herd) {
    for endpoint in [Call::TemplateSend, Call::SubscribeSend].map(Endpoint::from) {
        for n in 0..herd.pushes.div_ceil(FAULT_ONE_IN) {
            let late = Fault::DelayMs(herd.answers_after_ms);
            let times = u32::try_from(FAULT_ONE_IN - 1).unwrap_or_default();
            world.faults().plan(endpoint.meets(late, times));
            world.faults().plan(endpoint.meets(MIX[n % MIX.len()], 1));
        }
    }
}

async fn states(people: &[Person], ids: &[(usize, String)]) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    let shown = futures::stream::iter(ids)
        .map(|(who, id)| async move { people[*who].gets(&format!("/reminders/{id}")).await })
        .buffered(AT_ONCE);
    let shown: Vec<_> = shown.collect().await;
    for answer in shown {
        let state = answer.body["pushes"][0]["state"].as_str().unwrap_or("nowhere").to_owned();
        *states.entry(state).or_default() += 1;
    }
    states
}

/// Processor time of this process so far, as the system counts it (hundredths of a second).
fn cpu_time() -> SignedDuration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<i64>().ok());
    SignedDuration::from_millis(ticks.sum::<i64>() * 10)
}
