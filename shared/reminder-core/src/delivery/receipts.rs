//! A receipt arrives: joined to its push by msgid, whichever came first, the answer of the send or this.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use wechat::{MsgId, OpenId};

use super::evidence::CLOCKS_DIFFER_BY;
use crate::account::Account;
use crate::app::health::Kind;
use crate::app::minutes::Sign;
use crate::app::{App, AppError};
use crate::channel::Need;
use crate::following::{block, missed};
use crate::person::follower::Follower;
use crate::person::tombstone::is_too_late;
use crate::person::user::{Block, User};
use crate::receipt::{Outcome, PushRef, Receipt, UnknownSend};
use crate::reminder::{Attempt, Push, Reminder, State, What};
use crate::scheduling;
use crate::table::{Change, Found, Freshness, Item, Record, TableError, gone_is_fine, keys};

/// WeChat's answer about a follower nobody knew is waited for so long; it wants its own answer within five seconds.
const ASKS_FOR: Duration = Duration::from_secs(2);
/// A receipt comes within seconds of its message.
const SENT_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// By so much may a receipt be older than our knowledge that its message was taken: as long as the answer took.
const ANSWER_TAKES: SignedDuration = SignedDuration::from_secs(15);

/// Stores the receipt; if its push is known, the push learns of it, and is scheduled if it is to be tried again.
pub async fn receive(
    app: &App,
    account: Account,
    openid: &OpenId,
    receipt: &Receipt,
) -> Result<(), AppError> {
    let received = take_in(app, account, openid, receipt).await;
    if received.is_ok() {
        let sign = match receipt.template_id {
            None => Sign::TemplateReceipt,
            Some(_) => Sign::SubscriptionReceipt,
        };
        app.minutes.note_with_next(account, sign, receipt.create_time);
    }
    received
}

async fn take_in(app: &App, account: Account, openid: &OpenId, receipt: &Receipt) -> Result<(), AppError> {
    let second = receipt.create_time.as_second();
    if is_too_late(second, app.now()) && !is_anybody(app, account, openid).await? {
        tracing::info!(%account, "a receipt came a day late, of nobody whom we know");
        return Ok(());
    }
    let mut receipt = receipt.clone();
    // What is found is written under the condition that it has not changed, and what is not is looked for again.
    let freshness = match receipt.msgid.is_zero() {
        true => Freshness::Newest,
        false => Freshness::MaybeStale,
    };
    let theirs = Theirs::read(app, account, openid, freshness).await?;
    if receipt.msgid.is_zero() {
        receipt.msgid = theirs.sent_just_before(account, receipt.create_time).unwrap_or_else(|| {
            // It proves nothing, and speaks against whoever says that nothing came.
            tracing::warn!(%account, "a receipt with MsgID 0 is of no message, or of one of several");
            MsgId::from(format!("0-{second}").as_str())
        });
    }
    match theirs.sent_as(&receipt.msgid) {
        Some((push, user, reminder)) => {
            learn_of_block(app, openid, &receipt).await?;
            told(app, openid, &receipt, &push, user, reminder).await
        }
        None if theirs.tell_of(&receipt.msgid) => Ok(()),
        None => of_no_message_known(app, account, openid, receipt).await,
    }
}

/// Its push is found by the item that it leaves, or by what was noted under that id; else whoever looks for it finds it there.
async fn of_no_message_known(
    app: &App,
    account: Account,
    openid: &OpenId,
    receipt: Receipt,
) -> Result<(), AppError> {
    // What was said first counts.
    let receipt = app.table.report_receipt(account, openid, &receipt).await?;
    learn_of_block(app, openid, &receipt).await?;
    let push = match &receipt.push {
        Some(push) => Some(push.clone()),
        None => {
            let theirs = Theirs::read(app, account, openid, Freshness::Newest).await?;
            if theirs.sent_as(&receipt.msgid).is_none() && theirs.tell_of(&receipt.msgid) {
                // It was known, and is of no message without one.
                return Ok(app.table.delete(keys::receipt(account, openid, receipt.msgid.as_str())).await?);
            }
            match sent_meanwhile(app, account, openid, &receipt, theirs).await? {
                Some(push) => Some(push),
                None => take_for_unknown(app, account, openid, &receipt).await?,
            }
        }
    };
    // Without one its own answer may still be on the way, or never come: then somebody looks for it.
    let Some(push) = push else { return learn_of_follower(app, account, openid, &receipt).await };
    let key = keys::reminder(&push.openid, &push.id);
    let (user, reminder) = app.table.get_pair::<User, Reminder>(keys::user(&push.openid), key).await?;
    let owner = user.filter(|user| reminder.as_ref().is_some_and(|reminder| user.item.owns(&reminder.item)));
    match (owner, reminder) {
        (Some(user), Some(reminder)) => told(app, openid, &receipt, &push, user, reminder).await,
        // Forgotten meanwhile.
        _ => Ok(app.table.delete(keys::receipt(account, openid, receipt.msgid.as_str())).await?),
    }
}

/// A push learns what became of it.
async fn told(
    app: &App,
    openid: &OpenId,
    receipt: &Receipt,
    push: &PushRef,
    user: Record<User>,
    reminder: Record<Reminder>,
) -> Result<(), AppError> {
    let now = app.now();
    teach(app, user, openid, receipt, push).await?;
    let received = scheduling::note(app, reminder, |reminder: &mut Reminder| {
        Change::when(reminder.receive(push.revision, push.n, &push.attempt, &receipt.outcome, now))
    });
    match received.await {
        Ok((_, _, Some(error))) => Err(error.into()),
        Ok((reminder, ..)) => {
            // Those that arrived are counted.
            if receipt.outcome != Outcome::Delivered {
                let id = reminder.item.id;
                tracing::info!(reminder = id, push = push.n, outcome = ?receipt.outcome, "a receipt arrived");
            }
            Ok(())
        }
        Err(AppError::Table(TableError::Gone(_))) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whose message a receipt may be of: the user and their reminders.
#[derive(Default)]
struct Theirs {
    user: Option<Record<User>>,
    reminders: Vec<Record<Reminder>>,
}

impl Theirs {
    async fn read(
        app: &App,
        account: Account,
        openid: &OpenId,
        freshness: Freshness,
    ) -> Result<Self, AppError> {
        let owner = match account {
            Account::MiniProgram => Some(openid.clone()),
            Account::ServiceAccount => {
                let follower = app.table.get_as::<Follower>(keys::follower(openid), freshness).await?;
                follower.and_then(|follower| follower.item.link).map(|link| link.openid)
            }
        };
        let Some(owner) = owner else { return Ok(Self::default()) };
        let (from, to) = keys::PROFILE_AND_REMINDERS;
        let found = app.table.between(&keys::user_partition(&owner), from, to, freshness).await?;
        let found = Found::from(found);
        let Some(user) = found.record::<User>(&keys::user(&owner))? else { return Ok(Self::default()) };
        let mut reminders = found.readable_with_prefix::<Reminder>(keys::REMINDER);
        reminders.retain(|reminder| user.item.owns(&reminder.item));
        Ok(Self { user: Some(user), reminders })
    }

    /// The push that WeChat took under this id, while its receipt has not come.
    fn sent_as(&self, msgid: &MsgId) -> Option<(PushRef, Record<User>, Record<Reminder>)> {
        let user = self.user.as_ref()?;
        self.reminders.iter().find_map(|reminder| {
            let push = reminder.item.sent_as(msgid)?;
            Some((push, user.clone(), reminder.clone()))
        })
    }

    /// Whether it is of a message whose receipt has come, or whose push is gone.
    fn tell_of(&self, msgid: &MsgId) -> bool {
        self.reminders.iter().any(|reminder| reminder.item.timeline.tells_of(msgid))
    }

    /// The one message known as sent to this user within two minutes before; `None` if there are several, and any of them
    /// may be meant. Those that have their receipt count, too: this may be a repeat of it (docs/wechat.md §10.4).
    fn sent_just_before(&self, account: Account, create_time: Timestamp) -> Option<MsgId> {
        let span = create_time - SENT_WITHIN..=create_time + ANSWER_TAKES;
        let reminders = || self.reminders.iter().map(|reminder| &reminder.item);
        let is_under_way = |push: &Push| match &push.state {
            State::Sending { attempt, .. } => {
                attempt.channel.account() == account && span.contains(&attempt.started_at)
            }
            _ => false,
        };
        if reminders().flat_map(|reminder| &reminder.pushes).any(is_under_way) {
            return None;
        }
        let mut sent = reminders().flat_map(|reminder| reminder.timeline.entries()).filter_map(|entry| {
            let What::Sent { channel, msgid, .. } = &entry.what else { return None };
            (channel.account() == account && span.contains(&entry.at)).then_some(msgid)
        });
        sent.next().filter(|_| sent.next().is_none()).cloned()
    }
}

/// Whoever settles an attempt that is under way looks for this receipt from now on; and those that were settled since it was
/// looked for are looked at once more.
async fn sent_meanwhile(
    app: &App,
    account: Account,
    openid: &OpenId,
    receipt: &Receipt,
    theirs: Theirs,
) -> Result<Option<PushRef>, AppError> {
    let msgid = &receipt.msgid;
    for reminder in theirs.reminders {
        let found = app.table.update(reminder, |reminder: &mut Reminder| match reminder.sent_as(msgid) {
            Some(push) => Change::Keep(Some(push)),
            None if reminder.hear(|attempt| may_be_told_of(attempt, account, openid, receipt)) => {
                Change::Write(None)
            }
            None => Change::Keep(None),
        });
        let push = match found.await {
            Ok((_, push)) => push,
            Err(TableError::Gone(_)) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(push) = push {
            let taken = app.table.take_receipt(account, openid, msgid, &push).await?;
            return Ok(taken.map(|_| push));
        }
    }
    Ok(None)
}

fn may_be_told_of(attempt: &Attempt, account: Account, openid: &OpenId, receipt: &Receipt) -> bool {
    let channel = attempt.channel;
    let is_to_them = account == Account::MiniProgram || attempt.follower.as_ref() == Some(openid);
    channel.account() == account
        && is_to_them
        && (channel.need() == Need::Follow) == receipt.template_id.is_none()
        && receipt.create_time >= attempt.started_at - CLOCKS_DIFFER_BY
}

async fn is_anybody(app: &App, account: Account, openid: &OpenId) -> Result<bool, AppError> {
    Ok(match account {
        Account::MiniProgram => app.table.get::<User>(keys::user(openid)).await?.is_some(),
        Account::ServiceAccount => app.table.get::<Follower>(keys::follower(openid)).await?.is_some(),
    })
}

/// What a receipt says of its user: that the account's messages reach them again; and that the credit of an attempt which
/// nobody knew the outcome of was used.
async fn teach(
    app: &App,
    user: Record<User>,
    openid: &OpenId,
    receipt: &Receipt,
    push: &PushRef,
) -> Result<(), AppError> {
    if receipt.tells_of_block() && user.item.block.blocked {
        block::learn(app, openid, block_of(receipt)).await?;
    }
    if receipt.arrived_at_a_follower() && !user.item.follows() {
        seen(app, openid, receipt).await?;
    }
    let Some(template_id) = &receipt.template_id else { return Ok(()) };
    let used = |user: &mut User| {
        let ledger = user.credits.get_mut(template_id);
        Change::when(ledger.is_some_and(|ledger| ledger.set_used(&push.attempt)))
    };
    Ok(gone_is_fine(app.table.update(user, used).await)?)
}

/// Template messages arrive at followers only.
async fn seen(app: &App, openid: &OpenId, receipt: &Receipt) -> Result<(), AppError> {
    missed::seen(app, openid, receipt.create_time.as_second(), Instant::now() + ASKS_FOR).await
}

async fn learn_of_block(app: &App, openid: &OpenId, receipt: &Receipt) -> Result<(), AppError> {
    match receipt.outcome {
        Outcome::Blocked => block::learn(app, openid, block_of(receipt)).await,
        Outcome::Delivered | Outcome::Failed { .. } => Ok(()),
    }
}

fn block_of(receipt: &Receipt) -> Block {
    Block { blocked: receipt.outcome == Outcome::Blocked, at: Some(receipt.create_time.as_second()) }
}

/// What a receipt says that belongs to no message we know of. We send template messages to followers who are linked with a
/// user: one to anybody else was another system's.
async fn learn_of_follower(
    app: &App,
    account: Account,
    openid: &OpenId,
    receipt: &Receipt,
) -> Result<(), AppError> {
    if receipt.tells_of_block() {
        block::learn(app, openid, block_of(receipt)).await?;
    }
    if receipt.template_id.is_some() {
        return Ok(());
    }
    if receipt.arrived_at_a_follower() {
        seen(app, openid, receipt).await?;
    }
    let follower = app.table.get::<Follower>(keys::follower(openid)).await?;
    if follower.is_none_or(|follower| follower.item.link.is_none()) {
        app.health.note(account, Kind::ForeignReceipt, "", app.now()).await;
    }
    Ok(())
}

/// The push that was given up as unknown, if this is its receipt after all.
async fn take_for_unknown(
    app: &App,
    account: Account,
    openid: &OpenId,
    receipt: &Receipt,
) -> Result<Option<PushRef>, AppError> {
    let partition = keys::unknown_partition(account, openid);
    for unknown in app.table.all_with_prefix::<UnknownSend>(&partition, keys::CLAIM).await? {
        let UnknownSend { push, .. } = &unknown.item;
        if unknown.item.may_be(receipt)
            && app.table.take_receipt(account, openid, &receipt.msgid, push).await?.is_some()
        {
            let found = push.clone();
            app.table.delete(unknown.item.key()).await?;
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;

    #[test]
    fn receipt_tells_of_a_block_as_of_its_own_moment() {
        let at = instant("2027-02-01T12:00:00+08:00");
        let failed = Outcome::Failed { status: "failed".to_owned() };
        for (outcome, blocked) in [(Outcome::Blocked, true), (Outcome::Delivered, false), (failed, false)] {
            let receipt = Receipt {
                msgid: "7".into(),
                template_id: None,
                create_time: at,
                received_at: at + SignedDuration::from_secs(9),
                outcome,
                push: None,
            };
            assert_eq!(block_of(&receipt), Block { blocked, at: Some(at.as_second()) });
        }
    }
}
