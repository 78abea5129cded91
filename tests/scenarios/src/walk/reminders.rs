//! What people do with their reminders: they register, renew and snooze them, and end them.

use http::Method;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use super::book::Version;
use super::check::{Violation, nothing_lost, zones};
use super::{Walk, book, console};

/// The number of a content's last push; what is snoozed comes behind.
const PLANNED_MAX: u64 = 3;

impl Walk {
    /// A valid reminder with one to three pushes.
    pub(super) fn reminder(&mut self, who: usize) -> Value {
        let own_zone = (self.travel() && self.whims.one_in(5)).then(|| self.some_zone());
        let zone = own_zone.unwrap_or(self.lives[who].zone()).to_owned();
        let now = self.world.now().in_tz(&zone).expect("a known zone");
        let days = if self.months { self.chance.between(1, 80) } else { self.chance.between(1, 6) };
        let expires = now.date().checked_add(days.days()).expect("in range").at(23, 0, 0, 0);
        let expires_at = expires.in_tz(&zone).expect("a moment").timestamp();
        let title = self.book.title(self.seed);
        let mut pushes: Vec<Value> = Vec::new();
        // A moment in the past is refused, by the API's clock.
        let soonest = if self.rough { 90 } else { 30 };
        for _ in 0..self.chance.between(1, 3) {
            let push = if self.chance.one_in(3) {
                json!({"days_before": self.chance.between(0, days + 2), "time": self.chance.pick(&["08:00", "12:30", "21:00"])})
            } else {
                let left = expires_at.duration_since(self.world.now()).as_secs() - 3_600;
                let ahead = if self.chance.one_in(2) {
                    self.chance.between(soonest, 4_000)
                } else {
                    self.chance.between(soonest, left)
                };
                let at = Timestamp::from_second(self.world.now().as_second() + ahead).expect("in range");
                json!({"at": at.to_string()})
            };
            if !pushes.contains(&push) {
                pushes.push(push);
            }
        }
        let mut reminder = json!({
            "template": "expiry", "title": title, "note": format!("说明{title}"),
            "expires_at": expires_at.to_string(), "pushes": pushes,
        });
        if self.chance.one_in(5) {
            let every = self.chance.pick(&["P1W", "P1W", "P2W"]);
            reminder["repeat"] = json!({ "every": every });
            reminder["pushes"] = json!(self.leads());
            by_the_day(&mut reminder, expires.date());
        } else if self.chance.one_in(4) {
            by_the_day(&mut reminder, expires.date());
        }
        if own_zone.is_some() {
            reminder["timezone"] = json!(zone);
        }
        if self.rough && self.chance.one_in(2) {
            reminder["page"] = json!(console::PAGE);
        }
        reminder
    }

    /// Shorter than a week.
    fn leads(&mut self) -> Vec<Value> {
        let mut leads = Vec::new();
        for _ in 0..self.chance.between(1, 3) {
            let (days, time) = (self.chance.between(0, 6), self.chance.pick(&["08:00", "12:30", "21:00"]));
            let lead = json!({ "days_before": days, "time": time });
            if !leads.contains(&lead) {
                leads.push(lead);
            }
        }
        leads
    }

    pub(super) async fn registers(&mut self, who: usize) -> Result<(), Violation> {
        let reminder = self.reminder(who);
        let key = format!("key-{}", self.chance.number());
        let headers = [("idempotency-key", key.as_str())];
        let answer = self.asks(who, Method::POST, "/reminders", &headers, reminder.clone()).await?;
        let summary =
            format!("u{who} registers {} {}: {}", reminder["title"], reminder["pushes"], answer.status);
        self.note(summary);
        match (answer.status, Version::answered(&answer.body)) {
            (201, Some(mut version)) => {
                self.is_saved(who, &reminder, &mut version, &answer.body)?;
                let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
                self.tally.reminders += 1;
                self.tally.pushes += version.pushes.len();
                self.book.reminders.push(book::Reminder {
                    owner: who,
                    id,
                    versions: vec![version],
                    over: None,
                });
                Ok(())
            }
            // Two ways to say the same moment.
            (422, _) if answer.body.to_string().contains("another moment") => Ok(()),
            _ => Err(Violation::new(
                nothing_lost::NAME,
                None,
                format!("a valid reminder was answered {answer}"),
            )),
        }
    }

    /// What was answered to whoever saved it goes by the clock that they wanted.
    fn is_saved(
        &mut self,
        who: usize,
        reminder: &Value,
        version: &mut Version,
        answer: &Value,
    ) -> Result<(), Violation> {
        let now = self.world.now();
        // Moments of its own are whole seconds, by the API's clock.
        let at_most = now + self.clocks.slack() + SignedDuration::from_secs(1);
        let named = reminder["timezone"].as_str();
        let life = &mut self.lives[who];
        zones::judge_saved(version, named.unwrap_or(life.zone()), at_most)?;
        self.tally.judged(zones::NAME);
        version.calendar.own_zone = named.is_some();
        life.asked_at = now;
        version.covered = self.covered(who, answer);
        Ok(())
    }

    pub(super) fn some_reminder(&mut self) -> Option<usize> {
        let alive: Vec<usize> = (0..self.book.reminders.len())
            .filter(|place| self.book.reminders[*place].over.is_none())
            .collect();
        (!alive.is_empty()).then(|| self.chance.pick(&alive))
    }

    pub(super) async fn renews(&mut self) -> Result<(), Violation> {
        let Some(place) = self.some_reminder() else { return Ok(()) };
        let mut reminder = self.reminder(self.book.reminders[place].owner);
        let kept = &self.book.reminders[place];
        if self.chance.one_in(2) {
            // Same moments, as far as they are still to come, other words.
            let now = self.world.now();
            let version = kept.version();
            let still: Vec<Value> = version
                .pushes
                .iter()
                // What was snoozed stays by itself.
                .filter(|push| push.n <= PLANNED_MAX && push.fires_at > now + self.clocks.slack())
                .map(|push| json!({"at": push.fires_at.to_string()}))
                .collect();
            if !still.is_empty() && version.expires_at > now + SignedDuration::from_mins(20) {
                let members = reminder.as_object_mut().expect("an object");
                members.shift_remove("expires_on");
                members.shift_remove("repeat");
                reminder["pushes"] = json!(still);
                reminder["expires_at"] = json!(version.expires_at.to_string());
            }
        }
        let (owner, path) = (kept.owner, format!("/reminders/{}", kept.id));
        let answer = self.asks(owner, Method::PUT, &path, &[], reminder.clone()).await?;
        self.note(format!(
            "u{owner} renews reminder {place} as {} {}: {}",
            reminder["title"], reminder["pushes"], answer.status
        ));
        match (answer.status, Version::answered(&answer.body)) {
            (200, Some(mut version)) => {
                self.is_saved(owner, &reminder, &mut version, &answer.body)?;
                // Who sends back the zone that an answer of ours named has named none.
                let before = &self.book.reminders[place].version().calendar;
                version.calendar.own_zone &= before.own_zone || before.zone != version.calendar.zone;
                let now = self.world.now();
                self.tally.pushes += version.pushes.len();
                self.book.reminders[place].replace(version, now);
                Ok(())
            }
            (422, _) if answer.body.to_string().contains("another moment") => Ok(()),
            _ => Err(Violation::new(
                nothing_lost::NAME,
                Some(place),
                format!("a renewal was answered {answer}"),
            )),
        }
    }

    /// "Tell me again later." What may not be snoozed any more is refused, and nothing is changed.
    pub(super) async fn snoozes(&mut self) -> Result<(), Violation> {
        let Some(place) = self.some_reminder() else { return Ok(()) };
        let kept = &self.book.reminders[place];
        let (owner, path) = (kept.owner, format!("/reminders/{}/snooze", kept.id));
        let ahead = if self.chance.one_in(2) {
            self.chance.between(400, 4_000)
        } else {
            self.chance.between(400, 90_000)
        };
        let until = Timestamp::from_second(self.world.now().as_second() + ahead).expect("in range");
        let answer = self.asks(owner, Method::POST, &path, &[], json!({"until": until.to_string()})).await?;
        self.note(format!("u{owner} snoozes reminder {place} until {until}: {}", answer.status));
        match (answer.status, Version::answered(&answer.body)) {
            (200, Some(snoozed)) => {
                let version =
                    self.book.reminders[place].versions.last_mut().expect("a reminder has a content");
                self.tally.pushes += snoozed.pushes.len() - version.pushes.len();
                version.pushes = snoozed.pushes;
                Ok(())
            }
            (409 | 422, _) => Ok(()),
            _ => {
                let what = format!("a snooze was answered {answer}");
                Err(Violation::new(nothing_lost::NAME, Some(place), what))
            }
        }
    }

    pub(super) async fn ends(&mut self, how: &'static str) -> Result<(), Violation> {
        let Some(place) = self.some_reminder() else { return Ok(()) };
        let kept = &self.book.reminders[place];
        let (owner, id) = (kept.owner, kept.id.clone());
        let answer = match how {
            "done" => {
                self.asks(owner, Method::POST, &format!("/reminders/{id}/done"), &[], Value::Null).await?
            }
            _ => self.asks(owner, Method::DELETE, &format!("/reminders/{id}"), &[], Value::Null).await?,
        };
        self.note(format!("reminder {place} is {how}: {}", answer.status));
        // Repeated after a lost answer, a deletion finds nothing any more.
        if !matches!(answer.status, 200 | 204 | 404) {
            let what = format!("{how} was answered {answer}");
            return Err(Violation::new(nothing_lost::NAME, Some(place), what));
        }
        let (now, revision) = (self.world.now(), self.book.reminders[place].version().revision);
        let is_over = answer.body["state"] != "active";
        if let Some(owner) = self.owner.as_mut().filter(|_| how == "done")
            && (is_over || answer.body["revision"] != revision)
        {
            owner.done.push((place, revision, now));
        }
        if is_over {
            self.book.end(place, now, how);
        } else if answer.body["revision"] != revision {
            // Of a repeated one only this round.
            self.turn(place, &answer.body, now)?;
        }
        Ok(())
    }
}

/// With the end of that day, not at a moment of it.
fn by_the_day(reminder: &mut Value, day: jiff::civil::Date) {
    let members = reminder.as_object_mut().expect("an object");
    members.shift_remove("expires_at");
    members.insert("expires_on".to_owned(), json!(day.to_string()));
}
