//! Faults planned through the control API: those that wait to be met, first in, first out per endpoint, and those that
//! last for a while ([`crate::disturbances`]).
//!
//! An endpoint is a WeChat path (`/cgi-bin/message/subscribe/send`), `sends:<account>`, `dynamodb:<Operation>`,
//! `scheduler:<Operation>` or `push:<Event>`. What waits and was never met can be listed, so that a test can insist
//! that nothing planned is left over.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::disturbances::Disturbance;
use crate::disturbances::Disturbances;
pub use crate::fault::{Crash, Fault};

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
    disturbances: Disturbances,
}

impl Faults {
    pub fn plan(&self, planned: Planned) {
        if planned.times > 0 {
            self.lock().push_back(planned);
        }
    }

    pub fn disturb(&self, disturbance: Disturbance) {
        self.disturbances.plan(disturbance);
    }

    /// The fault to meet at `endpoint` now. A planned one comes first, and is used up by this.
    pub fn meet(&self, endpoint: &str, now: Timestamp) -> Option<Fault> {
        self.meet_planned(endpoint).or_else(|| self.disturbances.meet(endpoint, now))
    }

    fn meet_planned(&self, endpoint: &str) -> Option<Fault> {
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

    /// What was planned and has not been met yet. No disturbance is among it.
    pub fn not_met(&self) -> Vec<Planned> {
        self.lock().iter().cloned().collect()
    }

    /// Disturbances that are under way or still to come.
    pub fn disturbances(&self, now: Timestamp) -> Vec<Disturbance> {
        self.disturbances.not_over(now)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.clear_planned();
        self.disturbances.clear();
    }

    /// Forgets what waits to be met; what lasts goes on.
    pub fn clear_planned(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn noon() -> Timestamp {
        "2027-01-01T12:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn faults_are_met_in_the_order_they_were_planned() {
        let (faults, now) = (Faults::default(), noon());
        for text in [
            r#"{"endpoint":"push:subscribe","fault":{"after_s":3},"times":1}"#,
            r#"{"endpoint":"dynamodb:PutItem","fault":{"crash":"after"},"times":2}"#,
            r#"{"endpoint":"dynamodb:PutItem","fault":{"http_status":500}}"#,
        ] {
            faults.plan(serde_json::from_str(text).expect("the control API's own form"));
        }
        assert_eq!(faults.meet("dynamodb:GetItem", now), None);
        assert_eq!(faults.meet("dynamodb:PutItem", now), Some(Fault::Crash(Crash::After)));
        assert_eq!(faults.meet("dynamodb:PutItem", now), Some(Fault::Crash(Crash::After)));
        assert_eq!(faults.meet("dynamodb:PutItem", now), Some(Fault::HttpStatus(500)));
        assert_eq!(faults.meet("dynamodb:PutItem", now), None);
        assert_eq!(faults.not_met().len(), 1);
    }

    #[test]
    fn a_disturbance_lasts_from_its_first_instant_to_before_its_last_and_need_not_be_met() {
        let faults = Faults::default();
        let until = noon() + SignedDuration::from_mins(12);
        let endpoint = "/cgi-bin/stable_token".to_owned();
        faults.disturb(Disturbance {
            endpoint: endpoint.clone(),
            fault: Fault::HttpStatus(502),
            from: noon(),
            until,
        });
        faults.plan(Planned { endpoint: endpoint.clone(), fault: Fault::Errcode(40164), times: 1 });
        let second = SignedDuration::from_secs(1);
        for (now, met) in [
            (noon() - second, Some(Fault::Errcode(40164))),
            (noon() - second, None),
            (noon(), Some(Fault::HttpStatus(502))),
            (until - second, Some(Fault::HttpStatus(502))),
            (until, None),
        ] {
            assert_eq!(faults.meet(&endpoint, now), met, "{now}");
        }
        assert_eq!(faults.meet("/cgi-bin/token", noon()), None);
        assert_eq!((faults.not_met().len(), faults.disturbances(noon()).len()), (0, 1));
        assert_eq!(faults.disturbances(until), vec![]);
        faults.clear_planned();
        assert_eq!(faults.disturbances(noon()).len(), 1);
        faults.clear();
        assert_eq!(faults.meet(&endpoint, noon()), None);
    }
}
