//! What a walk came to: numbers when every promise was kept, the whole story when one was not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::json;

use super::Walk;
use super::check::Violation;

/// How many of the last steps are told.
const STEPS_TOLD: usize = 40;

/// Numbers of one walk, or of many.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub steps: usize,
    pub reminders: usize,
    pub pushes: usize,
    /// Messages that reached a phone.
    pub reached: usize,
    /// Faults planned, and requests and callbacks that met one.
    pub planned: usize,
    pub met: usize,
    pub requests: usize,
    pub dead_letters: usize,
    /// Pushes told twice because answer and receipt were both lost.
    pub residue: usize,
    pub log_bytes: usize,
    /// People who moved to another zone, and reminders that went with them.
    pub moves: usize,
    pub moved: usize,
    /// Events that the owner's server took; those it took once more; and tries that it refused or answered too late.
    pub events: usize,
    pub events_again: usize,
    pub events_refused: usize,
    /// Of one walk: when what was sent to whom, and by which channel.
    pub told: Vec<String>,
    /// How the pushes of reminders that were not taken away ended.
    pub ended: BTreeMap<String, usize>,
    /// Judgements, by checker.
    pub judgements: BTreeMap<&'static str, usize>,
    pub(super) settled: BTreeSet<usize>,
}

impl Tally {
    pub(super) fn judged(&mut self, checker: &'static str) {
        *self.judgements.entry(checker).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.reminders += other.reminders;
        self.pushes += other.pushes;
        self.reached += other.reached;
        self.planned += other.planned;
        self.met += other.met;
        self.requests += other.requests;
        self.dead_letters += other.dead_letters;
        self.residue += other.residue;
        self.log_bytes += other.log_bytes;
        self.moves += other.moves;
        self.moved += other.moved;
        self.events += other.events;
        self.events_again += other.events_again;
        self.events_refused += other.events_refused;
        for (state, count) in &other.ended {
            *self.ended.entry(state.clone()).or_default() += count;
        }
        for (checker, count) in &other.judgements {
            *self.judgements.entry(checker).or_default() += count;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} steps, {} reminders, {} pushes accepted, {} messages reached a phone",
            self.steps, self.reminders, self.pushes, self.reached
        )?;
        writeln!(
            f,
            "{} faults planned, {} requests and callbacks met one; {} requests, {} dead letters, {} bytes of logs read",
            self.planned, self.met, self.requests, self.dead_letters, self.log_bytes
        )?;
        let list = |counts: Vec<String>| counts.join(", ");
        writeln!(
            f,
            "pushes ended: {}",
            list(self.ended.iter().map(|(state, n)| format!("{n} {state}")).collect())
        )?;
        writeln!(f, "told twice, answer and receipt both lost: {}", self.residue)?;
        writeln!(f, "{} moves to another zone, and {} reminders moved along", self.moves, self.moved)?;
        writeln!(
            f,
            "{} events taken by the owner's server, {} of them again; {} tries refused or too late",
            self.events, self.events_again, self.events_refused
        )?;
        write!(
            f,
            "judgements: {}",
            list(self.judgements.iter().map(|(name, n)| format!("{n} {name}")).collect())
        )
    }
}

/// A promise was broken, and how it came to that.
#[derive(Debug)]
pub struct BrokenPromise {
    pub seed: u64,
    pub violation: Violation,
    pub story: String,
}

impl fmt::Display for BrokenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}\n{}", self.seed, self.violation, self.story)
    }
}

impl Walk {
    pub(super) async fn broken(&mut self, violation: Violation) -> BrokenPromise {
        self.world.clear_faults();
        let mut story = vec![format!("after {}; the last steps:", self.lasted())];
        let from = self.steps.len().saturating_sub(STEPS_TOLD);
        story.extend(self.steps[from..].iter().map(|step| format!("  {step}")));
        if let Some(place) = violation.reminder {
            let _ = self.look(place).await;
            story.push(format!("reminder {place}: {:?}", self.book.reminders[place]));
            let shown = self.shown.get(&place).cloned().unwrap_or_default();
            story.push(format!("its pushes: {}", shown["pushes"]));
            story.push("its timeline, as its owner last saw it:".to_owned());
            for entry in shown["timeline"].as_array().into_iter().flatten() {
                let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                let push = entry["push"].as_u64().map(|n| n.to_string()).unwrap_or_default();
                story.push(format!("  {} {push} {} {}", text("at"), text("event"), text("detail")));
            }
            let owner = &self.citizens[self.book.reminders[place].owner].person;
            let show = json!({"operation": "user.show", "openid": owner.mini_program_openid});
            let user = self.world.operations(show).await.unwrap_or_default();
            story.push(format!("its owner, as operators see them: {user}"));
            story.push("what the platform was asked to send:".to_owned());
            let ours = self.messages.iter().filter(|one| one.whose.is_some_and(|(whose, _)| whose == place));
            story.extend(ours.map(|one| {
                format!(
                    "  {} {} n {:?} errcode {} reached {}",
                    one.at, one.channel, one.n, one.errcode, one.reached
                )
            }));
        }
        story.push("requests of dispatch that met something:".to_owned());
        let met: Vec<_> = self.journal.iter().filter(|entry| entry.outcome.ends_with(')')).collect();
        let from = met.len().saturating_sub(STEPS_TOLD);
        story.extend(met[from..].iter().map(|entry| {
            format!(
                "  {} {:?} {:?} {} {}",
                entry.at, entry.function, entry.service, entry.operation, entry.outcome
            )
        }));
        let callbacks = self.world.platform().callbacks();
        let odd = callbacks.iter().filter(|callback| {
            callback.lost.is_some()
                || callback.attempts.len() != 1
                || callback.attempts[0].status != Some(200)
        });
        story.push("WeChat's callbacks that were lost, late or repeated:".to_owned());
        story.extend(odd.map(|callback| {
            let attempts: Vec<String> =
                callback.attempts.iter().map(|one| format!("{} {:?}", one.at, one.status)).collect();
            format!("  {} {} {:?} {}", callback.at, callback.event, callback.lost, attempts.join(", "))
        }));
        BrokenPromise { seed: self.seed, violation, story: story.join("\n") }
    }
}
