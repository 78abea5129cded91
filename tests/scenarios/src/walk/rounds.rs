//! Items that repeat. The book turns to the next round by arithmetic of its own, and what the owner sees must agree; what
//! the round before had promised was told, or its owner was told why not.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use super::Walk;
use super::book::{Promise, Version, instant};
use super::calendar::{Calendar, Wanted};
use super::check::{Violation, nothing_lost};
use super::message::ENTRIES_KEPT;
use super::moves::renewed_at;

/// A round may wait for the outcome of its last push, and that is looked for so long.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_hours(30);
/// How a push that was not told ends, for its owner to see.
const REPORTED: [&str; 4] = ["undeliverable", "unknown", "skipped", "failed"];

/// How an item repeats, as its owner asked for.
#[derive(Debug, Clone)]
pub(crate) struct Rounds {
    /// Its present round, from 1.
    round: u64,
    first: Date,
    weeks: i64,
}

impl Rounds {
    /// From the answer to whoever saved it.
    pub(super) fn answered(body: &Value) -> Option<Self> {
        let weeks: i64 =
            body["repeat"]["every"].as_str()?.strip_prefix('P')?.strip_suffix('W')?.parse().ok()?;
        let round = body["repeat"]["round"].as_u64()?;
        let day: Date = body["expires_on"].as_str()?.parse().ok()?;
        Some(Self {
            round,
            first: day.checked_sub((i64::try_from(round - 1).ok()? * weeks).weeks()).ok()?,
            weeks,
        })
    }

    /// What the owner may expect of the round after this one of `before`, by the clock of this zone, and when that begins at
    /// the earliest.
    fn next(&self, before: &Version, zone: &str, begins_at: Timestamp) -> Version {
        let round = self.round + 1;
        let turns = i64::try_from(self.round).expect("few") * self.weeks;
        let day = self.first.checked_add(turns.weeks()).expect("in range");
        let calendar = Calendar { expires_on: Some(day), ..before.calendar.in_zone(zone) };
        let expires_at = calendar.expires_at(Timestamp::MAX);
        let push = |(n, wanted): (u64, &Wanted)| {
            let fires_at = calendar.moment(*wanted, expires_at);
            Promise { n, fires_at, past: fires_at < begins_at }
        };
        Version {
            title: before.title.clone(),
            revision: before.revision + 1,
            expires_at,
            pushes: (1..).zip(&calendar.wanted).map(push).collect(),
            begins_at: Some(begins_at),
            moved: false,
            replaced_at: None,
            covered: None,
            rounds: Some(Self { round, ..self.clone() }),
            calendar,
        }
    }
}

/// What the owners see that the book did not know: places of reminder and version.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Rounds that have expired.
    pub(super) finished: Vec<(usize, usize)>,
    /// Versions in another zone.
    pub(super) moved: Vec<(usize, usize)>,
}

impl Walk {
    /// Of every item whose round is over, the next one, if it has begun; and whatever has moved with its user.
    pub(super) async fn catch_up(&mut self) -> Result<Changes, Violation> {
        let mut changes = Changes::default();
        for place in 0..self.book.reminders.len() {
            let (awaits_round, awaits_move) = (self.awaits_round(place), self.awaits_move(place));
            if !(awaits_round || awaits_move) || self.look(place).await? != 200 {
                continue;
            }
            let shown = self.shown[&place].clone();
            if shown["revision"] == self.book.reminders[place].version().revision {
                if awaits_round {
                    self.judge_round(place)?;
                }
                if awaits_move {
                    self.judge_waiting(place)?;
                }
            }
            self.follow(place, &shown, &mut changes)?;
        }
        Ok(changes)
    }

    /// Of an item that has expired and repeats.
    fn awaits_round(&self, place: usize) -> bool {
        let (kept, now) = (&self.book.reminders[place], self.world.now());
        kept.over.is_none() && kept.version().rounds.is_some() && kept.version().expires_at <= now
    }

    /// The next has not begun.
    fn judge_round(&self, place: usize) -> Result<(), Violation> {
        let ended_at = self.book.reminders[place].version().expires_at.max(self.calm_since);
        if self.world.now().duration_since(ended_at) > BEGINS_WITHIN {
            return Err(Violation::new(nothing_lost::NAME, Some(place), "its next round never begins"));
        }
        Ok(())
    }

    /// From the revision that the book knows to the one that is shown: weeks may have passed at once.
    fn follow(&mut self, place: usize, shown: &Value, changes: &mut Changes) -> Result<(), Violation> {
        while shown["revision"] != self.book.reminders[place].version().revision {
            let kept = &self.book.reminders[place];
            let (last, version) = (kept.versions.len() - 1, kept.version());
            match renewed_at(shown, version.revision + 1) {
                Some(at) => {
                    changes.moved.push((place, last + 1));
                    self.has_moved(place, shown, at)?;
                }
                None if version.rounds.is_some() => {
                    changes.finished.push((place, last));
                    self.turn(place, shown, version.expires_at)?;
                }
                None => {
                    let what = format!("nobody asked for revision {}", shown["revision"]);
                    return Err(Violation::new(nothing_lost::NAME, Some(place), what));
                }
            }
        }
        Ok(())
    }

    /// The owner sees the next round, or one after it: it is the one that was to come.
    pub(super) fn turn(
        &mut self,
        place: usize,
        shown: &Value,
        begins_at: Timestamp,
    ) -> Result<(), Violation> {
        let (now, slack) = (self.world.now(), self.clocks.slack());
        let kept = &mut self.book.reminders[place];
        let (before, life) = (kept.version(), &self.lives[kept.owner]);
        let rounds = before.rounds.as_ref().expect("it repeats");
        let is_shown = shown["revision"] == before.revision + 1;
        let zone = match (before.calendar.own_zone, shown["timezone"].as_str()) {
            // Its user may have moved when the round before could not.
            (false, Some(zone))
                if is_shown && life.zones_since(begins_at).any(|lived_by| lived_by == zone) =>
            {
                zone
            }
            _ => before.calendar.zone.as_str(),
        };
        let mut next = rounds.next(before, zone, begins_at);
        let round = rounds.round + 1;
        let seen = match is_shown {
            false => has_begun(shown, round),
            true => {
                let pushes = shown["pushes"].as_array().into_iter().flatten();
                let pushes: Vec<_> = pushes.filter_map(Promise::answered).collect();
                let agree = |(shown, promised): (&Promise, &Promise)| {
                    // If all have gone by, the last comes at once.
                    let is_at_once = promised.fires_at <= shown.fires_at && shown.fires_at <= now + slack;
                    shown.fires_at == promised.fires_at || is_at_once
                };
                let all_agree =
                    pushes.len() == next.pushes.len() && pushes.iter().zip(&next.pushes).all(agree);
                next.pushes = pushes;
                instant(&shown["expires_at"]) == Some(next.expires_at) && all_agree
            }
        };
        if !seen || shown["revision"].as_u64() < Some(next.revision) {
            let what = format!("round {round} until {} was to begin, and there is {shown}", next.expires_at);
            return Err(Violation::new(nothing_lost::NAME, Some(place), what));
        }
        self.tally.judged("rounds");
        self.tally.pushes += next.pushes.len();
        kept.replace(next, now);
        Ok(())
    }

    /// What a round had promised that has expired.
    pub(super) fn judge_finished(&self, place: usize, version: usize) -> Result<(), Violation> {
        let kept = &self.book.reminders[place];
        let (version, began_at, shown) =
            (&kept.versions[version], kept.began_at(version), &self.shown[&place]);
        let entries = shown["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.len() >= ENTRIES_KEPT {
            return Ok(());
        }
        let begins_at = began_at.unwrap_or(Timestamp::MIN);
        let was_then = |at: Timestamp| (begins_at..version.expires_at + BEGINS_WITHIN).contains(&at);
        for promise in &version.pushes {
            let told = self.messages.iter().any(|message| {
                message.whose.is_some_and(|(whose, _)| whose == place)
                    && message.errcode == 0
                    && message.fires_at(&self.book) == Some(promise.fires_at)
            });
            let reported = entries.iter().any(|entry| {
                entry["push"] == promise.n
                    && instant(&entry["at"]).is_some_and(was_then)
                    && entry["event"].as_str().is_some_and(|event| REPORTED.contains(&event))
            });
            if !told && !reported {
                let what = format!("push {} of {} is neither told nor reported", promise.n, promise.fires_at);
                return Err(Violation::new(nothing_lost::NAME, Some(place), what));
            }
        }
        Ok(())
    }
}

/// By the timeline, unless that has lost its middle.
fn has_begun(shown: &Value, round: u64) -> bool {
    let entries = shown["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
    let says_so = |entry: &Value| {
        let detail = entry["detail"].as_str().unwrap_or_default();
        entry["event"] == "repeated" && detail.starts_with(&format!("round {round}, "))
    };
    entries.len() >= ENTRIES_KEPT || entries.iter().any(says_so)
}
