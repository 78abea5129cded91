//! What writes cost, case by case.

use serde_json::json;

use super::*;

/// An index `keys` by `k` with keys only, an index `all` by `k` with everything.
fn layout() -> Layout {
    let hash = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    let index = |name: &str, projection: &str| json!({"IndexName": name, "KeySchema": hash("k"), "Projection": {"ProjectionType": projection}});
    let table = json!({
        "KeySchema": hash("pk"),
        "GlobalSecondaryIndexes": [index("keys", "KEYS_ONLY")],
        "LocalSecondaryIndexes": [index("all", "ALL")],
    });
    Layout::of(table.as_object().expect("a table"))
}

/// About so many kilobytes, a little less.
fn item(k: Option<&str>, kilobytes: usize, letter: &str) -> Item {
    let mut item = json!({"pk": {"S": "p"}, "text": {"S": letter.repeat(kilobytes * 1024 - 100)}});
    if let Some(k) = k {
        item["k"] = json!({"S": k});
    }
    item.as_object().expect("an item").clone()
}

fn write() -> Write {
    let key = json!({"pk": {"S": "p"}});
    Write { key: key.as_object().expect("a key").clone(), put: None }
}

/// Whole units of the table, of `keys` and of `all`.
fn units(shares: &[Share]) -> [u64; 3] {
    [None, Some("keys"), Some("all")].map(|index| {
        let of = shares.iter().filter(|share| share.index.as_deref() == index);
        of.map(|share| share.write).sum::<Units>().in_halves() / 2
    })
}

#[test]
fn the_table_takes_the_larger_and_an_index_what_changes_in_it() {
    for (situation, before, after, expected) in [
        ("not there, and not after", None, None, [1, 0, 0]),
        ("put, in no index", None, Some(item(None, 2, "x")), [2, 0, 0]),
        ("put, in both", None, Some(item(Some("a"), 2, "x")), [2, 1, 2]),
        ("deleted, from both", Some(item(Some("a"), 3, "x")), None, [3, 1, 3]),
        ("nothing changed", Some(item(Some("a"), 2, "x")), Some(item(Some("a"), 2, "x")), [2, 0, 0]),
        ("an attribute changed", Some(item(Some("a"), 2, "x")), Some(item(Some("a"), 2, "y")), [2, 0, 2]),
        ("it shrank", Some(item(Some("a"), 4, "x")), Some(item(Some("a"), 2, "x")), [4, 0, 4]),
        ("it grew", Some(item(Some("a"), 2, "x")), Some(item(Some("a"), 4, "x")), [4, 0, 4]),
        ("its key changed", Some(item(Some("a"), 2, "x")), Some(item(Some("b"), 3, "x")), [3, 2, 5]),
        ("it left the indexes", Some(item(Some("a"), 2, "x")), Some(item(None, 3, "x")), [3, 1, 2]),
        ("it came into them", Some(item(None, 2, "x")), Some(item(Some("a"), 3, "x")), [3, 1, 3]),
    ] {
        let done = |in_transaction| {
            units(&written(&layout(), in_transaction, &write(), before.as_ref(), after.as_ref()))
        };
        assert_eq!(done(false), expected, "{situation}");
        let [table, keys, all] = expected;
        assert_eq!(done(true), [2 * table, keys, all], "{situation}, in a transaction");
    }
}

#[test]
fn what_is_refused_costs_by_what_is_there_or_was_to_be_put() {
    for (before, put, expected) in [
        (None, None, 1),
        (None, Some(item(Some("a"), 3, "x")), 3),
        (Some(item(Some("a"), 2, "x")), None, 2),
        (Some(item(Some("a"), 2, "x")), Some(item(Some("b"), 5, "x")), 5),
    ] {
        let refused = |in_transaction| {
            let write = Write { put: put.clone(), ..write() };
            units(&refused(&layout(), in_transaction, &write, before.as_ref()))
        };
        assert_eq!(refused(false), [expected, 0, 0]);
        assert_eq!(refused(true), [2 * expected, 0, 0]);
    }
}

#[test]
fn a_repeated_transaction_only_reads() {
    for (there, halves) in [(None, 4), (Some(item(None, 4, "x")), 4), (Some(item(None, 5, "x")), 8)] {
        let shares = repeated(&layout(), &write(), there.as_ref());
        assert_eq!((units(&shares), shares[0].read.in_halves()), ([0, 0, 0], halves));
    }
}

#[test]
fn sets_have_no_order_and_lists_have() {
    let item = |value: Value| json!({"v": {"M": {"n": value}}}).as_object().expect("an item").clone();
    let same = |one: Value, other: Value| same_items(&item(one), &item(other));
    assert!(same(json!({"SS": ["a", "b"]}), json!({"SS": ["b", "a"]})));
    assert!(!same(json!({"SS": ["a", "b"]}), json!({"SS": ["a", "c"]})));
    assert!(!same(json!({"NS": ["1"]}), json!({"SS": ["1"]})));
    assert!(!same(json!({"L": [{"S": "a"}, {"S": "b"}]}), json!({"L": [{"S": "b"}, {"S": "a"}]})));
}
