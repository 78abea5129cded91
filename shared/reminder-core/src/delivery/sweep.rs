//! Looks for what was forgotten: a lost schedule, a run that crashed, a queue that was drained. By the same rules as
//! any firing: a lost timer is late, never silent.
//!
//! One run looks at what fits its time, several at once. Where that was not all, each shard that has more gets a run of
//! its own a minute later, and after that as long as it has more: a hundred thousand are looked at within a quarter of an
//! hour, and between two runs every environment is free for what is due now.

use futures::StreamExt;
use futures::future::try_join_all;
use futures::stream::iter;
use jiff::{SignedDuration, Timestamp};

use super::run::run;
use super::{arming, rest};
use crate::app::{App, AppError};
use crate::following::erase::erase;
use crate::following::follow;
use crate::schedules::Forgotten;
use crate::table::keys::{Due, Key};
use crate::table::{Bookmark, DUE_SHARDS, TableError};
use crate::webhook::tell::tell;

/// Whatever is due has this long before the sweep thinks it forgotten: Scheduler fires within the minute, Lambda
/// repeats after one and two more.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// So many are handled by one run: what forty at once do in its time, if each takes a second.
const HANDLED_MAX: usize = 400;
/// So many at once: a look waits for WeChat most of its time, and a small environment computes some tens in a second.
const AT_ONCE: usize = 40;
/// One run looks for this long: dispatch may run 30 s, and no send starts later than 15 s after its run began.
const LOOKS_FOR: SignedDuration = SignedDuration::from_secs(10);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    pub looked_at: usize,
    /// Could not be handled; they stay where the next sweep finds them.
    pub failed: usize,
}

impl SweepReport {
    fn handled(self) -> usize {
        self.looked_at - self.failed
    }
}

/// Where in its shard a sweep goes on.
type Place = (u32, Option<Bookmark>);

/// Looks at what is overdue in `shard`, or in all of them.
pub async fn sweep(app: &App, shard: Option<u32>) -> Result<SweepReport, AppError> {
    let began = app.now();
    let mut swept = SweepReport::default();
    let shards = shard.map_or(0..DUE_SHARDS, |shard| shard..shard + 1);
    let mut left: Vec<Place> = shards.map(|shard| (shard, None)).collect();
    while !left.is_empty() && has_time(app, began) && swept.handled() < HANDLED_MAX {
        let room = HANDLED_MAX - swept.handled();
        let (keys, next) = pages(app, left, began - FORGOTTEN_AFTER, room).await?;
        left = next;
        let looks = keys.into_iter().map(|(shard, key)| look(app, shard, key, began));
        let mut looks = iter(looks).buffer_unordered(AT_ONCE);
        while let Some(looked) = looks.next().await {
            match looked {
                Look::Handled => swept.looked_at += 1,
                Look::Failed => {
                    swept.looked_at += 1;
                    swept.failed += 1;
                }
                Look::NoTime(shard) => {
                    left.retain(|(other, _)| *other != shard);
                    left.push((shard, None));
                }
            }
        }
    }
    // Only if something was done: what cannot be handled now must not keep the function running all day.
    if swept.handled() > 0 {
        try_join_all(left.iter().map(|(shard, _)| app.schedules.create_sweep(*shard, app.now()))).await?;
    }
    if swept.looked_at > 0 {
        tracing::warn!(
            looked_at = swept.looked_at,
            failed = swept.failed,
            shards_left = left.len(),
            "the sweep found what was forgotten"
        );
    }
    Ok(swept)
}

/// What became of one key.
enum Look {
    Handled,
    Failed,
    /// Not looked at: its shard has more.
    NoTime(u32),
}

fn has_time(app: &App, began: Timestamp) -> bool {
    app.now().duration_since(began) <= LOOKS_FOR
}

/// The next page of each shard, oldest first, and where there may be more behind it. Together they are some `room`.
async fn pages(
    app: &App,
    places: Vec<Place>,
    until: Timestamp,
    room: usize,
) -> Result<(Vec<(u32, Key)>, Vec<Place>), TableError> {
    let page = (room / places.len().max(1)).max(1);
    let asked = places.into_iter().map(async |(shard, after)| {
        app.table.due(shard, Timestamp::UNIX_EPOCH, until, page, after).await.map(|page| (shard, page))
    });
    let (mut keys, mut left) = (Vec::new(), Vec::new());
    for (shard, (page, next)) in try_join_all(asked).await? {
        keys.extend(page.into_iter().map(|key| (shard, key)));
        left.extend(next.map(|next| (shard, Some(next))));
    }
    Ok((keys, left))
}

async fn look(app: &App, shard: u32, key: Key, began: Timestamp) -> Look {
    if !has_time(app, began) {
        return Look::NoTime(shard);
    }
    match look_at(app, &key, began).await {
        Ok(()) => Look::Handled,
        Err(error) => {
            tracing::error!(%error, "what was forgotten could not be handled; the next sweep finds it again");
            Look::Failed
        }
    }
}

/// Does whatever is due under this key: what its own wake-up would have done.
pub(super) async fn look_at(app: &App, key: &Key, run_began: Timestamp) -> Result<(), AppError> {
    match key.due() {
        Some(Due::Reminder(openid, id)) => run(app, &openid, &id, None, run_began).await.map(drop),
        Some(Due::User(openid)) => rest::look(app, &openid).await.map(drop),
        Some(Due::Event(openid, id)) => tell(app, &openid, &id).await.map(drop),
        Some(Due::Follower(openid)) => follow::look_up(app, &openid).await,
        Some(Due::Arming(job)) => arming::page(app, &job).await.map(drop),
        Some(Due::Forgotten(account, openid)) => erase(app, &Forgotten { account, openid }).await.map(drop),
        None => Ok(()),
    }
}
