//! Disturbances: for a while of this world's time, everything at an endpoint goes wrong in one way.
//!
//! A planned fault is used up by being met and must be met; a disturbance is met by whoever comes by, or by nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::fault::Fault;
use crate::instant::seconds;

/// `fault` happens at `endpoint` from one instant to just before another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disturbance {
    pub endpoint: String,
    pub fault: Fault,
    #[serde(serialize_with = "seconds")]
    pub from: Timestamp,
    #[serde(serialize_with = "seconds")]
    pub until: Timestamp,
}

/// All of them; cheap to clone, all clones are the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disturbances {
    all: Arc<Mutex<Vec<Disturbance>>>,
}

impl Disturbances {
    pub(crate) fn plan(&self, disturbance: Disturbance) {
        self.lock().push(disturbance);
    }

    /// What happens at `endpoint` at this moment. Of several the one planned last.
    pub(crate) fn meet(&self, endpoint: &str, now: Timestamp) -> Option<Fault> {
        let all = self.lock();
        let here = |one: &&Disturbance| one.endpoint == endpoint && one.from <= now && now < one.until;
        all.iter().rev().find(here).map(|one| one.fault)
    }

    /// Those that are under way or still to come.
    pub(crate) fn not_over(&self, now: Timestamp) -> Vec<Disturbance> {
        self.lock().iter().filter(|one| now < one.until).cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Disturbance>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
