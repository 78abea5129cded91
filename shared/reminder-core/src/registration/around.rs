//! What a reminder is judged against when it is saved or shown.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::person::allowance::{ACTIVE_REMINDERS_MAX, Allowance, until_midnight};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::registration::coverage::{Coverage, coverage};
use crate::registration::error::RegistrationError;
use crate::registration::finished;
use crate::reminder::content::Content;
use crate::reminder::{FINAL_KEPT, Reminder, Status};
use crate::settings::{QuietHours, Settings};
use crate::table::{Change, Found, Freshness, Part, Record, TableError, keys};

/// A reminder and how well it is covered.
#[derive(Debug, Clone)]
pub struct Registration {
    pub reminder: Reminder,
    pub coverage: Coverage,
}

/// The user of a reminder, their other reminders, the settings.
pub(super) struct Around {
    pub(super) user: Record<User>,
    active: Vec<Reminder>,
    /// Done or expired.
    finished: Vec<Record<Reminder>>,
    settings: std::sync::Arc<Settings>,
    service_account: bool,
    pub(super) now: Timestamp,
}

impl Around {
    /// Also reads the reminder itself, if there is one: it is one request with the user and all else they have.
    pub(super) async fn read(
        app: &App,
        login: &Login,
        id: &str,
        settings: std::sync::Arc<Settings>,
        now: Timestamp,
    ) -> Result<(Self, Option<Record<Reminder>>), RegistrationError> {
        let openid = &login.openid;
        let (from, to) = keys::PROFILE_AND_REMINDERS;
        let found =
            Found::from(app.table.between(&keys::user_partition(openid), from, to, Freshness::Newest).await?);
        let user = found.record::<User>(&keys::user(openid))?;
        let user = user.filter(|user| login.is_of(&user.item)).ok_or(ProfileGone)?;
        let reminder = found.record::<Reminder>(&keys::reminder(openid, id))?;
        let reminder = reminder.filter(|reminder| login.owns(&reminder.item));
        let mut reminders = found.readable_with_prefix::<Reminder>(keys::REMINDER);
        reminders.retain(|reminder| login.owns(&reminder.item) && !reminder.item.is_deleted());
        let (active, finished): (Vec<_>, Vec<_>) =
            reminders.into_iter().partition(|reminder| reminder.item.is_open(now));
        let active = active.into_iter().map(|reminder| reminder.item).collect();
        let service_account =
            app.secrets.get(now).await.is_ok_and(|secrets| secrets.service_account.is_some());
        Ok((Self { user, active, finished, settings, service_account, now }, reminder))
    }

    /// The hours in which nothing is started for this user that they did not ask for at this moment.
    pub(super) fn quiet(&self) -> Option<QuietHours> {
        self.user.item.preferences.quiet(&self.settings)
    }

    /// Where they live.
    pub(super) fn zone(&self) -> TimeZone {
        self.user.item.preferences.zone(&self.settings)
    }

    /// The same for a reminder that is to be saved, with what is used of the allowance. That is read first: a reminder saved
    /// since then is one of the active ones, or moves the allowance on, and so does forgetting the user.
    pub(super) async fn read_to_save(
        app: &App,
        login: &Login,
        id: &str,
        settings: std::sync::Arc<Settings>,
        now: Timestamp,
    ) -> Result<(Self, Option<Record<Reminder>>, Allowance), RegistrationError> {
        let allowance = Allowance::read(&app.table, &login.openid).await?;
        let (around, reminder) = Self::read(app, login, id, settings, now).await?;
        Ok((around, reminder, allowance))
    }

    /// A user is kept as long as their reminders are; written down first, and hardly ever.
    pub(super) async fn keep_user(&self, app: &App, content: &Content) -> Result<(), RegistrationError> {
        let until = content.expires_at + FINAL_KEPT;
        if until <= self.user.item.kept_until {
            return Ok(());
        }
        match app.table.update(self.user.clone(), |user| Change::when(user.keep_until(until))).await {
            Ok(_) => Ok(()),
            Err(TableError::Gone(_)) => Err(ProfileGone.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether one more active reminder may be saved; if so, the part of the transaction that counts it for this user.
    pub(super) fn count_new(&self, app: &App, allowance: &Allowance) -> Result<Part, RegistrationError> {
        let room = ACTIVE_REMINDERS_MAX.saturating_sub(self.active.len());
        if room == 0 {
            return Err(RegistrationError::TooMany);
        }
        self.count(app, allowance, room)
    }

    fn count(&self, app: &App, allowance: &Allowance, room: usize) -> Result<Part, RegistrationError> {
        match allowance.saves_left(self.now) {
            0 => Err(RegistrationError::OverAllowance(until_midnight(self.now))),
            _ => Ok(allowance.save(&app.table, room, self.now)),
        }
    }

    /// Whether the reminder may be renewed; if so, the part of the transaction that counts it for this user.
    pub(super) fn count_renewal(
        &self,
        app: &App,
        reminder: &Reminder,
        if_match: Option<u64>,
        allowance: &Allowance,
    ) -> Result<Part, RegistrationError> {
        if reminder.is_deleted() {
            return Err(RegistrationError::NotFound);
        }
        if if_match.is_some_and(|wanted| wanted != reminder.revision) {
            return Err(RegistrationError::RevisionMismatch(reminder.revision));
        }
        if matches!(reminder.status, Status::Done { .. }) {
            return Err(RegistrationError::Done);
        }
        self.count_change(app, reminder, allowance)
    }

    /// The same for a change that needs no revision.
    pub(super) fn count_change(
        &self,
        app: &App,
        reminder: &Reminder,
        allowance: &Allowance,
    ) -> Result<Part, RegistrationError> {
        match reminder.is_open(self.now) {
            // It is one of the active ones already.
            true => self.count(app, allowance, usize::MAX),
            false => self.count_new(app, allowance),
        }
    }

    /// A reminder that is there, with all around it.
    pub(super) async fn read_existing(
        app: &App,
        login: &Login,
        id: &str,
        settings: std::sync::Arc<Settings>,
        now: Timestamp,
    ) -> Result<(Self, Record<Reminder>), RegistrationError> {
        let (around, reminder) = Self::read(app, login, id, settings, now).await?;
        Ok((around, existing(reminder)?))
    }

    /// The same for one that is to be saved.
    pub(super) async fn read_existing_to_save(
        app: &App,
        login: &Login,
        id: &str,
        settings: std::sync::Arc<Settings>,
        now: Timestamp,
    ) -> Result<(Self, Record<Reminder>, Allowance), RegistrationError> {
        let (around, reminder, allowance) = Self::read_to_save(app, login, id, settings, now).await?;
        Ok((around, existing(reminder)?, allowance))
    }

    /// Removes what is over the bound of finished reminders, if that is due now that `saved` was written.
    pub(super) async fn tidy(&self, app: &App, allowance: &Allowance, saved: &Reminder) {
        if allowance.is_to_tidy(self.now) {
            let finished = self.finished.iter().filter(|finished| finished.item.id != saved.id);
            finished::tidy(app, finished.cloned().collect()).await;
        }
    }

    pub(super) fn answer(&self, reminder: Reminder) -> Registration {
        let coverage = coverage(
            &reminder,
            &self.active,
            &self.user.item,
            &self.settings,
            self.service_account,
            self.now,
        );
        Registration { reminder, coverage }
    }

    /// A repeated request: the reminder as it is, if it was made of the same body.
    pub(super) fn answer_again(
        &self,
        reminder: Reminder,
        request_hash: &str,
    ) -> Result<Registration, RegistrationError> {
        if reminder.request_hash != request_hash || reminder.is_deleted() {
            return Err(RegistrationError::KeyReused);
        }
        Ok(self.answer(reminder))
    }
}

/// A deleted one does not exist outside.
fn existing(reminder: Option<Record<Reminder>>) -> Result<Record<Reminder>, RegistrationError> {
    reminder.filter(|reminder| !reminder.item.is_deleted()).ok_or(RegistrationError::NotFound)
}

/// The active reminders of this profile.
pub(crate) async fn active_reminders(
    app: &App,
    login: &Login,
    now: Timestamp,
) -> Result<Vec<Reminder>, TableError> {
    let partition = keys::user_partition(&login.openid);
    let found = app.table.readable_with_prefix::<Reminder>(&partition, keys::REMINDER).await?;
    let all = found.into_iter().map(|stored| stored.item);
    Ok(all.filter(|reminder| login.owns(reminder) && reminder.is_open(now)).collect())
}
