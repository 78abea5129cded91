//! The owner's own server on a walk: it takes events, refuses them, hangs up, is slow, and comes back. Some walks have one.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::ssm::WEBHOOK_SECRET;

use super::Walk;
use super::chance::Chance;
use super::check::events::{Answer, Done, Event, Facts, Heard};
use super::check::{Violation, events};
use super::message::ENTRIES_KEPT;
use crate::receiver::{Received, Receiver};

/// The settings' webhook.
pub(super) const WEBHOOK: &str = "https://owner.example/hooks?of=walks";
/// Longer an answer is not waited for.
const WAITED_FOR: Duration = Duration::from_secs(5);
const TOO_SLOW: Duration = Duration::from_millis(5_500);
const SLOW: Duration = Duration::from_millis(40);
/// Once everything works, the longest pause between two tries is over by then, and the sweep has come by.
pub(super) const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(11);
/// What had its first try in this time may still be on its way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(45);

/// Two moments that are the same for clocks that are wrong.
const A_LITTLE: SignedDuration = SignedDuration::from_secs(5);

/// The receiver, and what it heard.
pub(super) struct Owner {
    pub(super) receiver: Receiver,
    chance: Chance,
    /// No answer of it ever came too late: that takes seconds of the walk.
    never_late: bool,
    /// It is down all the time.
    stays_down: bool,
    read: usize,
    /// By their ids, in the order in which they came.
    heard: BTreeMap<String, Vec<Heard>>,
    /// Schedules that fire twice.
    pub(super) doubled: Vec<String>,
    pub(super) done: Vec<Done>,
}

impl Owner {
    pub(super) async fn of(seed: u64, stays_down: bool) -> Self {
        let receiver = Receiver::starts().await;
        receiver.answers(Some(if stays_down { 503 } else { 204 }));
        Self {
            receiver,
            chance: Chance::new(seed.wrapping_add(55_000_000)),
            never_late: true,
            stays_down,
            read: 0,
            heard: BTreeMap::new(),
            doubled: Vec::new(),
            done: Vec::new(),
        }
    }

    /// Perhaps it answers in another way from now on; what is told of that.
    fn changes(&mut self) -> Option<&'static str> {
        if self.stays_down || !self.chance.one_in(4) {
            return None;
        }
        self.receiver.takes(Duration::ZERO);
        let (status, what) = match self.chance.below(9) {
            0..=1 => (Some(503), "is down"),
            2 => (None, "hangs up"),
            3 => (Some(302), "sends elsewhere"),
            4 => {
                self.receiver.takes(SLOW);
                (Some(204), "is slow")
            }
            5 if self.never_late => {
                self.never_late = false;
                self.receiver.takes_once(TOO_SLOW);
                (Some(204), "is too slow once")
            }
            _ => (Some(204), "is there"),
        };
        self.receiver.answers(status);
        Some(what)
    }
}

/// `ahead`: how far the clock of whoever told it is.
fn read(one: &Received, ahead: SignedDuration) -> Option<Heard> {
    let second = one.headers.get("webhook-timestamp")?.parse().ok()?;
    let answer = match one.answered {
        204 if one.after < WAITED_FOR => Answer::Taken,
        204 => Answer::TooLate,
        _ => Answer::Refused,
    };
    Some(Heard {
        id: one.headers.get("webhook-id")?.clone(),
        at: Timestamp::from_second(second).ok()? - ahead,
        answer,
        is_signed: one.is_signed_by(WEBHOOK_SECRET),
        text: one.text.clone(),
        event: Event::read(&one.body)?,
    })
}

impl Walk {
    /// Perhaps the owner's server changes its manner.
    pub(super) fn receiver_changes(&mut self) {
        if let Some(what) = self.owner.as_mut().and_then(Owner::changes) {
            self.note(format!("the owner's server {what}"));
        }
    }

    /// It takes everything from now on.
    pub(super) fn receiver_comes_back(&mut self) {
        if let Some(owner) = &mut self.owner {
            owner.receiver.takes(Duration::ZERO);
            owner.receiver.answers(Some(204));
        }
    }

    fn facts<'a>(&'a self, callbacks: &'a [simulator::wechat::Callback], done: &'a [Done]) -> Facts<'a> {
        let openids = self.citizens.iter().map(|citizen| citizen.person.mini_program_openid.as_str());
        Facts {
            book: &self.book,
            messages: &self.messages,
            journal: &self.journal,
            callbacks,
            citizens: openids.zip(&self.lives).collect(),
            done,
            slack: self.clocks.slack(),
        }
    }

    /// Whatever came since the last look.
    pub(super) fn judge_events(&mut self) -> Result<(), Violation> {
        let Some(mut owner) = self.owner.take() else { return Ok(()) };
        let judged = self.judge_heard(&mut owner);
        self.owner = Some(owner);
        judged
    }

    fn judge_heard(&mut self, owner: &mut Owner) -> Result<(), Violation> {
        let received = owner.receiver.received();
        let callbacks = self.world.platform().callbacks();
        for one in &received[owner.read..] {
            let heard = read(one, self.clocks.of_dispatch)
                .ok_or_else(|| Violation::new(events::NAME, None, format!("no event: {}", one.text)))?;
            events::judge_form(&heard, &self.book)?;
            events::judge_truth(&heard, &self.facts(&callbacks, &owner.done))?;
            let before = owner.heard.entry(heard.id.clone()).or_default();
            if let Some(last) = before.last() {
                let is_doubled = owner.doubled.iter().any(|name| name.contains(&heard.id));
                events::judge_repeat(last, &heard, &self.journal, is_doubled)?;
            }
            self.tally.judged(events::NAME);
            match heard.answer {
                Answer::Taken if before.iter().any(|one| one.answer == Answer::Taken) => {
                    self.tally.events_again += 1
                }
                Answer::Taken => self.tally.events += 1,
                Answer::TooLate | Answer::Refused => self.tally.events_refused += 1,
            }
            before.push(heard);
        }
        owner.read = received.len();
        Ok(())
    }

    /// Everything works, and time has passed: whatever happened was told.
    pub(super) async fn judge_events_in_the_end(&mut self) -> Result<(), Violation> {
        if self.owner.is_none() {
            return Ok(());
        }
        let before = self.owed();
        if !before.is_empty() {
            self.world.advance(ON_ITS_WAY).await;
            self.judge().await?;
            if let Some(key) = self.owed().into_iter().find(|key| before.contains(key)) {
                return Err(Violation::new(events::NAME, None, format!("{key} stays in the table")));
            }
        }
        let Some(owner) = self.owner.take() else { return Ok(()) };
        let judged = self.judge_all_told(&owner).await;
        self.owner = Some(owner);
        judged
    }

    /// The keys of events in the table.
    fn owed(&self) -> Vec<String> {
        let keys = self.items().into_iter().filter_map(|item| item["sk"]["S"].as_str().map(str::to_owned));
        keys.filter(|key| key.starts_with("EVENT#")).collect()
    }

    async fn judge_all_told(&mut self, owner: &Owner) -> Result<(), Violation> {
        let heard: Vec<&Event> = owner.heard.values().map(|all| &all[0].event).collect();
        for all in owner.heard.values() {
            let life =
                self.citizens.iter().position(|one| one.person.mini_program_openid == all[0].event.openid);
            let forgotten_at = life.and_then(|who| self.lives[who].forgotten_at);
            if forgotten_at.is_none_or(|at| at + self.clocks.slack() < all[0].event.at) {
                events::judge_end(&all.iter().collect::<Vec<_>>())?;
            }
        }
        for place in 0..self.book.reminders.len() {
            self.judge_told_of(place, owner, &heard).await?;
        }
        for who in 0..self.citizens.len() {
            self.judge_flag(who, &heard).await?;
        }
        Ok(())
    }

    async fn judge_told_of(
        &mut self,
        place: usize,
        owner: &Owner,
        heard: &[&Event],
    ) -> Result<(), Violation> {
        let is_visible = self.look(place).await? == 200;
        let kept = &self.book.reminders[place];
        let told = |kind: &str, revision: u64| {
            heard
                .iter()
                .any(|event| event.is_of(kept) && event.kind == kind && event.revision == Some(revision))
        };
        let untold = |what: String| Err(Violation::new(events::NAME, Some(place), what));
        let is_forgotten = kept.over.as_ref().is_some_and(|over| over.how == "forgotten");
        let done = owner.done.iter().filter(|(whose, ..)| *whose == place && !is_forgotten);
        for (_, revision, at) in done {
            if !told("reminder.done", *revision) {
                return untold(format!("nobody was told that revision {revision} was done at {at}"));
            }
        }
        if !is_visible {
            return Ok(());
        }
        let timeline = self.shown[&place]["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        if timeline.len() < ENTRIES_KEPT {
            events::judge_told(place, kept, timeline, heard)?;
        }
        let version = kept.version();
        let has_expired = version.expires_at + ON_ITS_WAY < self.world.now();
        if kept.over.is_none()
            && has_expired
            && version.rounds.is_none()
            && !told("reminder.expired", version.revision)
        {
            return untold(format!("nobody was told that it expired at {}", version.expires_at));
        }
        Ok(())
    }

    /// Each turn of the flag that the mini program shows was told.
    async fn judge_flag(&mut self, who: usize, heard: &[&Event]) -> Result<(), Violation> {
        let answer = self.asks(who, Method::GET, "/me", &[], Value::Null).await?;
        let (life, slack) = (&self.lives[who], self.clocks.slack());
        let openid = &self.citizens[who].person.mini_program_openid;
        let made_at = life.forgotten_at.unwrap_or(life.begins_at);
        let theirs: Vec<&&Event> = heard.iter().filter(|event| event.openid == *openid).collect();
        // For clocks that are wrong, what happens then may be of before.
        let is_near =
            |at: Timestamp| !slack.is_zero() && at.duration_since(made_at).abs() <= slack * 2 + A_LITTLE;
        let attempts = self.world.platform().callbacks().into_iter().flat_map(|callback| callback.attempts);
        let in_doubt = attempts.filter_map(|attempt| attempt.at.parse().ok()).any(is_near)
            || theirs.iter().any(|event| is_near(event.at));
        if in_doubt {
            return Ok(());
        }
        let turns =
            |kind: &str| theirs.iter().filter(|event| event.kind == kind && made_at <= event.at).count();
        let (followed, left) = (turns("user.followed"), turns("user.unfollowed"));
        self.tally.judged("flags");
        if followed == left + usize::from(answer.body["followed"] == true) {
            return Ok(());
        }
        let what = format!(
            "u{who} was said to follow {followed} times and to leave {left} times, and {}",
            json!({"followed": answer.body["followed"]})
        );
        Err(Violation::new(events::NAME, None, what))
    }
}
