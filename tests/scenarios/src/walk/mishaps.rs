//! What goes wrong: the simulator's closed list, on random endpoints, and schedulers and sandboxes that misbehave.

use jiff::SignedDuration;
use simulator::faults::{Crash, Fault};
use simulator::lambda::FunctionName;
use simulator::scheduler::Misfire;
use wechat::ErrCode;

use super::Walk;
use crate::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Endpoint, Event, Scheduler, Table, refusal};

const SENDS: [Call; 3] = [Call::TemplateSend, Call::SubscribeSend, Call::SubscribeBizsend];
const CALLS: [Call; 4] = [Call::StableToken, Call::UserInfo, Call::Jscode2session, Call::CustomSend];
const TABLE: [Table; 7] = [
    Table::GetItem,
    Table::PutItem,
    Table::UpdateItem,
    Table::BatchGetItem,
    Table::Query,
    Table::TransactWriteItems,
    Table::DeleteItem,
];
const SCHEDULER: [Scheduler; 2] = [Scheduler::CreateSchedule, Scheduler::DeleteSchedule];
pub(super) const EVENTS: [Event; 7] = [
    Event::Subscribe,
    Event::Unsubscribe,
    Event::Scan,
    Event::SubscribeMsgPopup,
    Event::SubscribeMsgChange,
    Event::SubscribeMsgSent,
    Event::TemplateSendJobFinish,
];
const RECEIPTS: [Event; 2] = [Event::SubscribeMsgSent, Event::TemplateSendJobFinish];
/// One of every class of docs/wechat.md §13.2, and two that are not in it.
const OF_SENDS: [ErrCode; 20] = [
    ErrCode::SYSTEM_ERROR,
    ErrCode::INVALID_CREDENTIAL,
    ErrCode::ACCESS_TOKEN_EXPIRED,
    ErrCode::INVALID_OPENID,
    ErrCode::INVALID_TEMPLATE_ID,
    ErrCode::REQUIRE_SUBSCRIBE,
    ErrCode::USER_REFUSES,
    ErrCode::SUBSCRIPTION_BANNED,
    ErrCode::CONCURRENT_SENDS,
    ErrCode(43116),
    ErrCode::DAILY_QUOTA_REACHED,
    ErrCode::MINUTE_QUOTA_REACHED,
    ErrCode::ARGUMENT_INVALID,
    ErrCode::API_UNAUTHORIZED,
    ErrCode::INVALID_APPID,
    ErrCode::INVALID_WEAPP_PAGEPATH,
    ErrCode::INVALID_IP,
    ErrCode::USER_LIMITED,
    ErrCode::INVALID_PAGE,
    ErrCode(99_999),
];
/// Those of them that say nothing of the user or the message.
const HONEST: [ErrCode; 10] = [
    ErrCode::SYSTEM_ERROR,
    ErrCode::INVALID_CREDENTIAL,
    ErrCode::ACCESS_TOKEN_EXPIRED,
    ErrCode::INVALID_TEMPLATE_ID,
    ErrCode::CONCURRENT_SENDS,
    ErrCode(43116),
    ErrCode::DAILY_QUOTA_REACHED,
    ErrCode::MINUTE_QUOTA_REACHED,
    ErrCode::API_UNAUTHORIZED,
    ErrCode::INVALID_IP,
];
const OF_TOKENS: [ErrCode; 4] =
    [ErrCode::SYSTEM_ERROR, ErrCode::INVALID_IP, ErrCode::DAILY_QUOTA_REACHED, ErrCode::INVALID_APPSECRET];
const OF_OTHERS: [ErrCode; 3] =
    [ErrCode::SYSTEM_ERROR, ErrCode::MINUTE_QUOTA_REACHED, ErrCode::INVALID_CREDENTIAL];

impl Walk {
    /// Perhaps something goes wrong during what comes next.
    pub(super) fn mishap(&mut self) {
        if !self.faults || self.chance.one_in(2) {
            return;
        }
        match self.chance.below(10) {
            0 => self.plan_at(&SENDS),
            1..=2 => self.plan_at(&CALLS),
            3..=4 => self.plan_at(&TABLE),
            5 => self.plan_at(&SCHEDULER),
            6..=7 => self.plan_at(&EVENTS),
            8 => self.crash(),
            _ => self.misfire(),
        }
    }

    /// Something goes wrong with what is about to be due.
    pub(super) fn mishap_at_dispatch(&mut self) {
        if !self.faults {
            return;
        }
        for _ in 0..self.chance.between(1, 2) {
            match self.chance.below(10) {
                0..=4 => self.plan_at(&SENDS),
                5 => self.plan_at(&TABLE),
                6 => self.plan_at(&RECEIPTS),
                7..=8 => self.crash(),
                _ => self.misfire(),
            }
        }
    }

    fn plan_at<E: Into<Endpoint> + Copy>(&mut self, endpoints: &[E]) {
        let endpoint = self.chance.pick(endpoints).into();
        let fault = match endpoint {
            Endpoint::Callback(_) => self.fault_of_callback(),
            Endpoint::Table(_) | Endpoint::Scheduler(_) => self.fault_of_aws(),
            Endpoint::Wechat(call) => self.fault_of_wechat(call),
            Endpoint::Sends(_) => self.fault_of_wechat(Call::CustomSend),
        };
        let times = self.chance.pick(&[1, 1, 1, 2, 3, 5]);
        self.note(format!("to go wrong: {fault:?} x {times} at {endpoint}"));
        self.tally.planned += 1;
        self.world.faults().plan(endpoint.meets(fault, times));
    }

    fn fault_of_callback(&mut self) -> Fault {
        match self.chance.below(3) {
            0 => CALLBACK_LOST,
            1 => Fault::Repeat(1 + u32::from(self.chance.one_in(2))),
            _ => Fault::AfterS(self.chance.between(1, 400)),
        }
    }

    fn fault_of_aws(&mut self) -> Fault {
        match self.chance.below(5) {
            0 => Fault::HttpStatus(400),
            1..=2 => Fault::HttpStatus(500),
            3 => ANSWER_LOST,
            _ => Fault::Crash(self.before_or_after()),
        }
    }

    fn fault_of_wechat(&mut self, call: Call) -> Fault {
        match self.chance.below(12) {
            0..=2 => ANSWER_LOST,
            3 => Fault::HttpStatus(self.chance.pick(&[500, 502, 503])),
            4 => Fault::Crash(self.before_or_after()),
            5 if self.chance.one_in(6) => Fault::DelayMs(1_200),
            _ => refusal(match call {
                Call::StableToken => self.chance.pick(&OF_TOKENS),
                Call::TemplateSend | Call::SubscribeSend | Call::SubscribeBizsend | Call::CustomSend => {
                    if self.checks.any() {
                        self.chance.pick(&HONEST)
                    } else {
                        self.chance.pick(&OF_SENDS)
                    }
                }
                Call::UserInfo
                | Call::UserInfoBatchget
                | Call::Jscode2session
                | Call::MediaUpload
                | Call::QrcodeCreate
                | Call::NewtmplGettemplate => self.chance.pick(&OF_OTHERS),
            }),
        }
    }

    fn before_or_after(&mut self) -> Crash {
        if self.chance.one_in(2) { Crash::Before } else { Crash::After }
    }

    fn crash(&mut self) {
        let function = self.chance.pick(&[
            FunctionName::ReminderDispatch,
            FunctionName::ReminderDispatch,
            FunctionName::WechatCallback,
            FunctionName::ReminderApi,
        ]);
        let kth = 1 + self.chance.index(10);
        if self.rough && function == FunctionName::ReminderDispatch && self.chance.one_in(3) {
            let seconds = self.chance.pick(&[10, 20, 40, 70, 130]);
            self.note(format!("to go wrong: dispatch stands still for {seconds} s at its request {kth}"));
            self.tally.planned += 1;
            self.world.freeze_at(function, kth, seconds);
            return;
        }
        let crash = self.before_or_after();
        self.note(format!("to go wrong: {function:?} dies {crash:?} its request {kth}"));
        self.tally.planned += 1;
        self.world.crash_at(function, kth, crash);
    }

    fn misfire(&mut self) {
        let schedules = self.world.scheduler().schedules();
        let ours: Vec<_> =
            schedules.iter().filter(|schedule| schedule.expression.starts_with("at(")).collect();
        if ours.is_empty() {
            return;
        }
        let schedule = self.chance.pick(&ours);
        let misfire = match self.chance.below(4) {
            0 => Misfire::Twice,
            1 => Misfire::Late(SignedDuration::from_secs(self.chance.between(1, 4_000))),
            _ => Misfire::Lost,
        };
        let name = schedule.name.clone();
        self.note(format!("to go wrong: {misfire:?} of {name}"));
        if let (Misfire::Twice, Some(owner)) = (misfire, &mut self.owner) {
            owner.doubled.push(name.clone());
        }
        self.tally.planned += 1;
        self.world.scheduler().misfire(&name, misfire);
    }
}
