//! Looks for what was forgotten: a lost schedule, a run that crashed, a queue that was drained. By the same rules as
//! any firing: a lost timer is late, never silent.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use super::run::run;
use super::{arming, rest};
use crate::app::{App, AppError};
use crate::following::erase::erase;
use crate::following::follow;
use crate::schedules::Forgotten;
use crate::table::keys::{Due, Key};
use crate::table::{Bookmark, DUE_SHARDS};

/// Whatever is due has this long before the sweep thinks it forgotten: Scheduler fires within the minute, Lambda
/// repeats after one and two more.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// So many of each shard are read at a time.
const PAGE: usize = 200;
/// One run looks for this long: dispatch may run 30 s. What is left is looked at by the next run, a minute later.
const LOOKS_FOR: SignedDuration = SignedDuration::from_secs(10);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    pub looked_at: usize,
    /// Could not be handled; they stay where the next sweep finds them.
    pub failed: usize,
}

pub async fn sweep(app: &App) -> Result<SweepReport, AppError> {
    let began = app.now();
    let until = began - FORGOTTEN_AFTER;
    let from = Timestamp::UNIX_EPOCH;
    let mut swept = SweepReport::default();
    let mut shards: Vec<(u32, Option<Bookmark>)> = (0..DUE_SHARDS).map(|shard| (shard, None)).collect();
    let mut more = false;
    while !shards.is_empty() && !more {
        let pages = shards.drain(..).map(async |(shard, after)| {
            app.table.due(shard, from, until, PAGE, after).await.map(|page| (shard, page))
        });
        let mut keys: Vec<Key> = Vec::new();
        for (shard, (page, next)) in try_join_all(pages).await? {
            keys.extend(page);
            shards.extend(next.map(|next| (shard, Some(next))));
        }
        for key in keys {
            if app.now().duration_since(began) > LOOKS_FOR {
                more = true;
                break;
            }
            swept.looked_at += 1;
            if let Err(error) = look_at(app, &key, began).await {
                swept.failed += 1;
                tracing::error!(%error, "what was forgotten could not be handled; the next sweep finds it again");
            }
        }
    }
    // Only if something was done: what cannot be handled now must not keep the function running all day.
    if more && swept.failed < swept.looked_at {
        app.schedules.create_sweep(app.now()).await?;
    }
    if swept.looked_at > 0 {
        tracing::warn!(
            looked_at = swept.looked_at,
            failed = swept.failed,
            "the sweep found what was forgotten"
        );
    }
    Ok(swept)
}

/// Does whatever is due under this key: what its own wake-up would have done.
pub(super) async fn look_at(app: &App, key: &Key, run_began: Timestamp) -> Result<(), AppError> {
    match key.due() {
        Some(Due::Reminder(openid, id)) => run(app, &openid, &id, None, run_began).await.map(drop),
        Some(Due::User(openid)) => rest::look(app, &openid).await.map(drop),
        Some(Due::Follower(openid)) => follow::look_up(app, &openid).await,
        Some(Due::Arming(job)) => arming::page(app, &job).await.map(drop),
        Some(Due::Forgotten(account, openid)) => erase(app, &Forgotten { account, openid }).await.map(drop),
        None => Ok(()),
    }
}
