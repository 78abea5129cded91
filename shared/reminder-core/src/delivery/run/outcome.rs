//! What became of a message, where its own answer does not say it: looked for when it is sent, and again when its time comes.

use jiff::SignedDuration;
use wechat::MsgId;

use super::{PushName, Run, STEPS_MAX, Then};
use crate::app::AppError;
use crate::delivery::evidence::{self, Evidence, Noted};
use crate::delivery::facts::{Facts, Tried};
use crate::delivery::resolve::{Resolution, Search, find, resolve};
use crate::delivery::send::Outcome;
use crate::delivery::settle::was_taken_unnamed;
use crate::receipt::PushRef;
use crate::reminder::{Attempt, Ending, Reminder, Said};
use crate::table::{Change, TableError};

/// How long the receipt of a message must wait for its own answer before a repeat that WeChat called one takes it.
const REPEATED_SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(30);

impl Run<'_> {
    /// What WeChat took: by its answer, or, where it said that a repeat was one and not which message it repeats, by the
    /// receipt of that, come or to come.
    pub(super) async fn note(
        &self,
        attempt: &Attempt,
        outcome: &Outcome,
        facts: &Facts<'_>,
    ) -> Result<Option<Noted>, AppError> {
        if let Outcome::Sent { msgid: Some(msgid) } = outcome {
            // WeChat names the message that it repeats, whose receipt may have come long ago.
            let known = match attempt.is_repeat() {
                true => evidence::take(self.app, attempt, facts, msgid).await?,
                false => None,
            };
            return Ok(Some(known.unwrap_or(Noted { msgid: msgid.clone(), receipt: None })));
        }
        if !was_taken_unnamed(attempt, outcome) {
            return Ok(None);
        }
        evidence::announce(self.app, attempt, facts).await?;
        let found = evidence::gather(self.app, attempt, facts, false).await?;
        match find(attempt, &found, facts, REPEATED_SETTLED_AFTER) {
            Search::Noted(noted) => Ok(Some(noted)),
            Search::Unmatched(receipt) => evidence::take(self.app, attempt, facts, &receipt.msgid).await,
            Search::TooYoung | Search::Nothing => Ok(None),
        }
    }

    /// The time to look for an outcome has come.
    pub(super) async fn resolve(
        &mut self,
        push: PushName,
        attempt: &Attempt,
        tried: &Tried,
    ) -> Result<Then, AppError> {
        let mut evidence: Option<Evidence> = None;
        for _ in 0..STEPS_MAX {
            let Some(facts) = self.facts(push, tried) else { return Ok(Then::Rest) };
            let (ending, detail) = match resolve(attempt, evidence.as_ref(), &facts) {
                Resolution::Gather { others_matter } => {
                    evidence = Some(evidence::gather(self.app, attempt, &facts, others_matter).await?);
                    continue;
                }
                Resolution::Announce => {
                    evidence::announce(self.app, attempt, &facts).await?;
                    let newer = evidence::gather(self.app, attempt, &facts, false).await?;
                    evidence = Some(Evidence { announced: true, ..newer });
                    continue;
                }
                Resolution::Take(receipt) => {
                    let announced = evidence.is_some_and(|evidence| evidence.announced);
                    let newer = self.take(attempt, &facts, &receipt.msgid).await?;
                    evidence = Some(Evidence { announced, ..newer });
                    continue;
                }
                Resolution::Repeat { attempt: next, why, uncertain } => {
                    if uncertain {
                        self.set_uncertain(attempt).await?;
                    }
                    return self.begin(push, next, &why.into()).await;
                }
                Resolution::Sent(Noted { msgid, receipt }) => {
                    (Ending::Sent { msgid: Some(msgid), receipt }, "its receipt was found")
                }
                Resolution::Used => (
                    Ending::Sent { msgid: None, receipt: None },
                    "its credit was used; its receipt may be lost",
                ),
                Resolution::Retry { at, why } => (Ending::Retry { at, keep_channel: true }, why),
                Resolution::Wait { at, why } => (Ending::Wait { look_at: at }, why),
                Resolution::NotTaken { at } => {
                    self.give_back(attempt).await?;
                    (Ending::NotTaken { at }, "WeChat did not take it: its receipt would have come")
                }
                Resolution::Unknown => {
                    self.set_uncertain(attempt).await?;
                    tracing::error!(
                        reminder = self.reminder.item.id,
                        push = push.n,
                        "the outcome of a push stays unknown"
                    );
                    (Ending::Unknown, "no receipt came; it may or may not have arrived")
                }
            };
            self.settle(push, attempt, &ending, Said { detail, errmsg: "" }, false).await?;
            return Ok(Then::Look);
        }
        Ok(Then::Rest)
    }

    /// Takes the receipt, and knows all there is to know; or knows what is left, if it went to another attempt meanwhile.
    async fn take(&self, attempt: &Attempt, facts: &Facts<'_>, msgid: &MsgId) -> Result<Evidence, AppError> {
        match evidence::take(self.app, attempt, facts, msgid).await? {
            Some(noted) => Ok(Evidence { noted: Some(noted), ..Evidence::default() }),
            None => evidence::gather(self.app, attempt, facts, true).await,
        }
    }

    /// No attempt was taken: their credits are back.
    async fn give_back(&mut self, attempt: &Attempt) -> Result<(), AppError> {
        let Some(template_id) = &attempt.one_time_template else { return Ok(()) };
        self.change_user(|user| {
            let ledger = user.ledger(template_id);
            let before = ledger.clone();
            attempt.ids().for_each(|id| ledger.give_back(id));
            if attempt.denials > 0 {
                ledger.deny_in_vain(attempt.started_at);
            }
            Change::when(*ledger != before)
        })
        .await
    }

    /// The credit of the attempt may still be WeChat's.
    async fn set_uncertain(&mut self, attempt: &Attempt) -> Result<(), AppError> {
        self.change_user(|user| Change::when(user.set_uncertain(attempt))).await
    }

    /// WeChat took a message whose attempt another run, a renewal or a failure has left without its msgid: who looks for
    /// it must find that it was sent.
    pub(super) async fn keep_what_is_not_settled(
        &self,
        PushName { revision, n }: PushName,
        attempt: &Attempt,
        outcome: &Outcome,
        settled: &Result<bool, AppError>,
    ) -> Result<(), AppError> {
        let Outcome::Sent { msgid: Some(msgid) } = outcome else { return Ok(()) };
        if matches!(settled, Ok(true) | Err(AppError::Table(TableError::Gone(_)))) {
            return Ok(());
        }
        let Reminder { openid, id, .. } = &self.reminder.item;
        let attempt_id = attempt.id.clone();
        let push = PushRef { openid: openid.clone(), id: id.clone(), revision, n, attempt: attempt_id };
        evidence::link(self.app, attempt, &push, msgid).await
    }
}
