//! A random walk: one seed is one world, some people, days or months of their lives, and whatever goes wrong there.
//!
//! What goes wrong for a moment is always there; on a *rough* walk WeChat is disturbed for minutes to days, too, the owner
//! moves pages and changes templates, and clocks are wrong.
//!
//! [`walk`] plays it and has the checkers of [`check`] judge after every step. The same seed makes the same choices;
//! what runs at one instant runs concurrently, so the order within an instant may differ.

mod actions;
mod book;
mod chance;
mod check;
mod console;
mod disturbances;
mod lives;
mod message;
mod mishaps;
mod owing;
mod reminders;
mod report;
mod rounds;
mod watch;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::journal::Entry;
use simulator::logs::Captured;
use simulator::options::Options;
use simulator::people::Person;
use simulator::sabotage::Sabotage;
use simulator::scheduler::SchedulerOptions;
use simulator::timeline::Pace;
use simulator::world::World;

use book::Book;
pub use chance::Chance;
pub use check::Violation;
use check::ledger::Refusal;
use console::Console;
use disturbances::Clocks;
use lives::Life;
use message::Message;
pub use owing::Checks;
pub use report::{BrokenPromise, Tally};

/// By so much may an eventually consistent read be behind, on every other rough walk.
const REPLICAS_LAG: SignedDuration = SignedDuration::from_secs(2);
const BEGINS: &str = "2027-01-10T10:00:00+08:00";
/// One seed in so many has no faults: then everything must simply work.
const CALM_ONE_IN: u64 = 8;

/// What to walk.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub steps: usize,
    /// Reminders live for months instead of days.
    pub months: bool,
    /// Disturbances of minutes to days, an owner who changes things, clocks that are wrong.
    pub rough: bool,
    /// Promises that are watched only if asked for.
    pub checks: Checks,
    /// A promise the world breaks, for a test of the checkers.
    pub sabotage: Option<Sabotage>,
}

impl Plan {
    /// The usual length: about a week.
    pub fn of(seed: u64) -> Self {
        Self { seed, steps: 40, months: false, rough: false, checks: Checks::default(), sabotage: None }
    }
}

/// Plays the whole walk; every step is written to `tell`.
///
/// # Errors
/// The first promise that was broken, with what led there.
pub async fn walk(plan: &Plan, tell: &mut dyn FnMut(&str)) -> Result<Tally, Box<BrokenPromise>> {
    let mut walk = Walk::begin(plan).await;
    let outcome = walk.through(plan.steps, tell).await;
    match outcome {
        Ok(()) => Ok(walk.tally),
        Err(violation) => Err(Box::new(walk.broken(violation).await)),
    }
}

/// Somebody of this world, and what is true of them.
struct Citizen {
    person: Person,
    /// Pictures of their own codes.
    codes: Vec<Value>,
}

struct Walk {
    seed: u64,
    chance: Chance,
    world: World,
    service_account: bool,
    faults: bool,
    months: bool,
    rough: bool,
    checks: Checks,
    /// By place of the citizen.
    lives: Vec<Life>,
    /// Pushes that rest beside an open way, and since when.
    resting: BTreeMap<(usize, usize, u64), Timestamp>,
    clocks: Clocks,
    console: Console,
    /// When the owner last changed settings or templates.
    changed_at: Timestamp,
    settings: Value,
    citizens: Vec<Citizen>,
    book: Book,
    messages: Vec<Message>,
    sends_read: usize,
    journal: Vec<Entry>,
    /// What the owners last saw, by place in the book.
    shown: BTreeMap<usize, Value>,
    logs: Captured,
    logs_read: usize,
    /// Nothing was planned to go wrong from this moment on.
    calm_since: Timestamp,
    refusals: Vec<Refusal>,
    steps: Vec<String>,
    tally: Tally,
}

impl Walk {
    async fn begin(plan: &Plan) -> Self {
        let mut chance = Chance::new(plan.seed);
        let service_account = !chance.one_in(4);
        let faults = !chance.one_in(CALM_ONE_IN);
        let mut settings: Value =
            serde_json::from_str(simulator::settings::SETTINGS).expect("the sample settings are JSON");
        if chance.one_in(3) && !plan.checks.any() {
            settings["on_unknown"] = json!("report");
        }
        let now: Timestamp = BEGINS.parse().expect("an instant");
        let scheduler = SchedulerOptions {
            jitter: SignedDuration::from_secs(chance.pick(&[0, 0, 20, 55])),
            random_seed: plan.seed,
            ..SchedulerOptions::default()
        };
        let logs = simulator::logs::capture();
        let (_, logs_read) = logs.since(usize::MAX);
        let options = Options {
            pace: Pace::Explicit { now },
            service_account,
            random_seed: plan.seed.wrapping_add(77_000_000),
            scheduler,
            settings: Some(settings.to_string()),
            sabotage: plan.sabotage,
            ..Options::default()
        };
        let clocks = if plan.rough { Clocks::any(&mut chance) } else { Clocks::default() };
        let world = World::start(options, clocks.functions()).await.expect("the world starts");
        if plan.rough && plan.seed % 2 == 1 {
            world.dynamodb().lag(REPLICAS_LAG);
        }
        let mut citizens = Vec::new();
        for n in 0..chance.between(2, 4) {
            let person = Person::arrives(&world, &format!("u{n}"), chance.below(10) < 7).await;
            citizens.push(Citizen { person, codes: Vec::new() });
        }
        let lives = vec![Life::begins(now); citizens.len()];
        let mut walk = Self {
            seed: plan.seed,
            chance,
            service_account,
            faults,
            months: plan.months,
            rough: plan.rough,
            checks: plan.checks,
            lives,
            resting: BTreeMap::new(),
            clocks,
            console: Console::default(),
            changed_at: now,
            settings,
            citizens,
            book: Book::default(),
            messages: Vec::new(),
            sends_read: 0,
            journal: Vec::new(),
            shown: BTreeMap::new(),
            logs,
            logs_read,
            calm_since: now,
            refusals: Vec::new(),
            steps: Vec::new(),
            tally: Tally::default(),
            world,
        };
        for who in 0..walk.citizens.len() {
            // They may have followed long before they met the mini program.
            if walk.service_account && walk.chance.one_in(2) {
                walk.does(who, "follow", json!({"via": "search"})).await;
            }
            walk.citizens[who].person.logs_in().await;
            for _ in 0..walk.chance.below(4) {
                walk.accepts(who).await;
                walk.world.advance(SignedDuration::from_secs(5)).await;
            }
        }
        walk
    }

    async fn through(&mut self, steps: usize, tell: &mut dyn FnMut(&str)) -> Result<(), Violation> {
        let mut told = 0;
        for _ in 0..steps {
            self.mishap();
            let acted = self.act().await;
            let outcome = match acted {
                Ok(()) => self.judge().await,
                Err(violation) => Err(violation),
            };
            let outcome = match outcome {
                Ok(()) => {
                    self.pass_time().await;
                    self.judge_after_a_while().await
                }
                Err(violation) => Err(violation),
            };
            self.steps[told..].iter().for_each(|line| tell(line));
            told = self.steps.len();
            outcome?;
            self.tally.steps += 1;
        }
        let outcome = self.until_everything_expired().await;
        self.steps[told..].iter().for_each(|line| tell(line));
        outcome
    }

    /// Everything works again, and all items expire.
    async fn until_everything_expired(&mut self) -> Result<(), Violation> {
        self.world.clear_faults();
        self.sets_everything_right().await;
        self.calm_since = self.world.now();
        let last = self.book.reminders.iter().map(|kept| kept.version().expires_at).max();
        let end = last.unwrap_or(self.calm_since).max(self.calm_since) + SignedDuration::from_mins(150);
        self.note(format!("everything works from now on, until {end}"));
        self.world.advance_to(end).await;
        self.judge().await?;
        self.judge_all().await?;
        self.judge_ledger_in_the_end().await
    }

    async fn judge_after_a_while(&mut self) -> Result<(), Violation> {
        self.judge().await?;
        self.judge_owed().await
    }

    fn note(&mut self, what: String) {
        let now = self.world.now().strftime("%m-%d %H:%M:%S");
        self.steps.push(format!("{now} {what}"));
    }
}
