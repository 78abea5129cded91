//! What a herd came to: who was told when, and which limit held it back.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use simulator::aws::Service;
use simulator::journal::Entry;
use simulator::rate::Held;
use simulator::units::Units;
use simulator::world::World;

use super::{Herd, title};

pub(super) const TEMPLATE_SEND: &str = "/cgi-bin/message/template/send";
/// What is promised: nearly all of them within this time.
const PROMISED: SignedDuration = SignedDuration::from_mins(10);
/// The limit that WeChat sets, as a report names it.
pub const WECHAT: &str = "WeChat: messages a minute or a day, and our pauses after its refusals";

#[derive(Debug, Clone)]
pub struct Report {
    pub pushes: usize,
    pub users: usize,
    pub told_once: usize,
    pub told_twice: usize,
    /// How late each was told, the least late first.
    pub late: Vec<SignedDuration>,
    /// What some of the owners see.
    pub states: BTreeMap<String, usize>,
    /// By limit: what waited for it.
    pub held: BTreeMap<String, Held>,
    /// By limit: how long the herd takes if it is the only one.
    pub alone: Vec<(String, SignedDuration)>,
    pub environments: usize,
    pub dead_letters: usize,
    pub requests: BTreeMap<String, usize>,
    /// Of the whole herd with its receipts, in halves: read and written.
    pub units: (u64, u64),
    /// The most that one second wrote, in all and in the index `due`.
    pub busiest_second: (u64, u64),
    pub cpu: SignedDuration,
}

impl Report {
    pub(super) fn of(
        world: &World,
        herd: &Herd,
        due: Timestamp,
        from: u64,
        states: BTreeMap<String, usize>,
        cpu: SignedDuration,
    ) -> Self {
        let mut told: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
        for send in world.platform().sends().iter().filter(|send| send.reached) {
            told.entry(title(&send.body).to_owned()).or_default().push(send.at);
        }
        let mut late: Vec<SignedDuration> =
            told.values().filter_map(|times| times.first()).map(|at| at.duration_since(due)).collect();
        late.sort();
        let journal = world.journal().since(from);
        let written = written_by_second(&journal);
        let units = |of: fn(&Entry) -> Option<Units>| {
            journal.iter().filter_map(of).map(Units::in_halves).sum::<u64>()
        };
        let (held, environments) = held(world, &journal, &late);
        Self {
            pushes: herd.pushes,
            users: herd.users,
            told_once: told.values().filter(|times| times.len() == 1).count(),
            told_twice: told.values().filter(|times| times.len() > 1).count(),
            late,
            states,
            held,
            alone: alone(herd, &written),
            environments,
            dead_letters: world.dead_letters().len(),
            requests: requests(&journal),
            units: (
                units(|entry| entry.spent.as_ref().map(|spent| spent.read_units)),
                units(|entry| entry.spent.as_ref().map(|spent| spent.write_units)),
            ),
            busiest_second: (
                written.values().map(|(all, _)| *all).max().unwrap_or_default() / 2,
                written.values().map(|(_, due)| *due).max().unwrap_or_default() / 2,
            ),
            cpu,
        }
    }

    /// Nothing lost, nothing told twice; those that were asked see it.
    pub fn all_well(&self) -> bool {
        let sent = ["sent", "delivered"].iter().filter_map(|state| self.states.get(*state)).sum::<usize>();
        self.told_once == self.pushes && self.told_twice == 0 && sent == self.states.values().sum::<usize>()
    }

    /// The limit for which pushes waited longest, all together.
    pub fn wall(&self) -> Option<&str> {
        let longest = self.held.iter().max_by_key(|(_, held)| held.in_all);
        longest.filter(|(_, held)| held.in_all > SignedDuration::ZERO).map(|(limit, _)| limit.as_str())
    }

    /// So many in a hundred are told within `span`, in tenths.
    pub fn per_mille_within(&self, span: SignedDuration) -> usize {
        self.late.iter().filter(|late| **late <= span).count() * 1000 / self.pushes.max(1)
    }

    fn late_by(&self, per_cent: usize) -> SignedDuration {
        let at = (self.pushes * per_cent).div_ceil(100).clamp(1, self.late.len().max(1)) - 1;
        self.late.get(at).copied().unwrap_or_default()
    }
}

/// By second: halves of write units of the table and all indexes, and of the index `due` alone.
fn written_by_second(journal: &[Entry]) -> BTreeMap<i64, (u64, u64)> {
    let mut seconds: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for entry in journal {
        let Some(spent) = &entry.spent else { continue };
        let second = seconds.entry(entry.at.as_second()).or_default();
        second.0 += spent.write_units.in_halves();
        let due = spent.shares.iter().filter(|share| share.index.as_deref() == Some("due"));
        second.1 += due.map(|share| share.write.in_halves()).sum::<u64>();
    }
    seconds
}

/// Lateness that no limit of AWS explains is WeChat's, and our own pauses after it said no.
fn held(world: &World, journal: &[Entry], late: &[SignedDuration]) -> (BTreeMap<String, Held>, usize) {
    let (lambda, environments) = world.lambda().held();
    let mut held = BTreeMap::from([
        ("Scheduler: firings a second".to_owned(), world.scheduler().held()),
        ("Lambda: environments at a time".to_owned(), lambda),
        ("Parameter store: reads a second".to_owned(), world.ssm().held()),
    ]);
    let of_aws: SignedDuration = held.values().map(|held| held.in_all).sum();
    held.extend(world.dynamodb().held().into_iter().map(|(part, held)| (format!("DynamoDB: {part}"), held)));
    let refused = |entry: &&Entry| {
        entry.service == Service::Wechat
            && ["errcode 45011", "errcode 45009"].contains(&entry.outcome.as_str())
    };
    let refused = journal.iter().filter(refused).count() as u64;
    let rest = late.iter().copied().sum::<SignedDuration>() - of_aws;
    let wechat = match refused {
        0 => Held::default(),
        _ => Held { refused, waited: refused, in_all: rest.max(SignedDuration::ZERO), ..Held::default() },
    };
    held.insert(WECHAT.to_owned(), wechat);
    (held, environments)
}

/// How long it would take under one limit and no other.
fn alone(herd: &Herd, written: &BTreeMap<i64, (u64, u64)>) -> Vec<(String, SignedDuration)> {
    let limits = &herd.limits;
    let pushes = i64::try_from(herd.pushes).unwrap_or(i64::MAX);
    let (table, due) = written.values().fold((0, 0), |sum, (all, due)| (sum.0 + all - due, sum.1 + due));
    let seconds =
        |n: i64, per_second: u32| SignedDuration::from_millis(n * 1000 / i64::from(per_second.max(1)));
    let halves = |halves: u64| i64::try_from(halves / 2).unwrap_or(i64::MAX);
    let run_ms = i64::try_from(limits.dispatch_takes.as_millis()).unwrap_or_default();
    let mut alone = vec![
        (
            format!("Scheduler, {} firings a second", limits.firings_per_second),
            seconds(pushes, limits.firings_per_second),
        ),
        (
            format!("Lambda, {} environments, a run of {run_ms} ms", limits.environments),
            seconds(pushes * run_ms / 1000, limits.environments),
        ),
        (
            format!("DynamoDB, {} write units a second of the table", limits.table.writes),
            seconds(halves(table), limits.table.writes),
        ),
        (
            format!("DynamoDB, {} of the index `due`", limits.table.writes),
            seconds(halves(due), limits.table.writes),
        ),
    ];
    if let Some(per_minute) = limits.messages_per_minute {
        alone.push((format!("WeChat, {per_minute} messages a minute"), seconds(pushes * 60, per_minute)));
    }
    alone
}

fn requests(journal: &[Entry]) -> BTreeMap<String, usize> {
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    for entry in journal {
        *requests.entry(format!("{:?}", entry.service)).or_default() += 1;
    }
    requests
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pushes, users, told_once, told_twice, .. } = self;
        let lost = pushes.saturating_sub(told_once + told_twice);
        writeln!(
            f,
            "{pushes} pushes of {users} users, all due at 09:00:00: {told_once} told once, {told_twice} twice, {lost} not"
        )?;
        let [half, most, all] = [50, 99, 100].map(|per_cent| in_seconds(self.late_by(per_cent)));
        let within = self.per_mille_within(PROMISED);
        writeln!(
            f,
            "half within {half} s, 99 % within {most} s, the last after {all} s; {}.{} % within ten minutes",
            within / 10,
            within % 10
        )?;
        writeln!(f, "owners who were asked see {:?}", self.states)?;
        writeln!(f, "\nalone, each limit lets the herd through in")?;
        for (limit, span) in &self.alone {
            writeln!(f, "{:>10} s  {limit}", in_seconds(*span))?;
        }
        writeln!(f, "\n{:>10} {:>10} {:>12} {:>10}", "waited", "refused", "s in all", "longest s")?;
        for (limit, held) in self.held.iter().filter(|(_, held)| held.waited + held.refused > 0) {
            let (sum, longest) = (in_seconds(held.in_all), in_seconds(held.longest));
            writeln!(f, "{:>10} {:>10} {sum:>12} {longest:>10}  {limit}", held.waited, held.refused)?;
        }
        writeln!(f, "held back most by: {}", self.wall().unwrap_or("nothing"))?;
        let (read, written) = self.units;
        let each = |halves: u64| {
            format!("{}.{:02}", halves / 2 / *pushes as u64, halves * 50 / *pushes as u64 % 100)
        };
        writeln!(
            f,
            "\n{} write and {} read units a push; the busiest second wrote {}, {} of them in `due`",
            each(written),
            each(read),
            self.busiest_second.0,
            self.busiest_second.1
        )?;
        writeln!(
            f,
            "{} environments at a time at most, {} dead letters",
            self.environments, self.dead_letters
        )?;
        writeln!(f, "requests: {:?}", self.requests)?;
        let each = self.cpu.as_micros() / i128::try_from(*pushes).unwrap_or(1).max(1);
        write!(f, "{each} µs of processor time a push (with the simulated world)")
    }
}

fn in_seconds(span: SignedDuration) -> String {
    format!("{}.{}", span.as_secs(), span.subsec_millis() / 100)
}

/// Processor time of this process so far, as the system counts it (hundredths of a second).
pub(super) fn cpu_time() -> SignedDuration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<i64>().ok());
    SignedDuration::from_millis(ticks.sum::<i64>() * 10)
}
