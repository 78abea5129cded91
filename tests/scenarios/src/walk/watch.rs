//! After every step: what happened is read from outside, and each checker judges it.

use http::Method;
use jiff::SignedDuration;
use serde_json::Value;
use simulator::ssm::WEBHOOK_SECRET;

use super::Walk;
use super::check::{Violation, in_time, ledger, nothing_lost, secrets, strangers, told_once};
use super::message::Message;

impl Walk {
    /// Everything, in the table's own words.
    pub(super) fn items(&self) -> Vec<Value> {
        self.world.dynamodb().items().expect("the table can be read")
    }

    pub(super) async fn judge(&mut self) -> Result<(), Violation> {
        let read = self.journal.last().map_or(0, |entry| entry.n);
        self.journal.extend(self.world.journal().since(read));
        let changes = self.catch_up().await?;
        let fresh = self.read_messages().await?;
        for (place, version) in changes.moved {
            self.judge_moved(place, version)?;
        }
        for (place, version) in changes.finished {
            self.judge_finished(place, version)?;
        }
        self.judge_messages(fresh)?;
        self.judge_events()?;
        let table = strangers::table(self.items());
        let callbacks = self.world.platform().callbacks();
        self.tally.judged(ledger::NAME);
        ledger::judge(&self.world.platform().users(), &table, &self.refusals, &callbacks)?;
        self.judge_logs()?;
        let now = self.world.now();
        let settled: Vec<usize> = (0..self.book.reminders.len())
            .filter(|place| {
                let over_at = self.book.reminders[*place].version().expires_at.max(self.calm_since);
                now.duration_since(over_at) > nothing_lost::SETTLED_AFTER
                    && !self.tally.settled.contains(place)
            })
            .collect();
        for place in settled {
            self.judge_reminder(place).await?;
            if self.book.reminders[place].version().rounds.is_none() {
                self.tally.settled.insert(place);
            }
        }
        Ok(())
    }

    /// Every reminder there ever was, at the end.
    pub(super) async fn judge_all(&mut self) -> Result<(), Violation> {
        for place in 0..self.book.reminders.len() {
            self.judge_reminder(place).await?;
            let shown = self.shown.get(&place).cloned().unwrap_or_default();
            if self.book.reminders[place].over.as_ref().is_none_or(|over| over.how == "done") {
                for push in shown["pushes"].as_array().into_iter().flatten() {
                    let state = push["state"].as_str().unwrap_or("?").to_owned();
                    *self.tally.ended.entry(state).or_default() += 1;
                }
            }
        }
        let told = self.messages.iter().map(|one| format!("{} {} {:?}", one.at, one.channel, one.whose));
        self.tally.told = told.collect();
        self.tally.told.sort_unstable();
        self.tally.reached = self.messages.iter().filter(|message| message.reached).count();
        let met = self.journal.iter().filter(|entry| entry.outcome.ends_with(')')).count();
        self.tally.met =
            met + self.world.platform().callbacks().iter().filter(|callback| callback.lost.is_some()).count();
        self.tally.requests = self.journal.len();
        self.tally.dead_letters = self.world.dead_letters().len();
        if !self.faults && self.tally.dead_letters > 0 {
            let what = format!("dead letters although nothing went wrong: {:?}", self.world.dead_letters());
            return Err(Violation::new(nothing_lost::NAME, None, what));
        }
        Ok(())
    }

    async fn judge_reminder(&mut self, place: usize) -> Result<(), Violation> {
        let status = self.look(place).await?;
        self.tally.judged(nothing_lost::NAME);
        if status != 200 {
            return nothing_lost::judge_absence(&self.book.reminders[place], place, status);
        }
        let shown = &self.shown[&place];
        nothing_lost::judge(&self.book, place, shown, &self.messages, self.world.now(), self.calm_since)?;
        self.judge_coverage(place)
    }

    /// What the owner sees of it now.
    pub(super) async fn look(&mut self, place: usize) -> Result<u16, Violation> {
        let kept = &self.book.reminders[place];
        let (owner, path) = (kept.owner, format!("/reminders/{}", kept.id));
        let answer = self.asks(owner, Method::GET, &path, &[], Value::Null).await?;
        if answer.status == 200 {
            self.shown.insert(place, answer.body);
        }
        Ok(answer.status)
    }

    /// Reads what is new on the platform's books; answers where it begins.
    async fn read_messages(&mut self) -> Result<usize, Violation> {
        let sends = self.world.platform().sends();
        let fresh = self.messages.len();
        for send in &sends[self.sends_read..] {
            self.messages.extend(Message::read(send, &self.book));
        }
        self.sends_read = sends.len();
        let mut places: Vec<usize> = self.messages[fresh..]
            .iter()
            .filter_map(|message| message.whose.map(|(place, _)| place))
            .collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            if self.look(place).await? != 200 {
                continue;
            }
            let (shown, mut taken) = (&self.shown[&place], Vec::new());
            for message in self.messages[fresh..]
                .iter_mut()
                .filter(|message| message.whose.is_some_and(|(whose, _)| whose == place))
            {
                message.attribute(shown, self.clocks.of_dispatch, &mut taken);
            }
        }
        Ok(fresh)
    }

    fn judge_messages(&mut self, fresh: usize) -> Result<(), Violation> {
        for message in &self.messages[fresh..] {
            self.tally.judged(in_time::NAME);
            in_time::judge(&self.book, message, self.clocks.slack())?;
        }
        if self.messages.len() > fresh {
            self.tally.judged(told_once::NAME);
            let callbacks = self.world.platform().callbacks();
            self.tally.residue = told_once::judge(&self.book, &self.messages, &self.journal, &callbacks)?;
        }
        Ok(())
    }

    fn judge_logs(&mut self) -> Result<(), Violation> {
        let (log, mark) = self.logs.since(self.logs_read);
        self.logs_read = mark;
        self.tally.judged(secrets::NAME);
        self.tally.log_bytes += log.len();
        secrets::judge(&log, &self.secrets())
    }

    fn secrets(&self) -> secrets::Secrets {
        let mut secrets: secrets::Secrets = Vec::new();
        let accounts = self.world.platform().accounts();
        for account in [Some(accounts.mini_program), accounts.service_account].into_iter().flatten() {
            secrets.push(("an app_secret", account.app_secret));
            secrets.push(("a callback_token", account.callback_token));
            secrets.push(("an encoding_aes_key", account.encoding_aes_key));
        }
        let signing_key =
            self.world.ssm().secrets()["session_signing_key"].as_str().unwrap_or_default().to_owned();
        secrets.push(("the session_signing_key", signing_key));
        secrets.push(("the webhook_secret", WEBHOOK_SECRET["whsec_".len()..].to_owned()));
        secrets.extend(
            self.world
                .platform()
                .secrets_told()
                .into_iter()
                .map(|secret| ("an access_token or session_key", secret)),
        );
        for citizen in &self.citizens {
            secrets.push(("an openid", citizen.person.mini_program_openid.clone()));
            secrets.push(("an openid", citizen.person.service_account_openid.clone().unwrap_or_default()));
            secrets.push(("a session token", citizen.person.token().unwrap_or_default().to_owned()));
        }
        let versions = self.book.reminders.iter().flat_map(|kept| &kept.versions);
        secrets.extend(versions.map(|version| ("a message body", version.title.clone())));
        secrets
    }

    /// How long the walk has lasted, in its own time.
    pub(super) fn lasted(&self) -> SignedDuration {
        self.world.now().duration_since(super::BEGINS.parse().expect("an instant"))
    }
}
