//! People who move to another zone, and what of theirs goes with them.
//!
//! That an item has moved, its owner sees by its revision and its timeline; when it is to come there, the walk reckons by
//! itself, and what the owner sees must agree.

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Walk;
use super::book::{Promise, Version, instant};
use super::calendar::Fate;
use super::check::{Violation, told_once, zones};
use super::lives::HOME;
use super::message::{ENTRIES_KEPT, Message};
use super::owing::Covered;

/// East and west of there, some with clocks that change in March or April, one by a quarter of an hour beside the others.
const ZONES: [&str; 7] = [
    HOME,
    "America/Los_Angeles",
    "America/Santiago",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Pacific/Auckland",
];
/// A run of dispatch that stood still may still go by the zone before.
const STANDS_STILL_AT_MOST: SignedDuration = SignedDuration::from_mins(5);

impl Walk {
    /// Whether the people of this walk travel.
    pub(super) fn travel(&self) -> bool {
        self.seed % 4 >= 2
    }

    pub(super) fn some_zone(&mut self) -> &'static str {
        self.whims.pick(&ZONES)
    }

    /// Perhaps somebody moves.
    pub(super) async fn perhaps_moves(&mut self) -> Result<(), Violation> {
        if !self.travel() || !self.whims.one_in(5) {
            return Ok(());
        }
        let who = self.whims.index(self.citizens.len());
        let zone = self.some_zone();
        let method = if self.whims.one_in(2) { Method::PATCH } else { Method::POST };
        let body = json!({"timezone": if zone == HOME { Value::Null } else { json!(zone) }});
        let answer = self.asks(who, method, "/me", &[], body).await?;
        self.note(format!("u{who} moves to {zone}: {}", answer.status));
        if answer.status != 200 || answer.body["timezone"] != zone {
            return Err(Violation::new(zones::NAME, None, format!("a move to {zone} was answered {answer}")));
        }
        let now = self.world.now();
        if self.lives[who].zone() != zone {
            self.lives[who].zones.push((now, zone.to_owned()));
            // Pushes change places, and with them who gets which accept.
            self.lives[who].asked_at = now;
            self.tally.moves += 1;
        }
        Ok(())
    }

    /// The item may be moving: it goes by its owner's zone, and that has become another one.
    pub(super) fn awaits_move(&self, place: usize) -> bool {
        let kept = &self.book.reminders[place];
        let (version, life) = (kept.version(), &self.lives[kept.owner]);
        let follows = !version.calendar.own_zone && version.calendar.zone != life.zone();
        let was_open = life.moved_at().is_some_and(|moved_at| moved_at < version.expires_at);
        kept.over.is_none() && follows && was_open && !self.stays.contains(&(place, version.revision))
    }

    /// The owner sees that it has not moved.
    pub(super) fn judge_waiting(&mut self, place: usize) -> Result<(), Violation> {
        let (now, kept) = (self.world.now(), &self.book.reminders[place]);
        let (version, life) = (kept.version(), &self.lives[kept.owner]);
        let Some(moved_at) = life.moved_at() else { return Ok(()) };
        // A round may have been seen to begin later than it did.
        let seen_at = kept.versions.iter().rev().nth(1).and_then(|before| before.replaced_at);
        let since = moved_at.max(self.calm_since).max(seen_at.unwrap_or(Timestamp::MIN));
        let there = version.calendar.in_zone(life.zone());
        let faults = self.faults || self.rough;
        zones::judge_waiting(place, version, &there, since, now, faults)?;
        if version.expires_at <= now && version.rounds.is_none() {
            self.stays.insert((place, version.revision));
        }
        Ok(())
    }

    /// The owner sees it one revision on, or further, in another zone since `moved_at` by dispatch's clock.
    pub(super) fn has_moved(
        &mut self,
        place: usize,
        shown: &Value,
        moved_at: Timestamp,
    ) -> Result<(), Violation> {
        let kept = &self.book.reminders[place];
        let (before, life) = (kept.version(), &self.lives[kept.owner]);
        let wrong = |what: String| Err(Violation::new(zones::NAME, Some(place), what));
        let is_shown = shown["revision"] == before.revision + 1;
        let begins_at = moved_at - self.clocks.of_dispatch;
        let zone = if is_shown { shown["timezone"].as_str().unwrap_or_default() } else { life.zone() };
        if !life.zones_since(begins_at - STANDS_STILL_AT_MOST).any(|lived_by| lived_by == zone) {
            return wrong(format!("it has moved to {zone}, and its user lives by {}", life.zone()));
        }
        let calendar = before.calendar.in_zone(zone);
        let expires_at = calendar.expires_at(before.expires_at);
        if is_shown && instant(&shown["expires_at"]) != Some(expires_at) {
            return wrong(format!("it expires at {} instead of {expires_at}", shown["expires_at"]));
        }
        let entries = shown["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        let pushes = match is_shown {
            true => shown["pushes"].as_array().into_iter().flatten().filter_map(Promise::answered).collect(),
            // Another revision hides it: what nobody had tried has moved.
            false => before
                .pushes
                .iter()
                .map(|promise| {
                    let tried =
                        was_tried(entries, promise.n, kept.began_at(kept.versions.len() - 1), moved_at);
                    let fate = if tried { Fate::Told } else { Fate::Untouched };
                    let moments = calendar.after_move(promise, fate, expires_at, moved_at);
                    let fires_at = *moments[0].start();
                    Promise { fires_at, past: promise.past && fires_at < moved_at, ..promise.clone() }
                })
                .collect(),
        };
        let by_following = |covered: &Covered| matches!(covered, Covered::ByFollowing { .. });
        let after = Version {
            revision: before.revision + 1,
            expires_at,
            pushes,
            begins_at: Some(begins_at),
            moved: true,
            covered: before.covered.filter(by_following),
            calendar,
            ..before.clone()
        };
        let now = self.world.now();
        self.book.reminders[place].replace(after, now);
        self.tally.moved += 1;
        Ok(())
    }

    /// Once all messages are read: each push is where it is to be since the move that made this version.
    pub(super) fn judge_moved(&mut self, place: usize, version: usize) -> Result<(), Violation> {
        let kept = &self.book.reminders[place];
        let (before, after) = (&kept.versions[version - 1], &kept.versions[version]);
        let (Some(begins_at), Some(shown)) = (after.begins_at, self.shown.get(&place)) else { return Ok(()) };
        if shown["revision"] != after.revision {
            return Ok(());
        }
        let began_at = kept.began_at(version - 1);
        let moved_at = begins_at + self.clocks.of_dispatch;
        for promise in &before.pushes {
            let fate = self.fate(place, promise, began_at, begins_at);
            zones::judge_moved(place, (promise, fate), after, moved_at)?;
        }
        self.tally.judged(zones::NAME);
        Ok(())
    }

    /// By what reached the phone, and by what the owner was shown.
    fn fate(
        &self,
        place: usize,
        promise: &Promise,
        began_at: Option<Timestamp>,
        moved_at: Timestamp,
    ) -> Fate {
        if promise.past {
            return Fate::Untouched;
        }
        let began_at = began_at.unwrap_or(Timestamp::MIN);
        let slack = self.clocks.slack() + SignedDuration::from_secs(5);
        let is_theirs = |message: &&Message| {
            message.whose.is_some_and(|(whose, _)| whose == place)
                && message.reached
                && (began_at..=moved_at).contains(&message.at)
        };
        let told = self.messages.iter().filter(is_theirs).filter(|message| {
            message.fires_at(&self.book).is_none_or(|fires_at| fires_at == promise.fires_at)
                || promise.fires_at <= message.at + slack
        });
        let is_known = |message: &Message| {
            let is_close = message.at.duration_since(promise.fires_at).abs() <= slack;
            let is_it = message.fires_at(&self.book) == Some(promise.fires_at);
            (is_it || !is_close)
                && message.at < moved_at
                && !told_once::is_answer_lost(message, &self.journal)
        };
        let told: Vec<&Message> = told.collect();
        let entries = self.shown[&place]["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        if told.iter().any(|message| is_known(message)) {
            Fate::Told
        } else if !told.is_empty()
            || entries.len() >= ENTRIES_KEPT
            || was_tried(entries, promise.n, Some(began_at), moved_at + self.clocks.of_dispatch)
        {
            Fate::Tried
        } else {
            Fate::Untouched
        }
    }
}

/// When the content of this revision was made of the one before, by the timeline.
pub(super) fn renewed_at(shown: &Value, revision: u64) -> Option<Timestamp> {
    let entries = shown["timeline"].as_array()?;
    let words = format!("revision {revision}");
    let entry = entries.iter().find(|entry| entry["event"] == "renewed" && entry["detail"] == words.as_str());
    instant(&entry?["at"])
}

/// Something had been done about the push in that time, by the timeline.
fn was_tried(entries: &[Value], n: u64, from: Option<Timestamp>, until: Timestamp) -> bool {
    let from = from.unwrap_or(Timestamp::MIN);
    entries.iter().any(|entry| {
        entry["push"] == n
            && !matches!(entry["event"].as_str(), Some("planned" | "snoozed" | "webhook"))
            && instant(&entry["at"]).is_some_and(|at| (from..=until).contains(&at))
    })
}
