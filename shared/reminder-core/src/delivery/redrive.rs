//! Looks again at what is due, on an operator's word: from the table, by the same rules as the sweep, so that it can
//! tell nobody twice. The queues are alarm bells and not read.

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use wechat::OpenId;

use super::rest::arm;
use super::sweep::look_at;
use crate::app::{App, AppError};
use crate::registration::plan::soon;
use crate::reminder::{Push, Reminder, State};
use crate::table::keys::{Due, Key};
use crate::table::{DUE_SHARDS, keys};

/// Reminders of each shard that one run looks at, some two hundred in all: well within the function's time.
const LOOKED_AT_MAX: usize = 208 / DUE_SHARDS as usize;

/// Why it is armed, in the timeline.
const WORD: &str = "an operator's word";

/// A reminder that was looked at.
#[derive(Debug, Serialize)]
pub struct Inspection {
    pub openid: OpenId,
    pub id: String,
    pub pushes: Vec<PushInspection>,
    /// It could not be handled; it stays where the next look finds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct PushInspection {
    pub n: u8,
    /// Whether there was anything to do about it.
    pub due: bool,
    /// Its state as in the API, before and after.
    pub before: &'static str,
    pub after: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What to do with a push that rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    No,
    /// It is tried again, if it was certainly not sent.
    NotSent,
    /// Also if it may have been sent.
    EvenUnknown,
}

/// Looks at one reminder. `None`: there is no such.
pub async fn one(app: &App, openid: &OpenId, id: &str, again: Again) -> Result<Option<Inspection>, AppError> {
    let key = keys::reminder(openid, id);
    let Some(before) = app.table.get::<Reminder>(key.clone()).await? else { return Ok(None) };
    let now = app.now();
    if again != Again::No {
        let settings = app.settings.get(now).await?;
        let rests = |push: &&Push| match push.state {
            State::Unknown { .. } => again == Again::EvenUnknown,
            _ => true,
        };
        for push in before.item.pushes.iter().filter(rests) {
            let known = app.table.get::<Reminder>(key.clone()).await?;
            let Some(known) = known else { return Ok(None) };
            let (at, even_unknown) =
                (soon(&known.item, settings.quiet_hours, now), again == Again::EvenUnknown);
            arm(app, known, (push.revision, push.n), at, WORD, even_unknown).await?;
        }
    }
    let outcome = look_at(app, &key, now).await;
    let after = app.table.get::<Reminder>(key).await?;
    let pushes = before
        .item
        .pushes
        .iter()
        .map(|push| {
            let then =
                after.as_ref().and_then(|after| after.item.push(push.revision, push.n)).unwrap_or(push);
            PushInspection {
                n: push.n,
                due: push.next_look_at().is_some_and(|look| look <= now),
                before: push.state_name(),
                after: then.state_name(),
                reason: then.reason.clone(),
            }
        })
        .collect();
    let error = outcome.err().map(|error| error.to_string());
    Ok(Some(Inspection { openid: openid.clone(), id: id.to_owned(), pushes, error }))
}

/// Looks at everything that should have been looked at between `since` and now, oldest first. Also says whether there
/// is more of it.
pub async fn since(app: &App, since: Timestamp) -> Result<(Vec<Inspection>, bool), AppError> {
    let until = app.now();
    let shards = (0..DUE_SHARDS).map(|shard| app.table.due(shard, since, until, LOOKED_AT_MAX, None));
    let (found, next): (Vec<Vec<Key>>, Vec<_>) = try_join_all(shards).await?.into_iter().unzip();
    let more = next.iter().any(Option::is_some);
    let mut looked = Vec::new();
    for key in found.iter().flatten() {
        // Operators may not remove schedules: what is left of whom they find forgotten, the sweep deletes.
        if let Some(Due::Forgotten(..)) = key.due() {
            continue;
        }
        let Some((openid, id)) = key.reminder() else {
            // Nobody's words to show: a look that was missed is made.
            if let Err(error) = look_at(app, key, until).await {
                tracing::error!(%error, "a look that was missed could not be made; the sweep makes it");
            }
            continue;
        };
        looked.extend(one(app, &openid, &id, Again::No).await?);
    }
    Ok((looked, more))
}
