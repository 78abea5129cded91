//! A receipt arrives: joined to its push by msgid, whichever came first, the answer of the send or this.

use wechat::OpenId;

use crate::account::Account;
use crate::app::{App, AppError};
use crate::receipt::{PushRef, Receipt, UnknownSend};
use crate::reminder::{Reminder, State};
use crate::table::{Change, Item, TableError, keys};

/// Stores the receipt; if its push is known, the push learns of it, and a wake-up is made where it asks for one.
pub async fn receive(
    app: &App,
    account: Account,
    openid: &OpenId,
    receipt: &Receipt,
) -> Result<(), AppError> {
    let receipt = app.table.report_receipt(account, openid, receipt).await?;
    let push = match &receipt.push {
        Some(push) => push.clone(),
        None => match take_for_unknown(app, account, openid, &receipt).await? {
            Some(push) => push,
            // Its own answer may still be on the way, or never come: then somebody looks for it.
            None => return Ok(()),
        },
    };
    let now = app.now();
    let mut written = None;
    let updated = app
        .table
        .update_at(keys::reminder(&push.openid, &push.id), |reminder: &mut Reminder| {
            let before = (reminder.timeline.clone(), reminder.push(push.revision, push.n).cloned());
            reminder.receive(push.revision, push.n, &push.attempt, &receipt.outcome, now);
            written = None;
            if reminder.timeline == before.0 {
                return Change::Keep(());
            }
            written = before.1.zip(reminder.push(push.revision, push.n).cloned());
            Change::Write(())
        })
        .await;
    let reminder = match updated {
        Ok((reminder, ())) => reminder.item,
        // Forgotten meanwhile.
        Err(TableError::Gone(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if let Some((before, after)) = written {
        app.metrics.push_changed(&before, &after, now);
    }
    tracing::info!(reminder = reminder.id, push = push.n, outcome = ?receipt.outcome, "a receipt arrived");
    wake_if_retrying(app, &reminder, push.revision, push.n).await
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

/// A push that a receipt sent back to be tried again needs a schedule; made twice, it is the same one.
pub(crate) async fn wake_if_retrying(
    app: &App,
    reminder: &Reminder,
    revision: u64,
    n: u8,
) -> Result<(), AppError> {
    if let Some(push) = reminder.push(revision, n)
        && let State::Retrying { at, .. } = push.state
    {
        app.schedules.wake_push(reminder, push, at, app.now()).await?;
    }
    Ok(())
}
