//! A random walk: one seed is one world, some people, days or months of their lives, and whatever goes wrong there.
//!
//! What goes wrong for a moment is always there; on a *rough* walk WeChat is disturbed for minutes to days, too, the owner
//! moves pages and changes templates, and clocks are wrong. In some seeds people move to other zones, and the owner has a
//! server that is told of events.
//!
//! [`walk`] plays it and has the checkers of [`check`] judge after every step. The same seed makes the same choices;
//! what runs at one instant runs concurrently, so the order within an instant may differ.

mod actions;
mod book;
mod calendar;
mod chance;
mod check;
mod console;
mod disturbances;
mod events;
mod lives;
mod message;
mod mishaps;
mod moves;
mod owing;
mod plan;
mod reminders;
mod report;
mod rounds;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::journal::Entry;
use simulator::logs::Captured;
use simulator::options::Options;
use simulator::people::Person;
use simulator::scheduler::SchedulerOptions;
use simulator::timeline::Pace;
use simulator::world::World;

use book::Book;
pub use chance::Chance;
pub use check::Violation;
use check::ledger::Refusal;
use console::Console;
use disturbances::Clocks;
use events::{Owner, TOLD_WITHIN, WEBHOOK};
use lives::Life;
use message::Message;
pub use owing::Checks;
pub use plan::{Plan, Webhook};
pub use report::{BrokenPromise, Tally};

/// By so much may an eventually consistent read be behind, on every other rough walk.
const REPLICAS_LAG: SignedDuration = SignedDuration::from_secs(2);
const BEGINS: &str = "2027-01-10T10:00:00+08:00";
/// One seed in so many has no faults: then everything must simply work.
const CALM_ONE_IN: u64 = 8;
/// Other choices than the seed's own.
const WHIMS: u64 = 0x5EED_0F0F_7417_3500;
/// Whatever moves with its user has moved by then.
const MOVES_WITHIN: SignedDuration = SignedDuration::from_mins(60);

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
    /// For what only some walks have, so that the others' choices stay what they are.
    whims: Chance,
    /// Places and revisions of what expired where its user does not live any more.
    stays: BTreeSet<(usize, u64)>,
    /// Pushes that rest beside an open way, and since when.
    resting: BTreeMap<(usize, usize, u64), Timestamp>,
    clocks: Clocks,
    console: Console,
    /// Who wants to be told of events, if anybody does.
    owner: Option<Owner>,
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
        let mut owner = None;
        if plan.has_webhook() {
            settings["webhook"] = json!({ "url": WEBHOOK });
            owner = Some(Owner::of(plan.seed, plan.webhook == Webhook::Down).await);
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
            webhook_via: owner.as_ref().map(|owner| owner.receiver.url.clone()),
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
            whims: Chance::new(plan.seed ^ WHIMS),
            stays: BTreeSet::new(),
            resting: BTreeMap::new(),
            clocks,
            console: Console::default(),
            owner,
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
            self.receiver_changes();
            let acted = match self.perhaps_moves().await {
                Ok(()) => self.act().await,
                broken => broken,
            };
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
        self.receiver_comes_back();
        self.calm_since = self.world.now();
        if self.travel() {
            self.world.advance(MOVES_WITHIN).await;
            self.judge().await?;
        }
        let last = self.book.reminders.iter().map(|kept| kept.version().expires_at).max();
        let mut end = last.unwrap_or(self.calm_since).max(self.calm_since) + SignedDuration::from_mins(150);
        if self.owner.is_some() {
            end = end.max(self.calm_since + TOLD_WITHIN);
        }
        self.note(format!("everything works from now on, until {end}"));
        self.world.advance_to(end).await;
        self.judge().await?;
        self.judge_all().await?;
        self.judge_events_in_the_end().await?;
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
