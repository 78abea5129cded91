//! What people do, and what time does.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::people::Answer;
use simulator::wechat::AccountName;

use super::Walk;
use super::check::ledger::Refusal;
use super::check::{Violation, nothing_lost, strangers};

pub(super) const MINI: &str = "M7tYc2RkPq9WzLx4NvBh6DsFg1JuTa8EoIe3KwXn5Zy";
pub(super) const NOTIFICATION: &str = "pL5gXd0Sv_7HbKm2QwRt-8ZcNfYj3UaEi6oTnGx1VrB";
/// A request is repeated so often by a patient user; from the third time on, nothing goes wrong any more.
const TRIES: usize = 8;
const TRIES_WITH_FAULTS: usize = 3;

impl Walk {
    /// One thing that somebody does.
    pub(super) async fn act(&mut self) -> Result<(), Violation> {
        if self.rough && self.chance.one_in(6) {
            self.changes_something().await;
            return Ok(());
        }
        let who = self.chance.index(self.citizens.len());
        match self.chance.below(42) {
            0 => {
                let answer = self.citizens[who].person.logs_in().await;
                self.note(format!("u{who} logs in: {}", answer.status));
            }
            1..=7 => self.answers_prompt(who).await?,
            8 => {
                let templates = self.templates();
                let template = self.chance.pick(&templates);
                self.refusals.push(Refusal {
                    name: self.citizens[who].person.name.clone(),
                    template_id: template.clone(),
                    at: self.world.now(),
                });
                self.lives[who].took_away_at = self.world.now();
                self.does(who, "refuse", json!({"template_ids": template})).await;
            }
            9..=11 => {
                self.does(
                    who,
                    "follow",
                    json!({"via": self.chance.clone().pick(&["search", "mini_program"])}),
                )
                .await
            }
            12 => {
                self.lives[who].took_away_at = self.world.now();
                self.does(who, "unfollow", json!({})).await;
            }
            13 => {
                self.lives[who].took_away_at = self.world.now();
                self.lives[who].blocked_at = Some(self.world.now());
                self.does(who, "block", json!({})).await;
            }
            14 => self.does(who, "unblock", json!({})).await,
            15..=16 => self.scans(who).await?,
            17..=25 => self.registers(who).await?,
            26..=29 => self.renews().await?,
            30 => self.ends("done").await?,
            31 => self.ends("deleted").await?,
            32 => self.enters(who).await,
            33 if self.chance.one_in(3) => self.is_forgotten(who).await?,
            34..=35 => self.strangers(who).await?,
            36 => self.forges().await?,
            37 => self.operates().await,
            38 => {
                let account = self.chance.pick(&AccountName::ALL);
                self.world.platform().revoke_tokens(account);
                self.note(format!("tokens of {account:?} are revoked"));
            }
            39 => {
                self.world.recycle();
                self.note("cold functions".to_owned());
            }
            _ => self.snoozes().await?,
        }
        Ok(())
    }

    /// Often to just before a push is due, and a little beyond; else a random while.
    pub(super) async fn pass_time(&mut self) {
        let now = self.world.now();
        let due = self.book.reminders.iter().filter(|kept| kept.over.is_none());
        let due = due.flat_map(|kept| kept.version().pushes.iter().map(|push| push.fires_at));
        let next = due.filter(|at| *at > now + SignedDuration::from_secs(90)).min();
        let before = self.world.not_met();
        let disturbed = self.is_disturbed();
        match next.filter(|next| next.duration_since(now) < self.longest_jump() && !self.chance.one_in(3)) {
            Some(next) => {
                self.world.advance_to(next - SignedDuration::from_secs(2)).await;
                if self.chance.one_in(2) {
                    self.mishap_at_dispatch();
                }
                let beyond = self.chance.pick(&[3, 70, 200, 400, 700, 1900, 4000]);
                self.world.advance(SignedDuration::from_secs(beyond)).await;
            }
            None => {
                let span = match self.chance.below(10) {
                    0..=2 => self.chance.between(0, 30),
                    3..=6 => self.chance.between(30, 1_500),
                    7..=8 => self.chance.between(1_500, 20_000),
                    _ => self.chance.between(20_000, 40_000),
                };
                self.world.advance(SignedDuration::from_secs(span)).await;
            }
        }
        self.note("time has passed".to_owned());
        if before.0 > 0 || !before.1.is_empty() || self.world.not_met() != (0, Vec::new()) || disturbed {
            self.calm_since = self.world.now();
        }
        if self.chance.one_in(4) {
            self.world.clear_planned();
        }
    }

    fn longest_jump(&self) -> SignedDuration {
        SignedDuration::from_hours(if self.months { 24 * 40 } else { 24 * 3 })
    }

    fn templates(&self) -> Vec<String> {
        let mini = self.mini_template();
        if self.service_account { vec![mini.clone(), mini, NOTIFICATION.to_owned()] } else { vec![mini] }
    }

    pub(super) async fn does(&mut self, who: usize, verb: &str, details: Value) {
        let answer = self.citizens[who].person.does(verb, details.clone()).await;
        let now = self.world.now();
        match verb {
            "follow" => self.lives[who].followed_at.push(now),
            "unfollow" => self.lives[who].left_at.push(now),
            _ => {}
        }
        // Those without a service account cannot follow one.
        self.note(format!("u{who} does {verb} {details}: {}", answer.status));
        self.world.settle().await;
    }

    /// A prompt accepted while nothing goes wrong.
    pub(super) async fn accepts(&mut self, who: usize) {
        let template = self.mini_template();
        let answer = self.citizens[who].person.accepts(&[template.as_str()]).await;
        self.note(format!("u{who} accepts a prompt: {}", answer.status));
    }

    async fn answers_prompt(&mut self, who: usize) -> Result<(), Violation> {
        let templates = self.templates();
        let template = self.chance.pick(&templates);
        let choice = if self.chance.one_in(6) { "reject" } else { "accept" };
        let silent = self.chance.one_in(6);
        if silent && choice == "accept" {
            self.lives[who].silent.insert(template.clone());
        }
        let prompt = json!({"template_ids": [template], "answer": choice, "silent": silent});
        let result = self.citizens[who].person.does("subscribe", prompt).await;
        self.note(format!("u{who} answers {choice} (silent: {silent}) to {}…", &template[..6]));
        // There is no prompt for a template that the owner has deleted.
        if result.status == 200 && template == self.mini_template() && !self.chance.one_in(6) {
            let key = format!("prompt-{}", self.chance.number());
            let headers = [("idempotency-key", key.as_str())];
            self.asks(who, Method::POST, "/subscriptions", &headers, json!({"results": result.body})).await?;
        }
        if self.checks.any() {
            // Nobody taps twice in a second, and WeChat's events tell times in seconds.
            self.world.advance(SignedDuration::from_secs(2)).await;
        }
        Ok(())
    }

    async fn scans(&mut self, who: usize) -> Result<(), Violation> {
        // Their own code, or one that somebody left lying about.
        let whose = if self.chance.one_in(3) { self.chance.index(self.citizens.len()) } else { who };
        if whose == who || self.citizens[whose].codes.is_empty() {
            // WeChat may refuse to make one; then there is none.
            let answer = self.citizens[whose].person.calls(Method::POST, "/me/qrcode", Value::Null).await;
            self.note(format!("u{whose} asks for a code: {}", answer.status));
            if answer.status != 201 {
                return Ok(());
            }
            self.citizens[whose].codes.push(answer.body["image_url"].clone());
        }
        let code = self.chance.pick(&self.citizens[whose].codes);
        self.lives[who].scanned.insert(whose);
        if self.chance.one_in(2) {
            self.does(who, "follow", json!({"via": "qrcode", "image_url": code})).await;
        } else {
            self.does(who, "scan", json!({"image_url": code})).await;
        }
        if self.chance.one_in(4) {
            // Nobody answers in the second in which they scan.
            self.world.advance(SignedDuration::from_secs(2)).await;
            let undo = json!({"to": "service_account", "message": {"MsgType": "text", "Content": "解除"}});
            self.does(who, "say", undo).await;
        }
        Ok(())
    }

    async fn is_forgotten(&mut self, who: usize) -> Result<(), Violation> {
        let answer = self.asks(who, Method::DELETE, "/me", &[], Value::Null).await?;
        self.note(format!("u{who} asks to be forgotten: {}", answer.status));
        let now = self.world.now();
        self.lives[who].forgotten_at = Some(now);
        self.lives[who].zones.clear();
        self.lives[who].took_away_at = now;
        for place in 0..self.book.reminders.len() {
            if self.book.reminders[place].owner == who {
                self.book.reminders[place].over = None;
                self.book.end(place, now, "forgotten");
            }
        }
        self.citizens[who].person.logs_in().await;
        Ok(())
    }

    async fn enters(&mut self, who: usize) {
        if self.chance.one_in(2) {
            self.does(who, "enter-session", json!({"session_from": "follow"})).await;
        } else {
            let message = json!({"MsgType": "text", "Content": "你好"});
            self.does(who, "say", json!({"to": "mini_program", "message": message})).await;
        }
    }

    /// Somebody tries somebody else's reminder, or nobody's.
    async fn strangers(&mut self, who: usize) -> Result<(), Violation> {
        let Some(place) = self.some_reminder() else { return Ok(()) };
        if self.book.reminders[place].owner == who {
            return Ok(());
        }
        let path = format!("/reminders/{}", self.book.reminders[place].id);
        self.world.clear_planned();
        let body = self.reminder(who);
        let (method, path, body) = match self.chance.below(4) {
            0 => (Method::GET, path, Value::Null),
            1 => (Method::PUT, path, body),
            2 => (Method::POST, format!("{path}/done"), Value::Null),
            _ => (Method::DELETE, path, Value::Null),
        };
        // A token lives thirty days; an old one is no test of what belongs to whom.
        self.citizens[who].person.logs_in().await;
        let before = strangers::table(self.items());
        let answer = self.citizens[who].person.calls(method.clone(), &path, body).await;
        let after = strangers::table(self.items());
        self.note(format!("u{who} tries {method} on reminder {place}: {}", answer.status));
        self.tally.judged("strangers");
        strangers::judge("a stranger's request", Some(place), 404, &answer, &before, &after)
    }

    async fn forges(&mut self) -> Result<(), Violation> {
        self.world.clear_planned();
        let addresses = self.world.addresses();
        let base = addresses.url(addresses.wechat_callback);
        let victim = self.chance.index(self.citizens.len());
        let openid = self.citizens[victim].person.mini_program_openid.clone();
        let now = self.world.now().as_second();
        let event = json!({
            "ToUserName": "gh_0", "FromUserName": openid, "CreateTime": now, "MsgType": "event",
            "Event": "subscribe_msg_popup_event",
            "List": [{"TemplateId": MINI, "SubscribeStatusString": "accept", "PopupScene": "0"}],
        });
        let query = match self.chance.below(3) {
            0 => String::new(),
            1 => format!("?signature={}&timestamp={now}&nonce=1", "0".repeat(40)),
            _ => format!("?msg_signature={}&timestamp={now}&nonce=1&encrypt_type=aes", "a".repeat(40)),
        };
        let before = strangers::table(self.items());
        let request = simulator::people::client()
            .post(format!("{base}/mini-program{query}"))
            .header("content-type", "application/json")
            .body(event.to_string());
        let answer = simulator::people::answer(request).await;
        let after = strangers::table(self.items());
        self.note(format!("a forged accept of u{victim}: {}", answer.status));
        self.tally.judged("strangers");
        strangers::judge("a forgery", None, 403, &answer, &before, &after)
    }

    async fn operates(&mut self) {
        if self.checks.any() {
            // What is owed, counted and told is another thing where nothing is repeated or events do not count.
            return;
        }
        let key = self.chance.pick(&["on_unknown", "on_unknown", "credit_source"]);
        let value = match key {
            "on_unknown" => self.chance.pick(&["repeat", "report"]),
            _ => self.chance.pick(&["events", "events", "client"]),
        };
        self.settings[key] = json!(value);
        self.world.clear_planned();
        let put = json!({"operation": "settings.put", "settings": self.settings});
        let answer = self.world.operations(put).await;
        self.note(format!("{key} is {value} from now on: {}", answer.is_ok()));
    }

    /// A request that is repeated until it is answered, as a patient person would.
    pub(super) async fn asks(
        &mut self,
        who: usize,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Result<Answer, Violation> {
        let mut last = None;
        for nth in 0..TRIES {
            if nth == TRIES_WITH_FAULTS {
                self.world.clear_planned();
            }
            let person = &self.citizens[who].person;
            let answer = person.calls_with(method.clone(), path, headers, body.clone()).await;
            match answer.status {
                401 => {
                    self.citizens[who].person.logs_in().await;
                }
                // Lambda's own; ours says that a day is used up, which nobody does at the pace of a walk.
                429 if answer.body["code"] != "too_many_requests" => {}
                0 | 500.. => {}
                _ => return Ok(answer),
            }
            last = Some(answer);
        }
        let last = last.map(|answer| answer.to_string()).unwrap_or_default();
        Err(Violation::new(nothing_lost::NAME, None, format!("{method} {path} never works again: {last}")))
    }
}
