//! One simulated world: everything outside the product, started together and gone together.
//!
//! Dropping it ends every listener, sandbox, process and waiting event. Worlds know nothing of each other:
//! any number of them may run in one process.

mod start;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::addresses::Addresses;
use crate::crashes::Crashes;
use crate::dynamodb::DynamoDb;
use crate::faults::{Crash, Fault, Faults, Planned};
use crate::iam::Roles;
use crate::journal::Journal;
use crate::lambda::{DeadLetter, FunctionName, InvokeError, Lambda};
use crate::sabotage::Sabotage;
use crate::scheduler::Scheduler;
use crate::ssm::Ssm;
use crate::tasks::Tasks;
use crate::timeline::Timeline;
use crate::wechat::Platform;

#[derive(Debug)]
pub struct World {
    addresses: Addresses,
    timeline: Timeline,
    tasks: Tasks,
    faults: Faults,
    crashes: Crashes,
    journal: Journal,
    platform: Platform,
    lambda: Lambda,
    scheduler: Scheduler,
    dynamodb: DynamoDb,
    ssm: Ssm,
    sabotage: Option<Sabotage>,
    roles: Roles,
}

impl World {
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    pub fn now(&self) -> Timestamp {
        self.timeline.now()
    }

    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Explicit pace: moves the clock, running everything due on the way. Answers how many events ran.
    pub async fn advance(&self, span: SignedDuration) -> usize {
        self.timeline.advance_to(self.now() + span).await
    }

    /// Explicit pace: the same, to an instant.
    pub async fn advance_to(&self, target: Timestamp) -> usize {
        self.timeline.advance_to(target).await
    }

    /// Explicit pace: runs everything due at this instant.
    pub async fn settle(&self) -> usize {
        self.timeline.settle().await
    }

    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    pub fn dynamodb(&self) -> &DynamoDb {
        &self.dynamodb
    }

    pub fn lambda(&self) -> &Lambda {
        &self.lambda
    }

    pub fn ssm(&self) -> &Ssm {
        &self.ssm
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What the template lets each function do.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// An event for `operations`; new settings reach every function at once.
    pub async fn operations(&self, event: Value) -> Result<Value, InvokeError> {
        self.lambda.operate(event).await
    }

    /// The `kth` request that `function` makes from now on (counted from 1) is the death of its sandbox.
    pub fn crash_at(&self, function: FunctionName, kth: usize, crash: Crash) {
        self.crashes.plan(function, kth, Fault::Crash(crash));
    }

    /// At the `kth` request that `function` makes from now on its sandbox stands still for so many seconds of the
    /// world's time, and goes on then.
    pub fn freeze_at(&self, function: FunctionName, kth: usize, seconds: u32) {
        self.crashes.plan(function, kth, Fault::FreezeS(seconds));
    }

    /// Every crash, freeze and fault that was planned and not met: a test that ends with some has tested less
    /// than it says.
    pub fn not_met(&self) -> (usize, Vec<Planned>) {
        (self.crashes.not_met(), self.faults.not_met())
    }

    /// Forgets every planned crash and fault; disturbances are over.
    pub fn clear_faults(&self) {
        self.crashes.clear();
        self.faults.clear();
    }

    /// Forgets every crash and fault that waits to be met; disturbances go on.
    pub fn clear_planned(&self) {
        self.crashes.clear();
        self.faults.clear_planned();
    }

    /// Throws away every execution environment: the next events meet cold functions.
    pub fn recycle(&self) {
        self.lambda.recycle();
    }

    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.lambda.dead_letters()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.lambda.end();
        self.tasks.end();
        // Waiting events hold parts of this world; without them the last parts go.
        self.timeline.clear();
    }
}
