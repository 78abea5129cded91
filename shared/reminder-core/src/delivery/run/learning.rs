//! What WeChat's answer says beside the message: the ledger, the follow flag and the follower learn it.

use super::{PushName, Run};
use crate::app::AppError;
use crate::delivery::facts::Tried;
use crate::delivery::settle::{Learnt, Settlement};
use crate::following::{block, missed};
use crate::person::ledger::CreditChange;
use crate::person::user::{Block, Follow};
use crate::reminder::{Attempt, Ending};
use crate::table::Change;

impl Run<'_> {
    /// The ledger and the follow flag learn what WeChat said.
    pub(super) async fn account_for(
        &mut self,
        push: PushName,
        attempt: &Attempt,
        settlement: &Settlement,
        tried: &Tried,
    ) -> Result<(), AppError> {
        let Some(facts) = self.facts(push, tried) else { return Ok(()) };
        // Of a long-term subscription WeChat may say that it is gone, too.
        let template_id = facts.subscription(attempt.channel).map(|own| own.template_id.clone());
        let touches_ledger = template_id.is_some() && settlement.credit != CreditChange::Keep;
        let sent = matches!(settlement.ending, Ending::Sent { .. });
        let granted = facts.grant_to_confirm(attempt.channel).filter(|_| sent).map(str::to_owned);
        if !touches_ledger && settlement.learnt.is_none() && granted.is_none() {
            return Ok(());
        }
        let at = attempt.started_at.as_second();
        if settlement.learnt == Some(Learnt::Unfollowed) {
            self.note_unfollowed(attempt).await?;
        }
        self.change_user(|user| {
            let before = user.clone();
            if let Some(template_id) = &template_id {
                let repeats = attempt.credit.is_some();
                let (cause, began) = (attempt.credit_cause(), attempt.started_at);
                user.ledger(template_id).account_for(cause, began, settlement.credit, repeats);
            }
            if let Some(template_id) = &granted {
                user.ledger(template_id).confirm_grant();
            }
            // A follow that came after this attempt began says otherwise.
            if settlement.learnt == Some(Learnt::Unfollowed) && user.follow.at.is_none_or(|known| known < at)
            {
                user.follow = Follow { followed: false, at: Some(at) };
            }
            Change::when(*user != before)
        })
        .await?;
        if settlement.learnt == Some(Learnt::Refuses) {
            self.learn_of_refusal(Block { blocked: true, at: Some(at) }).await?;
        }
        Ok(())
    }

    /// Of the follower, too: whoever links them again starts from what they refused.
    async fn learn_of_refusal(&mut self, news: Block) -> Result<(), AppError> {
        let follower = self.user.as_ref().and_then(|user| user.item.service_openid().cloned());
        self.change_user(|user| Change::when(user.block.learn(news))).await?;
        match follower {
            Some(follower) => block::learn(self.app, &follower, news).await,
            None => Ok(()),
        }
    }

    /// The follower learns first: what proves that they follow after all is compared with what that item says.
    async fn note_unfollowed(&self, attempt: &Attempt) -> Result<(), AppError> {
        let Some(follower) = self.user.as_ref().and_then(|user| user.item.service_openid()) else {
            return Ok(());
        };
        missed::refused(self.app, follower, attempt.started_at.as_second()).await
    }
}
