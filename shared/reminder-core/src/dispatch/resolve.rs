//! An attempt nobody knows the outcome of: its receipt is looked for, the message repeated where WeChat makes that
//! harmless, and in the end the settings decide.
//!
//! Never another channel: that could tell the user twice.

use jiff::{SignedDuration, Timestamp};

use super::attempt::{Did, attempt};
use super::plan::Route;
use super::send::recipient;
use super::telling::Telling;
use crate::channel::Channel;
use crate::core::{Core, CoreError};
use crate::receipt::{Outcome, Receipt};
use crate::receipts::wake_if_retrying;
use crate::reminder::{Claim, Ended, LOOK_AFTER, REPEATABLE_FOR};
use crate::settings::OnUnknown;
use crate::table::Change;

/// WeChat's clock and ours agree this well.
const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_secs(60);
/// A receipt this young may still be waiting for the answer of its own send.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Called when the time to look has come.
pub(super) async fn resolve(core: &Core, mut telling: Telling, claim: Claim) -> Result<Did, CoreError> {
    let now = core.now();
    let (revision, n) = (telling.revision, telling.n);
    let may_tell = telling.reminder.item.may_tell(now);
    let first = telling.push().first_template_attempt.unwrap_or(claim.started_at);
    if claim.channel.is_idempotent() && may_tell && now.duration_since(first) < REPEATABLE_FOR {
        let route = Route { channel: claim.channel, why: "repeated with the same client_msg_id".to_owned() };
        return attempt(core, telling, vec![route], Some(claim.id)).await;
    }
    if was_never_sent(&telling, &claim) {
        tracing::info!(
            reminder = telling.reminder.item.id,
            push = n,
            "the lost attempt had not reserved its credit"
        );
        return retry(core, telling, &claim, "the attempt was lost before it was sent").await;
    }
    let look_at = claim.started_at + LOOK_AFTER;
    if now < look_at {
        return wait(core, telling, &claim, look_at).await;
    }
    match find_receipt(core, &telling, &claim, now).await? {
        Found::Receipt(receipt) => {
            let ended = Ended::Sent { msgid: Some(receipt.msgid), receipt: Some(receipt.outcome) };
            return end(core, telling, &claim, ended, "its receipt was found", Did::Sent).await;
        }
        Found::TooYoung => return wait(core, telling, &claim, now + SETTLED_AFTER).await,
        Found::None => {}
    }
    if may_tell && rests_on_the_last_credit(&telling, &claim) {
        // Harmless: if the first was sent, WeChat refuses this one with 43101.
        let route = Route { channel: claim.channel, why: "repeated on the user's last credit".to_owned() };
        return attempt(core, telling, vec![route], Some(claim.id)).await;
    }
    if may_tell && telling.settings.on_unknown == OnUnknown::Repeat && !telling.push().repeated {
        let at = telling.quiet_end(now).unwrap_or(now);
        let repeated = telling
            .change(core, |reminder| match reminder.repeat_unknown(revision, n, &claim.id, at, now) {
                true => Change::Write(true),
                false => Change::Keep(false),
            })
            .await?;
        if !repeated {
            return Ok(Did::Nothing);
        }
        if at > now {
            core.schedules.wake_push(&telling.reminder.item, telling.push(), at, now).await?;
            return Ok(Did::Waits);
        }
        let plan = telling.plan(now);
        if plan.routes.is_empty() {
            let reason = plan.missing.join(", ");
            telling
                .change(core, |reminder| match reminder.give_up(revision, n, &reason, now) {
                    true => Change::Write(()),
                    false => Change::Keep(()),
                })
                .await?;
            return Ok(Did::GaveUp);
        }
        return attempt(core, telling, plan.routes, None).await;
    }
    let detail = "no receipt came; it may or may not have arrived";
    tracing::error!(reminder = telling.reminder.item.id, push = n, "the outcome of a push stays unknown");
    end(core, telling, &claim, Ended::Unknown, detail, Did::GaveUp).await
}

/// A one-time credit is reserved before anything is sent: an attempt without reservation never got that far.
fn was_never_sent(telling: &Telling, claim: &Claim) -> bool {
    let (Some(template_id), Some(user)) = (&claim.one_time_template, telling.user()) else { return false };
    // A repeat rests on the reservation of the attempt it repeats, and that one may have been sent.
    claim.repeats.is_none() && user.ledger_of(template_id).is_none_or(|ledger| !ledger.holds(&claim.id))
}

/// The attempt took the user's last credit, and nothing was accepted since.
fn rests_on_the_last_credit(telling: &Telling, claim: &Claim) -> bool {
    if claim.channel != Channel::MiniSubscription || claim.repeats.is_some() {
        return false;
    }
    let (Some(template_id), Some(user)) = (&claim.one_time_template, telling.user()) else { return false };
    user.ledger_of(template_id).is_some_and(|ledger| {
        ledger.holds(&claim.id) && ledger.count == 0 && !ledger.accepted_since(claim.started_at)
    })
}

enum Found {
    Receipt(Receipt),
    TooYoung,
    None,
}

/// Takes one unclaimed receipt of this user and template from after the attempt.
async fn find_receipt(
    core: &Core,
    telling: &Telling,
    claim: &Claim,
    now: Timestamp,
) -> Result<Found, CoreError> {
    let reminder = &telling.reminder.item;
    let Some(openid) = recipient(telling.user(), &reminder.openid, claim.channel) else {
        return Ok(Found::None);
    };
    let account = claim.channel.account();
    let wanted = telling.subscription(claim.channel).map(|subscription| subscription.template_id.as_str());
    let earliest = claim.began() - CLOCKS_DIFFER_BY;
    let mut strays: Vec<Receipt> = core
        .table
        .stray_receipts(account, &openid)
        .await?
        .into_iter()
        .filter(|receipt| receipt.create_time >= earliest)
        // A template receipt names no template, a subscription receipt does.
        .filter(|receipt| receipt.template_id.as_ref().map(|id| id.as_str()) == wanted)
        .collect();
    strays.sort_by_key(|receipt| receipt.create_time);
    let push = reminder.push_ref(telling.push(), &claim.id);
    let mut young = false;
    for receipt in strays {
        if now.duration_since(receipt.received_at) < SETTLED_AFTER {
            young = true;
            continue;
        }
        if core.table.take_receipt(account, &openid, &receipt.msgid, &push).await? {
            return Ok(Found::Receipt(receipt));
        }
    }
    Ok(if young { Found::TooYoung } else { Found::None })
}

async fn wait(core: &Core, mut telling: Telling, claim: &Claim, at: Timestamp) -> Result<Did, CoreError> {
    let now = core.now();
    let (revision, n) = (telling.revision, telling.n);
    let at = crate::schedules::ahead(at, now);
    let ended = Ended::Unresolved { look_at: at };
    telling
        .change(core, |reminder| {
            match reminder.settle(revision, n, &claim.id, &ended, "its receipt is looked for", now) {
                true => Change::Write(()),
                false => Change::Keep(()),
            }
        })
        .await?;
    if !telling.push().is_final() {
        core.schedules.wake_push(&telling.reminder.item, telling.push(), at, now).await?;
    }
    Ok(Did::Waits)
}

/// Back to where it was before the attempt.
async fn retry(core: &Core, mut telling: Telling, claim: &Claim, why: &str) -> Result<Did, CoreError> {
    let now = core.now();
    let (revision, n) = (telling.revision, telling.n);
    let at = telling.quiet_end(now).unwrap_or(now);
    let ended = Ended::Retry { at, keep_channel: true };
    let settled = telling
        .change(core, |reminder| match reminder.settle(revision, n, &claim.id, &ended, why, now) {
            true => Change::Write(true),
            false => Change::Keep(false),
        })
        .await?;
    if !settled || telling.push().is_final() {
        return Ok(Did::Nothing);
    }
    if at > now {
        core.schedules.wake_push(&telling.reminder.item, telling.push(), at, now).await?;
        return Ok(Did::Waits);
    }
    Box::pin(super::tell(core, telling)).await
}

async fn end(
    core: &Core,
    mut telling: Telling,
    claim: &Claim,
    ended: Ended,
    detail: &str,
    did: Did,
) -> Result<Did, CoreError> {
    let now = core.now();
    let (revision, n) = (telling.revision, telling.n);
    telling
        .change(core, |reminder| match reminder.settle(revision, n, &claim.id, &ended, detail, now) {
            true => Change::Write(()),
            false => Change::Keep(()),
        })
        .await?;
    if matches!(ended, Ended::Sent { receipt: Some(Outcome::Blocked | Outcome::Failed { .. }), .. }) {
        wake_if_retrying(core, &telling.reminder.item, revision, n).await?;
    }
    Ok(did)
}
