//! A receipt arrives: joined to its push by msgid, whichever came first, the answer of the send or this.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use wechat::{MsgId, OpenId};

use crate::account::Account;
use crate::app::health::Kind;
use crate::app::minutes::Sign;
use crate::app::{App, AppError};
use crate::following::{block, missed};
use crate::person::follower::Follower;
use crate::person::tombstone::is_too_late;
use crate::person::user::{Block, User};
use crate::receipt::{Outcome, PushRef, Receipt, UnknownSend};
use crate::reminder::Reminder;
use crate::scheduling;
use crate::table::{Change, Item, Record, TableError, gone_is_fine, keys};

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
        app.minutes.note(account, sign, receipt.create_time, app.now()).await;
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
    if receipt.msgid.is_zero() {
        match sent_just_before(app, account, openid, receipt.create_time).await? {
            Some(msgid) => receipt.msgid = msgid,
            None => {
                // It proves nothing, and speaks against whoever says that nothing came.
                tracing::warn!(%account, "a receipt with MsgID 0 is of no message, or of one of several");
                receipt.msgid = MsgId::from(format!("0-{}", receipt.create_time.as_second()).as_str());
            }
        }
    }
    let receipt = app.table.report_receipt(account, openid, &receipt).await?;
    if receipt.outcome == Outcome::Blocked {
        block::learn(app, openid, block_of(&receipt)).await?;
    }
    let push = match &receipt.push {
        Some(push) => push.clone(),
        None => match take_for_unknown(app, account, openid, &receipt).await? {
            Some(push) => push,
            // Its own answer may still be on the way, or never come: then somebody looks for it.
            None => return learn_of_follower(app, account, openid, &receipt).await,
        },
    };
    let now = app.now();
    let key = keys::reminder(&push.openid, &push.id);
    let (user, reminder) = app.table.get_pair::<User, Reminder>(keys::user(&push.openid), key).await?;
    let owner = user.filter(|user| reminder.as_ref().is_some_and(|reminder| user.item.owns(&reminder.item)));
    let (Some(user), Some(reminder)) = (owner, reminder) else {
        // Forgotten meanwhile.
        return Ok(app.table.delete(keys::receipt(account, openid, receipt.msgid.as_str())).await?);
    };
    teach(app, user, openid, &receipt, &push).await?;
    let received = scheduling::note(app, reminder, |reminder: &mut Reminder| {
        Change::when(reminder.receive(push.revision, push.n, &push.attempt, &receipt.outcome, now))
    });
    match received.await {
        Ok((_, _, Some(error))) => Err(error.into()),
        Ok((reminder, ..)) => {
            let id = reminder.item.id;
            tracing::info!(reminder = id, push = push.n, outcome = ?receipt.outcome, "a receipt arrived");
            Ok(())
        }
        Err(AppError::Table(TableError::Gone(_))) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn is_anybody(app: &App, account: Account, openid: &OpenId) -> Result<bool, AppError> {
    Ok(match account {
        Account::MiniProgram => app.table.get::<User>(keys::user(openid)).await?.is_some(),
        Account::ServiceAccount => app.table.get::<Follower>(keys::follower(openid)).await?.is_some(),
    })
}

/// The one message known as sent to this user within two minutes before; `None` if there are several, and any of them may
/// be meant. Those that have their receipt count, too: this may be a repeat of it (docs/wechat.md §10.4).
async fn sent_just_before(
    app: &App,
    account: Account,
    openid: &OpenId,
    create_time: Timestamp,
) -> Result<Option<MsgId>, AppError> {
    let span = create_time - SENT_WITHIN..=create_time + ANSWER_TAKES;
    let records = app.table.receipts(account, openid).await?;
    let mut sent = records.into_iter().filter(|record| record.sent_at.is_some_and(|at| span.contains(&at)));
    Ok(sent.next().filter(|_| sent.next().is_none()).map(|record| record.msgid))
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
            && app.table.take_receipt(account, openid, &receipt.msgid, push).await?
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
