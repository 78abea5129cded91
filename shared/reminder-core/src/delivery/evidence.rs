//! What can be known of a message that was sent, or perhaps was: gathered first, judged elsewhere.

use jiff::SignedDuration;
use wechat::{MsgId, OpenId, TemplateId};

use super::facts::Facts;
use crate::account::Account;
use crate::app::health::Kind;
use crate::app::minutes::Noted as Minutes;
use crate::app::{App, AppError};
use crate::channel::Need;
use crate::receipt::{MessageRecord, Outcome, PushRef, Receipt, UnknownSend};
use crate::reminder::{Attempt, Push, Reminder};
use crate::table::keys;

/// So long after an attempt its silence says something.
pub(super) const EVIDENCE_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// WeChat's clock and ours agree this well.
pub(super) const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_secs(60);
/// WeChat dates a receipt by when it was through with the message: seconds, as a rule.
const RECEIPT_WITHIN: SignedDuration = SignedDuration::from_mins(2);

/// What WeChat took, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) msgid: MsgId,
    /// None: not there yet.
    pub(super) receipt: Option<Outcome>,
}

/// What speaks about an attempt that nobody knows the outcome of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// What was noted of this very attempt, or of one it repeats, before its run came to an end.
    pub(super) noted: Option<Noted>,
    /// Receipts that may be its own and belong to no message we know of, oldest first.
    pub(super) unmatched: Vec<Receipt>,
    /// The user's other attempts on this channel and template whose outcome nobody knows.
    pub(super) others: Vec<Attempt>,
    /// Some receipt of this user's belongs to no message we know of, whatever it says of itself.
    pub(super) has_unmatched: bool,
    /// In which minutes callbacks worked; read once silence can say something.
    pub(super) minutes: Option<Minutes>,
    /// A receipt that comes from now on finds the attempt by itself.
    pub(super) announced: bool,
}

impl Evidence {
    /// What is noted of the messages of whoever the attempt went to.
    fn of(messages: Vec<MessageRecord>, attempt: &Attempt, facts: &Facts<'_>) -> Self {
        let id = &facts.reminder.id;
        let is_ours = |push: &PushRef| attempt.covers(&push.attempt) && push.id == *id;
        let mut evidence = Self::default();
        for message in messages {
            match (message.push, message.receipt) {
                (Some(push), receipt) if is_ours(&push) => {
                    let receipt = receipt.map(|receipt| receipt.outcome);
                    evidence.noted = Some(Noted { msgid: message.msgid, receipt });
                }
                (None, Some(receipt)) => {
                    evidence.has_unmatched |= receipt.create_time >= attempt.began() - CLOCKS_DIFFER_BY;
                    evidence.unmatched.extend(Some(receipt).filter(|one| may_be_of(attempt, one, facts)));
                }
                _ => {}
            }
        }
        evidence.unmatched.sort_by_key(|receipt| receipt.create_time);
        evidence
    }
}

/// Reads what there is. Other attempts are read only where they matter: beside unmatched receipts, or if
/// `others_matter`.
pub(super) async fn gather(
    app: &App,
    attempt: &Attempt,
    facts: &Facts<'_>,
    others_matter: bool,
) -> Result<Evidence, AppError> {
    let mut messages = match recipient(attempt, &facts.reminder.openid) {
        Some(openid) => app.table.receipts(attempt.channel.account(), &openid).await?,
        None => Vec::new(),
    };
    let reminders = match others_matter || messages.iter().any(MessageRecord::is_unmatched) {
        true => {
            let partition = keys::user_partition(&facts.reminder.openid);
            app.table.readable_with_prefix::<Reminder>(&partition, keys::REMINDER).await?
        }
        false => Vec::new(),
    };
    drop_what_is_known(&mut messages, reminders.iter().map(|reminder| &reminder.item));
    let mut evidence = Evidence::of(messages, attempt, facts);
    if !evidence.unmatched.is_empty() && attempt.channel.need() == Need::Follow {
        let health = app.health.read(attempt.channel.account()).await?;
        if health.notes.contains_key(&Kind::ForeignReceipt) {
            // No receipt of a template message says whose it is: any of them may be another system's.
            evidence.unmatched.clear();
        }
    }
    if evidence.noted.is_none() && (others_matter || !evidence.unmatched.is_empty()) {
        let attempts = reminders.iter().flat_map(|reminder| &reminder.item.pushes).filter_map(Push::attempt);
        evidence.others = attempts.filter(|other| is_like(attempt, other)).cloned().collect();
    }
    // Silence says nothing beside a word.
    if evidence.noted.is_none() && facts.now >= attempt.started_at + EVIDENCE_AFTER {
        let account = attempt.channel.account();
        let until = attempt.started_at + EVIDENCE_AFTER;
        evidence.minutes = Some(app.minutes.read(account, attempt.began(), until).await?);
    }
    Ok(evidence)
}

/// A receipt whose callback was cut off may still lie there as unmatched, though a reminder tells of its message.
fn drop_what_is_known<'a>(
    messages: &mut Vec<MessageRecord>,
    reminders: impl Iterator<Item = &'a Reminder> + Clone,
) {
    messages.retain(|message| {
        let is_told_of = || reminders.clone().any(|reminder| reminder.timeline.tells_of(&message.msgid));
        !message.is_unmatched() || !is_told_of()
    });
}

/// Whether an unmatched receipt of the one may be the other's.
fn is_like(attempt: &Attempt, other: &Attempt) -> bool {
    other.id != attempt.id
        && (other.channel, &other.one_time_template) == (attempt.channel, &attempt.one_time_template)
}

/// Says which push a message was whose attempt is not there to be settled any more.
pub(super) async fn link(
    app: &App,
    attempt: &Attempt,
    push: &PushRef,
    msgid: &MsgId,
) -> Result<(), AppError> {
    let Some(recipient) = recipient(attempt, &push.openid) else { return Ok(()) };
    Ok(app.table.link_receipt(attempt.channel.account(), &recipient, msgid, push, app.now()).await?)
}

/// Takes an unmatched receipt for this attempt. None: there is none, or it belongs to another push by now.
pub(super) async fn take(
    app: &App,
    attempt: &Attempt,
    facts: &Facts<'_>,
    msgid: &MsgId,
) -> Result<Option<Noted>, AppError> {
    let Some(openid) = recipient(attempt, &facts.reminder.openid) else {
        return Ok(None);
    };
    let push = facts.reminder.push_ref(facts.push, &attempt.id);
    let account = attempt.channel.account();
    let taken = app.table.take_receipt(account, &openid, msgid, &push).await?;
    Ok(taken.map(|receipt| Noted { msgid: receipt.msgid, receipt: Some(receipt.outcome) }))
}

/// For the receipt that comes all the same, some day.
pub(super) async fn announce(app: &App, attempt: &Attempt, facts: &Facts<'_>) -> Result<(), AppError> {
    match unknown_send(attempt, facts) {
        Some(unknown) => Ok(app.table.put_anyway(unknown).await?),
        None => Ok(()),
    }
}

fn unknown_send(attempt: &Attempt, facts: &Facts<'_>) -> Option<UnknownSend> {
    Some(UnknownSend {
        account: attempt.channel.account(),
        recipient: recipient(attempt, &facts.reminder.openid)?,
        template_id: receipt_template(attempt, facts),
        push: facts.reminder.push_ref(facts.push, &attempt.id),
        began: attempt.began() - CLOCKS_DIFFER_BY,
        ended: attempt.started_at + RECEIPT_WITHIN,
    })
}

/// Whether the receipt, which belongs to no message we know of, can be this attempt's by what it says of itself.
pub(super) fn may_be_of(attempt: &Attempt, receipt: &Receipt, facts: &Facts<'_>) -> bool {
    let earliest = attempt.began() - CLOCKS_DIFFER_BY;
    receipt.create_time >= earliest && receipt.template_id == receipt_template(attempt, facts)
}

/// The template that the receipt names: that of the attempt, whatever the settings say by now. A template message's
/// names none.
fn receipt_template(attempt: &Attempt, facts: &Facts<'_>) -> Option<TemplateId> {
    let now = || facts.subscription(attempt.channel).map(|own| own.template_id.as_str());
    attempt.one_time_template.as_deref().or_else(now).map(TemplateId::from)
}

/// Which openid the receipts of an attempt for this user come with.
fn recipient(attempt: &Attempt, user: &OpenId) -> Option<OpenId> {
    match attempt.channel.account() {
        Account::MiniProgram => Some(user.clone()),
        Account::ServiceAccount => attempt.follower.clone(),
    }
}

#[cfg(test)]
mod tests;
