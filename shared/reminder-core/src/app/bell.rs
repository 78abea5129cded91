//! What somebody should look at is said aloud once and not for every push that meets the same trouble: of a hundred error
//! lines about one outage, ninety-nine hide what else is wrong. Per environment, as all of its memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// As long as an alarm looks back (`template.yaml`).
const SILENT_FOR: SignedDuration = SignedDuration::from_mins(5);

/// When each trouble was last said aloud.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<BTreeMap<String, Timestamp>>,
}

impl Bell {
    /// Whether `trouble` is to be said aloud now: it was not in the last five minutes.
    pub fn rings(&self, trouble: &str, now: Timestamp) -> bool {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.retain(|_, at| now.duration_since(*at) < SILENT_FOR);
        let is_new = !rung.contains_key(trouble);
        if is_new {
            rung.insert(trouble.to_owned(), now);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_rings_once_in_five_minutes() {
        let bell = Bell::default();
        let at = |seconds: i64| Timestamp::from_second(1_803_816_000 + seconds).expect("an instant");
        let rings = [("a", 0), ("a", 1), ("b", 1), ("a", 299), ("a", 300), ("b", 300), ("b", 301)];
        let rung = rings.map(|(trouble, seconds)| bell.rings(trouble, at(seconds)));
        assert_eq!(rung, [true, false, true, false, true, false, true]);
    }
}
