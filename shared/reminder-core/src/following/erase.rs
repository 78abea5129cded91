//! What is left of somebody who was forgotten is deleted, page by page, and only what is of the time before: now, after an
//! hour, and after a day, for what was under way or came late. Then the tombstone goes, too.
//!
//! Safe to run twice and to be cut off anywhere: what is deleted is not found again, and a look that did not come to its end
//! is begun anew, by Lambda, by the schedule of its continuation, or by the sweep.

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use wechat::OpenId;

use crate::account::Account;
use crate::app::{App, AppError};
use crate::following::forget::{forget, remove_follower};
use crate::following::remains::{Kind, is_of_before};
use crate::person::allowance::Allowance;
use crate::person::follower::{Follower, Union};
use crate::person::tombstone::{Look, Tombstone};
use crate::person::user::User;
use crate::random;
use crate::reminder::{EARLY_BY_AT_MOST, Reminder, ahead};
use crate::schedules::Forgotten;
use crate::scheduling;
use crate::table::item::Attributes;
use crate::table::{Bookmark, Change, Record, gone_is_fine, key_of, keys};

/// Items that are read at a time.
const PAGE: usize = 50;
/// Of these, so many are deleted at a time.
const AT_ONCE: usize = 8;
/// Dispatch may run for 30 seconds; what is left then is for the next run, a minute later.
const DELETES_FOR: SignedDuration = SignedDuration::from_secs(15);

/// One look. Answers whether there was anything to do.
///
/// # Errors
/// Also when the next look cannot be scheduled: Lambda tries again, and after that the sweep.
pub async fn erase(app: &App, forgotten: &Forgotten) -> Result<bool, AppError> {
    let key = keys::tombstone(forgotten.account, &forgotten.openid);
    let Some(stored) = app.table.get::<Tombstone>(key).await? else { return Ok(false) };
    let began = app.now();
    let tombstone = stored.item.clone();
    if began + EARLY_BY_AT_MOST < tombstone.looks_at {
        return Ok(false);
    }
    let job = Job { app, tombstone: &tombstone, until: began + DELETES_FOR };
    if !job.look().await? {
        app.schedules.create_erasure(forgotten.clone(), ahead(app.now(), app.now())).await?;
        return Ok(true);
    }
    let Some((look, looks_at)) = tombstone.look_after(app.now()) else {
        app.table.delete_unchanged(&stored).await?;
        tracing::info!(account = %tombstone.account, "nothing is left of somebody who was forgotten");
        return Ok(true);
    };
    app.schedules.create_erasure(forgotten.clone(), looks_at).await?;
    let looked = app.table.update(stored, |stored| {
        // Forgotten again meanwhile: then the looks begin anew.
        if stored.at != tombstone.at {
            return Change::Keep(());
        }
        (stored.look, stored.looks_at) = (look, looks_at);
        Change::Write(())
    });
    gone_is_fine(looked.await)?;
    Ok(true)
}

struct Job<'a> {
    app: &'a App,
    tombstone: &'a Tombstone,
    until: Timestamp,
}

impl Job<'_> {
    /// Answers whether everything was looked at in time.
    async fn look(&self) -> Result<bool, AppError> {
        let Tombstone { account, openid, .. } = self.tombstone;
        let is_done = match account {
            Account::MiniProgram => self.user(openid).await?,
            Account::ServiceAccount => {
                self.left_follower(openid, |_| true).await?;
                self.messages(*account, openid).await?
            }
        };
        Ok(is_done && self.unions().await?)
    }

    async fn user(&self, openid: &OpenId) -> Result<bool, AppError> {
        self.left_profile(openid).await?;
        let partition = keys::user_partition(openid);
        let is_done = self.partition(&partition, Some(keys::REMINDER), Kind::Reminder, openid).await?
            && self.partition(&partition, Some(keys::TICKET), Kind::Ticket, openid).await?
            && self.partition(&partition, Some(keys::EVENT), Kind::Event, openid).await?
            && self.messages(Account::MiniProgram, openid).await?;
        if !is_done {
            return Ok(false);
        }
        for service_openid in &self.tombstone.service_openids {
            if !self.messages(Account::ServiceAccount, service_openid).await? {
                return Ok(false);
            }
            if self.tombstone.look == Look::Last {
                // Of one who may be somebody else it is not said that they were forgotten.
                self.left_follower(service_openid, |follower| follower.forgotten_at.is_some()).await?;
            }
        }
        Ok(true)
    }

    async fn messages(&self, account: Account, openid: &OpenId) -> Result<bool, AppError> {
        let receipts = keys::receipt_partition(account, openid);
        let unknown = keys::unknown_partition(account, openid);
        let kind = Kind::Message(account);
        Ok(self.partition(&receipts, None, kind, openid).await?
            && self.partition(&unknown, Some(keys::CLAIM), kind, openid).await?)
    }

    /// Deletes what of a partition is of the time before. `false`: the time was up.
    async fn partition(
        &self,
        partition: &str,
        prefix: Option<&str>,
        kind: Kind,
        openid: &OpenId,
    ) -> Result<bool, AppError> {
        let mut after: Option<Bookmark> = None;
        loop {
            let (page, next) = self.app.table.page(partition, prefix, Some(PAGE), after).await?;
            // Looked up after the page: of somebody who came in between it has nothing.
            let since = self.there_since(kind.account(), openid).await?;
            let old = page.iter().filter(|item| is_of_before(kind, item, since));
            let deletions: Vec<_> = old.map(|item| self.delete(kind, item)).collect();
            stream::iter(deletions).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
            match next {
                None => return Ok(true),
                Some(_) if self.app.now() >= self.until => return Ok(false),
                next => after = next,
            }
        }
    }

    /// With a reminder its schedules, with a user's mark of a ticket the ticket.
    async fn delete(&self, kind: Kind, item: &Attributes) -> Result<(), AppError> {
        let key = key_of(item);
        match kind {
            Kind::Reminder => {
                if let Ok(Record { item: reminder, .. }) = Record::<Reminder>::decode(item) {
                    scheduling::unschedule(self.app, &reminder.id, &reminder.schedules).await;
                }
            }
            Kind::Ticket => {
                let scene_str = key.sk.strip_prefix(keys::TICKET).unwrap_or_default();
                self.app.table.delete(keys::bind_ticket(scene_str)).await?;
                Allowance::forget_code(&self.app.table, &self.tombstone.openid, scene_str).await?;
            }
            Kind::Event | Kind::Message(_) => {}
        }
        Ok(self.app.table.delete(key).await?)
    }

    /// Since when there is somebody of this openid who was not forgotten; none: nobody is there.
    async fn there_since(&self, account: Account, openid: &OpenId) -> Result<Option<Timestamp>, AppError> {
        let table = &self.app.table;
        let mini_openid = match account {
            Account::MiniProgram => Some(openid.clone()),
            Account::ServiceAccount => {
                let follower = table.get::<Follower>(keys::follower(openid)).await?;
                follower.and_then(|follower| follower.item.link).map(|link| link.openid)
            }
        };
        let Some(mini_openid) = mini_openid else { return Ok(None) };
        let user = table.get::<User>(keys::user(&mini_openid)).await?;
        let since = user.map(|user| user.item.created_at.max(self.tombstone.at));
        Ok(since.filter(|since| account == Account::ServiceAccount || *since > self.tombstone.at))
    }

    /// A profile that was being made at the moment of forgetting, and may be linked by now.
    async fn left_profile(&self, openid: &OpenId) -> Result<(), AppError> {
        forget(self.app, openid, |user| user.created_at <= self.tombstone.at).await.map(drop)
    }

    /// Lost to somebody who writes there meanwhile, something newer is told of them.
    async fn left_follower(
        &self,
        openid: &OpenId,
        is_meant: impl Fn(&Follower) -> bool,
    ) -> Result<(), AppError> {
        let follower = self.app.table.get::<Follower>(keys::follower(openid)).await?;
        let is_left = |follower: &Record<Follower>| follower.item.is_left_from(self.tombstone.at);
        let Some(follower) = follower.filter(is_left).filter(|follower| is_meant(&follower.item)) else {
            return Ok(());
        };
        let id = random::id();
        let parts = remove_follower(self.app, follower, &id).await?;
        self.app.table.transact(parts, &id).await?;
        Ok(())
    }

    /// Union items know only sides that are there; without either they go.
    async fn unions(&self) -> Result<bool, AppError> {
        let table = &self.app.table;
        for unionid in &self.tombstone.unionids {
            let Some(stored) = table.get::<Union>(keys::union(unionid)).await? else { continue };
            let (user, follower) = (&stored.item.mini_openid, &stored.item.service_openid);
            let mut left = stored.item.clone();
            if let Some(openid) = user
                && table.get::<User>(keys::user(openid)).await?.is_none()
            {
                left.mini_openid = None;
            }
            if let Some(openid) = follower
                && table.get::<Follower>(keys::follower(openid)).await?.is_none()
            {
                left.service_openid = None;
            }
            if left.is_empty() {
                table.delete_unchanged(&stored).await?;
            } else if left != stored.item {
                // Lost to somebody who writes their side there: the next look sees it.
                gone_is_fine(table.replace(&stored, left).await)?;
            }
        }
        Ok(true)
    }
}
