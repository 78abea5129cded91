//! Arms what rests, on an operator's word or a new version of the settings: through the sparse index of what rests, page
//! by page, soonest expiry first.
//!
//! A job is an item of the table. Every page ends with the schedule of the next and the place where that begins; between
//! them it stands in the index `due`, where the sweep finds it. A page made twice is harmless: what was armed has left the
//! index. Only what rested before the job began is armed, so that no job meets its own doing, and a job that begins anew
//! neither loses nor doubles anything.

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

pub use self::selection::{Cause, Selection};
use self::selection::{PAGE, PAGE_EVERY, Place, moment};
use super::rest::arm;
use super::run::Progress;
use crate::app::{App, AppError};
use crate::json::error::FieldError;
use crate::person::user::User;
use crate::reminder::{EARLY_BY_AT_MOST, Reminder, Resting, State};
use crate::settings::Settings;
use crate::settings::store::{PutError, SettingsError};
use crate::table::{Behind, Change, IndexEntries, Item, REST_SHARDS, Record, TableError, gone_is_fine, keys};

mod selection;

/// How many are read from the index, and how many are written, at a time.
const BATCH: usize = 100;
const AT_ONCE: usize = 8;
/// Environments know new settings a minute later; an attempt that began under the old ones is over then.
const BEGINS_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// What a job came to stays readable for `doctor`.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arming {
    pub selection: Selection,
    /// None: it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_at: Option<Timestamp>,
    /// Which partition of the index it is in, and behind which reminder.
    #[serde(default)]
    partition: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    behind: Option<Behind>,
    #[serde(default)]
    pub looked_at: u32,
    #[serde(default)]
    pub armed: u32,
}

impl Arming {
    fn new(cause: Cause, even_unknown: bool, now: Timestamp) -> Self {
        let begins_at = now + BEGINS_AFTER;
        Self {
            selection: Selection { cause, even_unknown, begins_at },
            next_page_at: Some(begins_at),
            partition: 0,
            behind: None,
            looked_at: 0,
            armed: 0,
        }
    }

    pub fn job(&self) -> String {
        self.selection.cause.job()
    }

    /// The partitions of the index, in the order in which they are gone through.
    fn partitions(&self) -> impl Iterator<Item = (Resting, u32)> {
        let kinds = self.selection.looks_at().iter();
        kinds.flat_map(|kind| (0..REST_SHARDS).map(|shard| (*kind, shard)))
    }
}

impl Item for Arming {
    const KIND: &'static str = "job";

    fn key(&self) -> keys::Key {
        keys::arming(&self.job())
    }

    fn indexed(&self) -> IndexEntries {
        let ttl = self.next_page_at.is_none().then_some(self.selection.begins_at + KEPT);
        IndexEntries { next_look_at: self.next_page_at, ttl, ..IndexEntries::default() }
    }
}

/// Begins a job, or begins it anew. It is woken only by [`wake`]; until then the sweep finds it.
pub async fn begin(app: &App, cause: Cause, even_unknown: bool) -> Result<Arming, AppError> {
    let job = Arming::new(cause, even_unknown, app.now());
    let anew = job.clone();
    let (begun, ()) = app
        .table
        .upsert(job, |job| {
            job.clone_from(&anew);
            Change::Write(())
        })
        .await?;
    Ok(begun.item)
}

/// Has dispatch woken for the job's next page.
pub async fn wake(app: &App, job: &Arming) -> Result<(), AppError> {
    match job.next_page_at {
        Some(at) => Ok(app.schedules.create_arming(&job.job(), at).await?),
        None => Ok(()),
    }
}

/// The settings that are in force now.
#[derive(Debug)]
pub struct Replaced {
    pub version: u64,
    pub settings: Settings,
    /// What of them may be a slip of the pen.
    pub warnings: Vec<FieldError>,
}

/// Why the settings were not replaced.
#[derive(Debug, Error)]
pub enum ReplaceError {
    #[error("the settings are not valid")]
    Invalid(Vec<FieldError>),
    /// Another version is in force than the one they were to replace.
    #[error("the settings are version {0} by now")]
    Changed(u64),
    #[error(transparent)]
    App(#[from] AppError),
}

/// Replaces the settings, which arms what rests for the old ones. The job comes first, so that no new version is without
/// it: one that finds the old settings only tries in vain. Of the first version there is nothing to arm.
pub async fn replace_settings(
    app: &App,
    document: &Value,
    if_version: Option<u64>,
) -> Result<Replaced, ReplaceError> {
    let settings = Settings::parse(document).map_err(ReplaceError::Invalid)?;
    let job = match app.settings.document().await {
        Err(SettingsError::None) => None,
        Ok(stored) if if_version.is_some_and(|wanted| wanted != stored.version) => {
            return Err(ReplaceError::Changed(stored.version));
        }
        Ok(_) | Err(SettingsError::Invalid(_)) => Some(begin(app, Cause::Settings, false).await?),
        Err(error) => return Err(AppError::from(error).into()),
    };
    let version = app.settings.put(document, if_version, app.now()).await.map_err(|error| match error {
        PutError::Invalid(errors) => ReplaceError::Invalid(errors),
        PutError::Changed(version) => ReplaceError::Changed(version),
        PutError::Table(error) => ReplaceError::App(error.into()),
    })?;
    if let Some(job) = job
        && let Err(error) = wake(app, &job).await
    {
        tracing::warn!(%error, "what rests is armed when the sweep finds the job");
    }
    Ok(Replaced { version, warnings: settings.warnings(), settings })
}

/// One page of a job, if it is time for it.
pub(super) async fn page(app: &App, job: &str) -> Result<Progress, AppError> {
    let Some(record) = app.table.get::<Arming>(keys::arming(job)).await? else {
        return Ok(Progress::Nothing);
    };
    let now = app.now();
    let is_time = record.item.next_page_at.is_some_and(|at| at <= now + EARLY_BY_AT_MOST);
    if !is_time {
        return Ok(Progress::Nothing);
    }
    let next = arm_page(app, &record.item, now).await?;
    wake(app, &next).await?;
    let known = record.item.clone();
    let moved = app.table.update(record, |job: &mut Arming| {
        // Else it has begun anew, or another run has made the page.
        let is_ours = *job == known;
        if is_ours {
            job.clone_from(&next);
        }
        Change::when(is_ours)
    });
    gone_is_fine(moved.await)?;
    if next.next_page_at.is_none() {
        tracing::info!(job, looked_at = next.looked_at, armed = next.armed, "what rested was armed");
    }
    Ok(Progress::Waits)
}

/// Arms a page; answers the job as it is then.
async fn arm_page(app: &App, job: &Arming, now: Timestamp) -> Result<Arming, AppError> {
    let settings = app.settings.get(now).await?;
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let mut next = job.clone();
    let partitions: Vec<(Resting, u32)> = job.partitions().collect();
    while let Some((kind, shard)) = partitions.get(next.partition) {
        let in_page = next.looked_at - job.looked_at;
        if in_page >= PAGE {
            next.next_page_at = Some(now + PAGE_EVERY);
            return Ok(next);
        }
        let wanted = usize::try_from(PAGE - in_page).unwrap_or(BATCH).min(BATCH);
        let behind = next.behind.take();
        let (found, behind) = app.table.resting(kind.name(), *shard, now, wanted, behind).await?;
        let settings = &*settings;
        let arming = (next.looked_at..).zip(found.iter()).map(|(nth, key)| {
            let place = Place { in_page: nth - job.looked_at, in_job: nth };
            arm_one(app, &job.selection, key, settings, service_account, place)
        });
        let arming: Vec<_> = arming.collect();
        let armed: Vec<bool> = stream::iter(arming).buffer_unordered(AT_ONCE).try_collect().await?;
        next.armed += u32::try_from(armed.iter().filter(|armed| **armed).count()).unwrap_or(u32::MAX);
        next.looked_at += u32::try_from(found.len()).unwrap_or(u32::MAX);
        next.partition += usize::from(behind.is_none());
        next.behind = behind;
    }
    next.next_page_at = None;
    Ok(next)
}

async fn arm_one(
    app: &App,
    selection: &Selection,
    key: &keys::Key,
    settings: &Settings,
    service_account: bool,
    place: Place,
) -> Result<bool, AppError> {
    let Some((openid, id)) = key.reminder() else { return Ok(false) };
    let found = app.table.get_pair::<User, Reminder>(keys::user(&openid), keys::reminder(&openid, &id)).await;
    let (user, reminder) = match found {
        Ok((user, Some(reminder))) => (user, reminder),
        Ok(_) => return Ok(false),
        // One that cannot be read hides no other.
        Err(error @ TableError::Corrupt { .. }) => {
            tracing::error!(%error, reminder = id, "a record is passed over");
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let now = app.now();
    // Of somebody who was forgotten nothing is armed.
    let Some(user) = user.map(|user| user.item).filter(|user| user.owns(&reminder.item)) else {
        return Ok(false);
    };
    let wanted = selection.wants(&reminder.item, Some(&user), settings, service_account, now);
    let Some((revision, n)) = wanted.map(|push| (push.revision, push.n)) else { return Ok(false) };
    let even_unknown = wanted.is_some_and(|push| matches!(push.state, State::Unknown { .. }));
    let at = moment(&reminder.item, settings, place, now);
    match arm(app, reminder, (revision, n), at, selection.cause.words(), even_unknown).await {
        Err(AppError::Table(TableError::Gone(_))) => Ok(false),
        outcome => outcome,
    }
}

/// Every job that is under way, or was lately.
pub async fn jobs(app: &App) -> Result<Vec<Record<Arming>>, AppError> {
    Ok(app.table.readable_of::<Arming>(keys::ARMING).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;

    #[test]
    fn job_begins_when_every_environment_knows_the_settings_and_stays_to_be_read_for_a_week() {
        let now = instant("2027-02-01T12:00:00+08:00");
        let begins = instant("2027-02-01T12:02:00+08:00");
        let mut job = Arming::new(Cause::Settings, false, now);
        assert_eq!((job.selection.begins_at, job.next_page_at), (begins, Some(begins)));
        let entries = job.indexed();
        assert_eq!((entries.next_look_at, entries.ttl), (Some(begins), None), "the sweep finds it");
        job.next_page_at = None;
        let entries = job.indexed();
        let goes = instant("2027-02-08T12:02:00+08:00");
        assert_eq!((entries.next_look_at, entries.ttl), (None, Some(goes)), "it is done");
    }

    #[test]
    fn job_goes_through_every_partition_of_what_rests_for_its_cause() {
        let since = || Cause::Since { since: instant("2027-01-01T00:00:00+08:00") };
        let template = || Cause::Template { template: "expiry".to_owned() };
        let now = instant("2027-02-01T12:00:00+08:00");
        for (cause, even_unknown, job, words, kinds) in [
            (Cause::Settings, false, "settings", "the settings have changed", &Resting::ALL[..2]),
            (since(), false, "since-1798732800", "an operator's word", &Resting::ALL[..2]),
            (since(), true, "since-1798732800", "an operator's word", &Resting::ALL[..]),
            (template(), false, "template-expiry", "an operator's word", &Resting::ALL[..2]),
            (template(), true, "template-expiry", "an operator's word", &Resting::ALL[..]),
        ] {
            let arming = Arming::new(cause, even_unknown, now);
            assert_eq!((arming.job().as_str(), arming.selection.cause.words()), (job, words));
            let expected: Vec<(Resting, u32)> =
                kinds.iter().flat_map(|kind| (0..REST_SHARDS).map(|shard| (*kind, shard))).collect();
            assert_eq!(arming.partitions().collect::<Vec<_>>(), expected, "{job} {even_unknown}");
        }
    }
}
