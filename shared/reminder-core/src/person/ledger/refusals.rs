//! What a refusal does to a ledger: the user takes back what they accepted, or WeChat says that there is nothing (43101).

use jiff::{SignedDuration, Timestamp};

use super::marks::{Accept, Origin, short};
use super::{Doubt, Grant, Ledger, Standing};

/// Pushes of one minute hear the same 43101 one after the other: it is one answer, not several.
const ONE_ANSWER: SignedDuration = SignedDuration::from_mins(30);

impl Ledger {
    /// The user refused at `at` (WeChat's change event, or a rejected prompt of a long-term template). Says whether the
    /// ledger changed.
    pub fn refuse(&mut self, at: Timestamp) -> bool {
        self.revoke(at.as_second())
    }

    /// Nothing accepted before this second is left. Of its very second nobody knows what came first.
    pub(super) fn revoke(&mut self, moment: i64) -> bool {
        if self.worthless.is_some_and(|known| known >= moment) {
            return false;
        }
        self.grant = match self.grant {
            Some(grant) if grant.at < moment => None,
            Some(grant) if grant.at == moment => Some(Grant { standing: Standing::Uncertain, ..grant }),
            grant => grant,
        };
        let of_this_second = self.accepts.iter().filter(|accept| accept.at == moment).count();
        let gone = self.forget(moment, Origin::Nothing);
        self.worthless = Some(moment);
        self.doubted = self.doubted.filter(|doubted| *doubted > moment);
        self.doubt(gone.min(u32::try_from(of_this_second).unwrap_or(u32::MAX)), moment);
        true
    }

    /// WeChat refused an attempt begun at `began` for want of a credit (43101). What its own events told of before is in
    /// doubt then, and worth one more attempt later; a second such answer with nothing accepted between says that nothing
    /// is left.
    pub fn exhausted(&mut self, cause: &str, began: Timestamp) {
        let moment = began.as_second();
        self.doubt_grant(moment);
        let Some(held) = self.take(short(cause)) else { return };
        let is_one_answer = self.is_one_answer(moment);
        let in_doubt = self.left(Standing::Uncertain);
        let gone = self.forget(moment, Origin::Uncertain) + u32::from(held.origin == Origin::Counted);
        let in_doubt_before = in_doubt.saturating_sub(self.left(Standing::Uncertain));
        let left = match is_one_answer {
            true => gone + in_doubt_before + u32::from(held.origin == Origin::Uncertain),
            false => gone,
        };
        if left == 0 {
            self.nothing_left(moment);
            return;
        }
        self.doubt(left, moment);
        if !is_one_answer {
            self.doubted = Some(moment);
        }
    }

    /// An attempt that repeats one of unknown outcome on the user's last credit was refused at `began`: that one used it.
    pub(super) fn used_up(&mut self, began: Timestamp) {
        let moment = began.as_second();
        self.forget(moment, Origin::Nothing);
        self.nothing_left(moment);
    }

    /// WeChat denied at `began` the last credit, and no message used it: it may still be there, or be one that the user took
    /// back without an event. One more attempt will tell.
    pub fn deny_in_vain(&mut self, began: Timestamp) {
        let moment = began.as_second();
        if self.worthless.is_none_or(|known| known <= moment) {
            self.doubt(1, moment);
            self.doubted = Some(moment);
        }
    }

    /// So many credits more are in doubt.
    pub(super) fn doubt(&mut self, credits: u32, since: i64) {
        if credits == 0 {
            return;
        }
        let known = self.uncertain.unwrap_or(Doubt { left: 0, since });
        self.uncertain = Some(Doubt { left: known.left + credits, since: known.since.max(since) });
    }

    fn doubt_grant(&mut self, moment: i64) {
        let Some(grant) = self.grant.filter(|grant| grant.at <= moment) else { return };
        match grant.standing {
            Standing::Confirmed => self.grant = Some(Grant { standing: Standing::Uncertain, at: moment }),
            Standing::Reported => {
                self.grant = None;
                self.doubted = Some(moment);
            }
            Standing::Uncertain if moment < grant.at + ONE_ANSWER.as_secs() => {}
            Standing::Uncertain => {
                self.grant = None;
                self.worthless = self.worthless.max(Some(moment));
            }
        }
    }

    fn is_one_answer(&self, moment: i64) -> bool {
        self.doubted.is_some_and(|first| moment < first + ONE_ANSWER.as_secs())
    }

    fn nothing_left(&mut self, moment: i64) {
        for held in self.reservations.iter_mut().filter(|held| held.at <= moment) {
            held.origin = Origin::Nothing;
        }
        self.worthless = self.worthless.max(Some(moment));
        self.doubted = self.doubted.filter(|doubted| *doubted > moment);
    }

    /// Nothing accepted by `moment` counts any more; attempts that took it rest on `instead` now. Answers how many credits
    /// that nobody had taken are gone.
    fn forget(&mut self, moment: i64, instead: Origin) -> u32 {
        let is_later = |accept: &&Accept| accept.at > moment;
        let mut later: Vec<i64> = self.accepts.iter().filter(is_later).map(|accept| accept.at).collect();
        let any_later = !later.is_empty();
        let mut in_doubt: Vec<i64> = Vec::new();
        for held in &mut self.reservations {
            let is_before = held.at <= moment;
            // What began after the moment can only have used what was accepted between.
            let uses_one = !is_before && (held.origin == Origin::Counted || held.settled);
            let used = later.iter().position(|accepted| uses_one && *accepted <= held.at);
            held.settled &= used.is_some();
            held.origin = match (held.origin, used) {
                (Origin::Counted, None) => instead,
                (Origin::Uncertain, _) if is_before => instead,
                (Origin::Reported(report), _) if is_before || report.at <= moment => Origin::Nothing,
                (origin, _) => origin,
            };
            if let Some(accepted) = used.map(|index| later.swap_remove(index)) {
                in_doubt.extend((held.origin != Origin::Counted).then_some(accepted));
            }
        }
        let left = u32::try_from(later.len()).unwrap_or(u32::MAX);
        self.reports.retain(|report| report.at > moment);
        let may_be_later = any_later || self.reservations.iter().any(|held| held.origin.report().is_some());
        self.uncertain = self.uncertain.filter(|doubt| may_be_later && doubt.since > moment);
        in_doubt.into_iter().for_each(|accepted| self.doubt(1, accepted));
        if self.uncertain.is_none() {
            self.reservations.iter_mut().for_each(|held| held.uncertain = false);
        }
        let gone = self.count.saturating_sub(left);
        self.count -= gone;
        gone
    }
}
