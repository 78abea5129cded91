//! Attempt, send, settle; and with the next channel again, until one takes it or none is left.

use jiff::Timestamp;

use super::judge::{Circumstances, CreditVerdict, Verdict, judge};
use super::plan::Route;
use super::resolve::msgid_of_repeated;
use super::send::{Outcome, recipient, send};
use super::telling::{Repeat, Telling};
use crate::app::{App, AppError};
use crate::delivery::receipts::wake_if_retrying;
use crate::person::user::{Follow, User};
use crate::reminder::{Attempt, Ended, LOOK_AFTER, Refused};
use crate::table::Change;

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
    app: &App,
    mut telling: Telling,
    routes: Vec<Route>,
    repeat: Repeat<'_>,
) -> Result<Did, AppError> {
    let mut routes = routes.into_iter();
    let Some(route) = routes.next() else { return Ok(Did::Nothing) };
    let (revision, n) = (telling.revision, telling.n);
    let mut attempt = telling.new_attempt(route.channel, app.now(), repeat);
    let claimed = telling
        .change(app, |reminder| match reminder.attempt(revision, n, &attempt, &route.why, app.now()) {
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
    let mut ahead = Ahead { routes, again_at: None };
    loop {
        let outcome = send(app, &mut telling, &attempt).await?;
        let next = settle(app, &mut telling, &attempt, &outcome, &mut ahead).await?;
        match next {
            Next::Channel(next) => attempt = next,
            Next::End(did) => return Ok(did),
        }
    }
}

/// What is left to be tried.
struct Ahead {
    routes: std::vec::IntoIter<Route>,
    /// A channel gave way to the next one; if none of them takes it, it is asked again at this moment.
    again_at: Option<Timestamp>,
}

enum Next {
    Channel(Attempt),
    End(Did),
}

async fn settle(
    app: &App,
    telling: &mut Telling,
    attempt: &Attempt,
    outcome: &Outcome,
    ahead: &mut Ahead,
) -> Result<Next, AppError> {
    let now = app.now();
    let (revision, n) = (telling.revision, telling.n);
    let timezone = telling.reminder.item.content.zone();
    let judged = judge(
        outcome,
        &Circumstances {
            channel: attempt.channel,
            started_at: attempt.started_at,
            push: telling.push(),
            reminder_id: &telling.reminder.item.id,
            expires_at: telling.reminder.item.content.expires_at,
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
    let again_at = match judged.verdict {
        Verdict::Later { at, .. } => Some(at),
        _ => None,
    };
    // A refusal of a repeat says nothing about the attempt it repeats; but 43101 on the credit of that attempt says that
    // it was sent.
    let verdict = match judged.verdict {
        _ if attempt.credit.is_some() && judged.credit == CreditVerdict::Exhausted => Verdict::Sent,
        Verdict::NextChannel | Verdict::Later { .. } if attempt.is_repeat() => {
            let look_at = crate::schedules::ahead(attempt.started_at + LOOK_AFTER, now);
            Verdict::Look { at: again_at.unwrap_or(look_at) }
        }
        verdict => verdict,
    };
    // First of all what proves that it was sent, should this run end here.
    let noted = match outcome {
        Outcome::Sent { msgid: Some(msgid) } => {
            (Some(msgid.clone()), link_receipt(app, telling, attempt, msgid).await?)
        }
        _ => (None, None),
    };
    account_for(app, telling, attempt, judged.credit, judged.unfollowed).await?;
    // What the ledger, the follow flag or time will tell need not be remembered against the channel.
    let keep_channel = again_at.is_some()
        || judged.unfollowed
        || judged.credit == CreditVerdict::Exhausted
        || matches!(outcome, Outcome::NoCredit);
    let mut wake_at = None;
    let mut following = None;
    let (ended, did) = match verdict {
        Verdict::Sent => {
            let (msgid, receipt) = match noted {
                // Its own msgid is that of an attempt it repeats, whose answer was lost.
                (None, _) => msgid_of_repeated(app, telling, attempt).await?,
                noted => noted,
            };
            (Ended::Sent { msgid, receipt }, Did::Sent)
        }
        Verdict::NextChannel | Verdict::Later { give_way: true, .. } if ahead.is_open(telling, now) => {
            let route = ahead.routes.next();
            let attempt = route.map(|route| telling.new_attempt(route.channel, now, Repeat::No));
            let attempt = attempt.expect("there is a next route");
            following = Some(attempt.clone());
            ahead.again_at = earlier(ahead.again_at, again_at);
            (Ended::Next { attempt, keep_channel }, Did::Waits)
        }
        Verdict::NextChannel | Verdict::Later { .. } => {
            // Without time left in this run, the next channel is for the next one.
            let would_go_on = matches!(verdict, Verdict::NextChannel | Verdict::Later { give_way: true, .. });
            let cut_short = (would_go_on && ahead.has_more()).then(|| crate::schedules::ahead(now, now));
            match earlier(earlier(ahead.again_at, again_at), cut_short) {
                Some(at) => {
                    wake_at = Some(at);
                    (Ended::Retry { at, keep_channel }, Did::Waits)
                }
                None => (Ended::Undeliverable { refused: !keep_channel }, Did::GaveUp),
            }
        }
        Verdict::Look { at } => {
            wake_at = Some(at);
            (Ended::Unresolved { look_at: at, not_sent: again_at.is_some() }, Did::Waits)
        }
    };
    let settled = telling
        .change(app, |reminder| {
            let before = reminder.timeline.clone();
            let settled = reminder.settle(revision, n, &attempt.id, &ended, &judged.detail, now);
            if reminder.timeline == before { Change::Keep(settled) } else { Change::Write(settled) }
        })
        .await?;
    tracing::info!(
        reminder = telling.reminder.item.id,
        push = n,
        channel = attempt.channel.as_str(),
        detail = judged.detail,
        "an attempt ended"
    );
    if !settled {
        // Somebody else settled it: a receipt, a renewal, or a run that thought this one lost.
        return Ok(Next::End(Did::Nothing));
    }
    let push = telling.push();
    if let Some(next) = following {
        let held = push.attempt().is_some_and(|held| held.id == next.id);
        return Ok(if held { Next::Channel(next) } else { Next::End(Did::GaveUp) });
    }
    if let Some(at) = wake_at
        && !push.is_final()
    {
        app.schedules.wake_push(&telling.reminder.item, push, at, now).await?;
    }
    if did == Did::Sent {
        // Its receipt was here first and sent it back.
        wake_if_retrying(app, &telling.reminder.item, revision, n).await?;
    }
    Ok(Next::End(did))
}

impl Ahead {
    fn has_more(&self) -> bool {
        !self.routes.as_slice().is_empty()
    }

    /// There is another channel, and enough of this run left to ask it.
    fn is_open(&self, telling: &Telling, now: Timestamp) -> bool {
        self.has_more() && telling.may_send(now)
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// The ledger and the follow flag learn what WeChat said.
async fn account_for(
    app: &App,
    telling: &mut Telling,
    attempt: &Attempt,
    credit: CreditVerdict,
    unfollowed: bool,
) -> Result<(), AppError> {
    // Of a long-term subscription WeChat may say that it is gone, too.
    let template_id =
        telling.subscription(attempt.channel).map(|subscription| subscription.template_id.clone());
    let cause = attempt.credit_cause().to_owned();
    let touches_ledger = template_id.is_some() && credit != CreditVerdict::Keep;
    if !touches_ledger && !unfollowed && !telling.holds_unconfirmed(attempt) {
        return Ok(());
    }
    let Some(user) = telling.user.take() else { return Ok(()) };
    let (user, _) = app
        .table
        .update(user, |user: &mut User| {
            let before = user.clone();
            if let Some(template_id) = &template_id {
                let ledger = user.ledger(template_id);
                match credit {
                    CreditVerdict::Keep => ledger.consume(&cause),
                    // The attempt it repeats may have used it.
                    CreditVerdict::Release if attempt.credit.is_some() => {}
                    CreditVerdict::Release => ledger.release(&cause),
                    CreditVerdict::Exhausted => ledger.exhausted(&cause, attempt.started_at),
                }
            }
            let at = attempt.started_at.as_second();
            // A follow that came after this attempt began says otherwise.
            if unfollowed && user.follow.at.is_none_or(|known| known < at) {
                user.follow = Follow { followed: false, at: Some(at) };
            }
            Change::when(*user != before)
        })
        .await?;
    telling.user = Some(user);
    Ok(())
}

/// Says which push the message was; the answer carries the receipt, if that came first.
async fn link_receipt(
    app: &App,
    telling: &Telling,
    attempt: &Attempt,
    msgid: &wechat::MsgId,
) -> Result<Option<crate::receipt::Outcome>, AppError> {
    let reminder = &telling.reminder.item;
    let Some(openid) = recipient(telling.user(), &reminder.openid, attempt.channel) else { return Ok(None) };
    let push = reminder.push_ref(telling.push(), &attempt.id);
    let account = attempt.channel.account();
    let receipt = app.table.link_receipt(account, &openid, msgid, &push, app.now()).await?;
    Ok(receipt.map(|receipt| receipt.outcome))
}
