//! Items that repeat. The book turns to the next round by arithmetic of its own, and what the owner sees must agree; what
//! the round before had promised was told, or its owner was told why not.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use super::Walk;
use super::book::{Promise, Version, instant};
use super::check::{Violation, nothing_lost};
use super::message::ENTRIES_KEPT;

pub(super) const ZONE: &str = "Asia/Shanghai";
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
    /// Days before, and at what time.
    leads: Vec<(i64, Time)>,
}

impl Rounds {
    /// From the answer to whoever saved it.
    pub(super) fn answered(body: &Value) -> Option<Self> {
        let weeks: i64 =
            body["repeat"]["every"].as_str()?.strip_prefix('P')?.strip_suffix('W')?.parse().ok()?;
        let lead = |push: &Value| Some((push["days_before"].as_i64()?, push["time"].as_str()?.parse().ok()?));
        let round = body["repeat"]["round"].as_u64()?;
        let day: Date = body["expires_on"].as_str()?.parse().ok()?;
        Some(Self {
            round,
            first: day.checked_sub((i64::try_from(round - 1).ok()? * weeks).weeks()).ok()?,
            weeks,
            leads: body["pushes"].as_array()?.iter().filter_map(lead).collect(),
        })
    }

    /// What the owner may expect of the next round, and when that begins at the earliest.
    fn next(&self, title: &str, revision: u64, begins_at: Timestamp) -> Version {
        let round = self.round + 1;
        let turns = i64::try_from(self.round).expect("few") * self.weeks;
        let day = self.first.checked_add(turns.weeks()).expect("in range");
        let zone = TimeZone::get(ZONE).expect("a known zone");
        let moment = |day: Date, time: Time| zone.to_timestamp(day.to_datetime(time)).expect("a moment");
        let push = |(n, (days, time)): (u64, &(i64, Time))| Promise {
            n,
            fires_at: moment(day.checked_sub(days.days()).expect("in range"), *time),
        };
        Version {
            title: title.to_owned(),
            revision,
            expires_at: moment(day.tomorrow().expect("in range"), Time::midnight()),
            pushes: (1..).zip(&self.leads).map(push).collect(),
            begins_at: Some(begins_at),
            replaced_at: None,
            covered: None,
            rounds: Some(Self { round, ..self.clone() }),
        }
    }
}

impl Walk {
    /// Of every item whose round is over, the next one, if it has begun. Answers the rounds that have expired: places of
    /// reminder and version.
    pub(super) async fn turn_rounds(&mut self) -> Result<Vec<(usize, usize)>, Violation> {
        let now = self.world.now();
        let mut finished = Vec::new();
        for place in 0..self.book.reminders.len() {
            let kept = &self.book.reminders[place];
            let version = kept.version();
            if kept.over.is_some() || version.rounds.is_none() || now < version.expires_at {
                continue;
            }
            let (expires_at, revision) = (version.expires_at, version.revision);
            if self.look(place).await? != 200 {
                continue;
            }
            let shown = self.shown[&place].clone();
            if shown["revision"] == revision
                && now.duration_since(expires_at.max(self.calm_since)) > BEGINS_WITHIN
            {
                return Err(Violation::new(nothing_lost::NAME, Some(place), "its next round never begins"));
            }
            // Weeks may have passed at once.
            while shown["revision"] != self.book.reminders[place].version().revision {
                let kept = &self.book.reminders[place];
                finished.push((place, kept.versions.len() - 1));
                self.turn(place, &shown, kept.version().expires_at)?;
            }
        }
        Ok(finished)
    }

    /// The owner sees the next round, or one after it: it is the one that was to come.
    pub(super) fn turn(
        &mut self,
        place: usize,
        shown: &Value,
        begins_at: Timestamp,
    ) -> Result<(), Violation> {
        let now = self.world.now();
        let kept = &mut self.book.reminders[place];
        let before = kept.version();
        let rounds = before.rounds.as_ref().expect("it repeats");
        let next = rounds.next(&before.title, before.revision + 1, begins_at);
        let round = rounds.round + 1;
        let seen = match shown["repeat"]["round"].as_u64() > Some(round) {
            true => has_begun(shown, round),
            false => {
                let pushes = shown["pushes"].as_array().into_iter().flatten();
                let moments: Vec<_> = pushes.filter_map(|push| instant(&push["fires_at"])).collect();
                let promised: Vec<_> = next.pushes.iter().map(|push| push.fires_at).collect();
                instant(&shown["expires_at"]) == Some(next.expires_at) && moments == promised
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
        let (version, shown) = (&self.book.reminders[place].versions[version], &self.shown[&place]);
        let entries = shown["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.len() >= ENTRIES_KEPT {
            return Ok(());
        }
        let begins_at = version.begins_at.unwrap_or(Timestamp::MIN);
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
