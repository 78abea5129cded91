//! Faults planned through the control API, first in, first out per endpoint.
//!
//! An endpoint is a WeChat path (`/cgi-bin/message/subscribe/send`), `dynamodb:<Operation>`,
//! `scheduler:<Operation>` or `push:<Event>`. A fault waits until its endpoint is met; what was never met
//! can be listed, so that a test can insist that nothing planned is left over.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong, in the control API's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Not done; WeChat answers this error code.
    Errcode(i64),
    /// Not done; the service answers this status.
    HttpStatus(u16),
    /// Done, but the connection closes without an answer.
    DropReply(bool),
    /// Done at once; the answer is this late, in real time.
    DelayMs(u64),
    /// The function that made the request dies there.
    Crash(Crash),
    /// A push that never leaves WeChat.
    Drop(bool),
    /// A push delivered this many more times.
    Repeat(u32),
    /// A push that leaves this many seconds late.
    AfterS(i64),
}

/// Whether the request took effect before its maker died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crash {
    Before,
    After,
}

/// One entry of the plan: `fault` will happen `times` more times at `endpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub endpoint: String,
    pub fault: Fault,
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// The plan; cheap to clone, all clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    planned: Arc<Mutex<VecDeque<Planned>>>,
}

impl Faults {
    pub fn plan(&self, planned: Planned) {
        if planned.times > 0 {
            self.lock().push_back(planned);
        }
    }

    /// The fault to meet at `endpoint` now, if one is planned; it is used up by this.
    pub fn meet(&self, endpoint: &str) -> Option<Fault> {
        let mut planned = self.lock();
        let at = planned.iter().position(|entry| entry.endpoint == endpoint)?;
        let entry = &mut planned[at];
        entry.times -= 1;
        let fault = entry.fault;
        if entry.times == 0 {
            planned.remove(at);
        }
        Some(fault)
    }

    /// What has not been met yet.
    pub fn not_met(&self) -> Vec<Planned> {
        self.lock().iter().cloned().collect()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_met_in_the_order_they_were_planned() {
        let faults = Faults::default();
        for text in [
            r#"{"endpoint":"push:subscribe","fault":{"after_s":3},"times":1}"#,
            r#"{"endpoint":"dynamodb:PutItem","fault":{"crash":"after"},"times":2}"#,
            r#"{"endpoint":"dynamodb:PutItem","fault":{"http_status":500}}"#,
        ] {
            faults.plan(serde_json::from_str(text).expect("the control API's own form"));
        }
        assert_eq!(faults.meet("dynamodb:GetItem"), None);
        assert_eq!(faults.meet("dynamodb:PutItem"), Some(Fault::Crash(Crash::After)));
        assert_eq!(faults.meet("dynamodb:PutItem"), Some(Fault::Crash(Crash::After)));
        assert_eq!(faults.meet("dynamodb:PutItem"), Some(Fault::HttpStatus(500)));
        assert_eq!(faults.meet("dynamodb:PutItem"), None);
        assert_eq!(faults.not_met().len(), 1);
    }
}
