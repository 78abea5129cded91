//! Claim, send, settle; and with the next channel again, until one takes it or none is left.

use super::judge::{Circumstances, CreditVerdict, Verdict, judge};
use super::plan::Route;
use super::send::{Outcome, recipient, send};
use super::telling::Telling;
use crate::core::{Core, CoreError};
use crate::receipts::wake_if_retrying;
use crate::reminder::{Claim, Ended, Refused};
use crate::table::Change;
use crate::user::{Follow, User};

/// What a run of dispatch came to, for the log and the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Nothing was due, or nothing is left to be done.
    Nothing,
    Sent,
    /// It will be looked at again.
    Waits,
    /// It ended without being sent, or nobody will know.
    GaveUp,
}

/// Claims the push for the first of `routes` and goes through them.
pub(super) async fn attempt(
    core: &Core,
    mut telling: Telling,
    routes: Vec<Route>,
    repeats: Option<String>,
) -> Result<Did, CoreError> {
    let mut routes = routes.into_iter();
    let Some(route) = routes.next() else { return Ok(Did::Nothing) };
    let (revision, n) = (telling.revision, telling.n);
    let mut claim = telling.new_claim(route.channel, core.now(), repeats);
    let claimed = telling
        .change(core, |reminder| match reminder.claim(revision, n, &claim, &route.why, core.now()) {
            Ok(()) => Change::Write(Ok(())),
            Err(refused) => Change::Keep(Err(refused)),
        })
        .await?;
    if let Err(refused) = claimed {
        tracing::info!(reminder = telling.reminder.item.id, push = n, %refused, "the push was not claimed");
        return Ok(match refused {
            Refused::NotDue(_) => Did::Waits,
            _ => Did::Nothing,
        });
    }
    loop {
        let outcome = send(core, &mut telling, &claim).await?;
        let next = settle(core, &mut telling, &claim, &outcome, &mut routes).await?;
        match next {
            Next::Channel(next) => claim = next,
            Next::End(did) => return Ok(did),
        }
    }
}

enum Next {
    Channel(Claim),
    End(Did),
}

async fn settle(
    core: &Core,
    telling: &mut Telling,
    claim: &Claim,
    outcome: &Outcome,
    routes: &mut impl Iterator<Item = Route>,
) -> Result<Next, CoreError> {
    let now = core.now();
    let (revision, n) = (telling.revision, telling.n);
    let timezone = telling.reminder.item.draft.zone();
    let judged = judge(
        outcome,
        &Circumstances {
            channel: claim.channel,
            started_at: claim.started_at,
            push: telling.push(),
            reminder_id: &telling.reminder.item.id,
            expires_at: telling.reminder.item.draft.expires_at,
            settings: &telling.settings,
            timezone: &timezone,
            now,
        },
    );
    if judged.alarm {
        tracing::error!(
            reminder = telling.reminder.item.id,
            push = n,
            detail = judged.detail,
            "needs attention"
        );
    }
    // A repeat of an attempt that may have been sent: a refusal of the repeat says nothing about the first, but for
    // 43101 on a credit that was the last one, which says that the first was sent.
    let verdict = match (&claim.repeats, judged.verdict) {
        (Some(_), _) if judged.credit == CreditVerdict::Exhausted => Verdict::Sent,
        (Some(_), Verdict::NextChannel | Verdict::Later { .. }) => {
            Verdict::Look { at: crate::schedules::ahead(claim.started_at + crate::reminder::LOOK_AFTER, now) }
        }
        (_, verdict) => verdict,
    };
    account_for(core, telling, claim, judged.credit, judged.unfollowed).await?;
    let mut wake_at = None;
    let mut following = None;
    let (ended, did) = match verdict {
        Verdict::Sent => {
            let (msgid, receipt) = match outcome {
                Outcome::Sent { msgid: Some(msgid) } => {
                    (Some(msgid.clone()), link_receipt(core, telling, claim, msgid).await?)
                }
                _ => (None, None),
            };
            (Ended::Sent { msgid, receipt }, Did::Sent)
        }
        Verdict::NextChannel => match routes.next() {
            Some(route) => {
                let claim = telling.new_claim(route.channel, now, None);
                following = Some(claim.clone());
                (Ended::Next { claim }, Did::Waits)
            }
            None => (Ended::Undeliverable { refused: true }, Did::GaveUp),
        },
        Verdict::Later { at, give_way } => match routes.next().filter(|_| give_way) {
            Some(route) => {
                let claim = telling.new_claim(route.channel, now, None);
                following = Some(claim.clone());
                (Ended::Next { claim }, Did::Waits)
            }
            None => {
                wake_at = Some(at);
                (Ended::Retry { at, keep_channel: true }, Did::Waits)
            }
        },
        Verdict::Look { at } => {
            wake_at = Some(at);
            (Ended::Unresolved { look_at: at }, Did::Waits)
        }
    };
    let settled = telling
        .change(core, |reminder| {
            let before = reminder.timeline.clone();
            let settled = reminder.settle(revision, n, &claim.id, &ended, &judged.detail, now);
            if reminder.timeline == before { Change::Keep(settled) } else { Change::Write(settled) }
        })
        .await?;
    tracing::info!(
        reminder = telling.reminder.item.id,
        push = n,
        channel = claim.channel.as_str(),
        detail = judged.detail,
        "an attempt ended"
    );
    if !settled {
        // Somebody else settled it: a receipt, a renewal, or a run that thought this one lost.
        return Ok(Next::End(Did::Nothing));
    }
    let push = telling.push();
    if let Some(next) = following {
        let held = push.claim().is_some_and(|held| held.id == next.id);
        return Ok(if held { Next::Channel(next) } else { Next::End(Did::GaveUp) });
    }
    if let Some(at) = wake_at
        && !push.is_final()
    {
        core.schedules.wake_push(&telling.reminder.item, push, at, now).await?;
    }
    if did == Did::Sent {
        // Its receipt was here first and sent it back.
        wake_if_retrying(core, &telling.reminder.item, revision, n).await?;
    }
    Ok(Next::End(did))
}

/// The ledger and the follow flag learn what WeChat said.
async fn account_for(
    core: &Core,
    telling: &mut Telling,
    claim: &Claim,
    credit: CreditVerdict,
    unfollowed: bool,
) -> Result<(), CoreError> {
    // Of a long-term subscription WeChat may say that it is gone, too.
    let template_id =
        telling.subscription(claim.channel).map(|subscription| subscription.template_id.clone());
    let cause = claim.repeats.as_ref().unwrap_or(&claim.id).clone();
    let touches_ledger = template_id.is_some() && credit != CreditVerdict::Keep;
    if !touches_ledger && !unfollowed && !telling.holds_unconfirmed(claim) {
        return Ok(());
    }
    let Some(user) = telling.user.take() else { return Ok(()) };
    let (user, ()) = core
        .table
        .update(user, |user: &mut User| {
            let before = user.clone();
            if let Some(template_id) = &template_id {
                let ledger = user.ledger(template_id);
                match credit {
                    CreditVerdict::Keep => ledger.consume(&cause),
                    // The first attempt may have used it.
                    CreditVerdict::Release if claim.repeats.is_some() => {}
                    CreditVerdict::Release => ledger.release(&cause),
                    CreditVerdict::Exhausted => ledger.exhausted(&cause, claim.started_at),
                }
            }
            let at = claim.started_at.as_second();
            // A follow that came after this attempt began says otherwise.
            if unfollowed && user.follow.at.is_none_or(|known| known < at) {
                user.follow = Follow { followed: false, at: Some(at) };
            }
            if *user == before { Change::Keep(()) } else { Change::Write(()) }
        })
        .await?;
    telling.user = Some(user);
    Ok(())
}

/// Says which push the message was; the answer carries the receipt, if that came first.
async fn link_receipt(
    core: &Core,
    telling: &Telling,
    claim: &Claim,
    msgid: &wechat::MsgId,
) -> Result<Option<crate::receipt::Outcome>, CoreError> {
    let reminder = &telling.reminder.item;
    let Some(openid) = recipient(telling.user(), &reminder.openid, claim.channel) else { return Ok(None) };
    let push = reminder.push_ref(telling.push(), &claim.id);
    let account = claim.channel.account();
    let receipt = core.table.link_receipt(account, &openid, msgid, &push, core.now()).await?;
    Ok(receipt.map(|receipt| receipt.outcome))
}
