//! An attempt nobody knows the outcome of: its receipt is looked for, the message repeated where WeChat makes that
//! harmless, and in the end the settings decide.
//!
//! Never another channel: that could tell the user twice.

use jiff::{SignedDuration, Timestamp};
use wechat::{MsgId, TemplateId};

use super::attempt::{self, Did};
use super::plan::Route;
use super::send::recipient;
use super::telling::{Repeat, Telling};
use crate::app::{App, AppError};
use crate::channel::Channel;
use crate::delivery::receipts::wake_if_retrying;
use crate::person::user::User;
use crate::receipt::{Outcome, PushRef, Receipt, UnknownSend};
use crate::reminder::{Attempt, Ended, LOOK_AFTER, Push, REPEATABLE_FOR, Reminder};
use crate::settings::{CreditSource, OnUnknown};
use crate::table::{Change, keys};

/// WeChat's clock and ours agree this well.
const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_secs(60);
/// WeChat dates a receipt by when it was through with the message: seconds, as a rule.
const RECEIPT_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// A receipt this young may still be waiting for the answer of its own send.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Harmless repeats stop when a push has had so many attempts: WeChat does not answer at all.
const HARMLESS_REPEATS_MAX: u32 = 12;

/// Called when the time to look has come.
pub(super) async fn resolve(app: &App, mut telling: Telling, attempt: Attempt) -> Result<Did, AppError> {
    let now = app.now();
    let is_open = telling.reminder.item.is_open(now);
    let first = telling.push().first_template_attempt.unwrap_or(attempt.started_at);
    if attempt.channel.is_idempotent() && is_open && now.duration_since(first) < REPEATABLE_FOR {
        let route =
            Route { channel: attempt.channel, why: "repeated with the same client_msg_id".to_owned() };
        return attempt::attempt(app, telling, vec![route], Repeat::Harmless(&attempt)).await;
    }
    if was_never_sent(&telling, &attempt) {
        let (reminder, push) = (&telling.reminder.item.id, telling.n);
        tracing::info!(reminder, push, "the lost attempt had not reserved its credit");
        return retry(app, telling, &attempt, "the attempt was lost before it was sent").await;
    }
    let look_at = attempt.started_at + LOOK_AFTER;
    if now < look_at {
        return wait(app, telling, &attempt, look_at, LOOKING).await;
    }
    match find_receipt(app, &telling, &attempt, SETTLED_AFTER).await? {
        Found::Taken { msgid, receipt } => {
            let ended = Ended::Sent { msgid: Some(msgid), receipt };
            return end(app, telling, &attempt, ended, "its receipt was found", Did::Sent).await;
        }
        Found::TooYoung => return wait(app, telling, &attempt, now + SETTLED_AFTER, LOOKING).await,
        Found::None => {}
    }
    if is_open && let Some((route, repeat)) = once_more(app, &telling, &attempt, now).await? {
        if let Some(end) = telling.quiet_end(now) {
            return wait(app, telling, &attempt, end, "it is repeated after the quiet hours").await;
        }
        if matches!(repeat, Repeat::AsSettingsAsk(_)) {
            set_uncertain(app, &mut telling, &attempt).await?;
        }
        return attempt::attempt(app, telling, vec![route], repeat).await;
    }
    // Whatever receipt comes from now on finds the note; what came until now is found here.
    note_unknown(app, &telling, &attempt).await?;
    if let Found::Taken { msgid, receipt } = find_receipt(app, &telling, &attempt, SETTLED_AFTER).await? {
        let ended = Ended::Sent { msgid: Some(msgid), receipt };
        return end(app, telling, &attempt, ended, "its receipt was found", Did::Sent).await;
    }
    set_uncertain(app, &mut telling, &attempt).await?;
    let detail = "no receipt came; it may or may not have arrived";
    tracing::error!(
        reminder = telling.reminder.item.id,
        push = telling.n,
        "the outcome of a push stays unknown"
    );
    end(app, telling, &attempt, Ended::Unknown, detail, Did::GaveUp).await
}

/// WeChat said that a repeat was one, and not which message it repeats: the receipt of that, come or to come, tells.
pub(super) async fn msgid_of_repeated(
    app: &App,
    telling: &Telling,
    attempt: &Attempt,
) -> Result<(Option<MsgId>, Option<Outcome>), AppError> {
    note_unknown(app, telling, attempt).await?;
    match find_receipt(app, telling, attempt, SignedDuration::from_secs(30)).await? {
        Found::Taken { msgid, receipt } => Ok((Some(msgid), receipt)),
        Found::TooYoung | Found::None => Ok((None, None)),
    }
}

/// The credit of the attempt may still be WeChat's.
async fn set_uncertain(app: &App, telling: &mut Telling, attempt: &Attempt) -> Result<(), AppError> {
    let Some(user) = telling.user.take() else { return Ok(()) };
    let (user, _) =
        app.table.update(user, |user: &mut User| Change::when(user.set_uncertain(attempt))).await?;
    telling.user = Some(user);
    Ok(())
}

/// The template that the receipt names: that of the attempt, whatever the settings say by now.
fn sent_as(telling: &Telling, attempt: &Attempt) -> Option<TemplateId> {
    let now = || telling.subscription(attempt.channel).map(|subscription| subscription.template_id.as_str());
    attempt.one_time_template.as_deref().or_else(now).map(TemplateId::from)
}

/// For the receipt that comes all the same, some day.
async fn note_unknown(app: &App, telling: &Telling, attempt: &Attempt) -> Result<(), AppError> {
    let reminder = &telling.reminder.item;
    let Some(recipient) = recipient(telling.user(), &reminder.openid, attempt.channel) else { return Ok(()) };
    let unknown = UnknownSend {
        account: attempt.channel.account(),
        recipient,
        template_id: sent_as(telling, attempt),
        push: reminder.push_ref(telling.push(), &attempt.id),
        began: attempt.began() - CLOCKS_DIFFER_BY,
        ended: attempt.started_at + RECEIPT_WITHIN,
    };
    Ok(app.table.put_anyway(unknown).await?)
}

const LOOKING: &str = "its receipt is looked for";

/// How the attempt may be repeated, on its own channel: harmlessly, or as the settings ask.
async fn once_more<'a>(
    app: &App,
    telling: &Telling,
    attempt: &'a Attempt,
    now: Timestamp,
) -> Result<Option<(Route, Repeat<'a>)>, AppError> {
    let channel = attempt.channel;
    if telling.push().attempts < HARMLESS_REPEATS_MAX
        && rests_on_the_last_credit(app, telling, attempt).await?
    {
        // If any attempt so far was sent, WeChat refuses this one with 43101.
        let route = Route { channel, why: "repeated on the user's last credit".to_owned() };
        return Ok(Some((route, Repeat::Harmless(attempt))));
    }
    if telling.settings.on_unknown != OnUnknown::Repeat || telling.push().repeated {
        return Ok(None);
    }
    let route = telling.plan(now).routes.into_iter().find(|route| route.channel == channel);
    Ok(route.map(|route| {
        let why = format!("no receipt came; once more, as the settings ask ({})", route.why);
        (Route { channel, why }, Repeat::AsSettingsAsk(attempt))
    }))
}

/// A one-time credit is reserved before anything is sent: an attempt without reservation never got that far.
fn was_never_sent(telling: &Telling, attempt: &Attempt) -> bool {
    let (Some(template_id), Some(user)) = (&attempt.one_time_template, telling.user()) else { return false };
    // Of a repeat, an earlier attempt may have been sent.
    !attempt.is_repeat() && user.ledger_of(template_id).is_some_and(|ledger| !ledger.holds(&attempt.id))
}

/// The attempt took the user's last credit, nothing was accepted since, and no other attempt may have left its own with
/// WeChat.
async fn rests_on_the_last_credit(app: &App, telling: &Telling, attempt: &Attempt) -> Result<bool, AppError> {
    // What only the mini program reports may not be true, and 43101 then proves nothing.
    if attempt.channel != Channel::MiniSubscription || telling.settings.credit_source != CreditSource::Events
    {
        return Ok(false);
    }
    let (Some(template_id), Some(user)) = (&attempt.one_time_template, telling.user()) else {
        return Ok(false);
    };
    if telling.subscription(attempt.channel).is_none_or(|now| now.template_id != *template_id) {
        return Ok(false);
    }
    let is_last = user
        .ledger_of(template_id)
        .is_some_and(|ledger| ledger.is_last(attempt.credit_cause(), attempt.began()));
    if !is_last {
        return Ok(false);
    }
    Ok(open_like(app, telling, attempt).await?.is_empty())
}

/// The user's other attempts on this channel and template whose outcome nobody knows yet.
async fn open_like(app: &App, telling: &Telling, attempt: &Attempt) -> Result<Vec<Attempt>, AppError> {
    let partition = keys::user_partition(&telling.reminder.item.openid);
    let reminders = app.table.all_with_prefix::<Reminder>(&partition, keys::REMINDER).await?;
    let others = reminders.iter().flat_map(|reminder| &reminder.item.pushes).filter_map(Push::attempt);
    let is_like = |other: &&Attempt| {
        let alike =
            (other.channel, &other.one_time_template) == (attempt.channel, &attempt.one_time_template);
        alike && other.id != attempt.id
    };
    Ok(others.filter(is_like).cloned().collect())
}

enum Found {
    Taken {
        msgid: MsgId,
        /// Not there yet: the answer of the send was all that was noted.
        receipt: Option<Outcome>,
    },
    TooYoung,
    None,
}

/// What was noted of this very attempt before its run came to an end; else one unclaimed receipt of this user and
/// template from after the attempt.
async fn find_receipt(
    app: &App,
    telling: &Telling,
    attempt: &Attempt,
    settled_after: SignedDuration,
) -> Result<Found, AppError> {
    let now = app.now();
    let reminder = &telling.reminder.item;
    let Some(openid) = recipient(telling.user(), &reminder.openid, attempt.channel) else {
        return Ok(Found::None);
    };
    let account = attempt.channel.account();
    let push = reminder.push_ref(telling.push(), &attempt.id);
    let is_ours = |noted: &PushRef| attempt.covers(&noted.attempt) && noted.id == push.id;
    let mut strays = Vec::new();
    for noted in app.table.receipts(account, &openid).await? {
        match (noted.push, noted.receipt) {
            (Some(push), receipt) if is_ours(&push) => {
                return Ok(Found::Taken {
                    msgid: noted.msgid,
                    receipt: receipt.map(|receipt| receipt.outcome),
                });
            }
            (None, Some(receipt)) => strays.push(receipt),
            _ => {}
        }
    }
    let wanted = sent_as(telling, attempt);
    let earliest = attempt.began() - CLOCKS_DIFFER_BY;
    strays.retain(|receipt| {
        // A template receipt names no template, a subscription receipt does.
        receipt.create_time >= earliest && receipt.template_id == wanted
    });
    strays.sort_by_key(|receipt| receipt.create_time);
    if !strays.is_empty() {
        // No receipt says whose it is: each goes to the open attempt that began last before it.
        let others = open_like(app, telling, attempt).await?;
        let nearer = |other: &Attempt, receipt: &Receipt| {
            other.began() > attempt.began() && receipt.create_time.as_second() >= other.began().as_second()
        };
        strays.retain(|receipt| !others.iter().any(|other| nearer(other, receipt)));
    }
    let mut young = false;
    for receipt in strays {
        if now.duration_since(receipt.received_at) < settled_after {
            young = true;
            continue;
        }
        if app.table.take_receipt(account, &openid, &receipt.msgid, &push).await? {
            return Ok(Found::Taken { msgid: receipt.msgid, receipt: Some(receipt.outcome) });
        }
    }
    Ok(if young { Found::TooYoung } else { Found::None })
}

async fn wait(
    app: &App,
    mut telling: Telling,
    attempt: &Attempt,
    at: Timestamp,
    why: &str,
) -> Result<Did, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    let at = crate::schedules::ahead(at, now);
    let ended = Ended::Unresolved { look_at: at, not_sent: false };
    telling
        .change(app, |reminder| Change::when(reminder.settle(revision, n, &attempt.id, &ended, why, now)))
        .await?;
    // A renewal may have left it out meanwhile.
    if let Some(push) = telling.reminder.item.push(revision, n).filter(|push| !push.is_final()) {
        app.schedules.wake_push(&telling.reminder.item, push, at, now).await?;
    }
    Ok(Did::Waits)
}

/// Back to where it was before the attempt.
async fn retry(app: &App, mut telling: Telling, attempt: &Attempt, why: &str) -> Result<Did, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    let at = telling.quiet_end(now).unwrap_or(now);
    let ended = Ended::Retry { at, keep_channel: true };
    let settled = telling
        .change(app, |reminder| Change::when(reminder.settle(revision, n, &attempt.id, &ended, why, now)))
        .await?;
    if !settled || telling.push().is_final() {
        return Ok(Did::Nothing);
    }
    if at > now {
        app.schedules.wake_push(&telling.reminder.item, telling.push(), at, now).await?;
        return Ok(Did::Waits);
    }
    Box::pin(super::tell(app, telling)).await
}

async fn end(
    app: &App,
    mut telling: Telling,
    attempt: &Attempt,
    ended: Ended,
    detail: &str,
    did: Did,
) -> Result<Did, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    telling
        .change(app, |reminder| Change::when(reminder.settle(revision, n, &attempt.id, &ended, detail, now)))
        .await?;
    if matches!(ended, Ended::Sent { receipt: Some(Outcome::Blocked | Outcome::Failed { .. }), .. }) {
        wake_if_retrying(app, &telling.reminder.item, revision, n).await?;
    }
    Ok(did)
}
