//! What a read costs.

use super::layout::Layout;
use super::rates::{self, Consistency};
use super::share::{Share, Units};
use super::size::{self, Item};
use super::work::{Range, Work};

/// One item that was asked for by its key.
pub(crate) fn got(layout: &Layout, key: &Item, consistency: Consistency, found: Option<&Item>) -> Share {
    let read = rates::read(found.map_or(0, size::of_item), consistency);
    Share { read, ..Share::on_table(layout.key_in_words(key)) }
}

/// The least that a read can cost, where it is going to.
pub(crate) fn asked(layout: &Layout, work: &Work) -> Vec<Share> {
    match work {
        Work::Gets(consistency, keys) => {
            keys.iter().map(|key| got(layout, key, *consistency, None)).collect()
        }
        Work::Range(range) => ranged(layout, range, &[]),
        Work::Writes { .. } | Work::Nothing => Vec::new(),
    }
}

/// A query or a scan that went through `evaluated`: whole items where [`Range::fetches`], else what the index holds.
pub(crate) fn ranged(layout: &Layout, range: &Range, evaluated: &[&Item]) -> Vec<Share> {
    let share = |read| Share {
        key: range.partition.iter().cloned().collect(),
        index: range.index.clone(),
        partition: range.partition.clone().unwrap_or_default(),
        read,
        write: Units::default(),
    };
    let index = range.index.as_deref().and_then(|name| layout.index(name));
    let bytes = |item: &&Item| match index {
        Some(index) => index.entry(item).map_or(0, |entry| size::of_item(&entry)),
        None => size::of_item(item),
    };
    let mut shares = vec![share(rates::read(evaluated.iter().map(bytes).sum(), range.consistency))];
    if range.fetches && !evaluated.is_empty() {
        // Each is read from the table, and rounded by itself.
        let fetched = evaluated.iter().map(|item| rates::read(size::of_item(item), range.consistency));
        shares.push(Share { index: None, ..share(fetched.sum()) });
    }
    shares
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn layout() -> Layout {
        let hash = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
        let keys_only = json!({"ProjectionType": "KEYS_ONLY"});
        let table = json!({
            "KeySchema": hash("pk"),
            "LocalSecondaryIndexes": [
                {"IndexName": "by_k", "KeySchema": hash("k"), "Projection": keys_only},
            ],
        });
        Layout::of(table.as_object().expect("a table"))
    }

    fn item(bytes: usize) -> Item {
        // Names and keys are eight bytes of it.
        let item = json!({"pk": {"S": "p"}, "k": {"S": "k"}, "rest": {"S": "x".repeat(bytes - 9)}});
        let item = item.as_object().expect("an item").clone();
        assert_eq!(size::of_item(&item), bytes);
        item
    }

    #[test]
    fn an_item_costs_its_own_blocks() {
        let key = layout().key_of(&item(100));
        for (found, consistency, halves) in [
            (None, Consistency::Eventual, 1),
            (None, Consistency::Strong, 2),
            (Some(item(4096)), Consistency::Strong, 2),
            (Some(item(4097)), Consistency::Eventual, 2),
            (Some(item(4097)), Consistency::Transactional, 8),
        ] {
            let share = got(&layout(), &key, consistency, found.as_ref());
            assert_eq!(
                (share.read.in_halves(), share.key),
                (halves, vec!["p".to_owned()]),
                "{consistency:?}"
            );
        }
    }

    #[test]
    fn a_query_rounds_once_and_a_fetch_item_by_item() {
        let range = |index: Option<&str>, consistency, fetches| Range {
            partition: Some("p".to_owned()),
            index: index.map(str::to_owned),
            consistency,
            fetches,
        };
        let items = vec![item(1500); 3];
        for (range, evaluated, halves) in [
            (range(None, Consistency::Strong, false), &items[..], vec![4]),
            (range(None, Consistency::Eventual, false), &items, vec![2]),
            (range(None, Consistency::Eventual, false), &[], vec![1]),
            (range(Some("by_k"), Consistency::Strong, false), &items, vec![2]),
            (range(Some("by_k"), Consistency::Strong, true), &items, vec![2, 6]),
            (range(Some("by_k"), Consistency::Eventual, true), &items, vec![1, 3]),
            (range(Some("by_k"), Consistency::Strong, true), &[], vec![2]),
        ] {
            let shares = ranged(&layout(), &range, &evaluated.iter().collect::<Vec<_>>());
            let found: Vec<u64> = shares.iter().map(|share| share.read.in_halves()).collect();
            assert_eq!(found, halves, "{range:?} of {}", evaluated.len());
        }
    }
}
