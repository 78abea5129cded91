//! What the owner does on a rough walk: pages move, templates are deleted or change, channels come and go.

use serde_json::{Value, json};
use simulator::wechat::{AccountName, Template};

use super::Walk;
use super::actions::MINI;

/// The page behind some reminders.
pub(super) const PAGE: &str = "pages/item/item?id=42";
/// Channels that change; each with its account, its template of the sample settings, and another one that says the same.
const CHANGING: [(&str, AccountName, &str, &str); 2] = [
    ("mini_subscription", AccountName::MiniProgram, MINI, "M8uZd3SlQr0XaMy5OwCi7EtGh2KvUb9FpJf4LxYo6Az"),
    (
        "service_template",
        AccountName::ServiceAccount,
        "kQ3vZ8nXw1LrT6yPb9sHdF2mCjU5aG7eRo4iVqNtW0x",
        "kR4wA9oYx2MsU7zQc0tIeG3nDkV6bH8fSp5jWrOuX1y",
    ),
];

/// What the owner has changed, and will set right in the end.
#[derive(Debug, Default)]
pub(super) struct Console {
    deleted: Vec<Template>,
    pub(super) pages_moved: bool,
}

impl Walk {
    /// Something lasting happens.
    pub(super) async fn changes_something(&mut self) {
        match self.chance.below(6) {
            0..=2 if self.faults => self.disturbs(),
            3 => self.moves_pages(),
            4 => self.deletes_or_restores_a_template(),
            _ => self.changes_a_channel().await,
        }
    }

    /// The template of the mini program's prompts.
    pub(super) fn mini_template(&self) -> String {
        self.template_of("mini_subscription").unwrap_or_else(|| MINI.to_owned())
    }

    pub(super) fn template_of(&self, channel: &str) -> Option<String> {
        let expiry = &self.settings["templates"]["expiry"];
        expiry[channel]["template_id"].as_str().map(str::to_owned)
    }

    /// The mini program is released without the page of the reminders, or with it.
    fn moves_pages(&mut self) {
        self.console.pages_moved = !self.console.pages_moved;
        self.changed_at = self.world.now();
        let pages = self.console.pages_moved.then(|| vec!["pages/index/index".to_owned()]);
        self.note(format!("the released pages are {}", pages.as_ref().map_or("all", |_| "others")));
        self.world
            .platform()
            .change_account(AccountName::MiniProgram, |account| account.released_pages = pages);
    }

    fn deletes_or_restores_a_template(&mut self) {
        if self.restores_templates() {
            return;
        }
        let channels: Vec<_> = CHANGING.iter().filter(|(_, account, ..)| self.has(*account)).collect();
        let (channel, account, ..) = *self.chance.pick(&channels);
        let Some(template_id) = self.template_of(channel) else { return };
        let known = self.world.platform().templates();
        self.console.deleted.extend(known.into_iter().filter(|one| one.template_id == template_id));
        self.world.platform().delete_template(account, &template_id);
        self.note(format!("the owner deletes the template of {channel}"));
        self.changed_at = self.world.now();
    }

    /// Answers whether there were any to restore.
    fn restores_templates(&mut self) -> bool {
        let deleted = std::mem::take(&mut self.console.deleted);
        let any = !deleted.is_empty();
        if any {
            self.note("the deleted templates are there again".to_owned());
            self.changed_at = self.world.now();
        }
        deleted.into_iter().for_each(|template| self.world.platform().add_template(template));
        any
    }

    /// A channel gets another template, goes, or comes back as it was.
    async fn changes_a_channel(&mut self) {
        let channels: Vec<_> = CHANGING.iter().filter(|(_, account, ..)| self.has(*account)).collect();
        let (channel, _, usual, other) = *self.chance.pick(&channels);
        let sample = sample();
        let all = sample["channels"].as_array().map(Vec::as_slice).unwrap_or_default();
        let expiry = &mut self.settings["templates"]["expiry"];
        let now = expiry[channel]["template_id"].as_str().map(str::to_owned);
        let goes = now.is_some() && channels.len() > 1 && self.chance.one_in(2) && is_whole(expiry);
        if goes {
            expiry["channels"] = all.iter().filter(|one| *one != channel).cloned().collect();
            expiry.as_object_mut().expect("a template").remove(channel);
        } else {
            expiry["channels"] = sample["channels"].clone();
            for (name, ..) in CHANGING {
                if expiry.get(name).is_none() {
                    expiry[name] = sample[name].clone();
                }
            }
            let next = if now.as_deref() == Some(usual) { other } else { usual };
            expiry[channel]["template_id"] = json!(next);
            self.knows_template(usual, next);
        }
        let what = if goes { "goes" } else { "has another template, or is there again" };
        self.note(format!("the owner's {channel} {what}"));
        self.puts_settings().await;
    }

    /// WeChat has `next` as well, if it has `usual`.
    fn knows_template(&self, usual: &str, next: &str) {
        let known = self.world.platform().templates();
        let like = known.into_iter().find(|one| one.template_id == usual);
        if let Some(like) = like.filter(|_| usual != next) {
            self.world.platform().add_template(Template { template_id: next.to_owned(), ..like });
        }
    }

    pub(super) async fn puts_settings(&mut self) {
        self.world.clear_planned();
        let put = json!({"operation": "settings.put", "settings": self.settings});
        let answer = self.world.operations(put).await;
        let fine = answer.as_ref().is_ok_and(|answer| answer.get("errors").is_none());
        assert!(fine, "settings of a walk are right: {answer:?}");
        self.changed_at = self.world.now();
    }

    fn has(&self, account: AccountName) -> bool {
        account == AccountName::MiniProgram || self.service_account
    }

    /// Everything is as it was in the beginning.
    pub(super) async fn sets_everything_right(&mut self) {
        if !self.rough {
            return;
        }
        if self.console.pages_moved {
            self.moves_pages();
        }
        self.restores_templates();
        if self.settings["templates"]["expiry"] != sample() {
            self.settings["templates"]["expiry"] = sample();
            self.puts_settings().await;
        }
    }
}

fn sample() -> Value {
    let settings: Value = serde_json::from_str(simulator::settings::SETTINGS).expect("the sample is JSON");
    settings["templates"]["expiry"].clone()
}

/// No channel is missing: only one of them goes at a time.
fn is_whole(expiry: &Value) -> bool {
    CHANGING.iter().all(|(name, ..)| expiry.get(*name).is_some())
}
