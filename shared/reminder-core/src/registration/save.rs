//! A reminder is saved: registered, renewed, marked done or deleted.
//!
//! Its schedule first, then the item, only then an answer: `crate::scheduling`.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::app::{App, AppError};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::User;
use crate::random;
use crate::registration::around::Around;
pub use crate::registration::around::Registration;
pub use crate::registration::error::RegistrationError;
use crate::reminder::content::{Content, PlannedPush, PushTime};
use crate::reminder::{LAST_CALL, Push, Reminder, State, Status, What, ahead, id};
use crate::scheduling;
use crate::settings::Settings;
use crate::table::{Change, Creation, Item, RACES_MAX, Record, TableError, gone_is_fine, keys};

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
    let mut made: Option<Reminder> = None;
    for _ in 0..RACES_MAX {
        let read = Around::read_to_save(app, login, &id, settings.clone(), now).await;
        let (around, existing, allowance) = match read {
            Ok(read) => read,
            Err(refused) => return Err(give_up(app, made, refused).await),
        };
        if let Some(existing) = existing {
            return around.answer_again(existing.item, &request_hash);
        }
        let new = match &made {
            Some(made) => made.clone(),
            None => {
                let content = Content::parse(body, &settings, now).map_err(RegistrationError::Invalid)?;
                around.keep_user(app, &content).await?;
                new_reminder(&around, &id, content, &request_hash, &settings)
            }
        };
        let counted = match around.count_new(app, &allowance) {
            Ok(counted) => counted,
            Err(refused) => return Err(give_up(app, made, refused).await),
        };
        match scheduling::create(app, new.clone(), &[counted]).await {
            Ok(Creation::New(stored)) => {
                around.tidy(app, &allowance, &stored.item).await;
                return Ok(around.answer(stored.item));
            }
            Ok(Creation::Exists(stored)) => return around.answer_again(stored.item, &request_hash),
            Err(AppError::Table(TableError::Overtaken)) => made = Some(new),
            Err(error) => return Err(error.into()),
        }
    }
    Err(TableError::Contended(Reminder::KIND).into())
}

/// The reminder whose schedules were `made` is not written after all.
async fn give_up(app: &App, made: Option<Reminder>, refused: RegistrationError) -> RegistrationError {
    if let Some(made) = made {
        scheduling::unschedule(app, &made.id, &made.missing_schedules(app.now())).await;
    }
    refused
}

fn new_reminder(
    around: &Around,
    id: &str,
    content: Content,
    request_hash: &str,
    settings: &Settings,
) -> Reminder {
    let now = around.now;
    let pushes = plan(&content, 1, settings, now);
    // Nothing of a user is older than their profile.
    let created_at = now.max(around.user.item.created_at);
    let openid = around.user.item.openid.clone();
    let new = Reminder::new(openid, id.to_owned(), content, pushes, created_at);
    let mut reminder = Reminder { request_hash: request_hash.to_owned(), ..new };
    reminder.timeline.note(now, None, What::Registered);
    note_plan(&mut reminder, now);
    reminder
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
    let (mut content, mut made): (Option<Content>, Option<Reminder>) = (None, None);
    for _ in 0..RACES_MAX {
        let (around, stored, allowance) =
            match Around::read_to_save(app, login, id, settings.clone(), now).await {
                // Whoever was forgotten meanwhile leaves no schedule that names them. Else it may be another renewal's.
                Err(gone @ RegistrationError::ProfileGone(_)) => return Err(give_up(app, made, gone).await),
                read => read?,
            };
        let stored = stored.filter(|stored| !stored.item.is_deleted()).ok_or(RegistrationError::NotFound)?;
        let content = match &content {
            Some(content) => content,
            None => content.insert(Content::parse(body, &settings, now).map_err(RegistrationError::Invalid)?),
        };
        let seen = stored.item.revision;
        let counted = [around.count_renewal(app, &stored.item, if_match, &allowance)?];
        around.keep_user(app, content).await?;
        let pushes = plan(content, seen + 1, &settings, now);
        let mut before = stored.item.clone();
        // An attempt may have slipped in: then the change is made anew upon it. Another renewal is judged anew.
        let renewal = scheduling::change_with(app, stored, &counted, |reminder: &mut Reminder| {
            if reminder.revision != seen || reminder.status != Status::Active {
                return Change::Keep(false);
            }
            before = reminder.clone();
            reminder.renew(content.clone(), pushes.clone(), now);
            note_plan(reminder, now);
            made = Some(reminder.clone());
            Change::Write(true)
        });
        match renewal.await {
            Ok((written, true)) => {
                around.tidy(app, &allowance, &written.item).await;
                forget_plan(app, before, &written.item).await?;
                return Ok(around.answer(written.item));
            }
            Ok((_, false)) | Err(AppError::Table(TableError::Overtaken | TableError::Gone(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(TableError::Contended(Reminder::KIND).into())
}

/// What the renewal has no place for: schedules, and attempts under way.
async fn forget_plan(app: &App, mut before: Reminder, renewed: &Reminder) -> Result<(), AppError> {
    scheduling::unschedule(app, &before.id, &before.schedules).await;
    before.pushes.retain(|push| renewed.push(push.revision, push.n).is_none());
    set_uncertain(app, &before).await
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
            _ => reminder.timeline.note(now, Some(n), What::Planned { fires_at }),
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
        let marked = app.table.update_at(user, |user: &mut User| {
            Change::when(user.owns(dropped) && user.set_uncertain(attempt))
        });
        gone_is_fine(marked.await)?;
    }
    Ok(())
}

/// The same for the same content: to JSON the order of an object's members says nothing.
fn hash_of(body: &Value) -> String {
    let mut ordered = body.clone();
    ordered.sort_all_objects();
    random::base32(&Sha256::digest(ordered.to_string()), random::ID_CHARS)
}
