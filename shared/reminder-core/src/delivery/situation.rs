//! What the tables of cases put before the decisions: a passport with one push, a user made of words, the sample settings.

use jiff::Timestamp;

use super::facts::{Facts, Repeat, Tried};
pub(super) use crate::cases::instant;
use crate::cases::{self, long_term};
use crate::channel::Channel;
use crate::person::user::User;
use crate::reminder::{Attempt, Push, Reminder};
use crate::settings::Settings;

pub(super) struct Situation {
    pub(super) now: Timestamp,
    pub(super) run_began: Timestamp,
    pub(super) user: Option<User>,
    pub(super) reminder: Reminder,
    pub(super) settings: Settings,
    pub(super) service_account: bool,
    pub(super) tried: Tried,
}

impl Situation {
    /// The push is due at this very moment; the user has done nothing yet.
    pub(super) fn at(now: &str) -> Self {
        let (now, settings) = (instant(now), cases::settings());
        let reminder = cases::reminder(now);
        let user = Some(User::new("o-alice".into(), now));
        let tried = Tried::default();
        Self { now, run_began: now, user, reminder, settings, service_account: true, tried }
    }

    /// Words as in [`cases::user`].
    #[must_use]
    pub(super) fn user(mut self, words: &[&str]) -> Self {
        self.user = Some(cases::user(words, &self.settings.templates["expiry"], self.now));
        self
    }

    pub(super) fn push(&mut self) -> &mut Push {
        &mut self.reminder.pushes[0]
    }

    /// The template of a channel is a long-term one.
    #[must_use]
    pub(super) fn long_term(mut self, channel: Channel) -> Self {
        long_term(self.settings.templates.get_mut("expiry").expect("it is there"), channel);
        self
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            now: self.now,
            run_began: self.run_began,
            user: self.user.as_ref(),
            reminder: &self.reminder,
            push: &self.reminder.pushes[0],
            settings: &self.settings,
            service_account: self.service_account,
            tried: &self.tried,
            attempt_id: "next".to_owned(),
        }
    }

    /// An attempt `a` of the push that begins now.
    pub(super) fn attempt(&self, channel: Channel) -> Attempt {
        Attempt { id: "a".to_owned(), ..self.facts().attempt(channel, Repeat::No) }
    }
}
