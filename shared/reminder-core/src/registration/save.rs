//! A reminder is saved: registered, renewed, marked done or deleted.
//!
//! Its schedule first, then the item, only then an answer: `crate::scheduling`.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::app::{App, AppError};
use crate::json::error::FieldError;
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::registration::coverage::{Coverage, coverage};
use crate::reminder::content::{Content, PlannedPush, PushTime};
use crate::reminder::{
    FINAL_KEPT, LAST_CALL, Push, Reminder, State, Status, Timeline, ahead, id, state_expiry,
};
use crate::schedules::ScheduleError;
use crate::scheduling;
use crate::settings::Settings;
use crate::table::{Change, Creation, Record, TableError, gone_is_fine, keys};

/// A person's cupboards, with room; it keeps one request able to read them all (docs/design.md §5).
pub const ACTIVE_REMINDERS_MAX: usize = 200;

#[derive(Debug, Error)]
pub enum RegistrationError {
    #[error("the reminder is not valid")]
    Invalid(Vec<FieldError>),
    #[error("this Idempotency-Key was used with another body")]
    KeyReused,
    #[error("there are {ACTIVE_REMINDERS_MAX} active reminders already")]
    TooMany,
    #[error("there is no such reminder")]
    NotFound,
    /// Carries the current revision.
    #[error("the reminder is at revision {0} by now")]
    RevisionMismatch(u64),
    #[error("the reminder is done")]
    Done,
    #[error(transparent)]
    ProfileGone(#[from] ProfileGone),
    #[error(transparent)]
    App(#[from] AppError),
}

macro_rules! through_core {
    ($($error:ty),*) => {$(
        impl From<$error> for RegistrationError {
            fn from(error: $error) -> Self {
                Self::App(error.into())
            }
        }
    )*};
}
through_core!(
    TableError,
    ScheduleError,
    crate::settings::store::SettingsError,
    crate::app::secrets::SecretsError
);

/// A reminder and how well it is covered.
#[derive(Debug, Clone)]
pub struct Registration {
    pub reminder: Reminder,
    pub coverage: Coverage,
}

/// Registers what `body` describes. The same key with the same body answers the same reminder again.
pub async fn register(
    app: &App,
    login: &Login,
    idempotency_key: Option<&str>,
    body: &Value,
) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let request_hash = hash_of(body);
    let openid = &login.openid;
    let id = match idempotency_key {
        Some(key) => id::derived(openid, login.profile, key),
        None => id::drawn(openid),
    };
    let (around, existing) = Around::read(app, login, &id, settings.clone(), now).await?;
    if let Some(existing) = existing {
        return around.answer_again(existing.item, &request_hash);
    }
    let content = Content::parse(body, &settings, now).map_err(RegistrationError::Invalid)?;
    if around.active.len() >= ACTIVE_REMINDERS_MAX {
        return Err(RegistrationError::TooMany);
    }
    let pushes = plan(&content, 1, &settings, now);
    let mut reminder = Reminder {
        openid: openid.clone(),
        id,
        revision: 1,
        status: Status::Active,
        content,
        pushes,
        timeline: Timeline::default(),
        schedules: Vec::new(),
        created_at: now.max(around.user.item.created_at),
        request_hash: request_hash.clone(),
    };
    reminder.timeline.add(now, None, "registered", "");
    note_plan(&mut reminder, now);
    around.keep_user(app, &reminder.content).await?;
    match scheduling::create(app, reminder).await? {
        Creation::New(stored) => Ok(around.answer(stored.item)),
        Creation::Exists(stored) => around.answer_again(stored.item, &request_hash),
    }
}

/// Replaces the whole content. `if_match` is the revision the caller has seen.
pub async fn renew(
    app: &App,
    login: &Login,
    id: &str,
    if_match: Option<u64>,
    body: &Value,
) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let (around, stored) = Around::read(app, login, id, settings.clone(), now).await?;
    let mut stored = stored.filter(|stored| !stored.item.is_deleted()).ok_or(RegistrationError::NotFound)?;
    let content = Content::parse(body, &settings, now).map_err(RegistrationError::Invalid)?;
    loop {
        let seen = stored.item.revision;
        around.check_renewal(&stored.item, if_match)?;
        around.keep_user(app, &content).await?;
        let pushes = plan(&content, seen + 1, &settings, now);
        let mut before = stored.item.clone();
        // An attempt may have slipped in: then the change is made anew upon it. Another renewal is judged anew.
        let (written, renewed) = scheduling::change(app, stored, |reminder: &mut Reminder| {
            if reminder.revision != seen || reminder.status != Status::Active {
                return Change::Keep(false);
            }
            before = reminder.clone();
            reminder.renew(content.clone(), pushes.clone(), now);
            note_plan(reminder, now);
            Change::Write(true)
        })
        .await?;
        if renewed {
            scheduling::unschedule(app, id, &before.schedules).await;
            before.pushes.retain(|push| written.item.push(push.revision, push.n).is_none());
            set_uncertain(app, &before).await?;
            return Ok(around.answer(written.item));
        }
        stored = written;
    }
}

/// Handled: the rest is not sent. Repeating it answers the same.
pub async fn done(app: &App, login: &Login, id: &str) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let (around, stored) = Around::read(app, login, id, settings, now).await?;
    let stored = stored.filter(|stored| !stored.item.is_deleted()).ok_or(RegistrationError::NotFound)?;
    let written = end(app, stored, |reminder| reminder.done(now)).await?;
    Ok(around.answer(written.item))
}

/// Leaves a tombstone, so that a stale firing or a repeated request meets it.
pub async fn delete(app: &App, login: &Login, id: &str) -> Result<(), RegistrationError> {
    let now = app.now();
    let (user, reminder) = (keys::user(&login.openid), keys::reminder(&login.openid, id));
    let (user, stored) = app.table.get_pair::<User, Reminder>(user, reminder).await?;
    user.filter(|user| login.is_of(&user.item)).ok_or(ProfileGone)?;
    let is_there = |stored: &Record<Reminder>| login.owns(&stored.item) && !stored.item.is_deleted();
    let stored = stored.filter(is_there).ok_or(RegistrationError::NotFound)?;
    end(app, stored, |reminder| reminder.delete(now)).await?;
    Ok(())
}

/// Applies what leaves pushes without a moment, and removes the schedules that they had.
async fn end(
    app: &App,
    reminder: Record<Reminder>,
    end: impl Fn(&mut Reminder) -> bool,
) -> Result<Record<Reminder>, AppError> {
    let mut schedules = Vec::new();
    let (written, _) = scheduling::change(app, reminder, |reminder: &mut Reminder| {
        schedules.clone_from(&reminder.schedules);
        Change::when(end(reminder))
    })
    .await?;
    schedules.retain(|schedule| !written.item.schedules.contains(schedule));
    scheduling::unschedule(app, &written.item.id, &schedules).await;
    Ok(written)
}

/// Reads a reminder with its coverage.
pub async fn show(app: &App, login: &Login, id: &str) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let (around, stored) = Around::read(app, login, id, settings, now).await?;
    let stored = stored.filter(|stored| !stored.item.is_deleted()).ok_or(RegistrationError::NotFound)?;
    Ok(around.answer(stored.item))
}

/// The pushes of a content: when each wakes dispatch, or why it never will.
fn plan(content: &Content, revision: u64, settings: &Settings, now: Timestamp) -> Vec<Push> {
    content
        .pushes
        .iter()
        .map(|planned| {
            let wakes_at = ahead(planned.fires_at, now);
            let mut push = Push::planned(planned.n, revision, planned.fires_at, wakes_at);
            push.meant_for = Some(planned.meant_for).filter(|meant_for| *meant_for != planned.fires_at);
            if planned.past {
                push.state = State::Skipped;
                push.reason = Some("past".to_owned());
            } else if is_at_once(planned, now) {
                // A moment that we choose: not in the quiet hours, but never past the expiry.
                push.at_once = true;
                let quiet = settings.quiet_hours.as_ref();
                let timezone = content.zone();
                if let Some(end) = quiet
                    .and_then(|quiet| quiet.end_of_quiet(wakes_at, &timezone))
                    .filter(|end| *end < content.expires_at - LAST_CALL)
                {
                    push.state = State::Scheduled { wakes_at: end };
                }
            }
            push
        })
        .collect()
}

/// The content moved a push that was past to this very moment: nobody chose it.
fn is_at_once(planned: &PlannedPush, now: Timestamp) -> bool {
    matches!(planned.wanted, PushTime::Relative { .. })
        && planned.fires_at <= now + SignedDuration::from_secs(1)
}

fn note_plan(reminder: &mut Reminder, now: Timestamp) {
    let revision = reminder.revision;
    for index in 0..reminder.pushes.len() {
        let push = &reminder.pushes[index];
        if push.revision != revision {
            continue;
        }
        let (n, fires_at) = (push.n, push.fires_at);
        match push.state {
            State::Skipped => reminder.timeline.add(now, Some(n), "skipped", "its instant had passed"),
            _ => reminder.timeline.add(now, Some(n), "planned", format!("for {fires_at}")),
        }
    }
}

/// Attempts under way that the new plan has no place for: nobody looks for their outcome any more.
async fn set_uncertain(app: &App, dropped: &Reminder) -> Result<(), AppError> {
    for attempt in dropped.pushes.iter().filter_map(Push::attempt) {
        if attempt.one_time_template.is_none() {
            continue;
        }
        let user = keys::user(&dropped.openid);
        let marked = app.table.update_at(user, |user: &mut User| Change::when(user.set_uncertain(attempt)));
        gone_is_fine(marked.await)?;
    }
    Ok(())
}

/// What a reminder is judged against: its user, their other active reminders, the settings.
struct Around {
    user: Record<User>,
    active: Vec<Reminder>,
    settings: std::sync::Arc<Settings>,
    service_account: bool,
    now: Timestamp,
}

impl Around {
    /// Also reads the reminder itself, if there is one: it is one request with the user.
    async fn read(
        app: &App,
        login: &Login,
        id: &str,
        settings: std::sync::Arc<Settings>,
        now: Timestamp,
    ) -> Result<(Self, Option<Record<Reminder>>), RegistrationError> {
        let openid = &login.openid;
        let (active, (user, reminder)) = futures::future::try_join(
            active_reminders(app, login, now),
            app.table.get_pair::<User, Reminder>(keys::user(openid), keys::reminder(openid, id)),
        )
        .await?;
        let user = user.filter(|user| login.is_of(&user.item)).ok_or(ProfileGone)?;
        let reminder = reminder.filter(|reminder| login.owns(&reminder.item));
        let service_account =
            app.secrets.get(now).await.is_ok_and(|secrets| secrets.service_account.is_some());
        Ok((Self { user, active, settings, service_account, now }, reminder))
    }

    fn check_renewal(&self, reminder: &Reminder, if_match: Option<u64>) -> Result<(), RegistrationError> {
        if reminder.is_deleted() {
            return Err(RegistrationError::NotFound);
        }
        if if_match.is_some_and(|wanted| wanted != reminder.revision) {
            return Err(RegistrationError::RevisionMismatch(reminder.revision));
        }
        if matches!(reminder.status, Status::Done { .. }) {
            return Err(RegistrationError::Done);
        }
        if !reminder.is_open(self.now) && self.active.len() >= ACTIVE_REMINDERS_MAX {
            return Err(RegistrationError::TooMany);
        }
        Ok(())
    }

    /// A user is kept as long as their reminders are; written down first, and hardly ever.
    async fn keep_user(&self, app: &App, content: &Content) -> Result<(), RegistrationError> {
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

    fn answer(&self, reminder: Reminder) -> Registration {
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
    fn answer_again(
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

/// The active reminders of this profile, soonest expiry first.
pub(crate) async fn active_reminders(
    app: &App,
    login: &Login,
    now: Timestamp,
) -> Result<Vec<Reminder>, TableError> {
    let mut from = state_expiry("active", now.as_second(), "");
    let mut active: Vec<Reminder> = Vec::new();
    loop {
        // One request as long as they fit into DynamoDB's megabyte.
        let wanted = ACTIVE_REMINDERS_MAX + 1 - active.len();
        let partition = keys::user_partition(&login.openid);
        let page = app.table.by_expiry::<Reminder>(&partition, &from, "active#~", wanted).await?;
        let last = page.items.last().map(|stored| stored.item.clone());
        active.extend(page.items.into_iter().map(|stored| stored.item).filter(|one| login.owns(one)));
        match last {
            Some(last) if page.more && active.len() <= ACTIVE_REMINDERS_MAX => {
                let expires_at = last.content.expires_at.as_second();
                from = format!("{}!", state_expiry("active", expires_at, &last.id));
            }
            _ => return Ok(active),
        }
    }
}

/// The same for the same content: to JSON the order of an object's members says nothing.
fn hash_of(body: &Value) -> String {
    let mut ordered = body.clone();
    ordered.sort_all_objects();
    Sha256::digest(ordered.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}
