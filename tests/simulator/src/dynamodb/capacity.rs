//! What an on-demand table carries (docs/aws.md §4): so many units a second in all, and no more than a partition takes where
//! one key is hot. The table and each global index have partitions and a throughput of their own; a local index lies in the
//! table's.
//!
//! A request is admitted while what is owed comes back within the pauses of the SDK's three tries, and waits so long; beyond
//! that it is refused, as the last of the three would be. Capacity saved up for bursts, and partitions that split under load,
//! are not played: AWS promises neither.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::rate::{Bucket, Held, PAUSES_OF_THE_SDK};
use crate::units::{Layout, Share};

/// What one partition takes in a second.
const PARTITION_WRITES: u32 = 1_000;
const PARTITION_READS: u32 = 3_000;

/// What a table, or a global index of it, carries in a second: twice the highest it has carried so far, a new one 4,000 write
/// and 12,000 read units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throughput {
    pub writes: u32,
    pub reads: u32,
}

impl Throughput {
    pub const NEW_TABLE: Self = Self { writes: 4_000, reads: 12_000 };

    fn partitions(self) -> u64 {
        u64::from(self.writes.div_ceil(PARTITION_WRITES).max(self.reads.div_ceil(PARTITION_READS)))
    }
}

/// The part of the table that a bucket is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Part {
    /// None: the table.
    index: Option<String>,
    /// None: all of it.
    partition: Option<u64>,
    writes: bool,
}

#[derive(Debug, Default)]
pub(super) struct Capacity {
    limited: Mutex<Option<Limited>>,
}

#[derive(Debug)]
struct Limited {
    throughput: Throughput,
    buckets: HashMap<Part, Bucket>,
    held: BTreeMap<String, Held>,
}

impl Capacity {
    pub(super) fn limit(&self, throughput: Throughput) {
        *self.limited() = Some(Limited { throughput, buckets: HashMap::new(), held: BTreeMap::new() });
    }

    /// By the part of the table that was too busy, in words.
    pub(super) fn held(&self) -> BTreeMap<String, Held> {
        self.limited().as_ref().map(|limited| limited.held.clone()).unwrap_or_default()
    }

    /// Whether a request that will cost about this is done at all.
    pub(super) fn admits(&self, layout: &Layout, shares: &[Share], now: Timestamp) -> bool {
        let mut limited = self.limited();
        let Some(limited) = limited.as_mut() else { return true };
        let parts = shares.iter().flat_map(|share| limited.parts(layout, share)).collect::<Vec<_>>();
        let busy = parts
            .into_iter()
            .find(|(part, units)| *units > 0 && limited.bucket(part, now).owes_at(now) > PAUSES_OF_THE_SDK);
        match busy {
            Some((part, _)) => {
                limited.held.entry(part.in_words()).or_default().refuse();
                false
            }
            None => true,
        }
    }

    /// Takes what a request has cost; answers how long it has waited for it.
    pub(super) fn charge(&self, layout: &Layout, shares: &[Share], now: Timestamp) -> SignedDuration {
        let mut limited = self.limited();
        let Some(limited) = limited.as_mut() else { return SignedDuration::ZERO };
        let parts = shares.iter().flat_map(|share| limited.parts(layout, share)).collect::<Vec<_>>();
        let waits =
            parts.into_iter().map(|(part, units)| (limited.bucket(&part, now).take(units, now), part));
        let Some((longest, part)) = waits.max_by_key(|(wait, _)| *wait) else { return SignedDuration::ZERO };
        limited.held.entry(part.in_words()).or_default().wait(longest);
        longest
    }

    fn limited(&self) -> MutexGuard<'_, Option<Limited>> {
        self.limited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Limited {
    /// Where the share is spent, and how many halves of a unit.
    fn parts(&self, layout: &Layout, share: &Share) -> Vec<(Part, u64)> {
        let index = share.index.clone().filter(|index| !layout.is_local(index));
        // A local index has the table's partition key.
        let mut hasher = DefaultHasher::new();
        (&index, &share.partition).hash(&mut hasher);
        let partition = hasher.finish() % self.throughput.partitions();
        let spent = [(true, share.write.in_halves()), (false, share.read.in_halves())];
        let parts = spent.into_iter().filter(|(_, halves)| *halves > 0).flat_map(|(writes, halves)| {
            [None, Some(partition)]
                .map(|partition| (Part { index: index.clone(), partition, writes }, halves))
        });
        parts.collect()
    }

    fn bucket(&mut self, part: &Part, now: Timestamp) -> &mut Bucket {
        let throughput = self.throughput;
        self.buckets.entry(part.clone()).or_insert_with(|| {
            let units = match (part.writes, part.partition) {
                (true, None) => throughput.writes,
                (true, Some(_)) => PARTITION_WRITES,
                (false, None) => throughput.reads,
                (false, Some(_)) => PARTITION_READS,
            };
            // Counted in halves; what is left of a second is there in the next, and no more.
            Bucket::new(units * 2, units * 2, now)
        })
    }
}

impl Part {
    fn in_words(&self) -> String {
        let place =
            self.index.as_ref().map_or("the table".to_owned(), |index| format!("the index `{index}`"));
        let units = if self.writes { "write" } else { "read" };
        match self.partition {
            None => format!("{units} units of {place}"),
            Some(_) => format!("{units} units of a partition of {place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::units::Units;

    fn share(index: Option<&str>, partition: &str, writes: u64) -> Share {
        let (index, partition) = (index.map(str::to_owned), partition.to_owned());
        Share { key: Vec::new(), index, partition, read: Units::default(), write: Units::whole(writes) }
    }

    #[test]
    fn one_key_has_a_partition_and_all_keys_the_table() {
        let layout = Layout::of(&serde_json::Map::from_iter([("KeySchema".to_owned(), json!([]))]));
        let now = Timestamp::UNIX_EPOCH;
        let capacity = Capacity::default();
        let charge =
            |index, key: &str, units| capacity.charge(&layout, &[share(index, key, units)], now).as_millis();
        assert_eq!(charge(None, "a", 9_999), 0, "nothing is limited");
        capacity.limit(Throughput::NEW_TABLE);
        assert_eq!([charge(None, "a", 1_000), charge(None, "a", 500)], [0, 500]);
        assert_eq!(charge(Some("due"), "a", 1_000), 0, "an index has its own");
        assert!(capacity.admits(&layout, &[share(None, "a", 1)], now));
        assert_eq!(charge(None, "a", 1_100), 1_600);
        assert!(!capacity.admits(&layout, &[share(None, "a", 1)], now), "more than the SDK is patient for");
        let later = now + SignedDuration::from_millis(200);
        assert!(capacity.admits(&layout, &[share(None, "a", 1)], later));
        let held = capacity.held();
        let partition = held["write units of a partition of the table"];
        assert_eq!((partition.waited, partition.refused, partition.longest.as_millis()), (2, 1, 1_600));
    }

    #[test]
    fn all_keys_together_have_the_throughput() {
        let layout = Layout::of(&serde_json::Map::from_iter([("KeySchema".to_owned(), json!([]))]));
        let (now, capacity) = (Timestamp::UNIX_EPOCH, Capacity::default());
        // One partition, so that the table is what is short.
        capacity.limit(Throughput { writes: 500, reads: 1_500 });
        let keys: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        let waits =
            keys.iter().map(|key| capacity.charge(&layout, &[share(None, key, 100)], now).as_millis());
        assert_eq!(waits.collect::<Vec<_>>(), [0, 0, 0, 0, 0, 200, 400, 600, 800, 1000]);
        assert_eq!(capacity.held()["write units of the table"].waited, 5);
    }
}
