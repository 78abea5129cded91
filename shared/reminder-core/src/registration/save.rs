//! A reminder is saved: registered or renewed.
//!
//! Its schedule first, then the item, only then an answer: `crate::scheduling`.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::app::{App, AppError};
use crate::person::login::Login;
use crate::random;
use crate::registration::around::Around;
pub use crate::registration::around::Registration;
pub use crate::registration::error::RegistrationError;
use crate::registration::plan::{forget_plan, note_plan, plan, soon};
use crate::reminder::content::{Asked, Content};
use crate::reminder::{Reminder, Status, What, id};
use crate::scheduling;
use crate::settings::QuietHours;
use crate::table::{Change, Creation, Item, RACES_MAX, TableError};

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
                let preferences = &around.user.item.preferences;
                let asked = Asked { settings: &settings, preferences, before: None, now };
                let content = Content::parse(body, &asked).map_err(RegistrationError::Invalid)?;
                around.keep_user(app, &content).await?;
                new_reminder(&around, &id, content, &request_hash)
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

fn new_reminder(around: &Around, id: &str, content: Content, request_hash: &str) -> Reminder {
    let now = around.now;
    let pushes = plan(&content, 1, around.quiet(), now);
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
    let mut made: Option<Reminder> = None;
    for _ in 0..RACES_MAX {
        let (around, stored, allowance) =
            match Around::read_existing_to_save(app, login, id, settings.clone(), now).await {
                // Whoever was forgotten meanwhile leaves no schedule that names them. Else it may be another renewal's.
                Err(gone @ RegistrationError::ProfileGone(_)) => return Err(give_up(app, made, gone).await),
                read => read?,
            };
        let preferences = &around.user.item.preferences;
        let before = Some(&stored.item.content);
        let asked = Asked { settings: &settings, preferences, before, now };
        let content = &Content::parse(body, &asked).map_err(RegistrationError::Invalid)?;
        let seen = stored.item.revision;
        let counted = [around.count_renewal(app, &stored.item, if_match, &allowance)?];
        around.keep_user(app, content).await?;
        let pushes = plan(content, seen + 1, around.quiet(), now);
        let again = body.get("again") == Some(&Value::Bool(true));
        let mut before = stored.item.clone();
        // An attempt may have slipped in: then the change is made anew upon it. Another renewal is judged anew.
        let renewal = scheduling::change_with(app, stored, &counted, |reminder: &mut Reminder| {
            if reminder.revision != seen || reminder.status != Status::Active {
                return Change::Keep(false);
            }
            before = reminder.clone();
            reminder.renew(content.clone(), pushes.clone(), now);
            note_plan(reminder, now);
            if again {
                tell_again(reminder, around.quiet(), now);
            }
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

/// The last push that was never told, if none after it was: whoever asks again accepts that it may have been sent.
fn tell_again(reminder: &mut Reminder, quiet: Option<QuietHours>, now: Timestamp) {
    let at = soon(reminder, quiet, now);
    if let Some((revision, n)) = reminder.to_arm(true, now).map(|push| (push.revision, push.n)) {
        reminder.arm(revision, n, at, "asked for again", true, now);
    }
}

/// Reads a reminder with its coverage.
pub async fn show(app: &App, login: &Login, id: &str) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    let (around, stored) = Around::read_existing(app, login, id, settings, now).await?;
    Ok(around.answer(stored.item))
}

/// The same for the same content: to JSON the order of an object's members says nothing.
fn hash_of(body: &Value) -> String {
    let mut ordered = body.clone();
    ordered.sort_all_objects();
    random::base32(&Sha256::digest(ordered.to_string()), random::ID_CHARS)
}
