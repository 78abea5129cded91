//! What lasts on a rough walk: WeChat disturbed for minutes to days, events that come hours late or not at all, and
//! clocks that are wrong.

use jiff::SignedDuration;
use simulator::faults::Fault;
use simulator::functions::with_clocks_off_by;
use simulator::lambda::Functions;
use simulator::wechat::AccountName;
use wechat::ErrCode;

use super::Walk;
use super::chance::Chance;
use super::mishaps::EVENTS;
use crate::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Endpoint, REQUEST_LOST, refusal};

const MINUTE: i64 = 60;
const LASTING: [i64; 6] =
    [5 * MINUTE, 12 * MINUTE, 40 * MINUTE, 180 * MINUTE, 24 * 60 * MINUTE, 72 * 60 * MINUTE];
const WAYS: [Fault; 4] = [refusal(ErrCode::SYSTEM_ERROR), Fault::HttpStatus(502), REQUEST_LOST, ANSWER_LOST];
const CALLS: [Endpoint; 7] = [
    Endpoint::Wechat(Call::TemplateSend),
    Endpoint::Wechat(Call::SubscribeSend),
    Endpoint::Wechat(Call::SubscribeBizsend),
    Endpoint::Wechat(Call::StableToken),
    Endpoint::Wechat(Call::UserInfo),
    Endpoint::Sends(AccountName::MiniProgram),
    Endpoint::Sends(AccountName::ServiceAccount),
];
/// Seconds by which an event is late, at most.
pub(super) const LATE_AT_MOST: i64 = 2 * 60 * MINUTE;

/// How far the functions' clocks are ahead of the world's.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clocks {
    of_callback: SignedDuration,
    of_api: SignedDuration,
    pub(super) of_dispatch: SignedDuration,
}

impl Clocks {
    pub(super) fn any(chance: &mut Chance) -> Self {
        let mut any = || SignedDuration::from_secs(chance.pick(&[-30, -12, -2, 0, 0, 2, 12, 30]));
        Self { of_callback: any(), of_api: any(), of_dispatch: any() }
    }

    /// What is said about moments may be wrong by so much.
    pub(super) fn slack(&self) -> SignedDuration {
        let all = [self.of_callback, self.of_api, self.of_dispatch].map(SignedDuration::abs);
        all.into_iter().max().unwrap_or_default()
    }

    pub(super) fn functions(&self) -> Functions {
        Functions {
            wechat_callback: with_clocks_off_by(self.of_callback).wechat_callback,
            reminder_api: with_clocks_off_by(self.of_api).reminder_api,
            reminder_dispatch: with_clocks_off_by(self.of_dispatch).reminder_dispatch,
            ..simulator::functions::built_in()
        }
    }
}

impl Walk {
    pub(super) fn is_disturbed(&self) -> bool {
        !self.world.faults().disturbances(self.world.now()).is_empty()
    }

    /// Something begins to go wrong, now or soon, and goes on for a while.
    pub(super) fn disturbs(&mut self) {
        let (endpoint, fault) = if self.chance.one_in(3) {
            (self.chance.pick(&EVENTS).into(), self.fault_of_event())
        } else {
            (self.chance.pick(&CALLS), self.chance.pick(&WAYS))
        };
        let from = self.world.now() + SignedDuration::from_secs(self.chance.pick(&[0, 0, 600, 20_000]));
        let until = from + SignedDuration::from_secs(self.chance.pick(&LASTING));
        self.note(format!("to go wrong from {from} until {until}: {fault:?} at {endpoint}"));
        self.tally.planned += 1;
        self.calm_since = self.world.now();
        self.world.faults().disturb(endpoint.disturbed(fault, from, until));
    }

    fn fault_of_event(&mut self) -> Fault {
        match self.chance.below(4) {
            0 => CALLBACK_LOST,
            1 => Fault::Repeat(1),
            _ => Fault::AfterS(self.chance.between(400, LATE_AT_MOST)),
        }
    }
}
