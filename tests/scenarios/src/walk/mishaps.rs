//! What goes wrong: the simulator's closed list, on random endpoints, and schedulers and sandboxes that misbehave.

use jiff::SignedDuration;
use simulator::faults::{Crash, Fault, Planned};
use simulator::lambda::FunctionName;
use simulator::scheduler::Misfire;

use super::Walk;

const SENDS: [&str; 3] = [
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/subscribe/send",
    "/cgi-bin/message/subscribe/bizsend",
];
const CALLS: [&str; 4] =
    ["/cgi-bin/stable_token", "/cgi-bin/user/info", "/sns/jscode2session", "/cgi-bin/message/custom/send"];
const TABLE: [&str; 7] = [
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:TransactWriteItems",
    "dynamodb:DeleteItem",
];
const SCHEDULER: [&str; 2] = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"];
const PUSHES: [&str; 7] = [
    "push:subscribe",
    "push:unsubscribe",
    "push:SCAN",
    "push:subscribe_msg_popup_event",
    "push:subscribe_msg_change_event",
    "push:subscribe_msg_sent_event",
    "push:TEMPLATESENDJOBFINISH",
];
/// One of every class of docs/wechat.md §13.2, and one that nobody has heard of.
const ERRCODES: [i64; 20] = [
    -1, 40001, 42001, 40003, 40037, 43004, 43101, 43107, 43108, 43116, 45009, 45011, 47003, 48001, 40013,
    40165, 40164, 50002, 41030, 99_999,
];
const TOKEN_ERRCODES: [i64; 4] = [-1, 40164, 45009, 40125];

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
            6..=7 => self.plan_at(&PUSHES),
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
                6 => self.plan_at(&["push:subscribe_msg_sent_event", "push:TEMPLATESENDJOBFINISH"]),
                7..=8 => self.crash(),
                _ => self.misfire(),
            }
        }
    }

    fn plan_at(&mut self, endpoints: &[&str]) {
        let endpoint = self.chance.pick(endpoints);
        let fault = if endpoint.starts_with("push:") {
            match self.chance.below(3) {
                0 => Fault::Drop(true),
                1 => Fault::Repeat(1 + u32::from(self.chance.one_in(2))),
                _ => Fault::AfterS(self.chance.between(1, 400)),
            }
        } else if endpoint.contains(':') {
            match self.chance.below(5) {
                0 => Fault::HttpStatus(400),
                1..=2 => Fault::HttpStatus(500),
                3 => Fault::DropReply(true),
                _ => Fault::Crash(if self.chance.one_in(2) { Crash::Before } else { Crash::After }),
            }
        } else {
            match self.chance.below(12) {
                0..=2 => Fault::DropReply(true),
                3 => Fault::HttpStatus(self.chance.pick(&[500, 502, 503])),
                4 => Fault::Crash(if self.chance.one_in(2) { Crash::Before } else { Crash::After }),
                5 if self.chance.one_in(6) => Fault::DelayMs(1_200),
                _ if endpoint == CALLS[0] => Fault::Errcode(self.chance.pick(&TOKEN_ERRCODES)),
                _ if endpoint.contains("message") => Fault::Errcode(self.chance.pick(&ERRCODES)),
                _ => Fault::Errcode(self.chance.pick(&[-1, 45011, 40001])),
            }
        };
        let times = self.chance.pick(&[1, 1, 1, 2, 3, 5]);
        self.note(format!("to go wrong: {fault:?} x {times} at {endpoint}"));
        self.tally.planned += 1;
        self.world.faults().plan(Planned { endpoint: endpoint.to_owned(), fault, times });
    }

    fn crash(&mut self) {
        let function = self.chance.pick(&[
            FunctionName::ReminderDispatch,
            FunctionName::ReminderDispatch,
            FunctionName::WechatCallback,
            FunctionName::ReminderApi,
        ]);
        let kth = 1 + self.chance.index(10);
        let crash = if self.chance.one_in(2) { Crash::Before } else { Crash::After };
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
        self.tally.planned += 1;
        self.world.scheduler().misfire(&name, misfire);
    }
}
