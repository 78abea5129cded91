//! What takes a look at the world as a whole: whether pushes rest that are owed, whether what was covered was told, and
//! whether the ledger is right in the end.
//!
//! Each of the three is asked for by itself in the plan. With any of them WeChat does not lie about users: what it says
//! of a user who follows and has accepts left is never that they do not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::lambda::FunctionName;
use simulator::wechat::{AccountName, Callback, UserView};

use super::Walk;
use super::book::{Promise, Reminder, Version};
use super::check::owed::Resting;
use super::check::{Violation, coverage, ledger_in_the_end, owed};
use super::lives::Life;

/// Which of them are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checks {
    pub owed: bool,
    pub coverage: bool,
    pub ledger_in_the_end: bool,
}

impl Checks {
    pub fn all() -> Self {
        Self { owed: true, coverage: true, ledger_in_the_end: true }
    }

    pub(super) fn any(self) -> bool {
        self.owed || self.coverage || self.ledger_in_the_end
    }
}

/// By what a reminder was covered when it was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Covered {
    ByFollowing { at: Timestamp },
    ByQuota { at: Timestamp },
}

/// What the platform knows of somebody at this moment.
struct Outside<'a> {
    user: &'a UserView,
    life: &'a Life,
    callbacks: &'a [Callback],
}

impl Walk {
    /// Pushes at rest although a way is open.
    pub(super) async fn judge_owed(&mut self) -> Result<(), Violation> {
        if !self.checks.owed {
            return Ok(());
        }
        let now = self.world.now();
        for place in 0..self.book.reminders.len() {
            let kept = &self.book.reminders[place];
            let due = kept.version().pushes.iter().any(|push| push.fires_at < now);
            if kept.over.is_none() && due && now < kept.version().expires_at && !self.is_settled(place) {
                self.look(place).await?;
            }
        }
        let (users, callbacks) = (self.world.platform().users(), self.world.platform().callbacks());
        let mut seen = Vec::new();
        for (place, kept) in self.book.reminders.iter().enumerate() {
            let Some(shown) = self.shown.get(&place).filter(|_| kept.over.is_none()) else { continue };
            if now >= kept.version().expires_at || shown["revision"] != kept.version().revision {
                continue;
            }
            let person = &self.citizens[kept.owner].person;
            let user = users.iter().find(|user| user.name == person.name).expect("everybody is known");
            let outside = Outside { user, life: &self.lives[kept.owner], callbacks: &callbacks };
            let Some(way) = self.open_way(kept.owner, &outside) else { continue };
            for (n, state) in self.at_rest(kept.version(), shown) {
                seen.push(Resting { push: (place, kept.versions.len(), n), state, way });
            }
        }
        self.tally.judged(owed::NAME);
        owed::judge(&seen, &mut self.resting, now)
    }

    /// Whether the owner last saw every push of it told.
    fn is_settled(&self, place: usize) -> bool {
        let shown = self
            .shown
            .get(&place)
            .filter(|shown| shown["revision"] == self.book.reminders[place].version().revision);
        let pushes = shown.and_then(|shown| shown["pushes"].as_array());
        pushes.is_some_and(|pushes| {
            pushes.iter().all(|push| matches!(push["state"].as_str(), Some("delivered" | "skipped")))
        })
    }

    /// The pushes that rest and may not have been sent, with state and reason.
    fn at_rest(&self, version: &Version, shown: &Value) -> Vec<(u64, String)> {
        let pushes = version.pushes.iter().zip(shown["pushes"].as_array().into_iter().flatten());
        let resting = pushes.filter(|(promise, push)| match push["state"].as_str() {
            Some("undeliverable") => true,
            Some("unknown") => !self.was_unanswered(promise.fires_at, self.world.now()),
            _ => false,
        });
        resting
            .map(|(promise, push)| {
                let [state, reason] = ["state", "reason"].map(|key| push[key].as_str().unwrap_or_default());
                (promise.n, format!("{state} ({reason})"))
            })
            .collect()
    }

    /// Some request of dispatch in that time was not answered: what it did there, nobody may know.
    fn was_unanswered(&self, from: Timestamp, until: Timestamp) -> bool {
        self.journal.iter().any(|entry| {
            let unanswered = ["dropped", "crash", "late", "frozen"]
                .iter()
                .any(|word| entry.outcome.rsplit_once('(').is_some_and(|(_, fault)| fault.contains(word)));
            entry.function == Some(FunctionName::ReminderDispatch)
                && from <= entry.at
                && entry.at <= until
                && unanswered
        })
    }

    fn open_way(&self, owner: usize, outside: &Outside<'_>) -> Option<&'static str> {
        if self.follow_is_open(outside) {
            return Some("they follow, do not block, and the template exists");
        }
        let quota = self.quota_is_open(outside);
        (quota > self.under_way(owner) + self.to_come(owner)).then_some("WeChat has messages left for them")
    }

    fn follow_is_open(&self, outside: &Outside<'_>) -> bool {
        // Who they are is asked of WeChat, now or later.
        let asks = ["/cgi-bin/user/info", "/cgi-bin/stable_token"];
        let disturbances = self.world.faults().disturbances(self.world.now());
        self.knows(AccountName::ServiceAccount, "service_template")
            && outside.life.is_open_follower(outside.user, outside.callbacks)
            && !disturbances.iter().any(|one| asks.contains(&one.endpoint.as_str()))
    }

    fn quota_is_open(&self, outside: &Outside<'_>) -> usize {
        if self.console.pages_moved || !self.knows(AccountName::MiniProgram, "mini_subscription") {
            return 0;
        }
        let quota = outside.life.open_quota(outside.user, &self.mini_template(), outside.callbacks);
        usize::try_from(quota).unwrap_or_default()
    }

    /// The channel is in the settings, and WeChat has its template.
    fn knows(&self, account: AccountName, channel: &str) -> bool {
        let template_id = self.template_of(channel);
        let templates = self.world.platform().templates();
        templates.iter().any(|one| one.account == account && Some(&one.template_id) == template_id.as_ref())
    }

    /// Pushes of theirs that may hold an accept at this moment.
    fn under_way(&self, owner: usize) -> usize {
        let theirs = self.book.reminders.iter().enumerate().filter(|(_, kept)| kept.owner == owner);
        let shown = theirs.filter_map(|(place, _)| self.shown.get(&place));
        let pushes = shown.flat_map(|shown| shown["pushes"].as_array().into_iter().flatten());
        pushes.filter(|push| matches!(push["state"].as_str(), Some("sending" | "retrying"))).count()
    }

    /// Pushes of theirs that are still to come: an accept is promised to them before it arms what rests.
    fn to_come(&self, owner: usize) -> usize {
        let now = self.world.now();
        let is_theirs = |kept: &&Reminder| kept.owner == owner && kept.over.is_none();
        let active = self.book.reminders.iter().filter(is_theirs).map(Reminder::version);
        let unexpired = active.filter(|version| now < version.expires_at);
        unexpired.flat_map(|version| &version.pushes).filter(|push| now < push.fires_at).count()
    }

    /// By what the content just saved is covered, if it is said to be covered as a whole.
    pub(super) fn covered(&self, owner: usize, answer: &Value) -> Option<Covered> {
        let [pushes, covered] = ["pushes", "covered"].map(|key| answer["coverage"][key].as_u64());
        if !self.checks.coverage || pushes != covered || pushes == Some(0) {
            return None;
        }
        let (users, callbacks) = (self.world.platform().users(), self.world.platform().callbacks());
        let user = users.iter().find(|user| user.name == self.citizens[owner].person.name)?;
        let outside = Outside { user, life: &self.lives[owner], callbacks: &callbacks };
        let at = self.world.now();
        if self.follow_is_open(&outside) {
            return Some(Covered::ByFollowing { at });
        }
        let enough = u64::try_from(self.quota_is_open(&outside)).ok() >= pushes;
        (enough && !user.followed).then_some(Covered::ByQuota { at })
    }

    /// What was covered was told, as far as nothing came in between.
    pub(super) fn judge_coverage(&mut self, place: usize) -> Result<(), Violation> {
        let kept = &self.book.reminders[place];
        let (version, life) = (kept.version(), &self.lives[kept.owner]);
        let Some(covered) = version.covered.filter(|_| kept.over.is_none()) else { return Ok(()) };
        let (at, asked_at) = match covered {
            Covered::ByFollowing { at } => (at, at),
            Covered::ByQuota { at } => (at, life.asked_at),
        };
        if life.took_away_at > at || asked_at > at || self.changed_at > at {
            return Ok(());
        }
        let promises = version.pushes.iter().filter(|promise| {
            promise.fires_at > at
                && coverage::had_time(promise, version.expires_at, self.calm_since)
                && !self.was_unanswered(promise.fires_at, version.expires_at)
        });
        let mut judgements = 0;
        for promise in promises {
            judgements += 1;
            coverage::judge(&self.book, place, promise, &self.messages)?;
        }
        (0..judgements).for_each(|_| self.tally.judged(coverage::NAME));
        Ok(())
    }

    /// Everything works, and time has passed.
    pub(super) async fn judge_ledger_in_the_end(&mut self) -> Result<(), Violation> {
        if !self.checks.ledger_in_the_end {
            return Ok(());
        }
        let end = self.world.now() + ledger_in_the_end::AFTER;
        self.world.advance_to(end).await;
        let template_id = self.mini_template();
        let (users, callbacks) = (self.world.platform().users(), self.world.platform().callbacks());
        let believed = self.beliefs(&template_id).await;
        for (who, life) in self.lives.iter().enumerate() {
            let name = &self.citizens[who].person.name;
            let user = users.iter().find(|user| user.name == *name).expect("everybody is known");
            let truth = life.open_quota(user, &template_id, &callbacks);
            self.tally.judged(ledger_in_the_end::NAME);
            if !self.is_in_doubt(who) {
                ledger_in_the_end::judge(name, believed[&who], truth)?;
            }
        }
        Ok(())
    }

    /// What everybody has left that is worth an attempt, however unsure.
    async fn beliefs(&self, template_id: &str) -> BTreeMap<usize, u64> {
        let mut beliefs = BTreeMap::new();
        for (who, citizen) in self.citizens.iter().enumerate() {
            let show = json!({"operation": "user.show", "openid": citizen.person.mini_program_openid});
            let user = self.world.operations(show).await.expect("an answer");
            let left = user["credits"][template_id].as_object().into_iter().flatten();
            beliefs.insert(who, left.filter_map(|(_, left)| left.as_u64()).sum());
        }
        beliefs
    }

    /// A message of theirs may or may not have been sent, and nobody can know: one that is shown as unknown, or one that
    /// is not shown any more because its reminder was replaced or taken away meanwhile.
    fn is_in_doubt(&self, who: usize) -> bool {
        let now = self.world.now();
        let theirs = self.book.reminders.iter().enumerate().filter(|(_, kept)| kept.owner == who);
        let mut spans = Vec::new();
        for (place, kept) in theirs {
            let over_at = kept.over.as_ref().map(|over| over.at);
            let shown = self.shown.get(&place).and_then(|shown| shown["pushes"].as_array());
            for version in &kept.versions {
                let gone_at = version.replaced_at.or(over_at);
                let fires = version.pushes.iter().map(|promise| promise.fires_at);
                spans.extend(
                    gone_at.into_iter().flat_map(|gone_at| fires.clone().map(move |at| (at, gone_at))),
                );
            }
            let unknown = |(_, push): &(&Promise, &Value)| push["state"] == "unknown";
            let pushes = kept.version().pushes.iter().zip(shown.into_iter().flatten());
            spans.extend(pushes.filter(unknown).map(|(promise, _)| (promise.fires_at, now)));
        }
        spans.into_iter().any(|(from, until)| self.was_unanswered(from, until))
    }
}
