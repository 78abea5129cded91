//! Crashes and freezes planned by counting: the k-th request a function makes from now on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::faults::Fault;
use crate::lambda::FunctionName;

/// Cheap to clone, all clones are the same plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crashes {
    planned: Arc<Mutex<Vec<PlannedCrash>>>,
}

#[derive(Debug)]
struct PlannedCrash {
    function: FunctionName,
    requests_left: usize,
    fault: Fault,
}

impl Crashes {
    pub(crate) fn plan(&self, function: FunctionName, kth: usize, fault: Fault) {
        self.lock().push(PlannedCrash { function, requests_left: kth, fault });
    }

    /// How many have not happened yet.
    pub(crate) fn not_met(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn meet(&self, function: FunctionName) -> Option<Fault> {
        let mut planned = self.lock();
        for entry in planned.iter_mut().filter(|entry| entry.function == function) {
            entry.requests_left = entry.requests_left.saturating_sub(1);
        }
        let at = planned.iter().position(|entry| entry.function == function && entry.requests_left == 0)?;
        Some(planned.remove(at).fault)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PlannedCrash>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
